/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "mail-index-private.h"
#include "mail-index-view-private.h"
#include "pop-policy-index-memo.h"
#include "pop-policy-stamp.h"
#include "pop-policy-stamps.h"

#include <time.h>

#define POP_POLICY_STAMPS_EXT_NAME "pop-policy-dequeued"

/* Where a map's records have their stamps */
struct stamps {
	const struct mail_index_map *map;
	/* 0 = none has one */
	unsigned int offset;
};

static void stamps_init(struct stamps *stamps_r, struct mailbox *box)
{
	struct mail_index_map *map = box->view->map;
	const struct mail_index_ext *ext;
	uint32_t ext_id, ext_idx;

	i_zero(stamps_r);
	stamps_r->map = map;
	if (!mail_index_ext_lookup(box->index, POP_POLICY_STAMPS_EXT_NAME,
				   &ext_id) ||
	    !mail_index_map_get_ext_idx(map, ext_id, &ext_idx))
		return;
	ext = array_idx(&map->extensions, ext_idx);
	if (ext->record_size == sizeof(uint32_t))
		stamps_r->offset = ext->record_offset;
}

static uint32_t stamps_register(struct mail_index *index)
{
	return mail_index_ext_register(index, POP_POLICY_STAMPS_EXT_NAME, 0,
				       sizeof(uint32_t), sizeof(uint32_t));
}

/* (from the map, as pop-policy-filter.c looks at keywords) */
static uint32_t stamps_get(const struct stamps *stamps, uint32_t seq)
{
	uint32_t stamp;

	if (stamps->offset == 0)
		return 0;
	memcpy(&stamp, CONST_PTR_OFFSET(MAIL_INDEX_REC_AT_SEQ(stamps->map, seq),
					stamps->offset), sizeof(stamp));
	return stamp;
}

/* If this fails some mails are kept longer, that is all. */
static void
stamps_write(struct mailbox *box, const ARRAY_TYPE(seq_range) *seqs,
	     uint32_t stamp)
{
	struct pop_policy_index_memo memo;
	struct mail_index_transaction *trans;
	struct seq_range_iter iter;
	unsigned int n = 0;
	uint32_t ext_id, seq;

	if (array_count(seqs) == 0 ||
	    !pop_policy_index_memo_begin(&memo, box))
		return;
	ext_id = stamps_register(box->index);
	trans = mail_index_transaction_begin(box->view,
				MAIL_INDEX_TRANSACTION_FLAG_EXTERNAL);
	seq_range_array_iter_init(&iter, seqs);
	while (seq_range_array_iter_nth(&iter, n++, &seq))
		mail_index_update_ext(trans, seq, ext_id, &stamp, NULL);
	(void)mail_index_transaction_commit(&trans);
	pop_policy_index_memo_end(&memo);
}

static uint32_t stamp_now(void)
{
	time_t now = time(NULL);

	return now <= 0 || now > UINT32_MAX ? 0 : now;
}

void pop_policy_stamps_note(struct mailbox_transaction_context *t,
			    uint32_t seq, bool marked, bool create)
{
	uint32_t ext_id, stamp = marked ? stamp_now() : 0;

	if (t->box->virtual_vfuncs != NULL)
		return;
	if (create && marked) {
		ext_id = stamps_register(t->box->index);
	} else if (!mail_index_ext_lookup(t->box->index,
					  POP_POLICY_STAMPS_EXT_NAME, &ext_id))
		return;
	mail_index_update_ext(t->itrans, seq, ext_id, &stamp, NULL);
}

void pop_policy_stamps_forget(struct mailbox *box,
			      const ARRAY_TYPE(seq_range) *unmarked)
{
	ARRAY_TYPE(seq_range) stamped;
	struct seq_range_iter iter;
	struct stamps stamps;
	unsigned int n = 0;
	uint32_t seq;

	stamps_init(&stamps, box);
	if (stamps.offset == 0)
		return;
	t_array_init(&stamped, 8);
	seq_range_array_iter_init(&iter, unmarked);
	while (seq_range_array_iter_nth(&iter, n++, &seq)) {
		if (stamps_get(&stamps, seq) != 0)
			seq_range_array_add(&stamped, seq);
	}
	stamps_write(box, &stamped, 0);
}

static void
stamps_take(const ARRAY_TYPE(seq_range) *seqs, uint32_t min_seq,
	    unsigned int max, ARRAY_TYPE(seq_range) *taken_r)
{
	struct seq_range_iter iter;
	unsigned int n = 0, count = 0;
	uint32_t seq;

	seq_range_array_iter_init(&iter, seqs);
	while (count < max && seq_range_array_iter_nth(&iter, n++, &seq)) {
		if (seq >= min_seq) {
			seq_range_array_add(taken_r, seq);
			count++;
		}
	}
}

void pop_policy_stamps_look(struct mailbox *box,
			    const ARRAY_TYPE(seq_range) *marked,
			    unsigned int keep_for, bool dry_run,
			    uint32_t min_seq, unsigned int max,
			    ARRAY_TYPE(seq_range) *due_r)
{
	const uint32_t now = stamp_now();
	uint32_t seq, count = mail_index_get_header(box->view)->messages_count;
	ARRAY_TYPE(seq_range) todo[POP_POLICY_STAMP_COUNT];
	struct stamps stamps;

	for (unsigned int i = 0; i < N_ELEMENTS(todo); i++)
		t_array_init(&todo[i], 8);
	stamps_init(&stamps, box);
	for (seq = 1; seq <= count; seq++) {
		seq_range_array_add(&todo[pop_policy_stamp_check(
			seq_range_exists(marked, seq),
			stamps_get(&stamps, seq), now, keep_for)], seq);
	}
	if (!dry_run) {
		stamps_write(box, &todo[POP_POLICY_STAMP_START], now);
		stamps_write(box, &todo[POP_POLICY_STAMP_FORGET], 0);
	}
	stamps_take(&todo[POP_POLICY_STAMP_EXPIRE], min_seq, max, due_r);
}
