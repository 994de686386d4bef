/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "mail-index-private.h"
#include "mail-index-view-private.h"
#include "pop-policy-change.h"
#include "pop-policy-verify-maildir.h"
#include "pop-policy-verify.h"

int pop_policy_verify_index(struct mailbox *box)
{
	const char *path;

	if (!mail_index_is_in_memory(box->index) ||
	    mailbox_get_path_to(box, MAILBOX_LIST_PATH_TYPE_INDEX, &path) <= 0)
		return 0;
	mailbox_set_critical(box, "pop_policy: QUIT failed: "
			     "The index cannot be written");
	return -1;
}

int pop_policy_verify_uid_validity(struct mailbox *box, uint32_t uid_validity)
{
	if (uid_validity == 0 || uid_validity ==
	    mail_index_get_header(box->view)->uid_validity)
		return 0;
	mailbox_set_critical(box, "pop_policy: QUIT failed: "
			     "UIDVALIDITY changed during the session");
	return -1;
}

static bool
view_has_mark(struct mail_index_view *view, uint32_t seq,
	      unsigned int keyword_idx, enum mail_flags flags)
{
	const struct mail_index_record *rec = mail_index_lookup(view, seq);
	ARRAY_TYPE(keyword_indexes) keywords;
	unsigned int idx;

	if ((rec->flags & flags) != flags)
		return FALSE;
	t_array_init(&keywords, 16);
	mail_index_lookup_keywords(view, seq, &keywords);
	array_foreach_elem(&keywords, idx) {
		if (idx == keyword_idx)
			return TRUE;
	}
	return FALSE;
}

struct marks {
	const char *keyword;
	enum mail_flags flags;
};

/* Get the mails in the view that exist without the marks or, if maildir is not
   NULL, whose files do not have them. */
static void
view_get_unmarked(struct mail_index_view *view,
		  const ARRAY_TYPE(seq_range) *uids, const struct marks *marks,
		  struct pop_policy_verify_maildir *maildir,
		  ARRAY_TYPE(seq_range) *unmarked)
{
	struct seq_range_iter iter;
	unsigned int idx, n = 0;
	uint32_t uid, seq;
	bool marked, known;

	array_clear(unmarked);
	known = mail_index_keyword_lookup(view->index,
					  marks->keyword, &idx);
	seq_range_array_iter_init(&iter, uids);
	while (seq_range_array_iter_nth(&iter, n++, &uid)) {
		if (!mail_index_lookup_seq(view, uid, &seq))
			continue;
		T_BEGIN {
			marked = known &&
				view_has_mark(view, seq, idx, marks->flags) &&
				(maildir == NULL ||
				 pop_policy_verify_maildir_file(maildir, uid,
								seq));
		} T_END;
		if (!marked)
			seq_range_array_add(unmarked, uid);
	}
}

/* The index's log is read back from disk, with what others have changed
   meanwhile. That it is the one that others read, Dovecot has checked when it
   locked the log to write. */
static void
index_get_unmarked(struct mailbox *box, const ARRAY_TYPE(seq_range) *uids,
		   const struct marks *marks, ARRAY_TYPE(seq_range) *unmarked)
{
	struct mail_index_view *view;

	(void)mail_index_refresh(box->index);
	view = mail_index_view_open(box->index);
	view_get_unmarked(view, uids, marks, NULL, unmarked);
	mail_index_view_close(&view);
}

/* Somebody else may be changing other flags, which renames the files: so Dovecot
   looks for them several times, too. */
#define FILES_MAX_TRIES 10

static int
files_get_unmarked(struct mailbox *box, const ARRAY_TYPE(seq_range) *uids,
		   const struct marks *marks, ARRAY_TYPE(seq_range) *unmarked)
{
	struct pop_policy_verify_maildir *maildir =
		pop_policy_verify_maildir_init(box);
	ARRAY_TYPE(seq_range) left;
	int ret = 0;

	if (maildir == NULL)
		return 0;
	t_array_init(&left, 8);
	view_get_unmarked(box->view, uids, marks, maildir, unmarked);
	for (unsigned int i = 1; i < FILES_MAX_TRIES && ret == 0 &&
	     array_count(unmarked) > 0; i++) {
		ret = mailbox_sync(box, MAILBOX_SYNC_FLAG_FULL_READ);
		array_clear(&left);
		array_append_array(&left, unmarked);
		view_get_unmarked(box->view, &left, marks, maildir, unmarked);
	}
	pop_policy_verify_maildir_deinit(&maildir);
	return ret;
}

