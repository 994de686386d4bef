#ifndef POP_POLICY_MOVE_MAILDIR_H
#define POP_POLICY_MOVE_MAILDIR_H

struct mailbox;

/* If dest_box is a Maildir, make it know the keywords of these mails of
   src_box. (It keeps their names in a file, and only logs it if that cannot be
   written: the mails would have lost them.) Returns 0, or -1 with dest_box's
   error set. */
int pop_policy_move_maildir_prepare(struct mailbox *src_box,
				    struct mailbox *dest_box,
				    const ARRAY_TYPE(seq_range) *uids);

#endif
