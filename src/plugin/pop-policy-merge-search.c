/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-search-build.h"
#include "pop-policy-filter.h"
#include "pop-policy-keyword.h"
#include "pop-policy-merge-order.h"
#include "pop-policy-context.h"
#include "pop-policy-merge.h"
#include "pop-policy-merge-mail.h"
#include "pop-policy-merge-uidl.h"
#include "pop-policy-merge-search.h"

struct pop_policy_merge_search {
	struct mail_search_context ctx;

	/* The mail through which merged mails are handed out. */
	struct mail *mail;
	bool failed;

	/* The search for the mails to list. Without an order it is another
	   plugin's for something else, in INBOX alone. */
	struct mail_search_context *main_ctx;
	/* in the merged mailboxes */
	struct mail_search_context **merged_ctx;
	struct pop_policy_merge_order *order;

	/* any other: the sequences to go through */
	ARRAY_TYPE(uint32_t) seqs;
	unsigned int next_idx;
};

/* The main mailbox's storage has the error. */
static void search_set_failed(struct pop_policy_merge_search *search)
{
	if (search->failed)
		return;
	search->failed = TRUE;
	mail_storage_last_error_push(search->ctx.transaction->box->storage);
}

/* The main mailbox's own search functions do not know of the merged one. */

static struct mail_search_context *
main_search_init(struct mailbox_transaction_context *t,
		 struct mail_search_args *args,
		 const enum mail_sort_type *sort_program,
		 enum mail_fetch_field wanted_fields,
		 struct mailbox_header_lookup_ctx *wanted_headers)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);
	struct mail_search_context *ctx;

	pbox->merge->searching_main = TRUE;
	ctx = pbox->module_ctx.super.search_init(t, args, sort_program,
						 wanted_fields, wanted_headers);
	pbox->merge->searching_main = FALSE;
	return ctx;
}

static bool
main_search_next(struct mail_search_context *ctx, struct mail **mail_r,
		 bool *tryagain_r)
{
	struct pop_policy_mailbox *pbox =
		pop_policy_mailbox_get(ctx->transaction->box);
	bool ret;

	pbox->merge->searching_main = TRUE;
	ret = pbox->module_ctx.super.search_next_nonblock(ctx, mail_r,
							  tryagain_r);
	pbox->merge->searching_main = FALSE;
	return ret;
}

static int main_search_deinit(struct mail_search_context **_ctx)
{
	struct mail_search_context *ctx = *_ctx;
	struct pop_policy_mailbox *pbox =
		pop_policy_mailbox_get(ctx->transaction->box);
	struct mail_search_args *args = ctx->args;
	int ret;

	*_ctx = NULL;
	ret = pbox->module_ctx.super.search_deinit(ctx);
	mail_search_args_unref(&args);
	return ret;
}

/* Source 0 is the main mailbox. */
static int
source_next(void *context, unsigned int source, struct mail **mail_r)
{
	struct pop_policy_merge_search *search = context;
	bool tryagain = FALSE, found;

	if (source == 0) {
		found = main_search_next(search->main_ctx, mail_r, &tryagain);
	} else {
		found = mailbox_search_next_nonblock(
				search->merged_ctx[source - 1], mail_r,
				&tryagain);
	}
	return found ? 1 : tryagain ? -1 : 0;
}

static struct mail_search_args *
source_build_args(struct pop_policy_merge_search *search, struct mailbox *box)
{
	struct mailbox *main = search->ctx.transaction->box;
	struct pop_policy_session *session =
		pop_policy_mailbox_get(main)->session;
	struct mail_search_args *args;

	if (pop_policy_filter_build(box, session->filter_keyword,
				    session->filter_since, &session->queue,
				    &args) < 0) {
		if (box != main)
			mail_storage_copy_error(main->storage, box->storage);
		search_set_failed(search);
	}
	return args;
}

/* Returns FALSE if none of the mails has a POP3 order, which a migration may
   have brought along. Sorting by it would change nothing, and holds all mails
   in memory. */
