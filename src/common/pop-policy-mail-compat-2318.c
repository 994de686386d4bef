/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-storage-private.h"
#include "pop-policy-mail-compat.h"

bool pop_policy_mail_is_opened(const struct mail *mail)
{
	return mail->mail_stream_accessed;
}

void pop_policy_mail_copy_access(struct mail *mail, const struct mail *from)
{
	mail->mail_stream_accessed = from->mail_stream_accessed;
	mail->mail_metadata_accessed = from->mail_metadata_accessed;
}

void pop_policy_mail_set_event(struct mail *_mail,
			       const struct mail *merged ATTR_UNUSED)
{
	struct mail_private *mail = container_of(_mail, struct mail_private,
						 mail);

	/* created anew when it is needed */
	event_unref(&mail->_event);
}

void
pop_policy_mailbox_copy_search_next(struct mailbox_vfuncs *v,
				    const struct mailbox_vfuncs *from)
{
	v->search_next_nonblock = from->search_next_nonblock;
	v->search_next_update_seq = from->search_next_update_seq;
	v->search_next_match_mail = from->search_next_match_mail;
}
