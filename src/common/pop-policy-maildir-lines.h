#ifndef POP_POLICY_MAILDIR_LINES_H
#define POP_POLICY_MAILDIR_LINES_H

/* Single lines of a file, anywhere in it. What Dovecot does not write is in
   doubt: NUL, a carriage return, a line that is longer than the window. */

/* (tests/fuzz has a smaller one.) */
#ifndef POP_POLICY_MAILDIR_WINDOW_SIZE
#  define POP_POLICY_MAILDIR_WINDOW_SIZE 8192
#endif

struct pop_policy_maildir_lines {
	int fd;
	/* Where the last line ends */
	uint32_t end;

	/* What is in memory of the file, with a NUL behind it */
	uint32_t window_offset, window_size;
	char window[POP_POLICY_MAILDIR_WINDOW_SIZE + 1];
	/* Where a NUL is in place of a line feed, or NULL */
	char *line_end;
};

/* Returns FALSE if the file cannot be read. */
bool pop_policy_maildir_lines_open(struct pop_policy_maildir_lines *lines_r,
				   const char *path);
void pop_policy_maildir_lines_close(struct pop_policy_maildir_lines *lines);

/* Returns the rest of the line at the offset, or NULL. It must not be used any
   more when the next one is asked for. */
const char *
pop_policy_maildir_lines_get(struct pop_policy_maildir_lines *lines,
			     uint32_t offset, uint32_t *next_r);

/* Forget what is behind the last line feed. Returns FALSE if there is none
   after begin, where a line begins. */
bool pop_policy_maildir_lines_end(struct pop_policy_maildir_lines *lines,
				  uint32_t begin);

#endif
