/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "pop-policy-settings.h"
#include "pop-policy.h"

static void test_pop_policy_init_defaults(void)
{
	struct pop_policy_settings set = pop_policy_default_settings;
	struct pop_policy policy;
	const char *error, *text, *reason;

	test_begin("pop_policy_init(): defaults");
	test_assert(pop_policy_init(&set, &policy, &error) == 0);
	test_assert(policy.available && policy.enabled);
	test_assert(policy.since == 0);
	test_assert(policy.spam == POP_POLICY_SPAM_EXCLUDE);
	test_assert(policy.delete_action == POP_POLICY_ACTION_NONE);
	test_assert(policy.retrieve_action == POP_POLICY_ACTION_NONE);
	test_assert(policy.spam_mailbox == NULL &&
		    policy.archive_mailbox == NULL &&
		    policy.trash_mailbox == NULL && policy.keyword == NULL);
	test_assert(!pop_policy_refuses(&policy, &text, &reason));
	test_assert(!pop_policy_has_disposition(&policy));
	test_end();
}

static void test_pop_policy_settings_is_default(void)
{
	struct pop_policy_settings set = pop_policy_default_settings;

	test_begin("pop_policy_settings_is_default()");
	test_assert(pop_policy_settings_is_default(&set));
	set.pop_policy_delete = t_strdup_noconst("default");
	set.pop_policy_keyword = t_strdup_noconst("");
	test_assert(pop_policy_settings_is_default(&set));
#define TEST_OTHER(name) \
	set = pop_policy_default_settings; \
	set.name = "other"; \
	test_assert(!pop_policy_settings_is_default(&set));
	POP_POLICY_SETTINGS(TEST_OTHER, TEST_OTHER)
	test_end();
}

static void test_pop_policy_init_values(void)
{
	struct pop_policy_settings set = pop_policy_default_settings;
	struct pop_policy policy;
	const char *error;

	test_begin("pop_policy_init(): values");
	set.pop_policy_since = "19691231235959Z";
	set.pop_policy_spam = "only";
	set.pop_policy_delete = "Default";
	set.pop_policy_spam_mailbox = "Spam";
	set.pop_policy_keyword = "$Popped";
	test_assert(pop_policy_init(&set, &policy, &error) == 0);
	test_assert(policy.since == 0);
	test_assert(policy.spam == POP_POLICY_SPAM_ONLY);
	test_assert(policy.delete_action == POP_POLICY_ACTION_NONE);
	test_assert_strcmp(policy.spam_mailbox, "Spam");
	test_assert_strcmp(policy.keyword, "$Popped");
	test_end();
}

static void test_pop_policy_init_invalid(void)
{
	static const struct {
		size_t offset;
		const char *key;
	} tests[] = {
#define TEST(name) { offsetof(struct pop_policy_settings, name), #name }
		TEST(pop_policy_available),
		TEST(pop_policy_enabled),
		TEST(pop_policy_since),
		TEST(pop_policy_spam),
		TEST(pop_policy_delete),
		TEST(pop_policy_retrieve),
		TEST(pop_policy_spam_mailbox),
		TEST(pop_policy_archive_mailbox),
		TEST(pop_policy_trash_mailbox),
		TEST(pop_policy_keyword),
		TEST(pop_policy_unavailable_text),
		TEST(pop_policy_disabled_text),
	};
	/* unreadable for every setting */
	const char *value = "../\x01(bad";
	struct pop_policy_settings set;
	struct pop_policy policy;
	const char *error, *expected;

	test_begin("pop_policy_init(): invalid");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		set = pop_policy_default_settings;
		*(const char **)PTR_OFFSET(&set, tests[i].offset) = value;
		error = NULL;
		test_assert_idx(pop_policy_init(&set, &policy, &error) == -1, i);
		expected = t_strdup_printf("%s: Invalid value '../?(bad': ",
					   tests[i].key);
		test_assert_idx(error != NULL &&
				strncmp(error, expected,
					strlen(expected)) == 0, i);
	}
	test_end();
}

static void test_pop_policy_init_long_value(void)
{
	struct pop_policy_settings set = pop_policy_default_settings;
	char *value = t_malloc0(1024*1024 + 1);
	struct pop_policy policy;
	const char *error;

	test_begin("pop_policy_init(): long value");
	memset(value, 'x', 1024*1024);
	set.pop_policy_enabled = value;
	test_assert(pop_policy_init(&set, &policy, &error) == -1);
	test_assert(strlen(error) < 200);
	test_end();
}

static void test_pop_policy_refuses(void)
{
	struct pop_policy_settings set = pop_policy_default_settings;
	struct pop_policy policy;
	const char *error, *text, *reason;

	test_begin("pop_policy_refuses()");
	set.pop_policy_enabled = "no";
	set.pop_policy_disabled_text = "It is off.";
	set.pop_policy_unavailable_text = "There is none.";
	test_assert(pop_policy_init(&set, &policy, &error) == 0);
	test_assert(pop_policy_refuses(&policy, &text, &reason));
	test_assert_strcmp(text, "It is off.");
	test_assert(strstr(reason, "pop_policy_enabled") != NULL);

	/* what the plan doesn't have can't be switched on */
	set.pop_policy_available = "no";
	test_assert(pop_policy_init(&set, &policy, &error) == 0);
	test_assert(pop_policy_refuses(&policy, &text, &reason));
	test_assert_strcmp(text, "There is none.");
	test_assert(strstr(reason, "pop_policy_available") != NULL);
	test_end();
}

static void test_pop_policy_has_disposition(void)
{
	static const struct {
		const char *deleted, *retrieved, *spam;
		bool result;
	} tests[] = {
		{ "default", "none", "exclude", FALSE },
		{ "default", "none", "only", FALSE },
		{ "default", "none", "include", TRUE },
		{ "delete", "none", "exclude", TRUE },
		{ "keep", "none", "exclude", TRUE },
		{ "read", "none", "exclude", TRUE },
		{ "archive", "none", "exclude", TRUE },
		{ "trash", "none", "exclude", TRUE },
		{ "delete", "keep", "exclude", TRUE },
		{ "default", "delete", "exclude", TRUE },
	};
	struct pop_policy_settings set = pop_policy_default_settings;
	struct pop_policy policy;
	const char *error;

	test_begin("pop_policy_has_disposition()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		set.pop_policy_delete = tests[i].deleted;
		set.pop_policy_retrieve = tests[i].retrieved;
		set.pop_policy_spam = tests[i].spam;
		test_assert_idx(pop_policy_init(&set, &policy, &error) == 0, i);
		test_assert_idx(pop_policy_has_disposition(&policy) ==
				tests[i].result, i);
	}
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_pop_policy_init_defaults,
		test_pop_policy_settings_is_default,
		test_pop_policy_init_values,
		test_pop_policy_init_invalid,
		test_pop_policy_init_long_value,
		test_pop_policy_refuses,
		test_pop_policy_has_disposition,
		NULL
	};
	return test_run(test_functions);
}
