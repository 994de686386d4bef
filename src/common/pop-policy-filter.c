/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "mail-search-build.h"
#include "mail-index-private.h"
#include "mail-index-view-private.h"
#include "pop-policy-dates.h"
#include "pop-policy-keyword.h"
#include "pop-policy-report.h"
#include "pop-policy-stamps.h"
#include "pop-policy-filter.h"

/* Where a map's records have a keyword's bit. */
struct keyword_bit {
	const struct mail_index_map *map;
	unsigned int offset;
	/* 0 = no record has it */
	unsigned char mask;
};

static void
keyword_bit_init(struct keyword_bit *bit_r, struct mail_index_map *map,
		 unsigned int keyword_idx)
{
	const struct mail_index_ext *ext;
	unsigned int bit;
	uint32_t ext_idx;

	i_zero(bit_r);
	bit_r->map = map;
	if (!pop_policy_keyword_find_bit(map, keyword_idx, &bit) ||
	    !mail_index_map_get_ext_idx(map, map->index->keywords_ext_id,
					&ext_idx))
		return;
	ext = array_idx(&map->extensions, ext_idx);
	if (ext->record_offset == 0 || bit / CHAR_BIT >= ext->record_size)
		return;
	bit_r->offset = ext->record_offset + bit / CHAR_BIT;
	bit_r->mask = 1 << (bit % CHAR_BIT);
}

static bool keyword_bit_is_set(const struct keyword_bit *bit, uint32_t seq)
{
	const unsigned char *byte =
		CONST_PTR_OFFSET(MAIL_INDEX_REC_AT_SEQ(bit->map, seq),
				 bit->offset);

	return (*byte & bit->mask) != 0;
}

/* The flags are those of the index's own map, if it still has the view's mail.
   *head_seq is the first mail there that may be it. */
static bool
head_is_marked(const struct keyword_bit *view_bit,
	       const struct keyword_bit *head_bit, uint32_t seq,
	       uint32_t *head_seq)
{
	const struct mail_index_map *head = head_bit->map;
	uint32_t uid = MAIL_INDEX_REC_AT_SEQ(view_bit->map, seq)->uid;

	while (*head_seq <= head->hdr.messages_count &&
	       MAIL_INDEX_REC_AT_SEQ(head, *head_seq)->uid < uid)
		(*head_seq)++;
	return *head_seq <= head->hdr.messages_count &&
		MAIL_INDEX_REC_AT_SEQ(head, *head_seq)->uid == uid ?
		keyword_bit_is_set(head_bit, *head_seq) :
		keyword_bit_is_set(view_bit, seq);
}

/* Add to seqs_r the range's mails that have the keyword.

   This walks the maps themselves: Dovecot's search costs a hundred times as
   much for each mail as a look at the bit ("make bench" has goals for that,
   G9). Flags are those that the index has now, if it still has the mail, not
   those that it had when the view was synced. */
static void
view_find_marked(struct mail_index_view *view, unsigned int keyword_idx,
		 const struct seq_range *range, ARRAY_TYPE(seq_range) *seqs_r)
{
	const struct mail_index_map *head = view->index->map;
	struct keyword_bit view_bit, head_bit;
	uint32_t seq, head_seq = 1, marked_seq = 0;
	bool marked;

	keyword_bit_init(&view_bit, view->map, keyword_idx);
	keyword_bit_init(&head_bit, view->index->map, keyword_idx);
	if (view_bit.mask == 0 && head_bit.mask == 0)
		return;
	for (seq = range->seq1; seq <= range->seq2; seq++) {
		marked = view->map == head ?
			keyword_bit_is_set(&view_bit, seq) :
			head_is_marked(&view_bit, &head_bit, seq, &head_seq);
		if (marked && marked_seq == 0)
			marked_seq = seq;
		else if (!marked && marked_seq != 0) {
			seq_range_array_add_range(seqs_r, marked_seq, seq - 1);
			marked_seq = 0;
		}
	}
	if (marked_seq != 0)
		seq_range_array_add_range(seqs_r, marked_seq, range->seq2);
}

void pop_policy_filter_get_marked(struct mailbox *box, const char *keyword,
				  ARRAY_TYPE(seq_range) *marked)
{
	const struct seq_range all = {
		.seq1 = 1,
		.seq2 = mail_index_get_header(box->view)->messages_count,
	};
	unsigned int idx;

	if (mail_index_keyword_lookup(box->index, keyword, &idx))
		view_find_marked(box->view, idx, &all, marked);
}

