#ifndef POP_POLICY_MOVE_H
#define POP_POLICY_MOVE_H

/* Moving mails to the archive or trash mailbox, as IMAP MOVE (RFC 6851) does. */

#include "seq-range-array.h"
#include "pop-policy-values.h"

struct mailbox;
struct mailbox_transaction_context;
struct pop_policy_move;

/* TRUE if the action is to move to a mailbox that feeds the POP queue itself:
   mails can't get out of the queue that way. */
bool pop_policy_move_is_useless(struct mailbox *src_box,
				enum pop_policy_action action);

/* Open the mailbox that the action moves to, creating it if need be, for mails
   to be moved there from src_box. Returns 0, or -1 with src_box's error set. */
int pop_policy_move_init(struct mailbox *src_box, enum pop_policy_action action,
			 struct pop_policy_move **move_r);
/* Move these mails when pop_policy_move_run() is called. */
void pop_policy_move_add(struct pop_policy_move *move,
			 struct mailbox_transaction_context *t,
			 const ARRAY_TYPE(seq_range) *seqs);
/* Move the mails, as far as they still exist, and sync src_box. It must have
   been synced before. Returns 0, or -1 with src_box's error set: then all mails
   are where they were, or (if only expunging failed) in both mailboxes. */
int pop_policy_move_run(struct pop_policy_move *move);
void pop_policy_move_deinit(struct pop_policy_move **move);

#endif
