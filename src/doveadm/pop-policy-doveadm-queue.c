/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-user.h"
#include "mail-namespace.h"
#include "mail-search-build.h"
#include "mail-storage-private.h"
#include "mail-storage-settings.h"
#include "pop-policy-filter.h"
#include "pop-policy-log.h"
#include "pop-policy-merge-order.h"
#include "pop-policy-special-mailbox.h"
#include "pop-policy-doveadm-maker.h"
#include "pop-policy-doveadm-policy.h"
#include "pop-policy-doveadm-user.h"
#include "pop-policy-doveadm-queue.h"

static const enum mail_sort_type pop3_sort_program[] = {
	MAIL_SORT_POP3_ORDER,
	MAIL_SORT_END
};

static int box_failed(struct mailbox *box, const char **error_r)
{
	*error_r = t_strdup_printf("Cannot read mailbox %s: %s",
		pop_policy_log_value(box->vname),
		mailbox_get_last_internal_error(box, NULL));
	return -1;
}

/* Opening and closing */

static int
source_open_inbox(struct pop_policy_queue *queue,
		  struct pop_policy_queue_source *source)
{
	struct mail_namespace *ns =
		mail_namespace_find_inbox(queue->user->user->namespaces);

	/* (without MAILBOX_FLAG_DROP_RECENT, which changes something) */
	source->box = mailbox_alloc(ns->list, "INBOX",
				    MAILBOX_FLAG_POP3_SESSION);
	return mailbox_open(source->box);
}

static int
source_open_spam(struct pop_policy_queue *queue,
		 struct pop_policy_queue_source *source, bool merged)
{
	int ret;

	source->box = pop_policy_special_mailbox_alloc(queue->user->user,
		&queue->policy->policy, POP_POLICY_SPECIAL_USE_SPAM,
		MAILBOX_FLAG_POP3_SESSION);
	if (merged && source->box->inbox_user) {
		/* INBOX itself has the special use */
		mailbox_free(&source->box);
		return 0;
	}
	ret = pop_policy_special_mailbox_open_existing(source->box);
	if (ret == 0)
		mailbox_free(&source->box);
	return ret < 0 ? -1 : 0;
}

static int sources_open(struct pop_policy_queue *queue,
			struct pop_policy_queue_source **failed_r)
{
	*failed_r = &queue->main;
	switch (queue->policy->policy.spam) {
	case POP_POLICY_SPAM_EXCLUDE:
		return source_open_inbox(queue, &queue->main);
	case POP_POLICY_SPAM_INCLUDE:
		if (source_open_inbox(queue, &queue->main) < 0)
			return -1;
		*failed_r = &queue->merged;
		return source_open_spam(queue, &queue->merged, TRUE);
	case POP_POLICY_SPAM_ONLY:
		return source_open_spam(queue, &queue->main, FALSE);
	}
	i_unreached();
}

static int
source_sync(struct pop_policy_queue_source *source, const char **error_r)
{
	if (source->box != NULL &&
	    mailbox_sync(source->box, MAILBOX_SYNC_FLAG_FULL_READ) < 0)
		return box_failed(source->box, error_r);
	return 0;
}

int pop_policy_queue_open(struct pop_policy_queue *queue_r,
			  struct pop_policy_doveadm_user *user,
			  struct pop_policy_doveadm_policy *policy,
			  const char **error_r)
{
	struct pop_policy_queue *queue = queue_r;
	struct pop_policy_queue_source *failed;

	i_zero(queue);
	queue->pool = pool_alloconly_create("pop_policy queue", 1024*16);
	queue->user = user;
	queue->policy = policy;
	p_array_init(&queue->mails, queue->pool, 128);
	pop_policy_doveadm_uidl_maker_init(user, &queue->maker);
	if (sources_open(queue, &failed) < 0) {
		pop_policy_doveadm_policy_no_mailbox(policy, failed->box);
		*error_r = policy->error;
		return -1;
	}
	return source_sync(&queue->main, error_r) < 0 ? -1 :
		source_sync(&queue->merged, error_r);
}

static void source_close(struct pop_policy_queue_source *source)
{
	if (source->trans != NULL) {
		/* keeps what was cached */
		(void)mailbox_transaction_commit(&source->trans);
	}
	if (source->box != NULL)
		mailbox_free(&source->box);
}

void pop_policy_queue_close(struct pop_policy_queue *queue)
{
	pop_policy_uidl_maker_deinit(&queue->maker);
	source_close(&queue->main);
	source_close(&queue->merged);
	pool_unref(&queue->pool);
}

/* Reading */

int pop_policy_queue_mail_size(const struct pop_policy_queue *queue,
			       struct mail *mail, uoff_t *size_r)
{
	int ret;

