/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-maildir-lines.h"
#include "pop-policy-maildir-names.h"
#include "pop-policy-maildir-uidlist.h"

#define WINDOW_SIZE POP_POLICY_MAILDIR_WINDOW_SIZE
/* To go through more than that takes longer than to find this many records one
   by one. (tests/fuzz has a smaller one.) */
#ifndef POP_POLICY_MAILDIR_PASS_SIZE
#  define POP_POLICY_MAILDIR_PASS_SIZE (8 * WINDOW_SIZE)
#endif
#define PASS_SIZE POP_POLICY_MAILDIR_PASS_SIZE
#define MAX_SINGLES 32

/* Where a mail's record is */
struct record_place {
	uint32_t uid, offset;
};

struct pop_policy_maildir_uidlist {
	struct pop_policy_maildir_lines lines;
	struct pop_policy_maildir_header header;
	/* Where the records begin */
	uint32_t begin;
	bool doubtful;

	/* The first mail that was asked for, and where its record is */
	uint32_t asked_uid, asked_begin;
	/* All records from that of this UID on, 0 = all of the file's. None of
	   them is in doubt. */
	uint32_t first_uid;
	struct record_place *places;
	unsigned int places_count, places_alloc;
	/* the one that was found last */
	unsigned int last_idx;
	/* Records before them that were looked for one by one, and how many
	   more may be */
	struct record_place singles[MAX_SINGLES];
	unsigned int singles_count, singles_left;
	/* Where the record behind the last one of these begins */
	uint32_t singles_next;
	/* those of all of these */
	struct pop_policy_maildir_names names;
};

/* Opening */

static const char *
line_get(struct pop_policy_maildir_uidlist *uidlist, uint32_t offset,
	 uint32_t *next_r)
{
	return pop_policy_maildir_lines_get(&uidlist->lines, offset, next_r);
}

static bool header_read(struct pop_policy_maildir_uidlist *uidlist)
{
	const char *line = line_get(uidlist, 0, &uidlist->begin);

	return line != NULL &&
		pop_policy_maildir_header_parse(line, &uidlist->header);
}

