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
#include "pop-policy-mailbox-header.h"
#include "pop-policy-merge-order.h"
#include "pop-policy-sources.h"
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

static struct mailbox *inbox_alloc(struct pop_policy_queue *queue)
{
	struct mail_namespace *ns =
		mail_namespace_find_inbox(queue->user->user->namespaces);

	/* (without MAILBOX_FLAG_DROP_RECENT, which changes something) */
	return mailbox_alloc(ns->list, "INBOX", MAILBOX_FLAG_POP3_SESSION);
}

static struct mailbox *spam_alloc(struct pop_policy_queue *queue)
{
	return pop_policy_special_mailbox_alloc(queue->user->user,
		&queue->policy->policy, POP_POLICY_SPECIAL_USE_SPAM,
		MAILBOX_FLAG_POP3_SESSION);
}

/* Open the mailbox that pop3 opens. The spam mailbox may not exist. */
static int
main_open(struct pop_policy_queue *queue, ARRAY_TYPE(pop_policy_boxes) *boxes,
	  struct pop_policy_sources_error *error_r)
{
	bool only_spam = queue->policy->policy.spam == POP_POLICY_SPAM_ONLY;
	struct mailbox *box =
		only_spam ? spam_alloc(queue) : inbox_alloc(queue);
	int ret;

	if (only_spam)
		ret = pop_policy_special_mailbox_open_existing(box);
	else
		ret = mailbox_open(box) < 0 ? -1 : 1;
	if (ret < 0)
		error_r->box = box;
	else if (ret == 0)
		mailbox_free(&box);
	else
		array_push_back(boxes, &box);
	return ret < 0 ? -1 : 0;
}

static int
sources_open(struct pop_policy_queue *queue, struct pop_policy_sources_error *error_r)
{
	const struct pop_policy *policy = &queue->policy->policy;
	ARRAY_TYPE(pop_policy_boxes) boxes;
	struct mailbox *box;
	int ret;

	t_array_init(&boxes, 8);
	ret = main_open(queue, &boxes, error_r);
	if (ret == 0 && pop_policy_sources_are_merged(policy)) {
		ret = pop_policy_sources_open(queue->user->user, policy,
					      MAILBOX_FLAG_POP3_SESSION,
					      &boxes, error_r);
	}
	queue->sources = p_new(queue->pool, struct pop_policy_queue_source,
			       array_count(&boxes) + 1);
	array_foreach_elem(&boxes, box) {
		queue->sources[queue->sources_count++].box = box;
	}
	return ret;
}

static int
sources_sync(struct pop_policy_queue *queue, const char **error_r)
{
	struct mailbox *box;

	for (unsigned int i = 0; i < queue->sources_count; i++) {
		box = queue->sources[i].box;
		if (mailbox_sync(box, MAILBOX_SYNC_FLAG_FULL_READ) < 0)
			return box_failed(box, error_r);
	}
	return 0;
}

int pop_policy_queue_open(struct pop_policy_queue *queue_r,
			  struct pop_policy_doveadm_user *user,
			  struct pop_policy_doveadm_policy *policy,
			  const char **error_r)
{
	struct pop_policy_queue *queue = queue_r;
	struct pop_policy_sources_error error;

	i_zero(queue);
	queue->pool = pool_alloconly_create("pop_policy queue", 1024*16);
	queue->user = user;
	queue->policy = policy;
	p_array_init(&queue->mails, queue->pool, 128);
	pop_policy_doveadm_uidl_maker_init(user, &queue->maker);
	i_zero(&error);
	if (sources_open(queue, &error) < 0) {
		pop_policy_doveadm_policy_no_sources(policy, &error);
		*error_r = policy->error;
		return -1;
	}
	return sources_sync(queue, error_r);
}

static void source_close(struct pop_policy_queue_source *source)
{
	if (source->trans != NULL) {
		/* keeps what was cached */
		(void)mailbox_transaction_commit(&source->trans);
	}
	mailbox_free(&source->box);
}

void pop_policy_queue_close(struct pop_policy_queue *queue)
{
	pop_policy_uidl_maker_deinit(&queue->maker);
	for (unsigned int i = 0; i < queue->sources_count; i++)
		source_close(&queue->sources[i]);
	pool_unref(&queue->pool);
}

/* Reading */

static int
mail_get_size(const struct pop_policy_queue *queue, struct mail *mail,
	      uoff_t *size_r)
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

int pop_policy_queue_mail_size(const struct pop_policy_queue *queue,
			       struct mail *mail, uoff_t *size_r)
{
	if (mail_get_size(queue, mail, size_r) < 0)
		return -1;
	T_BEGIN {
		*size_r += strlen(pop_policy_mailbox_header(
					&queue->policy->policy, mail->box));
	} T_END;
	return 0;
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

struct queue_search {
	struct pop_policy_queue *queue;
	/* of the mailboxes */
	struct mail_search_context **ctx;
	unsigned int ctx_count;
};

static int
source_next(void *context, unsigned int source, struct mail **mail_r)
{
	struct queue_search *search = context;

	return mailbox_search_next(search->ctx[source], mail_r) ? 1 : 0;
}

static int
queue_list(struct queue_search *search, struct pop_policy_merge_order *order,
	   const char **error_r)
{
	struct pop_policy_queue *queue = search->queue;
	enum pop_policy_merge_result result;
	unsigned int source;
	struct mail *mail;
	int ret;

	for (;;) {
		result = pop_policy_merge_order_next(order, &source, &mail);
		if (result == POP_POLICY_MERGE_UNDATED)
			return box_failed(mail->box, error_r);
		if (result != POP_POLICY_MERGE_FOUND)
			return 0;
		T_BEGIN {
			ret = queue_add(queue, &queue->sources[source], mail,
					error_r);
		} T_END_PASS_STR_IF(ret < 0, error_r);
		if (ret < 0)
			return -1;
	}
}

static int
queue_search_init(struct queue_search *search, const char **error_r)
{
	struct pop_policy_queue *queue = search->queue;

	search->ctx = p_new(queue->pool, struct mail_search_context *,
			    queue->sources_count + 1);
	for (unsigned int i = 0; i < queue->sources_count; i++) {
		if (source_search(queue, &queue->sources[i], &search->ctx[i],
				  error_r) < 0)
			return -1;
		search->ctx_count++;
	}
	return 0;
}

static int
queue_search_deinit(struct queue_search *search, int ret, const char **error_r)
{
	for (unsigned int i = 0; i < search->ctx_count; i++) {
		if (mailbox_search_deinit(&search->ctx[i]) < 0 && ret == 0) {
			ret = box_failed(search->queue->sources[i].box,
					 error_r);
		}
	}
	return ret;
}

int pop_policy_queue_read(struct pop_policy_queue *queue, const char **error_r)
{
	struct queue_search search = { .queue = queue };
	struct pop_policy_merge_order *order;
	int ret;

	if (queue->sources_count == 0)
		return 0;
	ret = queue_search_init(&search, error_r);
	if (ret == 0) {
		order = pop_policy_merge_order_init(queue->sources_count,
						    source_next, &search);
		ret = queue_list(&search, order, error_r);
		pop_policy_merge_order_deinit(&order);
	}
	return queue_search_deinit(&search, ret, error_r);
}
