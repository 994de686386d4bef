#ifndef POP_POLICY_DISPOSED_H
#define POP_POLICY_DISPOSED_H

/* What one step of QUIT's plan has really changed, mail by mail: for the log
   and for events. A mail that somebody else has expunged is not among it. */

#include "pop-policy-plan.h"

struct mail;
struct mailbox;
struct pop_policy_disposed;
struct pop_policy_session;

/* All is allocated from the pool. The step must live as long. */
struct pop_policy_disposed *
pop_policy_disposed_init(struct pop_policy_session *session,
			 struct mailbox *box,
			 const struct pop_policy_plan_step *step, pool_t pool);

/* The mail is being changed, in a transaction. Called while it still exists. */
void pop_policy_disposed_add(struct pop_policy_disposed *disposed,
			     struct mail *mail);
/* The transaction has been stored, or rolled back. */
void pop_policy_disposed_commit(struct pop_policy_disposed *disposed);
void pop_policy_disposed_rollback(struct pop_policy_disposed *disposed);
/* These mails turn out to be as they were. */
void pop_policy_disposed_remove(struct pop_policy_disposed *disposed,
				const ARRAY_TYPE(seq_range) *uids);

/* Returns the number of mails with which it was stored. */
unsigned int
pop_policy_disposed_count(const struct pop_policy_disposed *disposed);
/* Append it to the line, and send an event for each mail. */
void pop_policy_disposed_report(const struct pop_policy_disposed *disposed,
				string_t *line);

#endif
