/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-maildir-names.h"
#include "pop-policy-maildir-uidlist.h"

#include <fcntl.h>
#include <unistd.h>

/* A longer line is in doubt. (tests/fuzz has a smaller one.) */
#ifndef POP_POLICY_MAILDIR_WINDOW_SIZE
#  define POP_POLICY_MAILDIR_WINDOW_SIZE 8192
#endif
#define WINDOW_SIZE POP_POLICY_MAILDIR_WINDOW_SIZE

/* Where a mail's record is */
struct record_place {
	uint32_t uid, offset;
};

struct pop_policy_maildir_uidlist {
	int fd;
	struct pop_policy_maildir_header header;
	/* Where the records begin, and where the last one ends */
	uint32_t begin, end;
	bool doubtful;

	/* All records from that of the first mail that was asked for, 0 = all
	   of the file's. None of them is in doubt. */
	uint32_t first_uid, places_begin;
	struct record_place *places;
	unsigned int places_count, places_alloc;
	/* the one that was found last */
	unsigned int last_idx;

	/* What is in memory of the file, with a NUL behind it */
	uint32_t window_offset, window_size;
	char window[WINDOW_SIZE + 1];
	/* Where a NUL is in place of a line feed, or NULL */
	char *line_end;
};

/* Reading lines */

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
window_read(struct pop_policy_maildir_uidlist *uidlist, uint32_t offset)
{
	size_t wanted = I_MIN(WINDOW_SIZE, uidlist->end - offset);

	uidlist->window_size = 0;
	uidlist->window[wanted] = '\0';
	if (file_read(uidlist->fd, offset, uidlist->window, wanted) != wanted ||
	    strlen(uidlist->window) != wanted ||
	    strchr(uidlist->window, '\r') != NULL)
		return FALSE;
	uidlist->window_offset = offset;
	uidlist->window_size = wanted;
	return TRUE;
}

/* Returns the rest of the line at the offset, or NULL. It must not be used any
   more when the next one is asked for. */
static const char *
line_get(struct pop_policy_maildir_uidlist *uidlist, uint32_t offset,
	 uint32_t *next_r)
{
	char *line = uidlist->window;

	if (uidlist->line_end != NULL)
		*uidlist->line_end = '\n';
	uidlist->line_end = NULL;
	/* an offset before the window's becomes a large one */
	if (offset - uidlist->window_offset < uidlist->window_size) {
		line += offset - uidlist->window_offset;
		uidlist->line_end = strchr(line, '\n');
	}
	if (uidlist->line_end == NULL) {
		if (!window_read(uidlist, offset))
			return NULL;
		line = uidlist->window;
		uidlist->line_end = strchr(line, '\n');
		if (uidlist->line_end == NULL)
			return NULL;
	}
	*uidlist->line_end = '\0';
	*next_r = offset + (uidlist->line_end + 1 - line);
	return line;
}

/* Opening */

static bool header_read(struct pop_policy_maildir_uidlist *uidlist)
{
	off_t size = lseek(uidlist->fd, 0, SEEK_END);
	const char *line;

	if (size <= 0 || size >= UINT32_MAX)
		return FALSE;
	uidlist->end = size;
	line = line_get(uidlist, 0, &uidlist->begin);
	return line != NULL &&
		pop_policy_maildir_header_parse(line, &uidlist->header);
}

struct pop_policy_maildir_uidlist *
pop_policy_maildir_uidlist_open(const char *path)
{
	struct pop_policy_maildir_uidlist *uidlist;
	int fd = open(path, O_RDONLY);

	if (fd == -1)
		return NULL;
	uidlist = i_new(struct pop_policy_maildir_uidlist, 1);
	uidlist->fd = fd;
	uidlist->first_uid = UINT32_MAX;
	if (!header_read(uidlist))
		pop_policy_maildir_uidlist_close(&uidlist);
	return uidlist;
}

void pop_policy_maildir_uidlist_close(
	struct pop_policy_maildir_uidlist **_uidlist)
{
	struct pop_policy_maildir_uidlist *uidlist = *_uidlist;

	*_uidlist = NULL;
	if (uidlist == NULL)
		return;
	(void)close(uidlist->fd);
	i_free(uidlist->places);
	i_free(uidlist);
}

const struct pop_policy_maildir_header *
pop_policy_maildir_uidlist_get_header(
	const struct pop_policy_maildir_uidlist *uidlist)
{
	return &uidlist->header;
}

/* Finding the first record */

/* Somebody may be writing a last line, or have been interrupted: Dovecot does
   not read it either until it is complete. */
static bool end_find(struct pop_policy_maildir_uidlist *uidlist)
{
	uint32_t offset = uidlist->begin, size;

	if (uidlist->end == offset)
		return TRUE;
	if (uidlist->end - offset > WINDOW_SIZE)
		offset = uidlist->end - WINDOW_SIZE;
	uidlist->line_end = NULL;
	if (!window_read(uidlist, offset))
		return FALSE;
	size = uidlist->window_size;
	while (size > 0 && uidlist->window[size - 1] != '\n')
		size--;
	uidlist->window[size] = '\0';
	uidlist->window_size = size;
	uidlist->end = offset + size;
	return size > 0 || offset == uidlist->begin;
}

/* Get where the first record begins that begins at the offset or after it.
   Returns FALSE if that is in doubt. */
