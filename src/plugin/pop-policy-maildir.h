#ifndef POP_POLICY_MAILDIR_H
#define POP_POLICY_MAILDIR_H

/* Most of a session that finds nothing new in a large Maildir is Dovecot
   reading all of dovecot-uidlist, for the few mails that are listed. Where mail
   is hidden, what pop3 asks for is looked up in that file mail by mail
   (pop-policy-maildir-uidlist.h). The answers are Dovecot's own. Dovecot
   answers itself if anything is in doubt, and once it has read the file. */

#include "mail-storage.h"

struct mailbox_vfuncs;
struct pop_policy_session;

/* Do so in this mailbox, if it is a Maildir. v are the functions to override,
   and super those that they had been; super is NULL if nothing else overrides
   any. */
void pop_policy_maildir_init(struct mailbox *box,
			     struct pop_policy_session *session,
			     struct mailbox_vfuncs *v,
			     struct mailbox_vfuncs *super);
bool pop_policy_maildir_is_used(struct mailbox *box);
/* The mailbox is being closed. */
void pop_policy_maildir_closed(struct mailbox *box);

/* The mail's own functions, in a Maildir or not; the mail must not stand for
   another one. */
int pop_policy_maildir_get_special(struct mail *mail,
				   enum mail_fetch_field field,
				   const char **value_r);
int pop_policy_maildir_get_virtual_size(struct mail *mail, uoff_t *size_r);

#endif
