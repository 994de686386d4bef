/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "crc32.h"
#include "pop-policy-date-record.h"

#define POP_POLICY_DATE_RECORD_VERSION 1

/* The stored form: this header, then the ranges of UIDs before the cut-off and
   those since it, all in the byte order of the machine, as all of the index
   is. What is behind that is left over from an earlier, longer one. */
struct record_header {
	/* of everything below */
	uint32_t checksum;
	uint32_t version;
	uint32_t uid_validity;
	uint32_t before_count, since_count;
	uint32_t unused;
	int64_t cutoff;
};

#define CHECKSUM_OFFSET offsetof(struct record_header, version)

void pop_policy_date_record_init(struct pop_policy_date_record *record,
				 pool_t pool)
{
	i_zero(record);
	p_array_init(&record->before, pool, 8);
	p_array_init(&record->since, pool, 8);
}

void pop_policy_date_record_set_cutoff(struct pop_policy_date_record *record,
				      int64_t cutoff)
{
	if (cutoff < record->cutoff)
		array_clear(&record->before);
	else if (cutoff > record->cutoff)
		array_clear(&record->since);
	record->cutoff = cutoff;
}

static int uint32_cmp_descending(const uint32_t *n1, const uint32_t *n2)
{
	return *n1 < *n2 ? 1 : (*n1 > *n2 ? -1 : 0);
}

static void
add_lengths(ARRAY_TYPE(uint32_t) *lengths, const ARRAY_TYPE(seq_range) *uids)
{
	const struct seq_range *range;
	uint32_t length;

	array_foreach(uids, range) {
		length = seq_range_length(range);
		array_push_back(lengths, &length);
	}
}

/* Which ranges to store: the longer ones, and some of those that are just as
   long as the shortest. */
struct range_choice {
	uint32_t min_length;
	unsigned int min_length_left;
};

static void
range_choice_init(struct range_choice *choice_r,
		  const struct pop_policy_date_record *record)
{
	unsigned int i, count;
	ARRAY_TYPE(uint32_t) lengths;
	const uint32_t *length;

	i_zero(choice_r);
	count = array_count(&record->before) + array_count(&record->since);
	if (count <= POP_POLICY_DATE_RECORD_MAX_RANGES)
		return;

	t_array_init(&lengths, count);
	add_lengths(&lengths, &record->before);
	add_lengths(&lengths, &record->since);
	array_sort(&lengths, uint32_cmp_descending);
	length = array_front(&lengths);
	i = POP_POLICY_DATE_RECORD_MAX_RANGES;
	choice_r->min_length = length[i - 1];
	while (i > 0 && length[i - 1] == choice_r->min_length) {
		choice_r->min_length_left++;
		i--;
	}
}

static uint32_t
pack_ranges(const ARRAY_TYPE(seq_range) *uids, struct range_choice *choice,
	    buffer_t *dest)
{
	const struct seq_range *range;
	uint32_t count = 0, length;

	array_foreach(uids, range) {
		length = range->seq2 - range->seq1 + 1;
		if (length < choice->min_length)
			continue;
		if (length == choice->min_length) {
			if (choice->min_length_left == 0)
				continue;
			choice->min_length_left--;
		}
		buffer_append(dest, range, sizeof(*range));
		count++;
	}
	return count;
}

void pop_policy_date_record_pack(const struct pop_policy_date_record *record,
				uint32_t uid_validity, buffer_t *dest)
{
	struct record_header hdr;
	struct range_choice choice;
	size_t start = dest->used;

	i_zero(&hdr);
	hdr.version = POP_POLICY_DATE_RECORD_VERSION;
	hdr.uid_validity = uid_validity;
	hdr.cutoff = record->cutoff;

	buffer_append(dest, &hdr, sizeof(hdr));
	T_BEGIN {
		range_choice_init(&choice, record);
	} T_END;
	hdr.before_count = pack_ranges(&record->before, &choice, dest);
	hdr.since_count = pack_ranges(&record->since, &choice, dest);
	buffer_write(dest, start, &hdr, sizeof(hdr));
	hdr.checksum = crc32_data(CONST_PTR_OFFSET(dest->data,
						   start + CHECKSUM_OFFSET),
				  dest->used - start - CHECKSUM_OFFSET);
	buffer_write(dest, start, &hdr, sizeof(hdr));
}

static bool
unpack_ranges(ARRAY_TYPE(seq_range) *uids, const void *data,
	      unsigned int count, uint32_t next_uid)
{
	struct seq_range range;
	uint32_t prev_uid = 0;

	for (unsigned int i = 0; i < count; i++) {
		memcpy(&range, CONST_PTR_OFFSET(data, i * sizeof(range)),
		       sizeof(range));
		if (range.seq1 <= prev_uid || range.seq2 < range.seq1 ||
		    range.seq2 >= next_uid)
			return FALSE;
		prev_uid = range.seq2;
		array_push_back(uids, &range);
	}
	return TRUE;
}

static bool
header_is_valid(const struct record_header *hdr, const void *data,
		size_t size, uint32_t uid_validity)
{
	size_t used;

	if (hdr->version != POP_POLICY_DATE_RECORD_VERSION ||
	    hdr->uid_validity != uid_validity ||
	    hdr->before_count > POP_POLICY_DATE_RECORD_MAX_RANGES ||
	    hdr->since_count > POP_POLICY_DATE_RECORD_MAX_RANGES)
		return FALSE;
	used = sizeof(*hdr) + (hdr->before_count + hdr->since_count) *
		sizeof(struct seq_range);
	return used <= size &&
		hdr->checksum == crc32_data(CONST_PTR_OFFSET(data,
							     CHECKSUM_OFFSET),
					    used - CHECKSUM_OFFSET);
}

bool pop_policy_date_record_unpack(struct pop_policy_date_record *record,
				  const void *data, size_t size,
				  uint32_t uid_validity, uint32_t next_uid)
{
	struct record_header hdr;
	const void *ranges;

	array_clear(&record->before);
	array_clear(&record->since);
	if (size < sizeof(hdr))
		return FALSE;
	memcpy(&hdr, data, sizeof(hdr));
	if (!header_is_valid(&hdr, data, size, uid_validity))
		return FALSE;

	ranges = CONST_PTR_OFFSET(data, sizeof(hdr));
	if (!unpack_ranges(&record->before, ranges, hdr.before_count, next_uid) ||
	    !unpack_ranges(&record->since, CONST_PTR_OFFSET(ranges,
				hdr.before_count * sizeof(struct seq_range)),
			   hdr.since_count, next_uid) ||
	    seq_range_array_have_common(&record->before, &record->since)) {
		array_clear(&record->before);
		array_clear(&record->since);
		return FALSE;
	}
	record->cutoff = hdr.cutoff;
	return TRUE;
}
