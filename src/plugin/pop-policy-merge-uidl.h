#ifndef POP_POLICY_MERGE_UIDL_H
#define POP_POLICY_MERGE_UIDL_H

/* UIDLs of a merged queue, for pop3. It makes those of other mailboxes as if
   they were the INBOX. */

struct mail;
struct mailbox;

/* The mails are about to be listed. */
void pop_policy_merge_uidl_start(struct mailbox *box);

/* pop3 is about to make this mail's UIDL. */
void pop_policy_merge_uidl_prepare(struct mail *mail);
/* The mail stands for real, which may be the same and brings this UIDL, "" if
   pop3 has to make one. pop-policy-uidl-merge.h says what becomes of it: pop3
   would take longer to make it. */
void pop_policy_merge_uidl_complete(struct mail *mail, struct mail *real,
				    const char **uidl_r);

#endif