int pop_policy_verify_marked(struct mailbox *box,
			     const ARRAY_TYPE(seq_range) *uids,
			     const char *keyword, enum mail_flags flags,
			     ARRAY_TYPE(seq_range) *unmarked)
{
	/* those of a shared mailbox are in an index that is the user's */
	enum mail_flags private_flags = mailbox_get_private_flags_mask(box);
	struct marks marks = {
		.keyword = keyword,
		.flags = flags & ~(unsigned int)private_flags,
	};

	if (!pop_policy_changes_are_visible(box))
		return 0;
	index_get_unmarked(box, uids, &marks, unmarked);
	if (array_count(unmarked) == 0 &&
	    files_get_unmarked(box, uids, &marks, unmarked) < 0)
		return -1;
	if (array_count(unmarked) == 0)
		return 0;
	mailbox_set_critical(box, "pop_policy: QUIT failed: "
		"%u of %u messages were not marked with keyword %s%s",
		seq_range_count(unmarked),
		seq_range_count(uids), keyword,
		(flags & MAIL_SEEN) != 0 ? " and as read" : "");
	return -1;
}

int pop_policy_verify_gone(struct mailbox *box,
			   const ARRAY_TYPE(seq_range) *uids,
			   ARRAY_TYPE(seq_range) *remaining)
{
	struct seq_range_iter iter;
	unsigned int n = 0;
	uint32_t uid, seq;

	if (!pop_policy_changes_are_visible(box))
		return 0;
	seq_range_array_iter_init(&iter, uids);
	while (seq_range_array_iter_nth(&iter, n++, &uid)) {
		if (mail_index_lookup_seq(box->view, uid, &seq))
			seq_range_array_add(remaining, uid);
	}
	if (array_count(remaining) == 0)
		return 0;
	mailbox_set_critical(box, "pop_policy: QUIT failed: "
		"%u of %u messages could not be removed",
		seq_range_count(remaining),
		seq_range_count(uids));
	return -1;
}

/* Returns 1 if the mailbox, opened anew, has the mail with the keyword or no
   such mail, 0 if it has the mail without the keyword, -1 on error. */
static int
keyword_is_stored(struct mailbox *box, const char *keyword, uint32_t uid)
{
	struct mailbox_transaction_context *t;
	struct mailbox *other;
	struct mail *mail;
	int ret = 1;

	other = mailbox_alloc(box->list, box->vname, 0);
	if (mailbox_sync(other, MAILBOX_SYNC_FLAG_FULL_READ) < 0) {
		mail_storage_copy_error(box->storage, other->storage);
		mailbox_free(&other);
		return -1;
	}
	t = mailbox_transaction_begin(other, 0, "pop_policy");
	mail = mail_alloc(t, 0, NULL);
	if (mail_set_uid(mail, uid) &&
	    !str_array_find(mail_get_keywords(mail), keyword))
		ret = 0;
	mail_free(&mail);
	mailbox_transaction_rollback(&t);
	mailbox_free(&other);
	return ret;
}

int pop_policy_verify_new_keyword(struct mailbox *box, const char *keyword,
				  uint32_t uid)
{
	int ret;

	if (!pop_policy_changes_are_visible(box))
		return 0;
	/* Maildir keeps the keywords' names in a file and only logs it if that
	   cannot be written. */
	ret = keyword_is_stored(box, keyword, uid);
	if (ret != 0)
		return ret < 0 ? -1 : 0;
	mailbox_set_critical(box, "pop_policy: QUIT failed: "
		"The name of keyword %s was not stored", keyword);
	return -1;
}
