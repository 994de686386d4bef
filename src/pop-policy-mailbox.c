/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-search.h"
#include "pop-policy-compat.h"
#include "pop-policy-storage.h"
#include "pop-policy-source.h"
#include "pop-policy-filter.h"
#include "pop-policy-keyword.h"
#include "pop-policy-merge.h"
#include "pop-policy-uidl.h"
#include "pop-policy-disposition.h"

struct pop_policy_storage_module pop_policy_storage_module =
	MODULE_CONTEXT_INIT(&mail_storage_module_register);

/* Opening and closing */

static int pop_policy_box_open(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	struct pop_policy_user *puser = pbox->user;

	if (puser->refuse_reason != NULL)
		return pop_policy_source_open_empty(box);
	if (puser->source_error != MAIL_ERROR_NONE) {
		/* logged already */
		mail_storage_set_internal_error(box->storage);
		return -1;
	}
	if (pbox->module_ctx.super.open(box) == 0)
		return pbox->merge ? pop_policy_merge_open(box) : 0;
	if (!puser->source_found ||
	    mailbox_get_last_mail_error(box) != MAIL_ERROR_NOTFOUND)
		return -1;
	/* there is no spam mailbox */
	return pop_policy_source_open_empty(box);
}

static void pop_policy_box_close(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	pop_policy_merge_close(box);
	pbox->module_ctx.super.close(box);
}

static int
pop_policy_box_get_status(struct mailbox *box, enum mailbox_status_items items,
			  struct mailbox_status *status_r)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	if (pbox->module_ctx.super.get_status(box, items, status_r) < 0)
		return -1;
	/* INBOX's own search asks for the number of its sequences */
	if (pbox->spam != NULL && !pbox->searching_inbox)
		status_r->messages += pop_policy_merge_spam_count(box);
	return 0;
}

static bool pop_policy_box_is_inconsistent(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	return pbox->module_ctx.super.is_inconsistent(box) ||
		(pbox->spam != NULL && mailbox_is_inconsistent(pbox->spam));
}

/* The sync after QUIT's transaction, if that has marked mails: they are to be
   in the mailbox when QUIT is answered. */
static enum mailbox_sync_flags
pop_policy_box_sync_flags(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	return pbox->stored && !pbox->finished && pbox->marked_uid != 0 ?
		pop_policy_mailbox_write_flags(box) : 0;
}

static struct mailbox_sync_context *
pop_policy_box_sync_init(struct mailbox *box, enum mailbox_sync_flags flags)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	return pbox->module_ctx.super.sync_init(box,
			flags | pop_policy_box_sync_flags(box));
}

static int
pop_policy_box_sync_deinit(struct mailbox_sync_context *ctx,
			   struct mailbox_sync_status *status_r)
{
	struct mailbox *box = ctx->box;
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	enum mailbox_sync_flags added = pop_policy_box_sync_flags(box);
	enum mailbox_sync_flags flags = ctx->flags & ~(unsigned int)added;

	if (pbox->module_ctx.super.sync_deinit(ctx, status_r) < 0 ||
	    pop_policy_disposition_synced(box) < 0)
		return -1;
	if (pbox->spam != NULL && mailbox_sync(pbox->spam, flags) < 0) {
		mail_storage_copy_error(box->storage, pbox->spam->storage);
		return -1;
	}
	return 0;
}

/* Transactions */

static struct mailbox_transaction_context *
pop_policy_transaction_begin(struct mailbox *box,
			     enum mailbox_transaction_flags flags,
			     const char *reason)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	struct mailbox_transaction_context *t;
	struct pop_policy_transaction *pt;

	t = pbox->module_ctx.super.transaction_begin(box, flags, reason);
	pt = i_new(struct pop_policy_transaction, 1);
	if (pbox->spam != NULL) {
		pt->spam = mailbox_transaction_begin(pbox->spam, flags,
						     reason);
	}
	MODULE_CONTEXT_SET(t, pop_policy_storage_module, pt);
	return t;
}

static void pop_policy_transaction_free(struct pop_policy_transaction *pt)
{
	array_free(&pt->deleted);
	i_free(pt);
}

static void
pop_policy_transaction_rollback(struct mailbox_transaction_context *t)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);
	struct pop_policy_transaction *pt = pop_policy_transaction_get(t);

	if (pt->spam != NULL)
		mailbox_transaction_rollback(&pt->spam);
	pbox->module_ctx.super.transaction_rollback(t);
	pop_policy_transaction_free(pt);
}

/* Only when INBOX's changes are stored the spam mailbox's are: other plugins
   copy mails of both to one mailbox, which not every storage can do in two
   transactions at the same time. */
static int
pop_policy_transaction_commit_spam(struct mailbox *box,
				   struct pop_policy_transaction *pt, int ret)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	if (pt->spam == NULL)
		return ret;
	if (ret < 0) {
		mail_storage_last_error_push(box->storage);
		mailbox_transaction_rollback(&pt->spam);
		mail_storage_last_error_pop(box->storage);
	} else if (mailbox_transaction_commit(&pt->spam) < 0) {
		mail_storage_copy_error(box->storage, pbox->spam->storage);
		return -1;
	}
	return ret;
}

