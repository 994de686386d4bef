/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "pop-policy-time.h"

#define TOO_LONG \
	"20260101000000.00000000000000000000000000000000000000000" \
	"00000000000000000000000000000Z"

static void test_pop_policy_time_parse(void)
{
	static const struct {
		const char *value;
		int64_t result;
	} tests[] = {
		/* GeneralizedTime */
		{ "20260101000000Z", 1767225600 },
		{ "2026010100Z", 1767225600 },
		{ "202601010000Z", 1767225600 },
		{ "20260101010000+0100", 1767225600 },
		{ "2026010101+01", 1767225600 },
		{ "20251231183000-0530", 1767225600 },
		{ "20260101000000.999999Z", 1767225600 },
		{ "20260101000000,999999Z", 1767225600 },
		/* the fraction belongs to the last unit */
		{ "2026010112.5Z", 1767225600 + 12*3600 + 1800 },
		{ "202601011230,25Z", 1767225600 + 12*3600 + 30*60 + 15 },
		{ "2026010100.00027777777777Z", 1767225600 },
		{ "2026010100.00027777777778Z", 1767225601 },
		{ "2026010100.9999999999999999999999999Z", 1767225600 + 3599 },
		{ "20240229000000Z", 1709164800 },
		{ "20000229000000Z", 951782400 },
		/* a leap second is the next minute's first */
		{ "20161231235960Z", 1483228800 },
		{ "99991231235959Z", 253402300799 },
		{ "19700101000000Z", 0 },
		{ "19691231235959Z", -1 },
		{ "16010101000000Z", -11644473600 },
		{ "00000101000000Z", -62167219200 },
		/* RFC 3339 */
		{ "2026-01-01T00:00:00Z", 1767225600 },
		{ "2026-01-01T01:00:00+01:00", 1767225600 },
		{ "2025-12-31T18:30:00-05:30", 1767225600 },
		{ "2026-01-01T00:00:00.999Z", 1767225600 },
		{ "2026-01-01t00:00:00z", 1767225600 },
		{ "2026-01-01", 1767225600 },
		{ "2024-02-29", 1709164800 },
		{ "1900-03-01", -2203891200 },
		{ "0000-12-31", -62135683200 },
		{ "0001-01-01", -62135596800 },
		{ "2100-03-01", 4107542400 },
		/* PostgreSQL's timestamptz */
		{ "2026-01-01 01:00:00+01", 1767225600 },
		{ "2025-12-31 18:30:00-05:30", 1767225600 },
		{ "2026-01-01 00:00:00.123456+00", 1767225600 },
		{ "2026-01-01 00:00:00Z", 1767225600 },
		{ "2026-01-01T01:00:00+01", 1767225600 },
	};
	int64_t result;

	test_begin("pop_policy_time_parse()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(pop_policy_time_parse(tests[i].value,
						      &result) == 0, i);
		test_assert_idx(result == tests[i].result, i);
	}
	test_end();
}

static void test_pop_policy_time_parse_invalid(void)
{
	static const char *tests[] = {
		"", " ", "0", "-1", "now", "yes", "2026", "202601", "20260101",
		"1767225600",
		/* no zone */
		"20260101000000", "2026-01-01T00:00:00", "2026010100",
		/* not in the calendar or on the clock */
		"20260230000000Z", "20250229000000Z", "21000229000000Z",
		"20261301000000Z", "20260001000000Z", "20260100000000Z",
		"20260132000000Z", "20260431000000Z", "20260101240000Z",
		"20260101006000Z", "20260101000061Z", "2026-02-30",
		"2025-02-29T00:00:00Z", "2026-13-01", "2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-00-10",
		/* not the grammar */
		"20260101000000z", "20260101000000.Z", "20260101000000,Z",
		"20260101000000.5", "202601010000000Z", "2026010100000Z",
		"20260101000000+", "20260101000000+1", "20260101000000+010",
		"20260101000000+2400", "20260101000000+0060",
		"20260101000000+01:00", "20260101000000ZZ",
		" 20260101000000Z", "20260101000000Z ", "20260101000000Z\n",
		"2026-1-1", "2026/01/01", "2026-01-01 00:00:00",
		"2026-01-01  00:00:00Z", "2026-01-01 00:00:00 +01",
		"2026-01-01 00:00Z", "2026-01-01 00:00:00+1",
		"2026-01-01 00:00:00+01:", "2026-01-01 00:00:00+01:0",
		"2026-01-01 00:00:00+01:00:00", "2026-01-01 ",
		"2026-01-01 00:00:00,5Z", "2026-01-01 00:00:00.Z",
		"2026-01-01T", "infinity", "2026-01-01 00:00:00+01 BC",
		"2026-01-01T00:00:00+0100", "2026-01-01T00:00:00Zx",
		"2026-01-01x", "-026-01-01",
		/* fullwidth digits */
		"\xEF\xBC\x92\xEF\xBC\x90\xEF\xBC\x92\xEF\xBC\x96",
		TOO_LONG,
	};
	int64_t result;

	test_begin("pop_policy_time_parse(): invalid");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(pop_policy_time_parse(tests[i],
						      &result) == -1, i);
	}
	test_end();
}

static void test_pop_policy_time_is_cacheable(void)
{
	static const struct {
		int64_t secs;
		bool result;
	} tests[] = {
		{ -1, FALSE },
		{ 0, TRUE },
		{ 1767225600, TRUE },
		/* the last second of a time_t of 32 bits */
		{ INT32_MAX, TRUE },
		{ INT32_MIN, FALSE },
		{ UINT32_MAX, TRUE },
		{ (int64_t)UINT32_MAX + 1, FALSE },
		{ INT64_MAX, FALSE },
	};

	test_begin("pop_policy_time_is_cacheable()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(pop_policy_time_is_cacheable(tests[i].secs) ==
				tests[i].result, i);
	}
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_pop_policy_time_parse,
		test_pop_policy_time_parse_invalid,
		test_pop_policy_time_is_cacheable,
		NULL
	};
	return test_run(test_functions);
}