static void
filter_keyword(struct mailbox *box, const char *keyword,
	       ARRAY_TYPE(seq_range) *seqs)
{
	ARRAY_TYPE(seq_range) marked;

	i_array_init(&marked, 32);
	pop_policy_filter_get_marked(box, keyword, &marked);
	seq_range_array_remove_seq_range(seqs, &marked);
	array_free(&marked);
	pop_policy_stamps_forget(box, seqs);
}

static void
build_seqset(struct mail_search_args *args, uint32_t count,
	     const ARRAY_TYPE(seq_range) *seqs)
{
	struct mail_search_arg *arg;

	if (seq_range_count(seqs) == count) {
		(void)mail_search_build_add(args, SEARCH_ALL);
		return;
	}
	if (array_count(seqs) == 0) {
		arg = mail_search_build_add(args, SEARCH_ALL);
		arg->match_not = TRUE;
		return;
	}
	arg = mail_search_build_add(args, SEARCH_SEQSET);
	p_array_init(&arg->value.seqset, args->pool, array_count(seqs));
	array_append_array(&arg->value.seqset, seqs);
}

static void
log_hidden(struct mailbox *box, const ARRAY_TYPE(seq_range) *before,
	   const ARRAY_TYPE(seq_range) *after, const char *reason)
{
	ARRAY_TYPE(seq_range) hidden, uids;
	struct seq_range_iter iter;
	unsigned int n = 0;
	uint32_t seq, uid;

	t_array_init(&hidden, 8);
	array_append_array(&hidden, before);
	seq_range_array_remove_seq_range(&hidden, after);
	t_array_init(&uids, 8);
	seq_range_array_iter_init(&iter, &hidden);
	while (seq_range_array_iter_nth(&iter, n++, &seq)) {
		uid = mail_index_lookup(box->view, seq)->uid;
		seq_range_array_add(&uids, uid);
	}
	e_debug(box->event, "pop_policy: Not in the POP queue, %s: uid=%s",
		reason, pop_policy_report_uids(&uids));
}

/* Returns how many mails a filter has just left out, and logs which ones. */
static unsigned int
note_hidden(struct mailbox *box, ARRAY_TYPE(seq_range) *before,
	    const ARRAY_TYPE(seq_range) *after, const char *reason)
{
	unsigned int count = seq_range_count(before) - seq_range_count(after);

	if (count == 0)
		return 0;
	if (event_want_debug(box->event))
		log_hidden(box, before, after, reason);
	array_clear(before);
	array_append_array(before, after);
	return count;
}

int pop_policy_filter_get(struct mailbox *box, const char *keyword,
			  time_t since,
			  struct pop_policy_filter_counts *counts,
			  ARRAY_TYPE(seq_range) *seqs)
{
	uint32_t count = mail_index_get_header(box->view)->messages_count;
	struct pop_policy_filter_counts unused;
	ARRAY_TYPE(seq_range) before;
	int ret = 0;

	if (counts == NULL) {
		i_zero(&unused);
		counts = &unused;
	}
	array_clear(seqs);
	if (count > 0)
		seq_range_array_add_range(seqs, 1, count);
	t_array_init(&before, 128);
	array_append_array(&before, seqs);

	if (keyword != NULL)
		filter_keyword(box, keyword, seqs);
	counts->dequeued += note_hidden(box, &before, seqs, "dequeued");
	if (since != 0)
		ret = pop_policy_dates_filter(box, since, keyword == NULL, seqs);
	if (ret < 0)
		array_clear(seqs);
	else {
		counts->before_date += note_hidden(box, &before, seqs,
			"arrived before pop_policy_since or pop_policy_recent");
	}
	counts->listed += seq_range_count(seqs);
	return ret;
}

int pop_policy_filter_build(struct mailbox *box, const char *keyword,
			    time_t since,
			    struct pop_policy_filter_counts *counts,
			    struct mail_search_args **args_r)
{
	struct mail_search_args *args = mail_search_build_init();
	int ret;

	T_BEGIN {
		ARRAY_TYPE(seq_range) seqs;

		t_array_init(&seqs, 128);
		ret = pop_policy_filter_get(box, keyword, since, counts,
					    &seqs);
		build_seqset(args,
			mail_index_get_header(box->view)->messages_count,
			&seqs);
	} T_END;
	mail_search_args_init(args, box, TRUE, NULL);
	*args_r = args;
	return ret;
}
