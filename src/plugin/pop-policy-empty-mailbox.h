#ifndef POP_POLICY_EMPTY_MAILBOX_H
#define POP_POLICY_EMPTY_MAILBOX_H

struct mailbox;

/* Open, in place of the mailbox, an empty one in memory: nothing is read,
   written or created. Returns 0 or -1 with the mailbox's error set. */
int pop_policy_empty_mailbox_open(struct mailbox *box);

#endif
