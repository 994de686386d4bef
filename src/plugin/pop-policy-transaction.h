#ifndef POP_POLICY_TRANSACTION_H
#define POP_POLICY_TRANSACTION_H

/* Transactions of the mailbox that pop3 has opened: each carries one in the
   mailbox that is merged into it, and QUIT's carries what QUIT changes. */

struct mailbox_vfuncs;

void pop_policy_transaction_init_vfuncs(struct mailbox_vfuncs *v);

#endif