static bool
source_has_orders(struct mailbox_transaction_context *t,
		  const struct mail_search_args *args)
{
	const ARRAY_TYPE(seq_range) *seqs = &args->args->value.seqset;
	ARRAY_TYPE(seq_range) all;
	struct seq_range_iter iter;
	struct mail *mail;
	const char *order;
	unsigned int n = 0;
	uint32_t seq, count;
	bool found = FALSE;

	count = mail_index_get_header(t->view)->messages_count;
	if (args->args->match_not || count == 0)
		return FALSE;
	if (args->args->type != SEARCH_SEQSET) {
		t_array_init(&all, 1);
		seq_range_array_add_range(&all, 1, count);
		seqs = &all;
	}
	if (seq_range_count(seqs) < 2)
		return FALSE;
	mail = mail_alloc(t, 0, NULL);
	seq_range_array_iter_init(&iter, seqs);
	while (!found && seq_range_array_iter_nth(&iter, n++, &seq)) T_BEGIN {
		mail_set_seq(mail, seq);
		if (mail_get_special(mail, MAIL_FETCH_POP3_ORDER, &order) < 0)
			found = !mail->expunged;
		else
			found = *order != '\0';
	} T_END;
	mail_free(&mail);
	return found;
}

static const enum mail_sort_type *
source_sort_program(const enum mail_sort_type *sort_program,
		    struct mailbox_transaction_context *t,
		    const struct mail_search_args *args)
{
	bool needed;

	T_BEGIN {
		needed = source_has_orders(t, args);
	} T_END;
	return needed ? sort_program : NULL;
}

static void
queue_search_init(struct pop_policy_merge_search *search,
		  const enum mail_sort_type *sort_program,
		  enum mail_fetch_field wanted_fields)
{
	struct mailbox_transaction_context *t = search->ctx.transaction;
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);
	struct pop_policy_transaction *pt = pop_policy_transaction_get(t);
	struct pop_policy_merge *merge = pbox->merge;
	struct mail_search_args *args;

	wanted_fields |= MAIL_FETCH_RECEIVED_DATE;
	i_zero(&pbox->session->queue);
	args = source_build_args(search, t->box);
	search->main_ctx = main_search_init(t, args,
		source_sort_program(sort_program, t, args),
		wanted_fields, NULL);
	search->merged_ctx = i_new(struct mail_search_context *, merge->count);
	for (unsigned int i = 0; i < merge->count; i++) {
		args = source_build_args(search, merge->sources[i].box);
		search->merged_ctx[i] =
			mailbox_search_init(pt->merged[i], args,
				source_sort_program(sort_program,
						    pt->merged[i], args),
				wanted_fields, NULL);
		mail_search_args_unref(&args);
	}
	search->order = pop_policy_merge_order_init(merge->count + 1,
						    source_next, search);

	array_clear(&merge->listed);
	T_BEGIN {
		pop_policy_merge_uidl_start(t->box);
	} T_END;
}

/* pop3 asks again for what it was given: in the same order when listing, even
   if an arrival date has become unavailable. */
static void
seqset_search_init(struct pop_policy_merge_search *search,
		   const ARRAY_TYPE(seq_range) *seqset, bool listing)
{
	struct pop_policy_mailbox *pbox =
		pop_policy_mailbox_get(search->ctx.transaction->box);
	struct seq_range_iter iter;
	unsigned int n = 0;
	uint32_t seq;

	if (listing && seq_range_count(seqset) > 1) {
		array_foreach_elem(&pbox->merge->listed, seq) {
			if (seq_range_exists(seqset, seq))
				array_push_back(&search->seqs, &seq);
		}
		return;
	}
	seq_range_array_iter_init(&iter, seqset);
	while (seq_range_array_iter_nth(&iter, n++, &seq))
		array_push_back(&search->seqs, &seq);
}

struct mail_search_context *
pop_policy_merge_search_init(struct mailbox_transaction_context *t,
			     struct mail_search_args *args,
			     const enum mail_sort_type *sort_program,
			     enum mail_fetch_field wanted_fields,
			     struct mailbox_header_lookup_ctx *wanted_headers)
{
	struct pop_policy_merge_search *search;
	const struct mail_search_arg *arg = args->args;

	search = i_new(struct pop_policy_merge_search, 1);
	search->ctx.transaction = t;
	search->ctx.args = args;
	i_array_init(&search->ctx.results, 1);
	i_array_init(&search->ctx.module_contexts, 1);
	i_array_init(&search->seqs, 32);
	search->mail = mail_alloc(t, wanted_fields, wanted_headers);

