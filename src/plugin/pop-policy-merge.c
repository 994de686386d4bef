/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-index.h"
#include "pop-policy-special-mailbox.h"
#include "pop-policy-context.h"
#include "pop-policy-refusal.h"
#include "pop-policy-merge.h"

int pop_policy_merge_open(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	struct mailbox *spam;
	int ret;

	i_assert(pbox->merge == NULL);

	spam = pop_policy_special_mailbox_alloc(pbox->session->user,
						&pbox->session->policy,
						POP_POLICY_SPECIAL_USE_SPAM,
						box->flags);
	if (spam->inbox_user) {
		/* INBOX itself has the special use */
		mailbox_free(&spam);
		return 0;
	}
	ret = pop_policy_special_mailbox_open_existing(spam);
	if (ret <= 0) {
		if (ret < 0)
			pop_policy_refuse_mailbox(pbox->session, spam);
		mailbox_free(&spam);
		return ret;
	}
	pbox->merge = i_new(struct pop_policy_merge, 1);
	pbox->merge->mailbox = spam;
	i_array_init(&pbox->merge->listed, 128);
	return 0;
}

void pop_policy_merge_close(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	struct pop_policy_merge *merge = pbox->merge;

	pbox->merge = NULL;
	if (merge == NULL)
		return;
	array_free(&merge->listed);
	mailbox_free(&merge->mailbox);
	i_free(merge);
}

struct mailbox *pop_policy_merge_get_mailbox(struct mailbox *box)
{
	struct pop_policy_merge *merge = pop_policy_mailbox_get(box)->merge;

	return merge == NULL ? NULL : merge->mailbox;
}

bool pop_policy_merge_is_inconsistent(struct mailbox *box)
{
	struct mailbox *merged = pop_policy_merge_get_mailbox(box);

	return merged != NULL && mailbox_is_inconsistent(merged);
}

uint32_t pop_policy_merge_main_count(struct mailbox *box)
{
	return mail_index_get_header(box->view)->messages_count;
}

uint32_t pop_policy_merge_status_count(struct mailbox *box)
{
	struct pop_policy_merge *merge = pop_policy_mailbox_get(box)->merge;

	/* The main mailbox's own search asks for the number of its
	   sequences. */
	if (merge == NULL || merge->searching_main)
		return 0;
	return mail_index_get_header(merge->mailbox->view)->messages_count;
}
