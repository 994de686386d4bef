/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-user.h"
#include "mail-namespace.h"
#include "mailbox-list-iter.h"
#include "mail-storage-private.h"
#include "pop-policy-filter.h"
#include "pop-policy-log.h"
#include "pop-policy-special-mailbox.h"
#include "pop-policy-doveadm-policy.h"
#include "pop-policy-doveadm-queue.h"
#include "pop-policy-doveadm-user.h"
#include "pop-policy-doveadm-hidden.h"

struct hidden_find {
	struct pop_policy_queue *queue;
	/* The spam mailbox's name, NULL if INBOX has its mails */
	const char *spam;
	pop_policy_hidden_callback_t *callback;
	void *context;
	bool failed;
};

#define HIDDEN_INFO(name, column, text) { column, text },
const struct pop_policy_hidden_info
pop_policy_hidden_infos[POP_POLICY_HIDDEN_COUNT] = {
	POP_POLICY_HIDDEN_REASONS(HIDDEN_INFO)
};

static void box_failed(struct hidden_find *find, struct mailbox *box)
{
	i_error("Cannot read mailbox %s: %s", pop_policy_log_value(box->vname),
		mailbox_get_last_internal_error(box, NULL));
	find->failed = TRUE;
}

static void
hidden_call(struct hidden_find *find, struct mailbox *box,
	    enum pop_policy_hidden reason, const ARRAY_TYPE(seq_range) *seqs)
{
	if (array_count(seqs) > 0 &&
	    find->callback(find->context, box, reason, seqs) < 0)
		box_failed(find, box);
}

/* A mailbox that feeds the queue: what the filter leaves out */
static void
source_find(struct hidden_find *find, struct mailbox *box)
{
	const struct pop_policy_doveadm_policy *policy = find->queue->policy;
	ARRAY_TYPE(seq_range) dequeued, before, listed;
	uint32_t count = mail_index_get_header(box->view)->messages_count;

	t_array_init(&dequeued, 32);
	t_array_init(&before, 32);
	t_array_init(&listed, 32);
	if (count > 0)
		seq_range_array_add_range(&dequeued, 1, count);
	if (pop_policy_filter_get(box, policy->filter_keyword, 0, NULL,
				  &before) < 0 ||
	    pop_policy_filter_get(box, policy->filter_keyword,
				  policy->filter_since, NULL, &listed) < 0) {
		box_failed(find, box);
		return;
	}
	seq_range_array_remove_seq_range(&dequeued, &before);
	seq_range_array_remove_seq_range(&before, &listed);
	hidden_call(find, box, POP_POLICY_HIDDEN_DEQUEUED, &dequeued);
	hidden_call(find, box, POP_POLICY_HIDDEN_BEFORE, &before);
}

static bool
is_source(const struct pop_policy_queue *queue, const struct mailbox *box)
{
	for (unsigned int i = 0; i < queue->sources_count; i++) {
		if (pop_policy_special_mailbox_equals(queue->sources[i].box,
						      box))
			return TRUE;
	}
	return FALSE;
}

/* All of a mailbox is hidden, unless it is a source. */
static void other_find(struct hidden_find *find, const char *vname)
{
	enum pop_policy_hidden reason = POP_POLICY_HIDDEN_NOT_SOURCE;
	struct mailbox *box;
	ARRAY_TYPE(seq_range) all;
	uint32_t count;

	if (find->spam != NULL && strcmp(find->spam, vname) == 0)
		reason = POP_POLICY_HIDDEN_SPAM;
	box = mailbox_alloc_for_user(find->queue->user->user, vname, 0);
	if (is_source(find->queue, box)) {
		/* source_find() has it */
	} else if (box->virtual_vfuncs != NULL) {
		/* its mails are others' */
	} else if (mailbox_open(box) < 0 || mailbox_sync(box, 0) < 0) {
		if (mailbox_get_last_mail_error(box) != MAIL_ERROR_NOTFOUND)
			box_failed(find, box);
	} else {
		count = mail_index_get_header(box->view)->messages_count;
		t_array_init(&all, 1);
		if (count > 0)
			seq_range_array_add_range(&all, 1, count);
		hidden_call(find, box, reason, &all);
	}
	mailbox_free(&box);
}

static const char *spam_get_name(struct pop_policy_queue *queue)
{
	struct mailbox *spam;
	const char *name;

	spam = pop_policy_special_mailbox_alloc(queue->user->user,
		&queue->policy->policy, POP_POLICY_SPECIAL_USE_SPAM, 0);
	name = spam->inbox_user ? NULL : p_strdup(queue->pool, spam->vname);
	mailbox_free(&spam);
	return name;
}

static void boxes_find(struct hidden_find *find, struct mail_user *user)
{
	static const char *const patterns[] = { "*", NULL };
	struct mailbox_list_iterate_context *iter;
	const struct mailbox_info *info;

	iter = mailbox_list_iter_init_namespaces(user->namespaces, patterns,
		MAIL_NAMESPACE_TYPE_PRIVATE,
		MAILBOX_LIST_ITER_SKIP_ALIASES |
		MAILBOX_LIST_ITER_NO_AUTO_BOXES |
		MAILBOX_LIST_ITER_STAR_WITHIN_NS);
	while ((info = mailbox_list_iter_next(iter)) != NULL) {
		if ((info->flags & (MAILBOX_NOSELECT |
				    MAILBOX_NONEXISTENT)) == 0) T_BEGIN {
			other_find(find, info->vname);
		} T_END;
	}
	if (mailbox_list_iter_deinit(&iter) < 0) {
		i_error("Cannot list mailboxes: %s",
			mailbox_list_get_last_internal_error(
				user->namespaces->list, NULL));
		find->failed = TRUE;
	}
}

int pop_policy_hidden_find(struct pop_policy_queue *queue,
			   pop_policy_hidden_callback_t *callback,
			   void *context)
{
	struct hidden_find find = {
		.queue = queue,
		.spam = spam_get_name(queue),
		.callback = callback,
		.context = context,
	};

	T_BEGIN {
		for (unsigned int i = 0; i < queue->sources_count; i++)
			source_find(&find, queue->sources[i].box);
	} T_END;
	boxes_find(&find, queue->user->user);
	return find.failed ? -1 : 0;
}
