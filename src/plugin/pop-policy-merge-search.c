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

	/* The search for the mails to list. Without a merged_ctx it is another
	   plugin's for something else, in INBOX alone. */
	struct mail_search_context *main_ctx, *merged_ctx;
	struct pop_policy_merge_head main, merged;

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

static void
queue_search_init(struct pop_policy_merge_search *search,
		  const enum mail_sort_type *sort_program,
		  enum mail_fetch_field wanted_fields)
{
	struct mailbox_transaction_context *t = search->ctx.transaction;
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);
	struct pop_policy_transaction *pt = pop_policy_transaction_get(t);
	struct mailbox *merged = pbox->merge->mailbox;
	struct pop_policy_filter_counts *counts = &pbox->session->queue;
	const char *keyword = pbox->session->filter_keyword;
	time_t since = pbox->session->filter_since;
	struct mail_search_args *args;

	wanted_fields |= MAIL_FETCH_RECEIVED_DATE;
	i_zero(counts);
	if (pop_policy_filter_build(t->box, keyword, since, counts, &args) < 0)
		search_set_failed(search);
	search->main_ctx = main_search_init(t, args, sort_program,
					    wanted_fields, NULL);
	if (pop_policy_filter_build(merged, keyword, since, counts,
				    &args) < 0) {
		mail_storage_copy_error(t->box->storage, merged->storage);
		search_set_failed(search);
	}
	search->merged_ctx = mailbox_search_init(pt->merged, args, sort_program,
						 wanted_fields, NULL);
	mail_search_args_unref(&args);

	array_clear(&pbox->merge->listed);
	pop_policy_main_uidls_free(&pbox->merge->uidls.main);
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
		mail_search_args_ref(args);
		search->main_ctx = main_search_init(t, args, sort_program,
						      wanted_fields,
						      wanted_headers);
		search->merged.finished = TRUE;
	}
	return &search->ctx;
}

/* Returns FALSE if the search should be continued later. */
static bool
head_refresh(struct pop_policy_merge_search *search,
	     struct pop_policy_merge_head *head, bool is_merged)
{
	struct mail *mail;
	bool tryagain = FALSE, found;

	if (head->finished || head->mail != NULL)
		return TRUE;
	if (is_merged) {
		found = mailbox_search_next_nonblock(search->merged_ctx, &mail,
						     &tryagain);
	} else {
		found = main_search_next(search->main_ctx, &mail, &tryagain);
	}
	if (!found) {
		head->finished = !tryagain;
		return !tryagain;
	}
	pop_policy_merge_head_set(head, mail);
	return TRUE;
}

static struct pop_policy_merge_head *
head_choose(struct pop_policy_merge_search *search)
{
	struct pop_policy_merge_head *head;
	struct mail *undated;

	head = pop_policy_merge_order_next(&search->main, &search->merged,
					   &undated);
	if (undated != NULL) {
		mail_storage_copy_error(search->ctx.transaction->box->storage,
					undated->box->storage);
		search_set_failed(search);
	}
	return head;
}

static bool
queue_search_next(struct pop_policy_merge_search *search,
		  struct mail **mail_r, bool *tryagain_r)
{
	struct mailbox *box = search->ctx.transaction->box;
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	struct pop_policy_merge_head *head;

	if (!head_refresh(search, &search->main, FALSE) ||
	    !head_refresh(search, &search->merged, TRUE)) {
		*tryagain_r = TRUE;
		return FALSE;
	}
	head = head_choose(search);
	if (search->failed || head->mail == NULL)
		return FALSE;

	*mail_r = head->mail;
	if (head == &search->merged) {
		pop_policy_merge_mail_set(search->mail, head->mail);
		*mail_r = search->mail;
	}
	head->mail = NULL;
	if (search->merged_ctx != NULL)
		array_push_back(&pbox->merge->listed, &(*mail_r)->seq);
	return TRUE;
}

bool pop_policy_merge_search_next(struct mail_search_context *ctx,
				  struct mail **mail_r, bool *tryagain_r)
{
	struct pop_policy_merge_search *search =
		container_of(ctx, struct pop_policy_merge_search, ctx);
	uint32_t seq;

	if (search->main_ctx != NULL) {
		if (!queue_search_next(search, mail_r, tryagain_r))
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

int pop_policy_merge_search_deinit(struct mail_search_context *ctx)
{
	struct pop_policy_merge_search *search =
		container_of(ctx, struct pop_policy_merge_search, ctx);
	struct mailbox *box = ctx->transaction->box;
	int ret = search->failed ? -1 : 0;

	if (search->main_ctx != NULL) {
		if (main_search_deinit(&search->main_ctx) < 0)
			ret = -1;
		if (search->merged_ctx != NULL &&
		    mailbox_search_deinit(&search->merged_ctx) < 0) {
			mail_storage_copy_error(box->storage,
				pop_policy_merge_get_mailbox(box)->storage);
			ret = -1;
		}
	}
	mail_free(&search->mail);
	array_free(&search->seqs);
	array_free(&search->ctx.results);
	array_free(&search->ctx.module_contexts);
	if (search->failed)
		mail_storage_last_error_pop(box->storage);
	i_free(search);
	return ret;
}