struct pop_policy_maildir_uidlist *
pop_policy_maildir_uidlist_open(const char *path)
{
	struct pop_policy_maildir_uidlist *uidlist;

	uidlist = i_new(struct pop_policy_maildir_uidlist, 1);
	if (!pop_policy_maildir_lines_open(&uidlist->lines, path)) {
		i_free(uidlist);
		return NULL;
	}
	uidlist->first_uid = UINT32_MAX;
	pop_policy_maildir_names_init(&uidlist->names);
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
	pop_policy_maildir_lines_close(&uidlist->lines);
	pop_policy_maildir_names_deinit(&uidlist->names);
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
	uint32_t left = uidlist->begin, right = uidlist->lines.end;
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

/* Going through records */

static bool
record_get(struct pop_policy_maildir_uidlist *uidlist, uint32_t offset,
	   struct pop_policy_maildir_record *record_r, uint32_t *next_r)
{
	const char *line = line_get(uidlist, offset, next_r);

	return line != NULL && pop_policy_maildir_record_parse(line, record_r);
}

/* Returns FALSE if there was a record with this file name before. */
static bool
name_check(struct pop_policy_maildir_uidlist *uidlist,
	   const struct pop_policy_maildir_record *record)
{
	return pop_policy_maildir_names_add(&uidlist->names, record->filename,
			uidlist->lines.line_end - record->filename);
}

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

/* Know all records from the offset on. Returns FALSE if one of them is in
   doubt. */
static bool
records_scan(struct pop_policy_maildir_uidlist *uidlist, uint32_t begin)
{
	struct pop_policy_maildir_record record;
	uint32_t offset, next, prev_uid = 0;

	pop_policy_maildir_names_deinit(&uidlist->names);
	pop_policy_maildir_names_init(&uidlist->names);
	uidlist->places_count = uidlist->last_idx = 0;
	for (offset = begin; offset < uidlist->lines.end; offset = next) {
		if (!record_get(uidlist, offset, &record, &next) ||
		    record.uid <= prev_uid || !name_check(uidlist, &record))
			return FALSE;
		place_add(uidlist, record.uid, offset);
		prev_uid = record.uid;
	}
	return TRUE;
}

/* Where much follows the first mail that is asked for, others may be far
   behind it: know the last records only. A file name that Dovecot has appended
   a second time is there, since it tidies up when it next writes the file. */
static bool last_scan(struct pop_policy_maildir_uidlist *uidlist)
{
	uint32_t begin;

	if (!record_next(uidlist, uidlist->lines.end - WINDOW_SIZE, &begin) ||
	    !records_scan(uidlist, begin) || uidlist->places_count == 0)
		return FALSE;
	uidlist->first_uid = uidlist->places[0].uid;
	uidlist->singles_left = MAX_SINGLES;
	uidlist->singles_next = uidlist->asked_begin;
	return TRUE;
}

static bool
first_scan(struct pop_policy_maildir_uidlist *uidlist, uint32_t uid)
{
	uint32_t *begin = &uidlist->asked_begin;

	/* Somebody may be writing a last line, or have been interrupted:
	   Dovecot does not read it either until it is complete. */
	if (!pop_policy_maildir_lines_end(&uidlist->lines, uidlist->begin) ||
	    !record_bisect(uidlist, uid, begin))
		return FALSE;
	uidlist->asked_uid = uid;
	if (uidlist->lines.end - *begin > PASS_SIZE)
		return last_scan(uidlist);
	uidlist->first_uid = uid;
	return records_scan(uidlist, *begin);
}

static bool
more_scan(struct pop_policy_maildir_uidlist *uidlist, uint32_t uid)
{
	if (uid >= uidlist->asked_uid) {
		uidlist->first_uid = uidlist->asked_uid;
		return records_scan(uidlist, uidlist->asked_begin);
	}
	/* Mails are asked for in ascending order. Where they are not, this must
	   not be done again and again. */
	uidlist->first_uid = 0;
	return records_scan(uidlist, uidlist->begin);
}

/* Finding a record */

static const struct record_place *
single_lookup(struct pop_policy_maildir_uidlist *uidlist, uint32_t uid)
{
	for (unsigned int i = 0; i < uidlist->singles_count; i++) {
		if (uidlist->singles[i].uid == uid)
			return &uidlist->singles[i];
	}
	return NULL;
}

/* Returns FALSE if the record is in doubt. The place is NULL if there is no
   such mail. */
static bool
single_find(struct pop_policy_maildir_uidlist *uidlist, uint32_t uid,
	    const struct record_place **place_r)
{
	struct record_place *single =
		&uidlist->singles[uidlist->singles_count];
	struct pop_policy_maildir_record record;
	uint32_t next;

	uidlist->singles_left--;
	single->offset = uidlist->singles_next;
	if (!record_get(uidlist, single->offset, &record, &next))
		return FALSE;
	if (record.uid != uid &&
	    (!record_bisect(uidlist, uid, &single->offset) ||
	     !record_get(uidlist, single->offset, &record, &next)))
		return FALSE;
	if (record.uid != uid)
		return TRUE;
	if (!name_check(uidlist, &record))
		return FALSE;
	single->uid = uid;
	uidlist->singles_count++;
	uidlist->singles_next = next;
	*place_r = single;
	return TRUE;
}

static const struct record_place *
place_lookup(struct pop_policy_maildir_uidlist *uidlist, uint32_t uid)
{
	unsigned int left = 0, right = uidlist->places_count, middle;
	const struct record_place *places = uidlist->places;

	/* the same one again, or the next one */
	middle = uidlist->last_idx;
	if (middle < right && places[middle].uid == uid)
		return &places[middle];
	if (++middle < right && places[middle].uid == uid) {
		uidlist->last_idx = middle;
		return &places[middle];
	}
	while (left < right) {
		middle = (left + right) / 2;
		if (places[middle].uid < uid)
			left = middle + 1;
		else
			right = middle;
	}
	uidlist->last_idx = left;
	return left < uidlist->places_count && places[left].uid == uid ?
		&places[left] : NULL;
}

/* As single_find(), of all mails */
static bool
place_find(struct pop_policy_maildir_uidlist *uidlist, uint32_t uid,
	   const struct record_place **place_r)
{
	*place_r = NULL;
	if (uidlist->first_uid == UINT32_MAX && !first_scan(uidlist, uid))
		return FALSE;
	if (uid < uidlist->first_uid) {
		*place_r = single_lookup(uidlist, uid);
		if (*place_r != NULL)
			return TRUE;
		if (uidlist->singles_left > 0)
			return single_find(uidlist, uid, place_r);
		if (!more_scan(uidlist, uid))
			return FALSE;
	}
	*place_r = place_lookup(uidlist, uid);
	return TRUE;
}

static bool
record_read(struct pop_policy_maildir_uidlist *uidlist,
	    const struct record_place *place,
	    struct pop_policy_maildir_record *record_r)
{
	uint32_t next;

	return record_get(uidlist, place->offset, record_r, &next) &&
		record_r->uid == place->uid;
}

bool pop_policy_maildir_uidlist_find(
	struct pop_policy_maildir_uidlist *uidlist, uint32_t uid,
	struct pop_policy_maildir_record *record_r)
{
	const struct record_place *place;

	if (uidlist->doubtful)
		return FALSE;
	if (!place_find(uidlist, uid, &place))
		uidlist->doubtful = TRUE;
	else if (place == NULL)
		return FALSE;
	else if (!record_read(uidlist, place, record_r))
		uidlist->doubtful = TRUE;
	return !uidlist->doubtful;
}
