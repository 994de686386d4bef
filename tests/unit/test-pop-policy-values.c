/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "pop-policy-values.h"

static void test_pop_policy_value_bool(void)
{
	static const struct {
		const char *value;
		int ret;
		bool result;
	} tests[] = {
		{ "yes", 0, TRUE },
		{ "Y", 0, TRUE },
		{ "true", 0, TRUE },
		{ "TRUE", 0, TRUE },
		{ "1", 0, TRUE },
		{ "no", 0, FALSE },
		{ "n", 0, FALSE },
		{ "False", 0, FALSE },
		{ "FALSE", 0, FALSE },
		{ "0", 0, FALSE },
		{ "", -1, FALSE },
		{ "yes ", -1, FALSE },
		{ "yess", -1, FALSE },
		{ "on", -1, FALSE },
		{ "2", -1, FALSE },
	};
	const char *error;
	bool result;

	test_begin("pop_policy_value_bool()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		error = NULL;
		test_assert_idx(pop_policy_value_bool(tests[i].value, &result,
						      &error) == tests[i].ret, i);
		if (tests[i].ret == 0)
			test_assert_idx(result == tests[i].result, i);
		else
			test_assert_idx(error != NULL, i);
	}
	test_end();
}

static void test_pop_policy_value_time(void)
{
	static const struct {
		const char *value;
		time_t result;
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
	};
	const char *error;
	time_t result;

	test_begin("pop_policy_value_time()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(pop_policy_value_time(tests[i].value, &result,
						      &error) == 0, i);
		test_assert_idx(result == tests[i].result, i);
	}
	test_end();
}

static void test_pop_policy_value_time_invalid(void)
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
		"2026-1-1", "2026/01/01", "2026-01-01 00:00:00Z",
		"2026-01-01T00:00:00+0100", "2026-01-01T00:00:00Zx",
		"2026-01-01x", "-026-01-01",
		/* fullwidth digits, and one too long */
		"\xEF\xBC\x92\xEF\xBC\x90\xEF\xBC\x92\xEF\xBC\x96",
		"20260101000000.00000000000000000000000000000000000000000"
		"00000000000000000000000000000Z",
	};
	const char *error;
	time_t result;

	test_begin("pop_policy_value_time(): invalid");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		error = NULL;
		test_assert_idx(pop_policy_value_time(tests[i], &result,
						      &error) == -1, i);
		test_assert_idx(error != NULL, i);
	}
	test_end();
}

static void test_pop_policy_value_spam(void)
{
	static const struct {
		const char *value;
		int ret;
		enum pop_policy_spam result;
	} tests[] = {
		{ "exclude", 0, POP_POLICY_SPAM_EXCLUDE },
		{ "Include", 0, POP_POLICY_SPAM_INCLUDE },
		{ "ONLY", 0, POP_POLICY_SPAM_ONLY },
		{ "TRUE", 0, POP_POLICY_SPAM_INCLUDE },
		{ "yes", 0, POP_POLICY_SPAM_INCLUDE },
		{ "FALSE", 0, POP_POLICY_SPAM_EXCLUDE },
		{ "0", 0, POP_POLICY_SPAM_EXCLUDE },
		{ "", -1, 0 },
		{ "include,only", -1, 0 },
		{ "include.", -1, 0 },
		{ "incl", -1, 0 },
		{ "2", -1, 0 },
	};
	enum pop_policy_spam result;
	const char *error;

	test_begin("pop_policy_value_spam()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(pop_policy_value_spam(tests[i].value, &result,
						      &error) == tests[i].ret, i);
		if (tests[i].ret == 0)
			test_assert_idx(result == tests[i].result, i);
	}
	test_end();
}

static void test_pop_policy_value_actions(void)
{
	static const struct {
		const char *value;
		/* -1 = invalid */
		int deleted, retrieved;
	} tests[] = {
		{ "delete", POP_POLICY_ACTION_DELETE, POP_POLICY_ACTION_DELETE },
		{ "Keep", POP_POLICY_ACTION_KEEP, POP_POLICY_ACTION_KEEP },
		{ "READ", POP_POLICY_ACTION_READ, POP_POLICY_ACTION_READ },
		{ "archive", POP_POLICY_ACTION_ARCHIVE, POP_POLICY_ACTION_ARCHIVE },
		{ "trash", POP_POLICY_ACTION_TRASH, POP_POLICY_ACTION_TRASH },
		{ "none", -1, POP_POLICY_ACTION_NONE },
		{ "yes", POP_POLICY_ACTION_DELETE, -1 },
		{ "FALSE", POP_POLICY_ACTION_KEEP, -1 },
		{ "", -1, -1 },
		{ "delete ", -1, -1 },
		{ "expunge", -1, -1 },
		{ "Default", POP_POLICY_ACTION_NONE, -1 },
	};
	enum pop_policy_action result;
	const char *error;
	int ret;

	test_begin("pop_policy_value_delete(), _retrieve()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		ret = pop_policy_value_delete(tests[i].value, &result, &error);
		test_assert_idx(tests[i].deleted == -1 ? ret == -1 :
				ret == 0 && (int)result == tests[i].deleted, i);
		ret = pop_policy_value_retrieve(tests[i].value, &result, &error);
		test_assert_idx(tests[i].retrieved == -1 ? ret == -1 :
				ret == 0 && (int)result == tests[i].retrieved, i);
	}
	test_end();
}

