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

struct pop_policy_verify_maildir {
	struct maildir_mailbox *mbox;
	struct maildir_keywords_sync_ctx *keywords;
};

struct pop_policy_verify_maildir *
pop_policy_verify_maildir_init(struct mailbox *box)
{
	struct pop_policy_verify_maildir *maildir;

	if (strcmp(box->storage->name, MAILDIR_STORAGE_NAME) != 0)
		return NULL;
	maildir = i_new(struct pop_policy_verify_maildir, 1);
	maildir->mbox = MAILDIR_MAILBOX(box);
	maildir->keywords = maildir_keywords_sync_init_readonly(
		maildir->mbox->keywords, box->index);
	return maildir;
}

void pop_policy_verify_maildir_deinit(
	struct pop_policy_verify_maildir **_maildir)
{
	struct pop_policy_verify_maildir *maildir = *_maildir;

	*_maildir = NULL;
	maildir_keywords_sync_deinit(&maildir->keywords);
	i_free(maildir);
}

/* Dovecot has just renamed the file, if it could, but does not know its new name
   before it reads the whole folder again: so the name is made here. */
bool pop_policy_verify_maildir_file(struct pop_policy_verify_maildir *maildir,
				    uint32_t uid, uint32_t seq)
{
	struct mailbox *box = &maildir->mbox->box;
	enum maildir_uidlist_rec_flag uidlist_flags;
	ARRAY_TYPE(keyword_indexes) keywords;
	const char *fname, *path;
	struct stat st;

	if (maildir_sync_lookup(maildir->mbox, uid, &uidlist_flags,
				&fname) <= 0)
		return FALSE;
	t_array_init(&keywords, 8);
	mail_index_lookup_keywords(box->view, seq, &keywords);
	fname = maildir_filename_flags_kw_set(maildir->keywords, fname,
		mail_index_lookup(box->view, seq)->flags & MAIL_FLAGS_NONRECENT,
		&keywords);
	if (mailbox_get_path_to(box, MAILBOX_LIST_PATH_TYPE_MAILBOX,
				&path) <= 0)
		return FALSE;
	return stat(t_strconcat(path, "/cur/", fname, NULL), &st) == 0 ||
		stat(t_strconcat(path, "/new/", fname, NULL), &st) == 0;
}