	if (!queue->user->pop3_set->pop3_fast_size_lookups)
		return mail_get_virtual_size(mail, size_r);

	/* as pop3 does it: the physical size if that is quicker */
	mail->lookup_abort = MAIL_LOOKUP_ABORT_READ_MAIL;
	ret = mail_get_virtual_size(mail, size_r);
	if (ret < 0 && mailbox_get_last_mail_error(mail->box) ==
	    MAIL_ERROR_LOOKUP_ABORTED)
		ret = mail_get_physical_size(mail, size_r);
	mail->lookup_abort = MAIL_LOOKUP_ABORT_NEVER;
	if (ret < 0 && mailbox_get_last_mail_error(mail->box) ==
	    MAIL_ERROR_LOOKUP_ABORTED)
		ret = mail_get_virtual_size(mail, size_r);
	return ret;
}

static int
source_search(struct pop_policy_queue *queue,
	      struct pop_policy_queue_source *source,
	      struct mail_search_context **ctx_r, const char **error_r)
{
	enum mail_fetch_field fields = MAIL_FETCH_RECEIVED_DATE |
		(queue->user->pop3_set->pop3_fast_size_lookups ? 0 :
		 MAIL_FETCH_VIRTUAL_SIZE);
	struct mail_search_args *args;

	*ctx_r = NULL;
	if (source->box == NULL)
		return 0;
	if (pop_policy_filter_build(source->box, queue->policy->filter_keyword,
				    queue->policy->filter_since, NULL,
				    &args) < 0) {
		mail_search_args_unref(&args);
		return box_failed(source->box, error_r);
	}
	source->trans = mailbox_transaction_begin(source->box, 0, "pop_policy");
	*ctx_r = mailbox_search_init(source->trans, args, pop3_sort_program,
				     fields, NULL);
	mail_search_args_unref(&args);
	return 0;
}

/* Returns 1 if the mail is listed, 0 if it is just being expunged. */
static int
queue_add(struct pop_policy_queue *queue,
	  const struct pop_policy_queue_source *source, struct mail *mail,
	  const char **error_r)
{
	struct pop_policy_queue_mail add = {
		.source = source,
		.seq = mail->seq,
		.uid = mail->uid,
	};

	if (pop_policy_queue_mail_size(queue, mail, &add.size) < 0 ||
	    mail_get_received_date(mail, &add.arrival) < 0)
		return mail->expunged ? 0 : box_failed(mail->box, error_r);
	array_push_back(&queue->mails, &add);
	return 1;
}

static void
head_refresh(struct pop_policy_merge_head *head,
	     struct mail_search_context *ctx)
{
	struct mail *mail;

	if (ctx == NULL || head->finished || head->mail != NULL)
		return;
	if (mailbox_search_next(ctx, &mail))
		pop_policy_merge_head_set(head, mail);
	else
		head->finished = TRUE;
}

static int
queue_list(struct pop_policy_queue *queue, struct mail_search_context *main_ctx,
	   struct mail_search_context *merged_ctx, const char **error_r)
{
	struct pop_policy_merge_head main, merged, *head;
	struct mail *undated;
	int ret;

	i_zero(&main);
	i_zero(&merged);
	for (;;) {
		head_refresh(&main, main_ctx);
		head_refresh(&merged, merged_ctx);
		head = pop_policy_merge_order_next(&main, &merged, &undated);
		if (undated != NULL)
			return box_failed(undated->box, error_r);
		if (head->mail == NULL)
			return 0;
		T_BEGIN {
			ret = queue_add(queue, head == &main ? &queue->main :
					&queue->merged, head->mail, error_r);
		} T_END_PASS_STR_IF(ret < 0, error_r);
		if (ret < 0)
			return -1;
		head->mail = NULL;
	}
}

static int
search_deinit(struct mail_search_context **ctx, struct mailbox *box, int ret,
	      const char **error_r)
{
	if (*ctx != NULL && mailbox_search_deinit(ctx) < 0 && ret == 0)
		return box_failed(box, error_r);
	return ret;
}

int pop_policy_queue_read(struct pop_policy_queue *queue, const char **error_r)
{
	struct mail_search_context *main_ctx, *merged_ctx = NULL;
	int ret;

	ret = source_search(queue, &queue->main, &main_ctx, error_r);
	if (ret == 0) {
		ret = source_search(queue, &queue->merged, &merged_ctx,
				    error_r);
	}
	if (ret == 0)
		ret = queue_list(queue, main_ctx, merged_ctx, error_r);
	ret = search_deinit(&main_ctx, queue->main.box, ret, error_r);
	return search_deinit(&merged_ctx, queue->merged.box, ret, error_r);
}
