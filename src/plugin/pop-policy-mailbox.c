/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-search.h"
#include "pop-policy-filter.h"
#include "pop-policy-keyword.h"
#include "pop-policy-mailbox-header.h"
#include "pop-policy-special-mailbox.h"
#include "pop-policy-uidl.h"
#include "pop-policy-context.h"
#include "pop-policy-answer.h"
#include "pop-policy-disposition.h"
#include "pop-policy-finished.h"
#include "pop-policy-empty-mailbox.h"
#include "pop-policy-maildir.h"
#include "pop-policy-merge.h"
#include "pop-policy-merge-search.h"
#include "pop-policy-quit.h"
#include "pop-policy-refusal.h"
#include "pop-policy-transaction.h"
#include "pop-policy-mailbox.h"

struct pop_policy_mailbox_module pop_policy_mailbox_module =
	MODULE_CONTEXT_INIT(&mail_storage_module_register);

/* Opening and closing */

static int spam_open(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	pbox->header = p_strdup(box->pool,
		pop_policy_mailbox_header(&pbox->session->policy, box));
	if (pbox->module_ctx.super.open(box) == 0)
		return 0;
	/* pop-policy-storage.h has made sure that it does not exist */
	return mailbox_get_last_mail_error(box) != MAIL_ERROR_NOTFOUND ? -1 :
		pop_policy_empty_mailbox_open(box);
}

static int inbox_open(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	if (pop_policy_sources_are_merged(&pbox->session->policy) &&
	    pop_policy_merge_open(box) < 0)
		return pop_policy_refusal_mailbox_open(box);
	if (pbox->module_ctx.super.open(box) == 0)
		return 0;
	/* it may be tried again, when INBOX has been created */
	pop_policy_merge_close(box);
	return -1;
}

static int pop_policy_mailbox_open(struct mailbox *box)
{
	struct pop_policy_session *session =
		pop_policy_mailbox_get(box)->session;
	int ret;

	if (session->refusal != NULL)
		return pop_policy_refusal_mailbox_open(box);
	ret = session->mailbox_is_spam ? spam_open(box) : inbox_open(box);
	if (ret == 0 && session->refusal == NULL)
		pop_policy_answer_release(session);
	return ret;
}

static void pop_policy_mailbox_close(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	pop_policy_merge_close(box);
	pop_policy_maildir_closed(box);
	pbox->module_ctx.super.close(box);
}

static void pop_policy_mailbox_free(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	if (pbox->session->disposition != NULL) T_BEGIN {
		pop_policy_finished(pbox->session);
	} T_END;
	pop_policy_quit_deinit(&pbox->session->quit);
	pop_policy_disposition_deinit(&pbox->session->disposition);
	if (pbox->session->uidl_maker != NULL)
		pop_policy_uidl_maker_deinit(pbox->session->uidl_maker);
	pbox->module_ctx.super.free(box);
}

static int
pop_policy_mailbox_get_status(struct mailbox *box,
			      enum mailbox_status_items items,
			      struct mailbox_status *status_r)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	if (pbox->module_ctx.super.get_status(box, items, status_r) < 0)
		return -1;
	status_r->messages += pop_policy_merge_status_count(box);
	return 0;
}

static bool pop_policy_mailbox_is_inconsistent(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	return pbox->module_ctx.super.is_inconsistent(box) ||
		pop_policy_merge_is_inconsistent(box);
}

/* Syncing */

static struct mailbox_sync_context *
pop_policy_mailbox_sync_init(struct mailbox *box, enum mailbox_sync_flags flags)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	return pbox->module_ctx.super.sync_init(box,
			flags | pop_policy_quit_sync_flags(box));
}

static int merged_sync(struct mailbox *box, enum mailbox_sync_flags flags)
{
	const struct pop_policy_merge_source *sources;
	struct mailbox *merged;
	unsigned int count;

	sources = pop_policy_merge_get_sources(box, &count);
	for (unsigned int i = 0; i < count; i++) {
		merged = sources[i].box;
		if (mailbox_sync(merged, flags |
				 pop_policy_quit_sync_flags(merged)) < 0) {
			mail_storage_copy_error(box->storage, merged->storage);
			return -1;
		}
	}
	pop_policy_merge_synced(box);
	return 0;
}

static int
pop_policy_mailbox_sync_deinit(struct mailbox_sync_context *ctx,
			       struct mailbox_sync_status *status_r)
{
	struct mailbox *box = ctx->box;
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	struct pop_policy_session *session = pbox->session;
	enum mailbox_sync_flags added = pop_policy_quit_sync_flags(box);
	enum mailbox_sync_flags flags = ctx->flags & ~(unsigned int)added;

	if (pbox->module_ctx.super.sync_deinit(ctx, status_r) < 0 ||
	    merged_sync(box, flags) < 0) {
		if (session->quit != NULL)
			pop_policy_quit_log_error(box);
		return -1;
	}
	if (pop_policy_disposition_synced(session->disposition, box) < 0)
		return -1;
	return pop_policy_quit_synced(session);
}

