/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "mail-search-build.h"
#include "mail-index-private.h"
#include "mail-index-view-private.h"
#include "pop-policy-dates.h"
#include "pop-policy-keyword.h"
#include "pop-policy-filter.h"

/* Add to seqs_r the range's mails that have the keyword. What a search for it
   does for each mail costs a hundred times as much as a look at the bit. */
static void
map_find_marked(struct mail_index_map *map, unsigned int keyword_idx,
		const struct seq_range *range, ARRAY_TYPE(seq_range) *seqs_r)
{
	const struct mail_index_ext *ext;
	const unsigned char *byte;
	unsigned int bit;
	uint32_t ext_idx, seq, marked_seq = 0;

	if (!pop_policy_keyword_find_bit(map, keyword_idx, &bit) ||
	    !mail_index_map_get_ext_idx(map, map->index->keywords_ext_id,
					&ext_idx))
		return;
	ext = array_idx(&map->extensions, ext_idx);
	if (ext->record_offset == 0 || bit / CHAR_BIT >= ext->record_size)
		return;

	for (seq = range->seq1; seq <= range->seq2; seq++) {
		byte = CONST_PTR_OFFSET(MAIL_INDEX_REC_AT_SEQ(map, seq),
					ext->record_offset + bit / CHAR_BIT);
		if ((*byte & (1 << (bit % CHAR_BIT))) != 0) {
			if (marked_seq == 0)
				marked_seq = seq;
		} else if (marked_seq != 0) {
			seq_range_array_add_range(seqs_r, marked_seq, seq - 1);
			marked_seq = 0;
		}
	}
	if (marked_seq != 0)
		seq_range_array_add_range(seqs_r, marked_seq, range->seq2);
}

/* The same where the index has changed since the view was synced: flags are
   always those that the index has now. */
static void
view_find_marked(struct mail_index_view *view, unsigned int keyword_idx,
		 const struct seq_range *range, ARRAY_TYPE(seq_range) *seqs_r)
{
	ARRAY_TYPE(keyword_indexes) keywords;
	unsigned int idx;

	i_array_init(&keywords, 32);
	for (uint32_t seq = range->seq1; seq <= range->seq2; seq++) {
		mail_index_lookup_keywords(view, seq, &keywords);
		array_foreach_elem(&keywords, idx) {
			if (idx == keyword_idx) {
				seq_range_array_add(seqs_r, seq);
				break;
			}
		}
	}
	array_free(&keywords);
}

static void
filter_keyword(struct mailbox *box, const char *keyword,
	       ARRAY_TYPE(seq_range) *seqs)
{
	ARRAY_TYPE(seq_range) marked;
	const struct seq_range *range;
	unsigned int idx;

	if (!mail_index_keyword_lookup(box->index, keyword, &idx))
		return;
	i_array_init(&marked, 32);
	array_foreach(seqs, range) {
		if (box->view->map == box->index->map) {
			map_find_marked(box->view->map, idx, range, &marked);
		} else {
			view_find_marked(box->view, idx, range, &marked);
		}
	}
	seq_range_array_remove_seq_range(seqs, &marked);
	array_free(&marked);
}

static void
build_seqset(struct mail_search_args *args, uint32_t count,
	     const ARRAY_TYPE(seq_range) *seqs)
{
	struct mail_search_arg *arg;

	if (seq_range_count(seqs) == count) {
		mail_search_build_add_all(args);
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

int pop_policy_filter_build(struct mailbox *box, const char *keyword,
			    time_t since, struct mail_search_args **args_r)
{
	uint32_t count = mail_index_view_get_messages_count(box->view);
	struct mail_search_args *args = mail_search_build_init();
	ARRAY_TYPE(seq_range) seqs;
	int ret = 0;

	i_array_init(&seqs, 128);
	if (count > 0)
		seq_range_array_add_range(&seqs, 1, count);
	filter_keyword(box, keyword, &seqs);
	if (since != 0) {
		ret = pop_policy_dates_filter(box, since, &seqs);
		if (ret < 0)
			array_clear(&seqs);
	}
	build_seqset(args, count, &seqs);
	array_free(&seqs);
	mail_search_args_init(args, box, TRUE, NULL);
	mail_search_args_simplify(args);
	*args_r = args;
	return ret;
}
