/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "mail-storage-private.h"
#include "mail-index-private.h"
#include "mail-index-view-private.h"
#include "pop-policy-time.h"
#include "pop-policy-date-record.h"
#include "pop-policy-mail-compat.h"
#include "pop-policy-index-memo.h"
#include "pop-policy-dates.h"

#define POP_POLICY_DATES_EXT_NAME "pop-policy"
#define POP_POLICY_DATES_MOVING_EXT_NAME "pop-policy-recent"

/* The first time all dates of a large mailbox can take minutes. They are stored
   after so many mails, then whenever as many again were looked at: a session
   that is killed loses half of its work at most, and what is stored is written
   a few times only. */
#define POP_POLICY_DATES_FIRST_STEP 1000

struct pop_policy_dates {
	struct mailbox *box;
	time_t cutoff;
	bool moving;
	/* of the record */
	const char *ext_name;

	/* Sequences that are known to have arrived before the cut-off, or at
	   it or later */
	ARRAY_TYPE(seq_range) before, since;
	/* Sequences that are not listed, whose dates are unknown */
	ARRAY_TYPE(seq_range) skipped;
};

static void
uids_to_seqs(struct mail_index_view *view, const ARRAY_TYPE(seq_range) *uids,
	     ARRAY_TYPE(seq_range) *seqs)
{
	const struct seq_range *range;
	uint32_t seq1, seq2;

	array_foreach(uids, range) {
		if (mail_index_lookup_seq_range(view, range->seq1, range->seq2,
						&seq1, &seq2))
			seq_range_array_add_range(seqs, seq1, seq2);
	}
}

/* UIDs that don't exist go to the range before them. */
static void
seqs_to_uids(struct mail_index_view *view, const ARRAY_TYPE(seq_range) *seqs,
	     ARRAY_TYPE(seq_range) *uids)
{
	const struct mail_index_header *hdr = mail_index_get_header(view);
	const struct seq_range *range;
	uint32_t uid1, next_uid;

	array_foreach(seqs, range) {
		uid1 = mail_index_lookup(view, range->seq1)->uid;
		next_uid = range->seq2 == hdr->messages_count ? hdr->next_uid :
			mail_index_lookup(view, range->seq2 + 1)->uid;
		seq_range_array_add_range(uids, uid1, next_uid - 1);
	}
}

/* Get the stored record. *data_r is valid until the view is synced. */
static void
stored_get(const struct pop_policy_dates *dates, const void **data_r,
	   size_t *size_r)
{
	struct mail_index_view *view = dates->box->view;
	uint32_t ext_id;

	*data_r = NULL;
	*size_r = 0;
	if (mail_index_ext_lookup(view->index, dates->ext_name, &ext_id)) {
		mail_index_map_get_header_ext(view, view->map, ext_id,
					      data_r, size_r);
	}
}

static bool stored_read(const struct pop_policy_dates *dates,
			struct pop_policy_date_record *record_r)
{
	const struct mail_index_header *hdr =
		mail_index_get_header(dates->box->view);
	const void *data;
	size_t size;

	stored_get(dates, &data, &size);
	pop_policy_date_record_init(record_r, pool_datastack_create());
	return pop_policy_date_record_unpack(record_r, data, size,
					     hdr->uid_validity, hdr->next_uid);
}

static void dates_read(struct pop_policy_dates *dates)
{
	struct mail_index_view *view = dates->box->view;
	struct pop_policy_date_record record;

	if (!stored_read(dates, &record))
		return;
	pop_policy_date_record_set_cutoff(&record, dates->cutoff);
	uids_to_seqs(view, &record.before, &dates->before);
	uids_to_seqs(view, &record.since, &dates->since);
}

/* A UID does come back when somebody rebuilds an index, which also drops the
   record. Check that nobody has done so since the view was synced. The index
   must be locked and refreshed.

   This walks the maps themselves: a session after a delivery does it for every
   mail in the mailbox ("make bench" has a goal for that, G6). */
