#ifndef POP_POLICY_PLAN_H
#define POP_POLICY_PLAN_H

/* What QUIT has to do, as plain data: made from what the client has done and
   the policy, before anything is changed. Pure: no storage. */

#include "seq-range-array.h"
#include "pop-policy-action.h"

/* Why a mail is disposed of. */
enum pop_policy_trigger {
	POP_POLICY_TRIGGER_DELE,
	POP_POLICY_TRIGGER_RETR,

	POP_POLICY_TRIGGER_COUNT
};
extern const char *const pop_policy_trigger_words[POP_POLICY_TRIGGER_COUNT];

struct pop_policy_plan_rules {
	enum pop_policy_action actions[POP_POLICY_TRIGGER_COUNT];
	/* These mailboxes feed the queue themselves: a mail that is moved
	   there would stay in the queue, so it is dequeued where it is. */
	bool feeds_queue[POP_POLICY_SPECIAL_USE_COUNT];
};

struct pop_policy_plan_step {
	enum pop_policy_trigger trigger;
	enum pop_policy_action action;
	ARRAY_TYPE(seq_range) uids;
};

/* The plan for one mailbox: the steps in the order in which they are done. */
struct pop_policy_plan {
	pool_t pool;
	ARRAY(struct pop_policy_plan_step) steps;
};

/* The plan is allocated from the pool. */
void pop_policy_plan_init(struct pop_policy_plan *plan_r, pool_t pool);
/* Plan what becomes of the mails with these UIDs. A mail that was both
   RETRieved and DELEted is only a DELEted one. */
void pop_policy_plan_add(struct pop_policy_plan *plan,
			 const struct pop_policy_plan_rules *rules,
			 const ARRAY_TYPE(seq_range) *deleted,
			 const ARRAY_TYPE(seq_range) *retrieved);

#endif
