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

/* Read the file, and count those that have a letter there. Returns NULL if it
   cannot be read. */
static struct maildir_keywords *
keywords_read(struct maildir_mailbox *mbox,
	      const ARRAY_TYPE(keyword_indexes) *keywords,
	      unsigned int *count_r)
{
	struct mail_storage *storage = mbox->box.storage;
	struct maildir_keywords *stored;
	struct maildir_keywords_sync_ctx *ctx;

	/* A keyword without a letter is one too many, or of a file that cannot
	   be read: only the error tells. */
	mail_storage_clear_error(storage);
	/* (the other function that makes one crashes when it has errors) */
	stored = maildir_keywords_init(mbox);
	ctx = maildir_keywords_sync_init_readonly(stored, mbox->box.index);
	*count_r = keywords_count(ctx, keywords);
	maildir_keywords_sync_deinit(&ctx);
	if (storage->error != MAIL_ERROR_NONE)
		maildir_keywords_deinit(&stored);
	return stored;
}

static bool mailbox_is_maildir(struct mailbox *box)
{
	return strcmp(box->storage->name, MAILDIR_STORAGE_NAME) == 0;
}

static int keywords_load(struct maildir_mailbox *mbox)
{
	ARRAY_TYPE(keyword_indexes) keywords;
	struct maildir_keywords *stored;
	unsigned int any = 0, count;

	t_array_init(&keywords, 1);
	array_push_back(&keywords, &any);
	stored = keywords_read(mbox, &keywords, &count);
	if (stored == NULL)
		return -1;
	/* It reads the file only once: what it has is what will be used. */
	maildir_keywords_deinit(&mbox->keywords);
	mbox->keywords = stored;
	return 0;
}

int pop_policy_maildir_keywords_load(struct mailbox *box)
{
	int ret;

	if (!mailbox_is_maildir(box) ||
	    array_count(mail_index_get_keywords(box->index)) == 0)
		return 0;
	T_BEGIN {
		ret = keywords_load(MAILDIR_MAILBOX(box));
	} T_END;
	return ret;
}

static int
keywords_store(struct maildir_mailbox *mbox,
	       const ARRAY_TYPE(keyword_indexes) *keywords)
{
	struct maildir_keywords *stored;
	unsigned int count, stored_count;

	if (maildir_uidlist_lock(mbox->uidlist) <= 0)
		return -1;
	mail_storage_clear_error(mbox->box.storage);
	count = keywords_write(mbox, keywords);
	maildir_uidlist_unlock(mbox->uidlist);
	if (mbox->box.storage->error == MAIL_ERROR_NONE) {
		stored = keywords_read(mbox, keywords, &stored_count);
		if (stored != NULL) {
			maildir_keywords_deinit(&stored);
			if (stored_count >= count)
				return 0;
		}
	}
	mailbox_set_critical(&mbox->box, "pop_policy: "
			     "Cannot store the names of keywords");
	return -1;
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
