/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "pop-policy-settings.h"
#include "pop-policy.h"

static int
init(const struct pop_policy_settings *set, struct pop_policy *policy_r,
     const char **error_r)
{
	struct pop_policy_layers layers = { .set = *set };
	const char *setting;

	return pop_policy_init(&layers, policy_r, &setting, error_r);
}

static void test_pop_policy_init_defaults(void)
{
	struct pop_policy_settings set = pop_policy_default_settings;
	struct pop_policy policy;
	const char *error, *text, *reason;

	test_begin("pop_policy_init(): defaults");
	test_assert(init(&set, &policy, &error) == 0);
	test_assert(policy.available && policy.enabled);
	test_assert(policy.since == 0);
	test_assert(policy.spam == POP_POLICY_SPAM_EXCLUDE);
	test_assert(policy.delete_action == POP_POLICY_ACTION_NONE);
	test_assert(policy.retrieve_action == POP_POLICY_ACTION_NONE);
	test_assert(policy.spam_mailbox == NULL &&
		    policy.archive_mailbox == NULL &&
		    policy.trash_mailbox == NULL && policy.keyword == NULL);
	test_assert(policy.extra_mailboxes == NULL &&
		    policy.mailbox_header == NULL);
	test_assert(!pop_policy_refuses(&policy, &text, &reason));
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
	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		set = pop_policy_default_settings;
		*pop_policy_settings_get_value(&set, i) = "other";
		test_assert_idx(!pop_policy_settings_is_default(&set), i);
	}
	test_end();
}

static void test_pop_policy_settings_is_unknown(void)
{
	static const char *const unknown[] = {
		"pop_policy_", "pop_policy_spma", "pop_policy_spam_",
		"pop_policy_Spam", "pop_policy_x", "pop_policy_spam+",
	};
	static const char *const others[] = {
		"", "pop_policy", "xpop_policy_spma", "POP_POLICY_SPMA",
		"pop_policy_x_", "pop_policy_x_spma",
	};

	test_begin("pop_policy_settings_is_unknown()");
	for (unsigned int i = 0; i < N_ELEMENTS(unknown); i++)
		test_assert_idx(pop_policy_settings_is_unknown(unknown[i]), i);
	for (unsigned int i = 0; i < N_ELEMENTS(others); i++)
		test_assert_idx(!pop_policy_settings_is_unknown(others[i]), i);
	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		test_assert_idx(!pop_policy_settings_is_unknown(
			pop_policy_setting_infos[i].key), i);
	}
	test_end();
}

static void test_pop_policy_get_cutoff(void)
{
	static const struct {
		time_t since;
		unsigned int recent;
		time_t now, result;
	} tests[] = {
		{ 0, 0, 1000, 0 },
		{ 700, 0, 1000, 700 },
		{ 0, 400, 1000, 600 },
		{ 700, 400, 1000, 700 },
		{ 500, 400, 1000, 600 },
		{ 2000, 400, 1000, 2000 },
		{ 0, 1000, 1000, 0 },
		{ 0, UINT_MAX, 1000, 0 },
		{ 5, UINT_MAX, 1000, 5 },
	};
	struct pop_policy policy;

	test_begin("pop_policy_get_cutoff()");
	i_zero(&policy);
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		policy.since = tests[i].since;
		policy.recent = tests[i].recent;
		test_assert_idx(pop_policy_get_cutoff(&policy, tests[i].now) ==
				tests[i].result, i);
	}
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
	test_assert(init(&set, &policy, &error) == 0);
	test_assert(policy.since == 0);
	test_assert(policy.spam == POP_POLICY_SPAM_ONLY);
	test_assert(policy.delete_action == POP_POLICY_ACTION_NONE);
	test_assert_strcmp(policy.spam_mailbox, "Spam");
	test_assert_strcmp(policy.keyword, "$Popped");
	test_end();
}

static void test_pop_policy_init_invalid(void)
{
#define TEST(key, ...) POP_POLICY_SETTING_##key,
	static const enum pop_policy_setting tests[] = {
		POP_POLICY_SETTINGS_OF_POLICY(TEST)
	};
	/* unreadable for every setting */
	const char *value = "../\x01(bad";
	struct pop_policy_layers layers;
	struct pop_policy policy;
	const char *setting, *error, *expected;

	test_begin("pop_policy_init(): invalid");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		i_zero(&layers);
		layers.set = pop_policy_default_settings;
		*pop_policy_settings_get_value(&layers.set, tests[i]) = value;
		error = NULL;
		test_assert_idx(pop_policy_init(&layers, &policy, &setting,
						&error) == -1, i);
		test_assert_strcmp_idx(setting,
			pop_policy_setting_infos[tests[i]].key, i);
		expected = t_strdup_printf("%s: Invalid value '../?(bad': ",
				pop_policy_setting_infos[tests[i]].key);
		test_assert_idx(error != NULL &&
				strstr(error, expected) == error, i);

		/* the administrator must know where to look */
		layers.attributes[tests[i]] = "someAttribute";
		test_assert_idx(pop_policy_init(&layers, &policy, &setting,
						&error) == -1, i);
		test_assert_idx(strstr(error, "LDAP attribute someAttribute: ")
				== error, i);
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
	test_assert(init(&set, &policy, &error) == -1);
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
	test_assert(init(&set, &policy, &error) == 0);
	test_assert(pop_policy_refuses(&policy, &text, &reason));
	test_assert_strcmp(text, "It is off.");
	test_assert(strstr(reason, "pop_policy_enabled") != NULL);

	/* what the plan does not have cannot be switched on */
	set.pop_policy_available = "no";
	test_assert(init(&set, &policy, &error) == 0);
	test_assert(pop_policy_refuses(&policy, &text, &reason));
	test_assert_strcmp(text, "There is none.");
	test_assert(strstr(reason, "pop_policy_available") != NULL);
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_pop_policy_init_defaults,
		test_pop_policy_settings_is_default,
		test_pop_policy_settings_is_unknown,
		test_pop_policy_get_cutoff,
		test_pop_policy_init_values,
		test_pop_policy_init_invalid,
		test_pop_policy_init_long_value,
		test_pop_policy_refuses,
		NULL
	};
	return test_run(test_functions);
}
