/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "pop-policy-userdb.h"

static void test_pop_policy_userdb_has_empty(void)
{
	static const struct {
		const char *fields[4];
		bool has_empty;
	} tests[] = {
		{ { NULL }, FALSE },
		{ { "uid=1", "mail=", "nice", NULL }, FALSE },
		{ { "uid=1", "pop_policy_spam=only", NULL }, FALSE },
		{ { "uid=1", "pop_policy_keyword==", NULL }, FALSE },
		{ { "uid=1", "pop_policy_spam", NULL }, TRUE },
		{ { "uid=1", "pop_policy_spam=", NULL }, TRUE },
		{ { "plugin/pop_policy_spam", NULL }, TRUE },
		{ { "pop_policy_delete=keep", "set/pop_policy_spam=", NULL },
		  TRUE },
	};

	test_begin("pop_policy_userdb_has_empty()");
	test_assert(!pop_policy_userdb_has_empty(NULL));
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(pop_policy_userdb_has_empty(tests[i].fields) ==
				tests[i].has_empty, i);
	}
	test_end();
}

static void test_pop_policy_userdb_find(void)
{
	static const struct {
		const char *fields[4], *value;
	} tests[] = {
		{ { NULL }, NULL },
		{ { "pop_policy_spam=only", NULL }, "only" },
		{ { "pop_policy_spam=a=b", NULL }, "a=b" },
		{ { "pop_policy_spam", NULL }, "" },
		{ { "pop_policy_spam=", NULL }, "" },
		{ { "plugin/pop_policy_spam", "pop_policy_spam=", NULL }, "" },
		{ { "pop_policy_spam+=only", NULL }, NULL },
		{ { "pop_policy_spam_mailbox=only", NULL }, NULL },
		{ { "pop_policy_spa=only", "xpop_policy_spam=only",
		    "set/pop_policy_spam=only", NULL }, NULL },
		{ { "plugin/pop_policy_spam=only", NULL }, "only" },
		{ { "plugin/pop_policy_spam=only", "pop_policy_spam", NULL },
		  "only" },
		{ { "pop_policy_spam=only", "plugin/pop_policy_spam=", NULL },
		  "only" },
		{ { "pop_policy_spam=only", "pop_policy_spam=include", NULL },
		  "include" },
	};

	test_begin("pop_policy_userdb_find()");
	test_assert(pop_policy_userdb_find(NULL, "plugin/",
					   "pop_policy_spam") == NULL);
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_strcmp_idx(
			pop_policy_userdb_find(tests[i].fields, "plugin/",
					       "pop_policy_spam"),
			tests[i].value, i);
	}
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_pop_policy_userdb_has_empty,
		test_pop_policy_userdb_find,
		NULL
	};
	return test_run(test_functions);
}
