/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "maildir-storage.h"
#include "maildir-uidlist.h"
#include "maildir-keywords.h"
#include "pop-policy-maildir-keywords.h"

/* Get the keywords that the mails have, as indexes of dest_box's index. */
static void
keywords_get(struct mailbox *src_box, struct mailbox *dest_box,
	     const ARRAY_TYPE(seq_range) *uids,
	     ARRAY_TYPE(keyword_indexes) *dest_r)
{
	const ARRAY_TYPE(keywords) *names =
		mail_index_get_keywords(src_box->index);
	ARRAY_TYPE(keyword_indexes) keywords;
	ARRAY_TYPE(seq_range) used;
	struct seq_range_iter iter;
	unsigned int n = 0, idx, dest_idx;
	uint32_t uid, seq;

	t_array_init(&keywords, 16);
	t_array_init(&used, 16);
	seq_range_array_iter_init(&iter, uids);
	while (seq_range_array_iter_nth(&iter, n++, &uid)) {
		if (!mail_index_lookup_seq(src_box->view, uid, &seq))
			continue;
		mail_index_lookup_keywords(src_box->view, seq, &keywords);
		array_foreach_elem(&keywords, idx) {
			seq_range_array_add(&used, idx);
		}
	}
	n = 0;
	seq_range_array_iter_init(&iter, &used);
	while (seq_range_array_iter_nth(&iter, n++, &idx)) {
		mail_index_keyword_lookup_or_create(dest_box->index,
			array_idx_elem(names, idx), &dest_idx);
		array_push_back(dest_r, &dest_idx);
	}
}

/* Returns the number of keywords that have a letter. */
static unsigned int
keywords_count(struct maildir_keywords_sync_ctx *ctx,
	       const ARRAY_TYPE(keyword_indexes) *keywords)
{
	unsigned int idx, count = 0;

	array_foreach_elem(keywords, idx) {
		if (maildir_keywords_idx_char(ctx, idx) != '\0')
			count++;
	}
	return count;
}

static unsigned int
keywords_write(struct maildir_mailbox *mbox,
	       const ARRAY_TYPE(keyword_indexes) *keywords)
{
	struct maildir_keywords_sync_ctx *ctx;
	unsigned int count;

	ctx = maildir_keywords_sync_init(mbox->keywords, mbox->box.index);
	count = keywords_count(ctx, keywords);
	maildir_keywords_sync_deinit(&ctx);
	return count;
}

static unsigned int
keywords_count_stored(struct maildir_mailbox *mbox,
		      const ARRAY_TYPE(keyword_indexes) *keywords)
{
	struct maildir_keywords *stored;
	struct maildir_keywords_sync_ctx *ctx;
	unsigned int count;

	/* (the other function that makes one crashes when it has errors) */
	stored = maildir_keywords_init(mbox);
	ctx = maildir_keywords_sync_init_readonly(stored, mbox->box.index);
	count = keywords_count(ctx, keywords);
	maildir_keywords_sync_deinit(&ctx);
	maildir_keywords_deinit(&stored);
	return count;
}

static int
keywords_store(struct maildir_mailbox *mbox,
	       const ARRAY_TYPE(keyword_indexes) *keywords)
{
	struct mailbox *box = &mbox->box;
	unsigned int count, stored;

	if (maildir_uidlist_lock(mbox->uidlist) <= 0)
		return -1;
	/* A keyword without a letter is one too many, or of a file that cannot
	   be read: only the error tells. */
	mail_storage_clear_error(box->storage);
	count = keywords_write(mbox, keywords);
	maildir_uidlist_unlock(mbox->uidlist);
	stored = keywords_count_stored(mbox, keywords);
	if (stored >= count && box->storage->error == MAIL_ERROR_NONE)
		return 0;
	mailbox_set_critical(box, "pop_policy: "
			     "Cannot store the names of keywords");
	return -1;
}

static bool mailbox_is_maildir(struct mailbox *box)
{
	return strcmp(box->storage->name, MAILDIR_STORAGE_NAME) == 0;
}

int pop_policy_maildir_keywords_check(struct mailbox *box, const char *keyword)
{
	ARRAY_TYPE(keyword_indexes) keywords;
	unsigned int idx;

	if (!mailbox_is_maildir(box) ||
	    !mail_index_keyword_lookup(box->index, keyword, &idx))
		return 0;
	mail_storage_clear_error(box->storage);
	T_BEGIN {
		t_array_init(&keywords, 1);
		array_push_back(&keywords, &idx);
		(void)keywords_count_stored(MAILDIR_MAILBOX(box), &keywords);
	} T_END;
	return box->storage->error == MAIL_ERROR_NONE ? 0 : -1;
}

int pop_policy_maildir_keywords_copy(struct mailbox *src_box,
				     struct mailbox *dest_box,
				     const ARRAY_TYPE(seq_range) *uids)
{
	ARRAY_TYPE(keyword_indexes) keywords;
	int ret = 0;

	if (!mailbox_is_maildir(dest_box))
		return 0;
	T_BEGIN {
		t_array_init(&keywords, 16);
		keywords_get(src_box, dest_box, uids, &keywords);
		if (array_count(&keywords) > 0) {
			ret = keywords_store(MAILDIR_MAILBOX(dest_box),
					     &keywords);
		}
	} T_END;
	return ret;
}