/* Searching */

static struct mail_search_context *
pop_policy_mailbox_search_init(struct mailbox_transaction_context *t,
			       struct mail_search_args *args,
			       const enum mail_sort_type *sort_program,
			       enum mail_fetch_field wanted_fields,
			       struct mailbox_header_lookup_ctx *wanted_headers)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);
	struct pop_policy_session *session = pbox->session;
	struct mail_search_context *ctx;
	bool queue = pop_policy_keyword_is_queue_search(args), failed = FALSE;

	if (pbox->merge != NULL) {
		ctx = pop_policy_merge_search_init(t, args, sort_program,
						   wanted_fields,
						   wanted_headers);
		if (queue)
			pbox->queue_search = ctx;
		return ctx;
	}
	if (queue) {
		/* The search context keeps ours: mailbox_search_deinit()
		   releases it in place of the one it referenced. */
		mail_search_args_unref(&args);
		i_zero(&session->queue);
		failed = pop_policy_filter_build(t->box, session->filter_keyword,
						 session->filter_since,
						 &session->queue, &args) < 0;
		if (failed)
			mail_storage_last_error_push(t->box->storage);
	}
	ctx = pbox->module_ctx.super.search_init(t, args, sort_program,
						 wanted_fields, wanted_headers);
	if (failed)
		pbox->failed_search = ctx;
	if (queue)
		pbox->queue_search = ctx;
	return ctx;
}

static bool
pop_policy_mailbox_search_next(struct mail_search_context *ctx,
			       struct mail **mail_r, bool *tryagain_r)
{
	struct pop_policy_mailbox *pbox =
		pop_policy_mailbox_get(ctx->transaction->box);
	bool found;

	pbox->listing = FALSE;
	found = pbox->merge != NULL ?
		pop_policy_merge_search_next(ctx, mail_r, tryagain_r) :
		pbox->module_ctx.super.search_next_nonblock(ctx, mail_r,
							    tryagain_r);
	pbox->listing = found && ctx == pbox->queue_search;
	return found;
}

static int pop_policy_mailbox_search_deinit(struct mail_search_context *ctx)
{
	struct mailbox *box = ctx->transaction->box;
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	bool failed = ctx == pbox->failed_search;
	int ret;

	if (ctx == pbox->queue_search) {
		pbox->queue_search = NULL;
		pbox->listing = FALSE;
	}
	if (pbox->merge != NULL)
		return pop_policy_merge_search_deinit(ctx);
	ret = pbox->module_ctx.super.search_deinit(ctx);
	if (failed) {
		pbox->failed_search = NULL;
		mail_storage_last_error_pop(box->storage);
		ret = -1;
	}
	return ret;
}

/* Allocating */

static void
mailbox_init_vfuncs(struct mailbox_vfuncs *v, struct pop_policy_session *session)
{
	v->close = pop_policy_mailbox_close;
	v->free = pop_policy_mailbox_free;
	v->search_init = pop_policy_mailbox_search_init;
	v->search_deinit = pop_policy_mailbox_search_deinit;
	if (session->refusal != NULL || session->answer != NULL ||
	    session->policy.spam != POP_POLICY_SPAM_EXCLUDE)
		v->open = pop_policy_mailbox_open;
	if (session->disposition != NULL) {
		v->sync_init = pop_policy_mailbox_sync_init;
		v->sync_deinit = pop_policy_mailbox_sync_deinit;
		pop_policy_transaction_init_vfuncs(v);
	}
	if (pop_policy_sources_are_merged(&session->policy)) {
		v->get_status = pop_policy_mailbox_get_status;
		v->is_inconsistent = pop_policy_mailbox_is_inconsistent;
	}
	if (pop_policy_sources_are_merged(&session->policy) ||
	    session->policy.mailbox_header != NULL)
		v->search_next_nonblock = pop_policy_mailbox_search_next;
}

void pop_policy_mailbox_allocated(struct mailbox *box)
{
	struct pop_policy_session *session =
		POP_POLICY_SESSION_GET(box->storage->user);
	struct mailbox_vfuncs *v = box->vlast;
	struct pop_policy_mailbox *pbox;

	if (session == NULL)
		return;
	pop_policy_special_mailbox_allocated(box);
	if ((box->flags & MAILBOX_FLAG_POP3_SESSION) == 0)
		return;
	/* pop3 allocates its mailbox first. Those that are merged into it, and
	   other plugins' mailboxes, come later. */
	if (!session->mailbox_allocated) {
		session->mailbox_allocated = TRUE;
		pbox = p_new(box->pool, struct pop_policy_mailbox, 1);
		pbox->module_ctx.super = *v;
		box->vlast = &pbox->module_ctx.super;
		pbox->session = session;
		mailbox_init_vfuncs(v, session);
		MODULE_CONTEXT_SET(box, pop_policy_mailbox_module, pbox);
		pop_policy_maildir_init(box, session, v,
					&pbox->module_ctx.super);
	} else
		pop_policy_maildir_init(box, session, v, NULL);
}
