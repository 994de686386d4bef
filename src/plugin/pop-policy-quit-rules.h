#ifndef POP_POLICY_QUIT_RULES_H
#define POP_POLICY_QUIT_RULES_H

#include "pop-policy-plan.h"

struct pop_policy_session;

/* Get the rules by which QUIT is planned. */
void pop_policy_quit_rules_get(struct pop_policy_session *session,
			       struct pop_policy_plan_rules *rules_r);

#endif
