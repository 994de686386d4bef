#ifndef POP_POLICY_MERGE_OWN_H
#define POP_POLICY_MERGE_OWN_H

/* The mails of merged mailboxes that a mail of the main mailbox has to stand
   for: one for each mailbox. */

struct mail;

/* Returns the mail of this merged mailbox, allocated when it is first
   needed. */
struct mail *pop_policy_merge_own_get(struct mail *mail, unsigned int source);
/* Free them. */
void pop_policy_merge_own_free(struct mail *mail);

#endif
