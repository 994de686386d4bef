/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "maildir-storage.h"
#include "maildir-uidlist.h"
#include "maildir-sync.h"
#include "maildir-keywords.h"
#include "maildir-filename-flags.h"
#include "pop-policy-verify-maildir.h"

#include <sys/stat.h>

struct verify_maildir_context {
	struct maildir_keywords_sync_ctx *keywords;
	unsigned int keyword_idx;
	/* FALSE if the keyword is one too many for file names: then it is only
	   in the index. */
	bool in_names;
	enum mail_flags flags;

	bool marked;
};

static bool
name_has_marks(struct verify_maildir_context *ctx, const char *fname)
{
	ARRAY_TYPE(keyword_indexes) keywords;
	enum mail_flags flags;
	unsigned int idx;

	t_array_init(&keywords, 8);
	maildir_filename_flags_get(ctx->keywords, fname, &flags, &keywords);
	if ((flags & ctx->flags) != ctx->flags)
		return FALSE;
	if (!ctx->in_names)
		return TRUE;
	array_foreach_elem(&keywords, idx) {
		if (idx == ctx->keyword_idx)
			return TRUE;
	}
	return FALSE;
}

/* Returns 1, 0 if there is no such file, or -1. */
static int
check_file(struct maildir_mailbox *mbox, const char *path,
	   struct verify_maildir_context *ctx)
{
	const char *fname = strrchr(path, '/');
	struct stat st;

	if (stat(path, &st) < 0) {
		if (errno == ENOENT)
			return 0;
		mailbox_set_critical(&mbox->box, "stat(%s) failed: %m", path);
		return -1;
	}
	ctx->marked = name_has_marks(ctx, fname == NULL ? path : fname + 1);
	return 1;
}

/* Returns TRUE if there is a file with the name that the index's flags give it.
   Dovecot has just renamed the file, if it could, but does not know its new name
   before it reads the whole folder again. */
static bool
renamed_file_exists(struct maildir_mailbox *mbox, uint32_t uid, uint32_t seq,
		    struct verify_maildir_context *ctx)
{
	enum maildir_uidlist_rec_flag uidlist_flags;
	ARRAY_TYPE(keyword_indexes) keywords;
	const char *fname;
	struct stat st;

	if (maildir_sync_lookup(mbox, uid, &uidlist_flags, &fname) <= 0)
		return FALSE;
	t_array_init(&keywords, 8);
	mail_index_lookup_keywords(mbox->box.view, seq, &keywords);
	fname = maildir_filename_flags_kw_set(ctx->keywords, fname,
		mail_index_lookup(mbox->box.view, seq)->flags &
		MAIL_FLAGS_NONRECENT, &keywords);
	return stat(t_strconcat(mailbox_get_path(&mbox->box), "/cur/", fname,
				NULL), &st) == 0 &&
		name_has_marks(ctx, fname);
}

/* Returns 1 if the mail's file has the marks or does not exist, 0 if it exists
   without them, -1 on error. */
static int
file_has_marks(struct maildir_mailbox *mbox, uint32_t uid, uint32_t seq,
	       struct verify_maildir_context *ctx)
{
	if (renamed_file_exists(mbox, uid, seq, ctx))
		return 1;
	/* somebody else may have changed other flags of it */
	ctx->marked = TRUE;
	if (maildir_file_do(mbox, uid, check_file, ctx) < 0)
		return -1;
	return ctx->marked ? 1 : 0;
}

static int
count_unmarked(struct maildir_mailbox *mbox, struct verify_maildir_context *ctx,
	       const ARRAY_TYPE(seq_range) *uids)
{
	struct seq_range_iter iter;
	unsigned int n = 0;
	uint32_t uid, seq;
	int ret, count = 0;

	seq_range_array_iter_init(&iter, uids);
	while (seq_range_array_iter_nth(&iter, n++, &uid)) {
		if (!mail_index_lookup_seq(mbox->box.view, uid, &seq))
			continue;
		T_BEGIN {
			ret = file_has_marks(mbox, uid, seq, ctx);
		} T_END;
		if (ret < 0)
			return -1;
		if (ret == 0)
			count++;
	}
	return count;
}

int pop_policy_verify_maildir_count(struct mailbox *box,
				    const ARRAY_TYPE(seq_range) *uids,
				    const char *keyword, enum mail_flags flags)
{
	struct verify_maildir_context ctx;
	struct maildir_mailbox *mbox;
	int ret;

	if (strcmp(box->storage->name, MAILDIR_STORAGE_NAME) != 0)
		return 0;
	mbox = MAILDIR_MAILBOX(box);
	i_zero(&ctx);
	ctx.flags = flags;
	ctx.keywords = maildir_keywords_sync_init_readonly(mbox->keywords,
							   box->index);
	ctx.in_names = mail_index_keyword_lookup(box->index, keyword,
						 &ctx.keyword_idx) &&
		maildir_keywords_idx_char(ctx.keywords,
					  ctx.keyword_idx) != '\0';
	ret = count_unmarked(mbox, &ctx, uids);
	maildir_keywords_sync_deinit(&ctx.keywords);
	return ret;
}
