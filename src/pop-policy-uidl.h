#ifndef POP_POLICY_UIDL_H
#define POP_POLICY_UIDL_H

/* UIDLs of spam that is merged into INBOX's POP queue. pop3 makes them as if
   the spam mailbox was the INBOX; what is done here is to keep them apart from
   the UIDLs of INBOX's own mails, which stay what they are in any case. */

struct mail;
struct pop_policy_mailbox;
struct pop_policy_uidls;

/* pop3 is about to make this mail's UIDL. */
void pop_policy_uidl_prepare(struct mail *mail);
/* The mail, or the spam mailbox's mail inner for which it stands (else NULL), has
   brought along this UIDL, which is empty if pop3 is to make one. Make that one
   in its place, which takes pop3 longer; and make another one if inner's is that
   of one of INBOX's listed mails. *uidl_r is allocated from the data stack. */
void pop_policy_uidl_finish(struct mail *mail, struct mail *inner,
			    const char **uidl_r);
/* The mailbox is being freed. */
void pop_policy_uidl_format_free(struct pop_policy_mailbox *pbox);
/* Forget INBOX's UIDLs: its mails are listed anew. */
void pop_policy_uidls_free(struct pop_policy_uidls **uidls);

#endif
