#ifndef POP_POLICY_MAILBOX_H
#define POP_POLICY_MAILBOX_H

/* The functions of the mailbox that pop3 has opened. */

struct mailbox;

/* The hook: a mailbox has been allocated. */
void pop_policy_mailbox_allocated(struct mailbox *box);

#endif
