/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "test-common.h"
#include "pop-policy-report.h"

static void
add(string_t *line, enum pop_policy_action action,
    enum pop_policy_trigger trigger, const char *mailbox, uint32_t uid1,
    uint32_t uid2)
{
	ARRAY_TYPE(seq_range) uids;

	t_array_init(&uids, 4);
	if (uid1 > 0)
		seq_range_array_add_range(&uids, uid1, uid2);
	pop_policy_report_add(line, action, trigger, mailbox, &uids);
}

static const char *name_text(const char *mailbox)
{
	string_t *line = t_str_new(64);

	add(line, POP_POLICY_ACTION_KEEP, POP_POLICY_TRIGGER_DELE, mailbox,
	    7, 7);
	return str_c(line);
}

static const char *long_name(void)
{
	char *name = t_malloc0(1001);

	memset(name, 'x', 1000);
	return name;
}

static void test_pop_policy_report_add(void)
{
	string_t *line = t_str_new(64);

	test_begin("pop_policy_report_add()");
	add(line, POP_POLICY_ACTION_KEEP, POP_POLICY_TRIGGER_DELE, "INBOX",
	    0, 0);
	test_assert(str_len(line) == 0);
	add(line, POP_POLICY_ACTION_KEEP, POP_POLICY_TRIGGER_DELE, "INBOX",
	    101, 105);
	test_assert_strcmp(str_c(line), "kept INBOX count=5 uid=101:105");
	add(line, POP_POLICY_ACTION_ARCHIVE, POP_POLICY_TRIGGER_RETR, "Junk",
	    7, 7);
	test_assert_strcmp(str_c(line), "kept INBOX count=5 uid=101:105; "
			   "archived Junk count=1 uid=7 (RETR)");

	/* no name can look like an entry */
	test_assert_strcmp(name_text("a b"), "kept \"a b\" count=1 uid=7");
	test_assert_strcmp(name_text("x; deleted INBOX"),
			   "kept \"x; deleted INBOX\" count=1 uid=7");
	test_assert_strcmp(name_text("\"\\"),
			   "kept \"\\\"\\\\\" count=1 uid=7");
	test_assert_strcmp(name_text("a\nb"), "kept a?b count=1 uid=7");
	test_assert_strcmp(name_text(""), "kept \"\" count=1 uid=7");
	test_assert(strlen(name_text(long_name())) < 200);
	test_end();
}

static void test_pop_policy_report_is_bounded(void)
{
	string_t *line = t_str_new(64);
	ARRAY_TYPE(seq_range) uids;
	const char *tail = ",... (RETR); ...";

	test_begin("pop_policy_report_add(): length");
	t_array_init(&uids, 4);
	for (uint32_t uid = 1000000; uid < 1002000; uid += 2)
		seq_range_array_add(&uids, uid);
	for (unsigned int i = 0; i < 10; i++) {
		pop_policy_report_add(line, POP_POLICY_ACTION_DELETE,
				      POP_POLICY_TRIGGER_RETR, "INBOX", &uids);
	}
	test_assert(strstr(str_c(line), "count=1000 uid=1000000,1000002,") !=
		    NULL);
	test_assert(str_len(line) >= POP_POLICY_REPORT_MAX_LEN);
	test_assert(str_len(line) < POP_POLICY_REPORT_MAX_LEN +
		    POP_POLICY_REPORT_UIDS_MAX_LEN);
	test_assert_strcmp(str_c(line) + str_len(line) - strlen(tail), tail);
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_pop_policy_report_add,
		test_pop_policy_report_is_bounded,
		NULL
	};

	return test_run(test_functions);
}
