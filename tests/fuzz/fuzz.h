#ifndef FUZZ_H
#define FUZZ_H

/* What all targets have. A run has failed if an i_assert() does not hold, here
   or anywhere else, or if a sanitizer finds something. */

/* The target: one run with one input. */
void fuzz_text(const char *text);

/* Returns a copy in memory of its own until the run ends, so that
   AddressSanitizer notices whoever reads behind its end. */
const char *fuzz_copy(const void *data, size_t len);
/* The same for the next line, "" if there are no more. *text becomes what is
   behind it. */
const char *fuzz_next_line(const char **text);

/* A text for one line of the log: UTF-8 without control characters. */
void fuzz_check_line(const char *text, size_t max_len);
/* The same for what is wrong with a policy. */
void fuzz_check_error(const char *error);

#endif
