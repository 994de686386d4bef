/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-maildir-lines.h"

#include <fcntl.h>
#include <unistd.h>

#define WINDOW_SIZE POP_POLICY_MAILDIR_WINDOW_SIZE

bool pop_policy_maildir_lines_open(struct pop_policy_maildir_lines *lines_r,
				   const char *path)
{
	off_t size;

	lines_r->window_size = 0;
	lines_r->line_end = NULL;
	lines_r->fd = open(path, O_RDONLY);
	if (lines_r->fd == -1)
		return FALSE;
	size = lseek(lines_r->fd, 0, SEEK_END);
	if (size <= 0 || size >= UINT32_MAX) {
		pop_policy_maildir_lines_close(lines_r);
		return FALSE;
	}
	lines_r->end = size;
	return TRUE;
}

void pop_policy_maildir_lines_close(struct pop_policy_maildir_lines *lines)
{
	(void)close(lines->fd);
}

/* lseek() and read(), since each other function costs every session the time to
   find it (src/plugin/Makefile.am). */
static size_t
file_read(int fd, uint32_t offset, char *data, size_t size)
{
	size_t count = 0;
	ssize_t ret;

	if (lseek(fd, offset, SEEK_SET) < 0)
		return 0;
	while (count < size) {
		ret = read(fd, data + count, size - count);
		if (ret <= 0)
			break;
		count += ret;
	}
	return count;
}

/* Returns FALSE if there is nothing, or what Dovecot does not write. */
static bool
window_read(struct pop_policy_maildir_lines *lines, uint32_t offset)
{
	size_t wanted = I_MIN(WINDOW_SIZE, lines->end - offset);

	lines->window_size = 0;
	lines->window[wanted] = '\0';
	if (file_read(lines->fd, offset, lines->window, wanted) != wanted ||
	    strlen(lines->window) != wanted ||
	    strchr(lines->window, '\r') != NULL)
		return FALSE;
	lines->window_offset = offset;
	lines->window_size = wanted;
	return TRUE;
}

const char *
pop_policy_maildir_lines_get(struct pop_policy_maildir_lines *lines,
			     uint32_t offset, uint32_t *next_r)
{
	char *line = lines->window;

	if (lines->line_end != NULL)
		*lines->line_end = '\n';
	lines->line_end = NULL;
	/* an offset before the window's becomes a large one */
	if (offset - lines->window_offset < lines->window_size) {
		line += offset - lines->window_offset;
		lines->line_end = strchr(line, '\n');
	}
	if (lines->line_end == NULL) {
		if (!window_read(lines, offset))
			return NULL;
		line = lines->window;
		lines->line_end = strchr(line, '\n');
		if (lines->line_end == NULL)
			return NULL;
	}
	*lines->line_end = '\0';
	*next_r = offset + (lines->line_end + 1 - line);
	return line;
}

bool pop_policy_maildir_lines_end(struct pop_policy_maildir_lines *lines,
				  uint32_t begin)
{
	uint32_t offset = begin, size;

	if (lines->end == offset)
		return TRUE;
	if (lines->end - offset > WINDOW_SIZE)
		offset = lines->end - WINDOW_SIZE;
	lines->line_end = NULL;
	if (!window_read(lines, offset))
		return FALSE;
	size = lines->window_size;
	while (size > 0 && lines->window[size - 1] != '\n')
		size--;
	lines->window[size] = '\0';
	lines->window_size = size;
	lines->end = offset + size;
	return size > 0 || offset == begin;
}