static bool index_has_only_mails_of(struct mail_index_view *view)
{
	struct mail_index_map *map = view->map, *head = view->index->map;
	uint32_t uid, seq = 1;

	if (head == map)
		return TRUE;
	if (head->hdr.uid_validity != map->hdr.uid_validity)
		return FALSE;
	for (uint32_t head_seq = 1; head_seq <= head->hdr.messages_count;
	     head_seq++) {
		uid = MAIL_INDEX_REC_AT_SEQ(head, head_seq)->uid;
		if (uid >= map->hdr.next_uid)
			break;
		while (seq <= map->hdr.messages_count &&
		       MAIL_INDEX_REC_AT_SEQ(map, seq)->uid < uid)
			seq++;
		if (seq > map->hdr.messages_count ||
		    MAIL_INDEX_REC_AT_SEQ(map, seq)->uid != uid)
			return FALSE;
	}
	return TRUE;
}

static void
stored_write(struct mail_index *index, const char *ext_name,
	     const buffer_t *data)
{
	struct mail_index_view *view;
	struct mail_index_transaction *trans;
	uint32_t ext_id;

	ext_id = mail_index_ext_register(index, ext_name, 0, 0, 0);
	view = mail_index_view_open(index);
	trans = mail_index_transaction_begin(view,
				MAIL_INDEX_TRANSACTION_FLAG_EXTERNAL);
	mail_index_update_header_ext(trans, ext_id, 0, data->data, data->used);
	(void)mail_index_transaction_commit(&trans);
	mail_index_view_close(&view);
}

/* If this fails the next session takes longer, that is all. */
static void dates_write(struct pop_policy_dates *dates, const buffer_t *data)
{
	struct mailbox *box = dates->box;
	struct mail_index *index = box->index;
	struct pop_policy_index_memo memo;

	if (!pop_policy_index_memo_begin(&memo, box))
		return;
	if (mail_index_lock_sync(index, "pop_policy") == 0) {
		if (mail_index_refresh(index) == 0 &&
		    index_has_only_mails_of(box->view))
			stored_write(index, dates->ext_name, data);
		mail_index_unlock(index, "pop_policy");
	}
	pop_policy_index_memo_end(&memo);
}

/* The next session's cut-off is later: only what arrived before this one will
   be of use. So nothing need be stored as long as that stays the same, unless
   the cut-off that is stored is later than this one, for which the record is of
   no use. */
static bool
moving_is_stored(const struct pop_policy_dates *dates,
		 struct pop_policy_date_record *record)
{
	const buffer_t *before = record->before.arr.buffer, *old_before;
	struct pop_policy_date_record old;

	array_clear(&record->since);
	if (!stored_read(dates, &old))
		return before->used == 0;
	old_before = old.before.arr.buffer;
	return record->cutoff >= old.cutoff &&
		before->used == old_before->used &&
		memcmp(before->data, old_before->data, before->used) == 0;
}

static void dates_remember(struct pop_policy_dates *dates)
{
	struct mail_index_view *view = dates->box->view;
	const struct mail_index_header *hdr = mail_index_get_header(view);
	struct pop_policy_date_record record;
	const void *stored;
	size_t stored_size;
	buffer_t *data;

	pop_policy_date_record_init(&record, pool_datastack_create());
	record.cutoff = dates->cutoff;
	seqs_to_uids(view, &dates->before, &record.before);
	seqs_to_uids(view, &dates->since, &record.since);
	if (dates->moving && moving_is_stored(dates, &record))
		return;

	data = t_buffer_create(256);
	pop_policy_date_record_pack(&record, hdr->uid_validity, data);
	stored_get(dates, &stored, &stored_size);
	if (data->used > stored_size ||
	    memcmp(data->data, stored, data->used) != 0)
		dates_write(dates, data);
}

/* Returns 0, or -1 with the mailbox's error set if the date is not
   available. */
