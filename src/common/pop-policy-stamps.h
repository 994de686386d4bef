#ifndef POP_POLICY_STAMPS_H
#define POP_POLICY_STAMPS_H

/* Since when each of a mailbox's mails is dequeued (pop-policy-stamp.h): an
   extension of the mailbox's index, four octets for each mail, in mailboxes of
   users who have pop_policy_keep_for, or have had it. */

#include "seq-range-array.h"

struct mailbox;
struct mailbox_transaction_context;

/* The mail is being marked, or its mark is being removed. create: the user has
   pop_policy_keep_for. */
void pop_policy_stamps_note(struct mailbox_transaction_context *t,
			    uint32_t seq, bool marked, bool create);

/* These mails in the mailbox are seen without a mark. */
void pop_policy_stamps_forget(struct mailbox *box,
			      const ARRAY_TYPE(seq_range) *unmarked);

/* Look at all of the mailbox, which has just been synced: marked are the mails
   that are dequeued. due_r gets the mails that have been dequeued for keep_for
   seconds, no more than max of them, beginning with min_seq. dry_run: change no
   stamp. */
void pop_policy_stamps_look(struct mailbox *box,
			    const ARRAY_TYPE(seq_range) *marked,
			    unsigned int keep_for, bool dry_run,
			    uint32_t min_seq, unsigned int max,
			    ARRAY_TYPE(seq_range) *due_r);

#endif
