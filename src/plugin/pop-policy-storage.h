#ifndef POP_POLICY_STORAGE_H
#define POP_POLICY_STORAGE_H

/* Which mailbox pop3 gets where it asks for INBOX: with spam = only the spam
   mailbox. */

struct mail_storage;

void pop_policy_storage_created(struct mail_storage *storage);

#endif
