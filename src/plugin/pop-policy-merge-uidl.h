#ifndef POP_POLICY_MERGE_UIDL_H
#define POP_POLICY_MERGE_UIDL_H

/* UIDLs of a merged queue. pop3 makes those of spam as if the spam mailbox was
   the INBOX. This keeps them apart from the UIDLs of INBOX's own mails, which
   stay what they are in any case. */

struct mail;
struct pop_policy_merge_uidls;

/* pop3 is about to make this mail's UIDL. */
void pop_policy_merge_uidl_prepare(struct mail *mail);
/* The mail, or the merged mailbox's mail that it stands for (else NULL),
   brings this UIDL, which is empty if pop3 has to make one. Make that one,
   since pop3 takes longer, and another one if it is the UIDL of one of INBOX's
   listed mails. *uidl_r is allocated from the data stack. */
void pop_policy_merge_uidl_complete(struct mail *mail, struct mail *merged,
				    const char **uidl_r);

/* Forget the UIDLs: the mails are listed anew. */
void pop_policy_merge_uidls_free(struct pop_policy_merge_uidls **uidls);

#endif
