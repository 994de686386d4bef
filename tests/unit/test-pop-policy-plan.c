/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "test-common.h"
#include "pop-policy-plan.h"

static const ARRAY_TYPE(seq_range) *uids(uint32_t uid1, uint32_t uid2)
{
	ARRAY_TYPE(seq_range) *range = t_new(ARRAY_TYPE(seq_range), 1);

	t_array_init(range, 4);
	if (uid1 > 0)
		seq_range_array_add_range(range, uid1, uid2);
	return range;
}

/* The plan as text, such as "dele:keep:1-3 retr:trash:4-5". */
static const char *plan_to_text(const struct pop_policy_plan *plan)
{
	const struct pop_policy_plan_step *step;
	const struct seq_range *range;
	string_t *str = t_str_new(64);

	array_foreach(&plan->steps, step) {
		if (str_len(str) > 0)
			str_append_c(str, ' ');
		str_printfa(str, "%s:%s:",
			step->trigger == POP_POLICY_TRIGGER_DELE ?
			"dele" : "retr",
			pop_policy_action_infos[step->action].word);
		array_foreach(&step->uids, range)
			str_printfa(str, "%u-%u,", range->seq1, range->seq2);
		str_truncate(str, str_len(str) - 1);
	}
	return str_c(str);
}

static void test_pop_policy_plan_add(void)
{
	static const struct {
		enum pop_policy_action deleted_action, retrieved_action;
		uint32_t deleted1, deleted2, retrieved1, retrieved2;
		const char *plan;
	} tests[] = {
		{ POP_POLICY_ACTION_KEEP, POP_POLICY_ACTION_NONE,
		  0, 0, 0, 0, "" },
		{ POP_POLICY_ACTION_KEEP, POP_POLICY_ACTION_NONE,
		  1, 3, 2, 5, "dele:keep:1-3" },
		{ POP_POLICY_ACTION_DELETE, POP_POLICY_ACTION_READ,
		  0, 0, 2, 5, "retr:read:2-5" },
		/* DELE takes precedence */
		{ POP_POLICY_ACTION_DELETE, POP_POLICY_ACTION_READ,
		  1, 3, 2, 5, "dele:delete:1-3 retr:read:4-5" },
		{ POP_POLICY_ACTION_KEEP, POP_POLICY_ACTION_DELETE,
		  4, 4, 2, 5, "dele:keep:4-4 retr:delete:2-3,5-5" },
		{ POP_POLICY_ACTION_KEEP, POP_POLICY_ACTION_DELETE,
		  1, 9, 2, 5, "dele:keep:1-9" },
		{ POP_POLICY_ACTION_ARCHIVE, POP_POLICY_ACTION_TRASH,
		  1, 1, 2, 2, "dele:archive:1-1 retr:trash:2-2" },
	};
	struct pop_policy_plan_rules rules;
	struct pop_policy_plan plan;

	test_begin("pop_policy_plan_add()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		i_zero(&rules);
		rules.actions[POP_POLICY_TRIGGER_DELE] =
			tests[i].deleted_action;
		rules.actions[POP_POLICY_TRIGGER_RETR] =
			tests[i].retrieved_action;
		pop_policy_plan_init(&plan, pool_datastack_create());
		pop_policy_plan_add(&plan, &rules,
			uids(tests[i].deleted1, tests[i].deleted2),
			uids(tests[i].retrieved1, tests[i].retrieved2));
		test_assert_strcmp_idx(plan_to_text(&plan), tests[i].plan, i);
	}
	test_end();
}

static void test_pop_policy_plan_feeds_queue(void)
{
	struct pop_policy_plan_rules rules;
	struct pop_policy_plan plan;

	test_begin("pop_policy_plan_add(): target feeds the queue");
	i_zero(&rules);
	rules.feeds_queue[POP_POLICY_SPECIAL_USE_ARCHIVE] = TRUE;
	rules.actions[POP_POLICY_TRIGGER_DELE] = POP_POLICY_ACTION_ARCHIVE;
	rules.actions[POP_POLICY_TRIGGER_RETR] = POP_POLICY_ACTION_TRASH;
	pop_policy_plan_init(&plan, pool_datastack_create());
	pop_policy_plan_add(&plan, &rules, uids(1, 2), uids(3, 4));
	test_assert_strcmp(plan_to_text(&plan),
			   "dele:keep:1-2 retr:trash:3-4");
	test_end();
}

/* Every action of the table has a word that finds it, and moves have a
   target. */
static void test_pop_policy_actions(void)
{
	const struct pop_policy_action_info *info;
	enum pop_policy_action action;

	test_begin("pop_policy_action_infos");
	for (unsigned int i = 0; i < POP_POLICY_ACTION_COUNT; i++) {
		info = &pop_policy_action_infos[i];
		test_assert_idx(pop_policy_action_find(t_str_ucase(info->word),
						       &action) &&
				action == i, i);
		test_assert_idx((info->kind == POP_POLICY_ACTION_KIND_MOVE) ==
				(info->special_use !=
				 POP_POLICY_SPECIAL_USE_NONE), i);
	}
	test_assert(!pop_policy_action_find("", &action));
	test_assert(!pop_policy_action_find("kee", &action));
	test_assert_strcmp(pop_policy_action_get_words(POP_POLICY_ACTION_NONE),
			   "none, delete, keep, read, archive, trash");
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_pop_policy_plan_add,
		test_pop_policy_plan_feeds_queue,
		test_pop_policy_actions,
		NULL
	};
	return test_run(test_functions);
}
