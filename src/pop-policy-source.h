#ifndef POP_POLICY_SOURCE_H
#define POP_POLICY_SOURCE_H

struct mail_storage;
struct mailbox;

/* What pop3 gets where it asks for INBOX: INBOX, the spam mailbox, or nothing
   at all. (Both of them are pop-policy-merge's.) */
void pop_policy_source_storage_created(struct mail_storage *storage);
/* Open, in place of the mailbox, an empty one in memory. */
int pop_policy_source_open_empty(struct mailbox *box);

#endif
