/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-storage-private.h"
#include "pop-policy-mail-compat.h"

bool pop_policy_mail_is_opened(const struct mail *mail)
{
	return mail->mail_stream_opened;
}

void pop_policy_mail_copy_access(struct mail *mail, const struct mail *from)
{
	mail->mail_stream_opened = from->mail_stream_opened;
	mail->mail_metadata_accessed = from->mail_metadata_accessed;
}

void pop_policy_mail_set_event(struct mail *mail, const struct mail *merged)
{
	/* Nothing creates it when it is needed: lib-storage's functions expect
	   every mail to have one. */
	event_unref(&mail->event);
	mail->event = merged->event;
	event_ref(mail->event);
}

void
pop_policy_mailbox_copy_search_next(struct mailbox_vfuncs *v,
				    const struct mailbox_vfuncs *from)
{
	v->search_next_nonblock = from->search_next_nonblock;
	v->search_next_update_seq = from->search_next_update_seq;
}
