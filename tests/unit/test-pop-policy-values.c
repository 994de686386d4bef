/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "pop-policy-log.h"
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
		{ "t", 0, TRUE },
		{ "F", 0, FALSE },
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

static void test_pop_policy_value_since(void)
{
	static const struct {
		const char *value;
		time_t result;
	} tests[] = {
		{ "", 0 },
		{ "all", 0 },
		{ "ALL", 0 },
		{ "19700101000000Z", 0 },
		{ "16010101000000Z", 0 },
		{ "20260101000000Z", 1767225600 },
		{ "2026-01-01 01:00:00+01", 1767225600 },
	};
	static const char *const invalid[] = { "al", "all ", "none", "0" };
	const char *error;
	time_t result;

	test_begin("pop_policy_value_since()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(pop_policy_value_since(tests[i].value, &result,
						       &error) == 0, i);
		test_assert_idx(result == tests[i].result, i);
	}
	for (unsigned int i = 0; i < N_ELEMENTS(invalid); i++) {
		error = NULL;
		test_assert_idx(pop_policy_value_since(invalid[i], &result,
						       &error) == -1, i);
		test_assert_idx(error != NULL, i);
	}
	test_end();
}

/* What a machine with 32 bits for a time makes of it: -1 is "refused". */
static void test_pop_policy_value_since_32bit(void)
{
	static const struct {
		const char *value;
		int64_t result;
	} tests[] = {
		{ "20380119031407Z", INT32_MAX },
		{ "20380119031408Z", -1 },
		{ "20380119041407+0100", INT32_MAX },
		{ "20380118231408-0400", -1 },
		{ "20380119031406.9Z", INT32_MAX - 1 },
		{ "2038011903.5Z", -1 },
		{ "20390101000000Z", -1 },
		{ "2039-01-01", -1 },
		/* 2^32 and 2^32 + 2^31 seconds: where it would begin anew */
		{ "21060207062816Z", -1 },
		{ "21740225094224Z", -1 },
		{ "99991231235959Z", -1 },
		/* earlier than it can count, but no mail is */
		{ "19011213204551Z", 0 },
		{ "00000101000000Z", 0 },
		{ "all", 0 },
	};
	const char *error;
	int64_t result;
	int ret;

	test_begin("pop_policy_value_since_sized(): 32 bits");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		error = NULL;
		ret = pop_policy_value_since_sized(tests[i].value,
			sizeof(int32_t), &result, &error);
		test_assert_idx(ret == (tests[i].result < 0 ? -1 : 0), i);
		test_assert_idx(ret < 0 ? error != NULL :
				result == tests[i].result, i);
	}
	test_end();
}

static void test_pop_policy_value_intervals(void)
{
	static const struct {
		const char *value;
		unsigned int result;
	} tests[] = {
		{ "", 0 },
		{ "1s", 1 },
		{ "90d", 90 * 86400 },
		{ "90 days", 90 * 86400 },
		{ "12 weeks", 12 * 7 * 86400 },
		{ "24H", 86400 },
		{ "30 mins", 1800 },
	};
	static const char *const invalid[] = {
		"0", "0s", "0 days", "90", "-1d", "1.5d", "90d ", " 90d", "d",
		"90 dd", "90 years", "500 ms", "1d 1h", "yes", "all", "none",
		"99999999999d", "99999999999999999999999d",
	};
	const char *error;
	unsigned int result;

	test_begin("pop_policy_value_recent()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(pop_policy_value_recent(tests[i].value, &result,
							&error) == 0, i);
		test_assert_idx(result == tests[i].result, i);
	}
	for (unsigned int i = 0; i < N_ELEMENTS(invalid); i++) {
		error = NULL;
		test_assert_idx(pop_policy_value_recent(invalid[i], &result,
							&error) == -1, i);
		test_assert_idx(error != NULL, i);
	}
	test_assert(pop_policy_value_recent("No", &result, &error) == 0 &&
		    result == 0);
	test_assert(pop_policy_value_recent("infinite", &result, &error) < 0);
	test_assert(pop_policy_value_keep_for("Infinite", &result,
					      &error) == 0 && result == 0);
	test_assert(pop_policy_value_keep_for("2w", &result, &error) == 0 &&
		    result == 14 * 86400);
	test_assert(pop_policy_value_keep_for("no", &result, &error) < 0);
	test_assert(pop_policy_value_keep_for("0", &result, &error) < 0);
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

static void test_pop_policy_log_text(void)
{
	static const struct {
		const char *text, *result;
	} tests[] = {
		{ "", "" },
		{ "a b", "a b" },
		{ "gr\xc3\xbcn", "gr\xc3\xbcn" },
		{ "a\r\n\t\x1b[2Jb\x01", "a????[2Jb?" },
		{ "a\x7f", "a?" },
		{ "a\xc2\x9b" "2J\xc2\xa0", "a??2J\xc2\xa0" },
		{ "a\xff", "a?" },
		{ "0123456789abcdef", "0123456789..." },
	};

	test_begin("pop_policy_log_text()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_strcmp_idx(pop_policy_log_text(tests[i].text, 13),
				       tests[i].result, i);
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
		test_pop_policy_value_since,
		test_pop_policy_value_since_32bit,
		test_pop_policy_value_intervals,
		test_pop_policy_value_spam,
		test_pop_policy_value_actions,
		test_pop_policy_log_text,
		test_pop_policy_value_text,
		test_pop_policy_value_keyword,
		test_pop_policy_value_mailbox,
		NULL
	};
	return test_run(test_functions);
}
