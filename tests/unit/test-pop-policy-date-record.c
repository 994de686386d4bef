/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "test-common.h"
#include "pop-policy-date-record.h"

#define UID_VALIDITY 1234
#define NEXT_UID 10000
#define CUTOFF 1768478400

static void rem_init(struct pop_policy_date_record *rem)
{
	pop_policy_date_record_init(rem, pool_datastack_create());
	rem->cutoff = CUTOFF;
}

static bool is_empty(const struct pop_policy_date_record *rem)
{
	return array_count(&rem->before) == 0 && array_count(&rem->since) == 0;
}

/* Returns FALSE, too, if anything is known all the same. */
static bool is_refused(const void *data, size_t size, uint32_t uid_validity,
		       uint32_t next_uid)
{
	struct pop_policy_date_record rem;
	bool refused;

	T_BEGIN {
		rem_init(&rem);
		refused = !pop_policy_date_record_unpack(&rem, data, size,
							uid_validity, next_uid);
		if (!is_empty(&rem))
			refused = FALSE;
	} T_END;
	return refused;
}

static bool unpack(struct pop_policy_date_record *rem, const buffer_t *data)
{
	pop_policy_date_record_init(rem, pool_datastack_create());
	return pop_policy_date_record_unpack(rem, data->data, data->used,
					    UID_VALIDITY, NEXT_UID);
}

static bool
is_equal(const ARRAY_TYPE(seq_range) *uids1, const ARRAY_TYPE(seq_range) *uids2)
{
	return array_count(uids1) == array_count(uids2) &&
		memcmp(array_front(uids1), array_front(uids2),
		       array_count(uids1) * sizeof(struct seq_range)) == 0;
}

static void add_some(struct pop_policy_date_record *rem)
{
	seq_range_array_add_range(&rem->before, 1, 500);
	seq_range_array_add_range(&rem->since, 501, 501);
	seq_range_array_add_range(&rem->before, 502, 800);
	seq_range_array_add_range(&rem->since, 900, NEXT_UID - 1);
}

static void test_remembered_round_trip(void)
{
	struct pop_policy_date_record rem, got;
	buffer_t *data;

	test_begin("pop_policy_date_record: round trip");
	rem_init(&rem);
	data = t_buffer_create(64);
	pop_policy_date_record_pack(&rem, UID_VALIDITY, data);
	test_assert(unpack(&got, data));
	test_assert(is_empty(&got) && got.cutoff == CUTOFF);

	add_some(&rem);
	data = t_buffer_create(64);
	pop_policy_date_record_pack(&rem, UID_VALIDITY, data);
	test_assert(unpack(&got, data));
	test_assert(got.cutoff == CUTOFF);
	test_assert(is_equal(&rem.before, &got.before));
	test_assert(is_equal(&rem.since, &got.since));

	/* a shorter one over a longer one; not aligned; not at the start */
	buffer_append(data, "left over", 9);
	test_assert(unpack(&got, data));
	buffer_insert(data, 0, "x", 1);
	pop_policy_date_record_init(&got, pool_datastack_create());
	test_assert(pop_policy_date_record_unpack(&got,
			CONST_PTR_OFFSET(data->data, 1), data->used - 1,
			UID_VALIDITY, NEXT_UID));
	test_assert(is_equal(&rem.since, &got.since));
	pop_policy_date_record_pack(&rem, UID_VALIDITY, data);
	test_end();
}

/* Whatever happens to the stored form, it is whole or it is nothing. */
static void test_remembered_broken(void)
{
	struct pop_policy_date_record rem;
	unsigned char *bytes;
	buffer_t *data;
	size_t size;

	test_begin("pop_policy_date_record: broken");
	rem_init(&rem);
	add_some(&rem);
	data = t_buffer_create(64);
	pop_policy_date_record_pack(&rem, UID_VALIDITY, data);
	bytes = buffer_get_modifiable_data(data, &size);

	test_assert(!is_refused(bytes, size, UID_VALIDITY, NEXT_UID));
	for (unsigned int i = 0; i < size * CHAR_BIT; i++) {
		bytes[i / CHAR_BIT] ^= 1 << (i % CHAR_BIT);
		test_assert_idx(is_refused(bytes, size, UID_VALIDITY,
					   NEXT_UID), i);
		bytes[i / CHAR_BIT] ^= 1 << (i % CHAR_BIT);
	}
	for (unsigned int i = 0; i < size; i++) {
		test_assert_idx(is_refused(bytes, i, UID_VALIDITY, NEXT_UID),
				i);
	}
	test_assert(is_refused(NULL, 0, UID_VALIDITY, NEXT_UID));
	test_assert(is_refused(bytes, size, UID_VALIDITY + 1, NEXT_UID));
	test_assert(is_refused(bytes, size, UID_VALIDITY, NEXT_UID - 1));
	test_end();
}

