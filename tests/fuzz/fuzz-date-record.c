/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Input: the record of dates as an index stores it, without its checksum, in
   hex digits. All else is ignored, and so is a line's part from # on. */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "crc32.h"
#include "pop-policy-date-record.h"
#include "fuzz.h"
#include "fuzz-hex.h"

#define UID_VALIDITY 1234
#define NEXT_UID 10000

/* of the stored form */
#define HEADER_SIZE 32
#define COUNTS_OFFSET 12
#define RANGE_SIZE 8

static bool
record_read(struct pop_policy_date_record *record, const void *data,
	    size_t size, uint32_t uid_validity)
{
	pop_policy_date_record_init(record, pool_datastack_create());
	if (pop_policy_date_record_unpack(record, data, size, uid_validity,
					  NEXT_UID))
		return TRUE;
	i_assert(array_count(&record->before) == 0);
	i_assert(array_count(&record->since) == 0);
	return FALSE;
}

/* Ascending, not empty, none beyond the mailbox */
static void check_ranges(const ARRAY_TYPE(seq_range) *uids)
{
	const struct seq_range *range;
	uint32_t prev = 0;

	i_assert(array_count(uids) <= POP_POLICY_DATE_RECORD_MAX_RANGES);
	array_foreach(uids, range) {
		i_assert(range->seq1 > prev && range->seq2 >= range->seq1);
		prev = range->seq2;
	}
	i_assert(prev < NEXT_UID);
}

/* Nothing in part that is not in all */
static void check_part(const ARRAY_TYPE(seq_range) *all,
		       const ARRAY_TYPE(seq_range) *part, bool equal)
{
	ARRAY_TYPE(seq_range) rest;

	t_array_init(&rest, 8);
	array_append_array(&rest, part);
	seq_range_array_remove_seq_range(&rest, all);
	i_assert(array_count(&rest) == 0);
	i_assert(!equal || seq_range_count(all) == seq_range_count(part));
}

static void check_printed(const struct pop_policy_date_record *record)
{
	struct pop_policy_date_record again;
	unsigned int count = array_count(&record->before) +
		array_count(&record->since);
	bool fits = count <= POP_POLICY_DATE_RECORD_MAX_RANGES;
	buffer_t *packed = t_buffer_create(128);
	const void *data;

	pop_policy_date_record_pack(record, UID_VALIDITY, packed);
	data = fuzz_copy(packed->data, packed->used);
	i_assert(record_read(&again, data, packed->used, UID_VALIDITY));
	i_assert(again.cutoff == record->cutoff);
	check_part(&record->before, &again.before, fits);
	check_part(&record->since, &again.since, fits);
	i_assert(fits || array_count(&again.before) +
		 array_count(&again.since) ==
		 POP_POLICY_DATE_RECORD_MAX_RANGES);
}

static void check_cutoff(struct pop_policy_date_record *record)
{
	int64_t cutoff = record->cutoff;

	pop_policy_date_record_set_cutoff(record, cutoff);
	i_assert(record->cutoff == cutoff);
	if (cutoff < INT64_MAX) {
		pop_policy_date_record_set_cutoff(record, cutoff + 1);
		i_assert(array_count(&record->since) == 0);
		pop_policy_date_record_set_cutoff(record, cutoff);
		i_assert(array_count(&record->before) == 0);
	}
}

/* Put the checksum in front, of that much which the header says there is. */
static uint32_t checksum_set(buffer_t *stored)
{
	uint32_t counts[2], crc;
	uint64_t size = stored->used;

	if (size >= HEADER_SIZE) {
		memcpy(counts, CONST_PTR_OFFSET(stored->data, COUNTS_OFFSET),
		       sizeof(counts));
		size = HEADER_SIZE +
			((uint64_t)counts[0] + counts[1]) * RANGE_SIZE;
	}
	size = I_MIN(size, stored->used);
	crc = crc32_data(CONST_PTR_OFFSET(stored->data, sizeof(crc)),
			 size - sizeof(crc));
	buffer_write(stored, 0, &crc, sizeof(crc));
	return crc;
}

void fuzz_text(const char *text)
{
	buffer_t *stored = t_buffer_create(128);
	struct pop_policy_date_record record;
	const void *data;
	uint32_t crc = 0;

	buffer_append(stored, &crc, sizeof(crc));
	fuzz_hex_read(text, stored);
	crc = checksum_set(stored);
	data = fuzz_copy(stored->data, stored->used);
	if (record_read(&record, data, stored->used, UID_VALIDITY)) {
		check_ranges(&record.before);
		check_ranges(&record.since);
		i_assert(!seq_range_array_have_common(&record.before,
						      &record.since));
		check_printed(&record);
		check_cutoff(&record);
		i_assert(!record_read(&record, data, stored->used,
				      UID_VALIDITY + 1));
	}
	/* one bit of the checksum */
	crc ^= 1;
	buffer_write(stored, 0, &crc, sizeof(crc));
	i_assert(!record_read(&record, stored->data, stored->used,
			      UID_VALIDITY));
}
