#ifndef POP_POLICY_ORDER_H
#define POP_POLICY_ORDER_H

struct mailbox_transaction_context;

/* Returns FALSE if it is certain that none of the mailbox's mails has a POP3
   order (which a migration may have brought along): sorting by it, which is an
   eighth of all work in a session, would change nothing. */
bool pop_policy_order_may_exist(struct mailbox_transaction_context *t);

#endif
