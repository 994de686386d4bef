/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-common.h"
#include "pop-policy-name-list.h"

/* The entries as one text: a letter for the kind, the name, a vertical bar.
   NULL if the list is invalid. */
static const char *list_read(const char *list, const char **error_r)
{
	static const char letters[] = {
		[POP_POLICY_NAME_KIND_MAILBOX] = 'm',
		[POP_POLICY_NAME_KIND_PATTERN] = 'p',
		[POP_POLICY_NAME_KIND_SPECIAL_USE] = 's',
	};
	string_t *str = t_str_new(128);
	struct pop_policy_name name;
	int ret;

	while ((ret = pop_policy_name_list_next(&list, &name, error_r)) > 0)
		str_printfa(str, "%c:%s|", letters[name.kind], name.name);
	return ret < 0 ? NULL : str_c(str);
}

static void test_pop_policy_name_list_next(void)
{
	static const struct {
		const char *list, *entries;
	} tests[] = {
		{ "Lists", "m:Lists|" },
		{ "Lists,Work", "m:Lists|m:Work|" },
		{ "  Lists ,\tWork/2026  ", "m:Lists|m:Work/2026|" },
		{ "With blanks, two", "m:With blanks|m:two|" },
		{ "Lists/*, %, a%b", "p:Lists/*|p:%|p:a%b|" },
		{ "\\Archive,\\Junk", "s:\\Archive|s:\\Junk|" },
		{ "inbox, INBOX/a", "m:inbox|m:INBOX/a|" },
		{ "Entw\xc3\xbcrfe,&APw-", "m:Entw\xc3\xbcrfe|m:&APw-|" },
		{ "a\\b", "m:a\\b|" },
		/* quoted: whatever is in it */
		{ "\"a,b\"", "m:a,b|" },
		{ "\"a,b\" , c", "m:a,b|m:c|" },
		{ "c,\"a,b\"", "m:c|m:a,b|" },
		{ "\"none\",\"*\",\"\\\\Archive\"", "m:none|m:*|m:\\Archive|" },
		{ "\"say \\\"hi\\\"\"", "m:say \"hi\"|" },
		{ "\" edge \"", "m: edge |" },
	};
	const char *error;

	test_begin("pop_policy_name_list_next()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_strcmp_idx(list_read(tests[i].list, &error),
				       tests[i].entries, i);
	}
	test_end();
}

static void test_pop_policy_name_list_invalid(void)
{
	static const struct {
		const char *list, *error;
	} tests[] = {
		{ "", "an empty name" },
		{ " ", "an empty name" },
		{ ",", "an empty name" },
		{ "a,", "an empty name" },
		{ "a,,b", "an empty name" },
		{ "\"\"", "an empty name" },
		{ "\"a", "a double quote is missing" },
		{ "\"a\\\"", "a double quote is missing" },
		{ "\"a\"b", "no comma" },
		{ "\"a\" \"b\"", "no comma" },
		{ "a\"b\"", "a double quote inside" },
		{ "a,none", "none stands alone" },
		{ "None,a", "none stands alone" },
		{ "\\", "not a special use" },
		{ "\\Arch ive", "not a special use" },
		{ "\\Arch*", "not a special use" },
		{ "a//b", "not a mailbox name" },
		{ "../x", "not a mailbox name" },
		{ "~bob", "not a mailbox name" },
		{ "/a", "not a mailbox name" },
		{ "a/", "not a mailbox name" },
		{ "\"../x\"", "not a mailbox name" },
		{ "\xfc", "not a mailbox name" },
		{ "a\nb", "control characters" },
		{ "\"a\x01\"", "control characters" },
	};
	const char *error;

	test_begin("pop_policy_name_list_next(): invalid");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		error = NULL;
		test_assert_idx(list_read(tests[i].list, &error) == NULL, i);
		test_assert_idx(error != NULL &&
				strstr(error, tests[i].error) != NULL, i);
	}
	test_end();
}

static void test_pop_policy_value_mailboxes(void)
{
	const char *list, *error;

	test_begin("pop_policy_value_mailboxes()");
	test_assert(pop_policy_value_mailboxes("", &list, &error) == 0 &&
		    list == NULL);
	test_assert(pop_policy_value_mailboxes("None", &list, &error) == 0 &&
		    list == NULL);
	test_assert(pop_policy_value_mailboxes("a,b", &list, &error) == 0);
	test_assert_strcmp(list, "a,b");
	test_assert(pop_policy_value_mailboxes("\"none\"", &list,
					       &error) == 0);
	test_assert_strcmp(list, "\"none\"");
	test_assert(pop_policy_value_mailboxes("a,", &list, &error) == -1 &&
		    list == NULL);
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_pop_policy_name_list_next,
		test_pop_policy_name_list_invalid,
		test_pop_policy_value_mailboxes,
		NULL
	};
	return test_run(test_functions);
}