	if (pop_policy_keyword_is_queue_search(args))
		queue_search_init(search, sort_program, wanted_fields);
	else if (arg->type == SEARCH_SEQSET && arg->next == NULL) {
		seqset_search_init(search, &arg->value.seqset,
				   sort_program != NULL);
	} else if (arg->type != SEARCH_ALL || !arg->match_not) {
		/* not pop3's: pop3 searches for sequences, and an empty set of
		   them becomes NOT ALL */
		args->refcount++;
		search->main_ctx = main_search_init(t, args, sort_program,
						      wanted_fields,
						      wanted_headers);
	}
	return &search->ctx;
}

static bool
queue_search_next(struct pop_policy_merge_search *search,
		  struct mail **mail_r, bool *tryagain_r)
{
	struct mailbox *box = search->ctx.transaction->box;
	struct pop_policy_merge *merge = pop_policy_mailbox_get(box)->merge;
	unsigned int source;
	struct mail *mail;

	switch (pop_policy_merge_order_next(search->order, &source, &mail)) {
	case POP_POLICY_MERGE_FOUND:
		break;
	case POP_POLICY_MERGE_LATER:
		*tryagain_r = TRUE;
		return FALSE;
	case POP_POLICY_MERGE_UNDATED:
		if (mail->box != box) {
			mail_storage_copy_error(box->storage,
						mail->box->storage);
		}
		search_set_failed(search);
		return FALSE;
	case POP_POLICY_MERGE_FINISHED:
		return FALSE;
	}
	if (search->failed)
		return FALSE;

	*mail_r = mail;
	if (source > 0) {
		pop_policy_merge_mail_set(search->mail, source - 1, mail);
		*mail_r = search->mail;
	}
	array_push_back(&merge->listed, &(*mail_r)->seq);
	return TRUE;
}

bool pop_policy_merge_search_next(struct mail_search_context *ctx,
				  struct mail **mail_r, bool *tryagain_r)
{
	struct pop_policy_merge_search *search =
		container_of(ctx, struct pop_policy_merge_search, ctx);
	uint32_t seq;

	if (search->order != NULL) {
		if (!queue_search_next(search, mail_r, tryagain_r))
			return FALSE;
	} else if (search->main_ctx != NULL) {
		if (!main_search_next(search->main_ctx, mail_r, tryagain_r))
			return FALSE;
	} else {
		if (search->next_idx == array_count(&search->seqs))
			return FALSE;
		seq = *array_idx(&search->seqs, search->next_idx++);
		mail_set_seq(search->mail, seq);
		*mail_r = search->mail;
	}
	pop_policy_merge_uidl_prepare(*mail_r);
	return TRUE;
}

static int merged_search_deinit(struct pop_policy_merge_search *search)
{
	struct mailbox *box = search->ctx.transaction->box;
	struct pop_policy_merge_source *sources;
	unsigned int count;
	int ret = 0;

	sources = pop_policy_merge_get_sources(box, &count);
	for (unsigned int i = 0; i < count; i++) {
		if (mailbox_search_deinit(&search->merged_ctx[i]) < 0) {
			mail_storage_copy_error(box->storage,
						sources[i].box->storage);
			ret = -1;
		}
	}
	i_free(search->merged_ctx);
	return ret;
}

int pop_policy_merge_search_deinit(struct mail_search_context *ctx)
{
	struct pop_policy_merge_search *search =
		container_of(ctx, struct pop_policy_merge_search, ctx);
	struct mailbox *box = ctx->transaction->box;
	int ret = search->failed ? -1 : 0;

	pop_policy_merge_order_deinit(&search->order);
	if (search->main_ctx != NULL &&
	    main_search_deinit(&search->main_ctx) < 0)
		ret = -1;
	if (search->merged_ctx != NULL && merged_search_deinit(search) < 0)
		ret = -1;
	mail_free(&search->mail);
	array_free(&search->seqs);
	array_free(&search->ctx.results);
	array_free(&search->ctx.module_contexts);
	if (search->failed)
		mail_storage_last_error_pop(box->storage);
	i_free(search);
	return ret;
}
