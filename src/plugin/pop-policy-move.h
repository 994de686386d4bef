#ifndef POP_POLICY_MOVE_H
#define POP_POLICY_MOVE_H

/* Moving mails to another mailbox, as IMAP MOVE (RFC 6851) does. */

#include "seq-range-array.h"

struct mailbox;
struct pop_policy_disposed;
struct pop_policy_move;

/* Prepare to move the mails with these UIDs from src_box to dest_box, which
   is opened, and created if it does not exist. The move owns dest_box from
   now on, and frees it if this fails. Mails that have been moved are added to
   disposed. Returns 0, or -1 with src_box's error set. */
int pop_policy_move_init(struct mailbox *src_box, struct mailbox *dest_box,
			 const ARRAY_TYPE(seq_range) *uids,
			 struct pop_policy_disposed *disposed,
			 struct pop_policy_move **move_r);
/* Move the mails, as far as they still exist, and sync src_box, which must
   have been synced before. Returns 0, or -1 with src_box's error set: then
   all mails are where they were or, if only expunging failed, in both
   mailboxes. */
int pop_policy_move_run(struct pop_policy_move *move);
void pop_policy_move_deinit(struct pop_policy_move **move);

#endif
