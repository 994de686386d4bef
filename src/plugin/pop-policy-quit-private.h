#ifndef POP_POLICY_QUIT_PRIVATE_H
#define POP_POLICY_QUIT_PRIVATE_H

/* What QUIT keeps of itself, for those of its files that carry it out and
   report it. */

#include "pop-policy-plan.h"

struct mailbox;
struct pop_policy_disposed;
struct pop_policy_move;
struct pop_policy_session;

struct quit_step {
	const struct pop_policy_plan_step *plan;
	/* what has been done of it */
	struct pop_policy_disposed *disposed;
	/* NULL unless it moves mails */
	struct pop_policy_move *move;
};

struct quit_mailbox {
	struct mailbox *box;
	struct pop_policy_plan plan;
	ARRAY(struct quit_step) steps;

	/* as the session knows it */
	uint32_t uid_validity;
	/* The mailbox did not know the keyword before. */
	bool keyword_is_new;
};

struct pop_policy_quit {
	pool_t pool;
	struct pop_policy_session *session;
	ARRAY(struct quit_mailbox *) mailboxes;
	/* Those of them whose transactions are stored, until they are
	   synced. */
	ARRAY(struct quit_mailbox *) stored;
	bool reported;
};

#endif
