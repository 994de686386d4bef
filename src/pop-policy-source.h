#ifndef POP_POLICY_SOURCE_H
#define POP_POLICY_SOURCE_H

struct mail_storage;
struct mailbox;

/* What pop3 gets where it asks for INBOX: INBOX, the spam mailbox, both, or
   nothing at all. */
void pop_policy_source_storage_created(struct mail_storage *storage);
/* Make this an empty mailbox in memory. Called when it has been allocated. */
void pop_policy_source_init_empty(struct mailbox *box);

#endif
