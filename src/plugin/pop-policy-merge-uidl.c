/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-index.h"
#include "pop-policy-client.h"
#include "pop-policy-context.h"
#include "pop-policy-merge.h"
#include "pop-policy-merge-uidl.h"

void pop_policy_merge_uidl_prepare(struct mail *mail)
{
	struct mail *merged = pop_policy_mail_get(mail)->merged;
	struct mailbox *box = merged != NULL ? merged->box : mail->box;

	/* pop3 puts the UIDVALIDITY of the mailbox that it opened into
	   UIDLs. */
	pop_policy_client_set_uid_validity(
		pop_policy_mailbox_get(mail->box)->session,
		mail_index_get_header(box->view)->uid_validity);
}

void pop_policy_merge_uidl_complete(struct mail *mail, struct mail *real,
				    const char **uidl_r)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(mail->box);
	struct pop_policy_uidl_merge *uidls = &pbox->merge->uidls;

	uidls->maker = pop_policy_client_get_uidl_maker(pbox->session);
	uidls->saves_uidls = pop_policy_client_saves_uidls(pbox->session);
	uidls->listed = &pbox->merge->listed;
	uidls->main_count = pop_policy_merge_main_count(mail->box);
	pop_policy_uidl_merge_complete(uidls, mail->transaction, real, uidl_r);
}
