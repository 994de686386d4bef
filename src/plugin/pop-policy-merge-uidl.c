/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
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

static void listed_add_all(void *context)
{
	struct mailbox_transaction_context *t = context;
	struct pop_policy_merge *merge = pop_policy_mailbox_get(t->box)->merge;
	struct mail *mail = mail_alloc(t, 0, NULL), *merged;
	uint32_t seq;

	array_foreach_elem(&merge->listed, seq) {
		mail_set_seq(mail, seq);
		merged = pop_policy_mail_get(mail)->merged;
		pop_policy_uidl_merge_add(&merge->uidls, merged != NULL ?
					  merged : mail);
	}
	mail_free(&mail);
}

void pop_policy_merge_uidl_start(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	struct pop_policy_merge *merge = pbox->merge;
	struct mailbox **boxes = i_new(struct mailbox *, merge->count + 1);

	boxes[0] = box;
	for (unsigned int i = 0; i < merge->count; i++)
		boxes[i + 1] = merge->sources[i].box;
	merge->uidls.add_all = listed_add_all;
	merge->uidls.saves_uidls = pop_policy_client_saves_uidls(pbox->session);
	pop_policy_uidl_merge_init(&merge->uidls,
		pop_policy_client_get_uidl_maker(pbox->session), boxes,
		merge->count + 1);
	i_free(boxes);
}

void pop_policy_merge_uidl_complete(struct mail *mail, struct mail *real,
				    const char **uidl_r)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(mail->box);
	struct pop_policy_uidl_merge *uidls = &pbox->merge->uidls;

	uidls->context = mail->transaction;
	pop_policy_uidl_merge_complete(uidls, mail->box, real, uidl_r);
}