/* Whole, and yet it can't be: somebody else's bug must not hide mail. */
static void test_remembered_impossible(void)
{
	static const struct {
		struct seq_range before[2];
		unsigned int before_count;
		struct seq_range since[2];
		unsigned int since_count;
	} tests[] = {
		{ { { 0, 5 } }, 1, { }, 0 },
		{ { { 5, 3 } }, 1, { }, 0 },
		{ { { 5, NEXT_UID } }, 1, { }, 0 },
		{ { { 5, 10 }, { 10, 11 } }, 2, { }, 0 },
		{ { { 5, 10 }, { 1, 4 } }, 2, { }, 0 },
		{ { }, 0, { { 5, (uint32_t)-1 } }, 1 },
		{ { { 5, 10 } }, 1, { { 1, 4 }, { 10, 20 } }, 2 },
		{ { { 5, 10 } }, 1, { { 1, 20 } }, 1 },
	};
	struct pop_policy_date_record rem;
	buffer_t *data;

	test_begin("pop_policy_date_record: impossible");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		rem_init(&rem);
		array_append(&rem.before, tests[i].before,
			     tests[i].before_count);
		array_append(&rem.since, tests[i].since, tests[i].since_count);
		data = t_buffer_create(64);
		pop_policy_date_record_pack(&rem, UID_VALIDITY, data);
		test_assert_idx(is_refused(data->data, data->used,
					   UID_VALIDITY, NEXT_UID), i);
	}
	test_end();
}

static void test_remembered_set_cutoff(void)
{
	struct pop_policy_date_record rem;

	test_begin("pop_policy_date_record_set_cutoff()");
	rem_init(&rem);
	add_some(&rem);
	pop_policy_date_record_set_cutoff(&rem, CUTOFF);
	test_assert(seq_range_count(&rem.before) == 799);
	test_assert(seq_range_exists(&rem.since, 501));

	pop_policy_date_record_set_cutoff(&rem, CUTOFF + 1);
	test_assert(seq_range_count(&rem.before) == 799);
	test_assert(array_count(&rem.since) == 0);
	test_assert(rem.cutoff == CUTOFF + 1);

	rem_init(&rem);
	add_some(&rem);
	pop_policy_date_record_set_cutoff(&rem, CUTOFF - 1);
	test_assert(array_count(&rem.before) == 0);
	test_assert(seq_range_exists(&rem.since, 501));
	test_assert(rem.cutoff == CUTOFF - 1);

	/* stored by a machine that counts further than 32 bits do */
	rem_init(&rem);
	add_some(&rem);
	rem.cutoff = (int64_t)UINT32_MAX + CUTOFF;
	pop_policy_date_record_set_cutoff(&rem, CUTOFF);
	test_assert(array_count(&rem.before) == 0);
	test_assert(array_count(&rem.since) > 0);
	test_end();
}

/* n ranges, in turn before and since, the one at i being 1 + i % 7 long */
static void
add_many(struct pop_policy_date_record *rem, unsigned int n)
{
	uint32_t uid = 1, last_uid;

	for (unsigned int i = 0; i < n; i++) {
		last_uid = uid + i % 7;
		seq_range_array_add_range(i % 2 == 0 ? &rem->before :
					  &rem->since, uid, last_uid);
		uid = last_uid + 1;
	}
}

static void test_remembered_many(void)
{
	static const unsigned int counts[] = { 255, 256, 257, 300, 1000, 2000 };
	struct pop_policy_date_record rem, got;
	unsigned int stored, uids;
	buffer_t *data;

	test_begin("pop_policy_date_record: many ranges");
	for (unsigned int i = 0; i < N_ELEMENTS(counts); i++) T_BEGIN {
		rem_init(&rem);
		add_many(&rem, counts[i]);
		data = t_buffer_create(64);
		pop_policy_date_record_pack(&rem, UID_VALIDITY, data);
		test_assert_idx(unpack(&got, data), i);
		stored = array_count(&got.before) + array_count(&got.since);
		test_assert_idx(stored == I_MIN(counts[i],
			POP_POLICY_DATE_RECORD_MAX_RANGES), i);
		uids = seq_range_count(&got.before) +
			seq_range_count(&got.since);

		/* nothing but what was known */
		seq_range_array_intersect(&rem.before, &got.before);
		seq_range_array_intersect(&rem.since, &got.since);
		test_assert_idx(seq_range_count(&rem.before) +
				seq_range_count(&rem.since) == uids, i);
	} T_END;
	/* the longest ones */
	test_assert(uids == 256 * 7);
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_remembered_round_trip,
		test_remembered_broken,
		test_remembered_impossible,
		test_remembered_set_cutoff,
		test_remembered_many,
		NULL
	};
	return test_run(test_functions);
}
