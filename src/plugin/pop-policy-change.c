/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "mail-index-private.h"
#include "mail-index-transaction-private.h"
#include "pop-policy-change.h"

int pop_policy_change_denied(struct mailbox *box)
{
	e_info(box->event, "pop_policy: QUIT failed: "
	       "The user may not change the messages");
	mail_storage_set_error(box->storage, MAIL_ERROR_PERM,
			       MAIL_ERRSTR_NO_PERMISSION);
	return -1;
}

/* A virtual mailbox does not see what it does to its backends. */
static bool changes_are_visible(struct mailbox *box)
{
	return box->virtual_vfuncs == NULL;
}

int pop_policy_change_verify_expunged(struct mail *mail)
{
	if (!changes_are_visible(mail->box) ||
	    mail_index_transaction_is_expunged(mail->transaction->itrans,
					       mail->seq))
		return 0;
	return pop_policy_change_denied(mail->box);
}

static int
mail_verify_marked(struct mail *mail, const char *keyword,
		   enum mail_flags flags)
{
	if (!changes_are_visible(mail->box) || mail->expunged)
		return 0;
	if (str_array_find(mail_get_keywords(mail), keyword) &&
	    (mail_get_flags(mail) & flags) == flags)
		return 0;
	return pop_policy_change_denied(mail->box);
}

int pop_policy_change_expunge(struct mailbox_transaction_context *t,
			      const ARRAY_TYPE(seq_range) *uids)
{
	struct seq_range_iter iter;
	struct mail *mail;
	unsigned int n = 0;
	uint32_t uid;
	int ret = 0;

	mail = mail_alloc(t, 0, NULL);
	seq_range_array_iter_init(&iter, uids);
	while (ret == 0 && seq_range_array_iter_nth(&iter, n++, &uid)) {
		if (!mail_set_uid(mail, uid))
			continue;
		mail_expunge(mail);
		ret = pop_policy_change_verify_expunged(mail);
	}
	mail_free(&mail);
	return ret;
}

int pop_policy_change_mark(struct mailbox_transaction_context *t,
			   const ARRAY_TYPE(seq_range) *uids,
			   const char *keyword, enum mail_flags flags,
			   uint32_t *last_uid_r)
{
	const char *const keyword_list[] = { keyword, NULL };
	struct mail_keywords *keywords;
	struct seq_range_iter iter;
	struct mail *mail;
	unsigned int n = 0;
	uint32_t uid;
	int ret = 0;

	if (mailbox_keywords_create(t->box, keyword_list, &keywords) < 0)
		return -1;
	mail = mail_alloc(t, 0, NULL);
	seq_range_array_iter_init(&iter, uids);
	while (ret == 0 && seq_range_array_iter_nth(&iter, n++, &uid)) {
		if (!mail_set_uid(mail, uid))
			continue;
		mail_update_keywords(mail, MODIFY_ADD, keywords);
		if (flags != 0)
			mail_update_flags(mail, MODIFY_ADD, flags);
		ret = mail_verify_marked(mail, keyword, flags);
		*last_uid_r = uid;
	}
	mail_free(&mail);
	mailbox_keywords_unref(&keywords);
	return ret;
}

static int keyword_not_stored(struct mailbox *box, const char *keyword)
{
	mailbox_set_critical(box, "pop_policy: Keyword %s was not stored",
			     keyword);
	return -1;
}

int pop_policy_change_check_index(struct mailbox *box, const char *keyword)
{
	const char *path;

	/* An index that cannot be written (disk full) is moved to memory, and
	   committing to that succeeds. */
	if (mail_index_is_in_memory(box->index) &&
	    mailbox_get_path_to(box, MAILBOX_LIST_PATH_TYPE_INDEX, &path) > 0)
		return keyword_not_stored(box, keyword);
	return 0;
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

int pop_policy_change_verify_keyword(struct mailbox *box, const char *keyword,
				     uint32_t uid)
{
	int ret;

	if (!changes_are_visible(box))
		return 0;
	/* Maildir keeps the keywords' names in a file and only logs it if that
	   cannot be written. */
	ret = keyword_is_stored(box, keyword, uid);
	return ret == 0 ? keyword_not_stored(box, keyword) :
		(ret < 0 ? -1 : 0);
}
