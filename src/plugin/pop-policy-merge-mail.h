#ifndef POP_POLICY_MERGE_MAIL_H
#define POP_POLICY_MERGE_MAIL_H

/* Mails of a merged mailbox: pop3 gets mails of the main mailbox, which stand
   for them and forward every call. These functions are those of the mail or,
   if it stands for no other, of the storage. */

#include "mail-storage-private.h"

/* Make the mail, allocated from the main mailbox, stand for the mail of this
   merged mailbox, which must live as long as it does. */
void pop_policy_merge_mail_set(struct mail *mail, unsigned int source,
			       struct mail *merged);

/* All functions but the ones that follow */
void pop_policy_merge_mail_init_vfuncs(struct mail_vfuncs *v);

int pop_policy_merge_mail_get_virtual_size(struct mail *mail, uoff_t *size_r);
int pop_policy_merge_mail_get_physical_size(struct mail *mail, uoff_t *size_r);
int pop_policy_merge_mail_get_stream(struct mail *mail, bool get_body,
				     struct message_size *hdr_size,
				     struct message_size *body_size,
				     struct istream **stream_r);
void pop_policy_merge_mail_update_flags(struct mail *mail,
					enum modify_type modify_type,
					enum mail_flags flags);
void pop_policy_merge_mail_update_keywords(struct mail *mail,
					   enum modify_type modify_type,
					   struct mail_keywords *keywords);
void pop_policy_merge_mail_close(struct mail *mail);

#endif