static int mail_look(struct pop_policy_dates *dates, struct mail *mail)
{
	time_t date;
	uoff_t size;

	if (mail_get_received_date(mail, &date) < 0) {
		if (!mail->expunged && mailbox_get_last_mail_error(mail->box) !=
		    MAIL_ERROR_EXPUNGED)
			return -1;
		seq_range_array_add(&dates->skipped, mail->seq);
		return 0;
	}
	/* this one may become another: 0 is what Dovecot finds in a cache file
	   that was cut */
	if (date == 0 || !pop_policy_time_is_cacheable(date)) {
		if (date < dates->cutoff)
			seq_range_array_add(&dates->skipped, mail->seq);
		return 0;
	}
	if (date < dates->cutoff) {
		seq_range_array_add(&dates->before, mail->seq);
		return 0;
	}
	seq_range_array_add(&dates->since, mail->seq);
	/* pop3 will want its size. Get it while the file is open. */
	if (pop_policy_mail_is_opened(mail))
		(void)mail_get_virtual_size(mail, &size);
	return 0;
}

/* Look until the end'th of the mails, *n being the next one. Returns 1 if there
   are more, 0 if not. */
static int
dates_look_step(struct pop_policy_dates *dates, struct seq_range_iter *iter,
		unsigned int *n, unsigned int end)
{
	struct mail_storage *storage = dates->box->storage;
	struct mailbox_transaction_context *t;
	struct mail *mail;
	uint32_t seq;
	int ret = 0;
	bool more = TRUE;

	/* A separate transaction: the dates get into the cache file at once,
	   and an mbox does not stay locked. */
	t = mailbox_transaction_begin(dates->box, 0, "pop_policy");
	mail = mail_alloc(t, MAIL_FETCH_RECEIVED_DATE, NULL);
	while (ret == 0 && *n < end &&
	       (more = seq_range_array_iter_nth(iter, (*n)++, &seq))) {
		T_BEGIN {
			mail_set_seq(mail, seq);
			ret = mail_look(dates, mail);
		} T_END;
	}
	if (ret < 0)
		mail_storage_last_error_push(storage);
	mail_free(&mail);
	(void)mailbox_transaction_commit(&t);
	T_BEGIN {
		dates_remember(dates);
	} T_END;
	if (ret < 0)
		mail_storage_last_error_pop(storage);
	return ret < 0 ? -1 : more ? 1 : 0;
}

static int
dates_look(struct pop_policy_dates *dates, const ARRAY_TYPE(seq_range) *seqs)
{
	unsigned int n = 0, end = POP_POLICY_DATES_FIRST_STEP;
	struct seq_range_iter iter;
	int ret;

	seq_range_array_iter_init(&iter, seqs);
	while ((ret = dates_look_step(dates, &iter, &n, end)) > 0)
		end = n * 2;
	return ret;
}

static int
dates_filter(struct pop_policy_dates *dates, ARRAY_TYPE(seq_range) *seqs)
{
	ARRAY_TYPE(seq_range) unknown;
	int ret = 0;

	T_BEGIN {
		dates_read(dates);

		t_array_init(&unknown, array_count(seqs) + 128);
		seq_range_array_merge(&unknown, seqs);
		seq_range_array_remove_seq_range(&unknown, &dates->before);
		seq_range_array_remove_seq_range(&unknown, &dates->since);
		if (array_count(&unknown) > 0)
			ret = dates_look(dates, &unknown);
	} T_END;
	seq_range_array_remove_seq_range(seqs, &dates->before);
	seq_range_array_remove_seq_range(seqs, &dates->skipped);
	return ret;
}

int pop_policy_dates_filter(struct mailbox *box, time_t cutoff, bool moving,
			    ARRAY_TYPE(seq_range) *seqs)
{
	struct pop_policy_dates dates;
	int ret;

	i_zero(&dates);
	dates.box = box;
	dates.cutoff = cutoff;
	dates.moving = moving;
	dates.ext_name = moving ? POP_POLICY_DATES_MOVING_EXT_NAME :
		POP_POLICY_DATES_EXT_NAME;
	i_array_init(&dates.before, 128);
	i_array_init(&dates.since, 128);
	i_array_init(&dates.skipped, 8);
	ret = dates_filter(&dates, seqs);
	array_free(&dates.before);
	array_free(&dates.since);
	array_free(&dates.skipped);
	return ret;
}
