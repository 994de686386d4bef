#ifndef POP_POLICY_RECENT_H
#define POP_POLICY_RECENT_H

/* pop_policy_recent: the session lists dequeued mails as well, and changes
   nothing about them. */

#include "seq-range-array.h"

struct mail;
struct mailbox;
struct pop_policy_session;

/* TRUE if the session must leave the mail alone. */
bool pop_policy_recent_leaves(struct pop_policy_session *session,
			      struct mail *mail);
/* Drop the mails that the session must leave alone from these UIDs of DELEted
   and RETRieved mails. They may become other sets, on the data stack. */
void pop_policy_recent_drop(struct pop_policy_session *session,
			    struct mailbox *box,
			    const ARRAY_TYPE(seq_range) **deleted,
			    const ARRAY_TYPE(seq_range) **retrieved);

#endif