static const char *repeat(char c, unsigned int count)
{
	char *str = t_malloc0(count + 1);

	memset(str, c, count);
	return str;
}

static void test_pop_policy_value_text(void)
{
	const struct {
		const char *value;
		int ret;
	} tests[] = {
		{ "POP is off.", 0 },
		{ "a[b] ~!", 0 },
		{ repeat('x', 400), 0 },
		{ repeat('x', 401), -1 },
		{ "", -1 },
		{ "[AUTH] no", -1 },
		{ "two\r\nlines", -1 },
		{ "a\tb", -1 },
		{ "gr\xC3\xBCn", -1 },
		{ "\x7f", -1 },
	};
	const char *result, *error;
	int ret;

	test_begin("pop_policy_value_text()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		ret = pop_policy_value_text(tests[i].value, &result, &error);
		test_assert_idx(ret == tests[i].ret, i);
		test_assert_idx(ret < 0 || null_strcmp(result, tests[i].value) == 0 ||
				(result == NULL && *tests[i].value == '\0'), i);
	}
	test_end();
}

static void test_pop_policy_value_keyword(void)
{
	const struct {
		const char *value;
		int ret;
	} tests[] = {
		{ "$POPDequeued", 0 },
		{ "Popped", 0 },
		{ "a-b_c.d", 0 },
		{ repeat('k', 50), 0 },
		{ repeat('k', 51), -1 },
		{ "", 0 },
		{ "\\Deleted", -1 },
		{ "a b", -1 },
		{ "a(b", -1 },
		{ "a]", -1 },
		{ "a\"", -1 },
		{ "a*", -1 },
		{ "a%", -1 },
		{ "a{", -1 },
		{ "\xC3\xBC", -1 },
		{ "a\n", -1 },
	};
	const char *result, *error;
	int ret;

	test_begin("pop_policy_value_keyword()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		ret = pop_policy_value_keyword(tests[i].value, &result, &error);
		test_assert_idx(ret == tests[i].ret, i);
		test_assert_idx(ret < 0 || null_strcmp(result, tests[i].value) == 0 ||
				(result == NULL && *tests[i].value == '\0'), i);
	}
	test_end();
}

static void test_pop_policy_value_mailbox(void)
{
	const struct {
		const char *value;
		int ret;
	} tests[] = {
		{ "Junk", 0 },
		{ "INBOX/Spam", 0 },
		{ "INBOX.Spam", 0 },
		{ "Werbung und \xC3\x84rger", 0 },
		{ "a..b", 0 },
		{ repeat('m', 1000), 0 },
		{ repeat('m', 1001), -1 },
		{ "", 0 },
		{ "INBOX", -1 },
		{ "inbox", -1 },
		{ "../x", -1 },
		{ "a/../b", -1 },
		{ "a/.", -1 },
		{ "a/", -1 },
		{ "a//b", -1 },
		{ "/", -1 },
		{ "/etc", -1 },
		{ "~root", -1 },
		{ "a\nb", -1 },
		{ "\xFF", -1 },
	};
	const char *result, *error;
	int ret;

	test_begin("pop_policy_value_mailbox()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		ret = pop_policy_value_mailbox(tests[i].value, &result, &error);
		test_assert_idx(ret == tests[i].ret, i);
		test_assert_idx(ret < 0 || null_strcmp(result, tests[i].value) == 0 ||
				(result == NULL && *tests[i].value == '\0'), i);
	}
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_pop_policy_value_bool,
		test_pop_policy_value_time,
		test_pop_policy_value_time_invalid,
		test_pop_policy_value_spam,
		test_pop_policy_value_actions,
		test_pop_policy_value_text,
		test_pop_policy_value_keyword,
		test_pop_policy_value_mailbox,
		NULL
	};
	return test_run(test_functions);
}