static bool
record_next(struct pop_policy_maildir_uidlist *uidlist, uint32_t offset,
	    uint32_t *offset_r)
{
	*offset_r = offset;
	return offset == uidlist->begin ||
		line_get(uidlist, offset - 1, offset_r) != NULL;
}

/* Get where the first record begins that has the UID or a higher one. Returns
   FALSE if that is in doubt. */
static bool
record_bisect(struct pop_policy_maildir_uidlist *uidlist, uint32_t uid,
	      uint32_t *offset_r)
{
	/* Lines that begin before left have lower UIDs, and those that begin at
	   right or after it do not. */
	uint32_t left = uidlist->begin, right = uidlist->end;
	uint32_t middle, line_uid, offset, next;
	const char *line;

	/* What is asked for are the newest mails, mostly. They are in memory:
	   the end was just looked for. */
	middle = right - left > WINDOW_SIZE ? right - WINDOW_SIZE / 2 : left;
	while (left < right) {
		if (!record_next(uidlist, middle, &offset))
			return FALSE;
		if (offset < right) {
			line = line_get(uidlist, offset, &next);
			if (line == NULL ||
			    !pop_policy_maildir_uid_parse(line, &line_uid))
				return FALSE;
		}
		if (offset < right && line_uid < uid)
			left = next;
		else
			right = middle;
		middle = left + (right - left) / 2;
	}
	*offset_r = left;
	return TRUE;
}

/* Going through all records after it */

static void
place_add(struct pop_policy_maildir_uidlist *uidlist, uint32_t uid,
	  uint32_t offset)
{
	unsigned int alloc = uidlist->places_alloc;

	if (uidlist->places_count == alloc) {
		alloc = alloc == 0 ? 64 : alloc * 2;
		uidlist->places = i_realloc_type(uidlist->places,
						 struct record_place,
						 uidlist->places_alloc, alloc);
		uidlist->places_alloc = alloc;
	}
	uidlist->places[uidlist->places_count].uid = uid;
	uidlist->places[uidlist->places_count].offset = offset;
	uidlist->places_count++;
}

static bool
records_scan(struct pop_policy_maildir_uidlist *uidlist,
	     struct pop_policy_maildir_names *names)
{
	struct pop_policy_maildir_record record;
	uint32_t offset = uidlist->places_begin, next, prev_uid = 0;
	const char *line;

	uidlist->places_count = uidlist->last_idx = 0;
	for (; offset < uidlist->end; offset = next) {
		line = line_get(uidlist, offset, &next);
		if (line == NULL ||
		    !pop_policy_maildir_record_parse(line, &record) ||
		    record.uid <= prev_uid ||
		    !pop_policy_maildir_names_add(names, record.filename,
				uidlist->line_end - record.filename))
			return FALSE;
		place_add(uidlist, record.uid, offset);
		prev_uid = record.uid;
	}
	return TRUE;
}

/* Know all records from that of the UID on. Returns FALSE if one of them is in
   doubt. */
static bool
places_find(struct pop_policy_maildir_uidlist *uidlist, uint32_t uid)
{
	struct pop_policy_maildir_names names;
	bool ret;

	if (uidlist->first_uid == UINT32_MAX) {
		if (!end_find(uidlist) ||
		    !record_bisect(uidlist, uid, &uidlist->places_begin))
			return FALSE;
		uidlist->first_uid = uid;
	} else {
		/* Mails are asked for in ascending order. Where they are not,
		   this must not be done again and again. */
		uidlist->places_begin = uidlist->begin;
		uidlist->first_uid = 0;
	}
	pop_policy_maildir_names_init(&names);
	ret = records_scan(uidlist, &names);
	pop_policy_maildir_names_deinit(&names);
	return ret;
}

/* Finding a record */

static bool
place_lookup(struct pop_policy_maildir_uidlist *uidlist, uint32_t uid)
{
	unsigned int left = 0, right = uidlist->places_count, middle;
	const struct record_place *places = uidlist->places;

	/* the same one again, or the next one */
	middle = uidlist->last_idx;
	if (middle < right && places[middle].uid == uid)
		return TRUE;
	if (++middle < right && places[middle].uid == uid) {
		uidlist->last_idx = middle;
		return TRUE;
	}
	while (left < right) {
		middle = (left + right) / 2;
		if (places[middle].uid < uid)
			left = middle + 1;
		else
			right = middle;
	}
	uidlist->last_idx = left;
	return left < uidlist->places_count && places[left].uid == uid;
}

static bool
record_read(struct pop_policy_maildir_uidlist *uidlist,
	    struct pop_policy_maildir_record *record_r)
{
	const struct record_place *place = &uidlist->places[uidlist->last_idx];
	const char *line;
	uint32_t next;

	line = line_get(uidlist, place->offset, &next);
	return line != NULL &&
		pop_policy_maildir_record_parse(line, record_r) &&
		record_r->uid == place->uid;
}

bool pop_policy_maildir_uidlist_find(
	struct pop_policy_maildir_uidlist *uidlist, uint32_t uid,
	struct pop_policy_maildir_record *record_r)
{
	if (uidlist->doubtful)
		return FALSE;
	if (uid < uidlist->first_uid && !places_find(uidlist, uid))
		uidlist->doubtful = TRUE;
	else if (!place_lookup(uidlist, uid))
		return FALSE;
	else if (!record_read(uidlist, record_r))
		uidlist->doubtful = TRUE;
	return !uidlist->doubtful;
}