static int
pop_policy_transaction_commit(struct mailbox_transaction_context *t,
			      struct mail_transaction_commit_changes *changes_r)
{
	struct mailbox *box = t->box;
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	struct pop_policy_transaction *pt = pop_policy_transaction_get(t);
	int ret;

	if (pop_policy_disposition_apply(t) < 0) {
		mail_storage_last_error_push(box->storage);
		pop_policy_transaction_rollback(t);
		mail_storage_last_error_pop(box->storage);
		return -1;
	}
	ret = pbox->module_ctx.super.transaction_commit(t, changes_r);
	if (ret == 0)
		ret = pop_policy_disposition_committed(box);
	ret = pop_policy_transaction_commit_spam(box, pt, ret);
	pop_policy_transaction_free(pt);
	return ret;
}

/* Searching */

static struct mail_search_context *
pop_policy_search_init(struct mailbox_transaction_context *t,
		       struct mail_search_args *args,
		       const enum mail_sort_type *sort_program,
		       enum mail_fetch_field wanted_fields,
		       struct mailbox_header_lookup_ctx *wanted_headers)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);
	struct mail_search_context *ctx;
	bool failed = FALSE;

	if (pbox->spam != NULL) {
		return pop_policy_merge_search_init(t, args, sort_program,
						    wanted_fields,
						    wanted_headers);
	}
	if (pop_policy_keyword_is_queue_search(args)) {
		/* The search context keeps ours: mailbox_search_deinit()
		   releases it in place of the one it referenced. */
		mail_search_args_unref(&args);
		failed = pop_policy_filter_build(t->box, pbox->user->keyword,
						 pbox->user->policy.since,
						 &args) < 0;
		if (failed)
			mail_storage_last_error_push(t->box->storage);
	}
	ctx = pbox->module_ctx.super.search_init(t, args, sort_program,
						 wanted_fields, wanted_headers);
	if (failed)
		pbox->failed_search = ctx;
	return ctx;
}

static bool
pop_policy_search_next(struct mail_search_context *ctx, struct mail **mail_r,
		       bool *tryagain_r)
{
	struct pop_policy_mailbox *pbox =
		pop_policy_mailbox_get(ctx->transaction->box);

	if (pbox->spam != NULL)
		return pop_policy_merge_search_next(ctx, mail_r, tryagain_r);
	return pbox->module_ctx.super.search_next_nonblock(ctx, mail_r,
							   tryagain_r);
}

static int pop_policy_search_deinit(struct mail_search_context *ctx)
{
	struct mailbox *box = ctx->transaction->box;
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	bool failed = ctx == pbox->failed_search;
	int ret;

	if (pbox->spam != NULL)
		return pop_policy_merge_search_deinit(ctx);
	ret = pbox->module_ctx.super.search_deinit(ctx);
	if (failed) {
		pbox->failed_search = NULL;
		mail_storage_last_error_pop(box->storage);
		ret = -1;
	}
	return ret;
}

static void pop_policy_box_free(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	pop_policy_uidls_free(&pbox->uidls);
	pop_policy_uidl_format_free(pbox);
	array_free(&pbox->order);
	pop_policy_disposition_free(box);
	pbox->module_ctx.super.free(box);
}

static void pop_policy_box_init_merge(struct mailbox_vfuncs *v)
{
	v->close = pop_policy_box_close;
	v->get_status = pop_policy_box_get_status;
	v->is_inconsistent = pop_policy_box_is_inconsistent;
	v->search_next_nonblock = pop_policy_search_next;
}

static void
pop_policy_box_init(struct mailbox *box, struct pop_policy_user *puser)
{
	struct mailbox_vfuncs *v = box->vlast;
	struct pop_policy_mailbox *pbox;

	pbox = p_new(box->pool, struct pop_policy_mailbox, 1);
	pbox->module_ctx.super = *v;
	box->vlast = &pbox->module_ctx.super;
	pbox->user = puser;
	pbox->main = !puser->opening_spam;
	pbox->merge = pbox->main &&
		puser->policy.spam == POP_POLICY_SPAM_INCLUDE;

	if (pbox->merge)
		pop_policy_box_init_merge(v);
	if (pbox->main) {
		v->open = pop_policy_box_open;
		v->search_init = pop_policy_search_init;
		v->search_deinit = pop_policy_search_deinit;
	}
	if (puser->disposition) {
		v->sync_init = pop_policy_box_sync_init;
		v->sync_deinit = pop_policy_box_sync_deinit;
		v->transaction_begin = pop_policy_transaction_begin;
		v->transaction_commit = pop_policy_transaction_commit;
		v->transaction_rollback = pop_policy_transaction_rollback;
	}
	v->free = pop_policy_box_free;
	MODULE_CONTEXT_SET(box, pop_policy_storage_module, pbox);
}

void pop_policy_mailbox_allocated(struct mailbox *box)
{
	struct pop_policy_user *puser =
		POP_POLICY_USER_CONTEXT(box->storage->user);

	if (puser == NULL || (box->flags & MAILBOX_FLAG_POP3_SESSION) == 0)
		return;
	/* pop3 opens one mailbox, and pop_policy_merge_open() one more. Other
	   plugins may open mailboxes of their own like that. */
	if (puser->main_allocated && !puser->opening_spam)
		return;
	puser->main_allocated = TRUE;
	pop_policy_box_init(box, puser);
}
