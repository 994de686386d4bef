/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "pop-policy-plan.h"

const char *const pop_policy_trigger_words[POP_POLICY_TRIGGER_COUNT] = {
	[POP_POLICY_TRIGGER_DELE] = "dele",
	[POP_POLICY_TRIGGER_RETR] = "retr",
};

void pop_policy_plan_init(struct pop_policy_plan *plan_r, pool_t pool)
{
	i_zero(plan_r);
	plan_r->pool = pool;
	p_array_init(&plan_r->steps, pool, POP_POLICY_TRIGGER_COUNT);
}

static enum pop_policy_action
plan_get_action(const struct pop_policy_plan_rules *rules,
		enum pop_policy_trigger trigger)
{
	enum pop_policy_action action = rules->actions[trigger];

	return rules->feeds_queue[pop_policy_action_infos[action].special_use] ?
		POP_POLICY_ACTION_KEEP : action;
}

static void
plan_add_step(struct pop_policy_plan *plan,
	      const struct pop_policy_plan_rules *rules,
	      enum pop_policy_trigger trigger,
	      const ARRAY_TYPE(seq_range) *uids)
{
	enum pop_policy_action action = plan_get_action(rules, trigger);
	struct pop_policy_plan_step *step;

	if (action == POP_POLICY_ACTION_NONE || array_count(uids) == 0)
		return;
	step = array_append_space(&plan->steps);
	step->trigger = trigger;
	step->action = action;
	p_array_init(&step->uids, plan->pool, array_count(uids));
	array_append_array(&step->uids, uids);
}

void pop_policy_plan_add(struct pop_policy_plan *plan,
			 const struct pop_policy_plan_rules *rules,
			 const ARRAY_TYPE(seq_range) *deleted,
			 const ARRAY_TYPE(seq_range) *retrieved)
{
	ARRAY_TYPE(seq_range) rest;

	plan_add_step(plan, rules, POP_POLICY_TRIGGER_DELE, deleted);

	t_array_init(&rest, array_count(retrieved) + 1);
	seq_range_array_merge(&rest, retrieved);
	seq_range_array_remove_seq_range(&rest, deleted);
	plan_add_step(plan, rules, POP_POLICY_TRIGGER_RETR, &rest);
}
