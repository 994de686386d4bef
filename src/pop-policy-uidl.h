#ifndef POP_POLICY_UIDL_H
#define POP_POLICY_UIDL_H

/* UIDLs of spam that is merged into INBOX's POP queue. pop3 makes them as if
   the spam mailbox was the INBOX; what is done here is to keep them apart from
   the UIDLs of INBOX's own mails, which stay what they are in any case. */

struct mail;
struct mailbox;
struct pop_policy_uidls;

/* pop3 is about to make this mail's UIDL. */
void pop_policy_uidl_prepare(struct mail *mail);
/* Change the UIDL that the spam mailbox's mail has brought along (empty, if
   pop3 is to make one) if one of INBOX's listed mails has the same. mail stands
   for inner. *uidl_r is allocated from the data stack. */
void pop_policy_uidl_unique(struct mail *mail, struct mail *inner,
			    const char **uidl_r);
/* Forget INBOX's UIDLs: its mails are listed anew. */
void pop_policy_uidls_free(struct pop_policy_uidls **uidls);

#endif
