/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "mail-index-private.h"
#include "mail-index-transaction-private.h"
#include "pop-policy-stamps.h"
#include "pop-policy-disposed.h"
#include "pop-policy-context.h"
#include "pop-policy-change.h"

int pop_policy_change_denied(struct mailbox *box)
{
	e_info(box->event, "pop_policy: QUIT failed: "
	       "The user may not change the messages");
	mail_storage_set_error(box->storage, MAIL_ERROR_PERM,
			       MAIL_ERRSTR_NO_PERMISSION);
	return -1;
}

bool pop_policy_changes_are_visible(struct mailbox *box)
{
	return box->virtual_vfuncs == NULL;
}

/* Somebody else has expunged the mail. The session's view still has it: it is
   as old as the session. */
static bool mail_is_gone(struct mail *mail)
{
	return mail->expunged ||
		mail_index_is_expunged(mail->transaction->view, mail->seq);
}

int pop_policy_change_verify_expunged(struct mail *mail)
{
	if (!pop_policy_changes_are_visible(mail->box) ||
	    mail_index_transaction_is_expunged(mail->transaction->itrans,
					       mail->seq) ||
	    mail_is_gone(mail))
		return 0;
	return pop_policy_change_denied(mail->box);
}

static int
mail_verify_marked(struct mail *mail, const char *keyword,
		   enum mail_flags flags)
{
	if (!pop_policy_changes_are_visible(mail->box) || mail_is_gone(mail))
		return 0;
	if (str_array_find(mail_get_keywords(mail), keyword) &&
	    (mail_get_flags(mail) & flags) == flags)
		return 0;
	return pop_policy_change_denied(mail->box);
}

/* Go through the mails with these UIDs that still exist. Returns FALSE after
   the last one. */
static bool
next_mail(struct mail *mail, struct seq_range_iter *iter, unsigned int *n)
{
	uint32_t uid;

	while (seq_range_array_iter_nth(iter, (*n)++, &uid)) {
		if (mail_set_uid(mail, uid) && !mail_is_gone(mail))
			return TRUE;
	}
	return FALSE;
}

int pop_policy_change_expunge(struct mailbox_transaction_context *t,
			      const ARRAY_TYPE(seq_range) *uids,
			      struct pop_policy_disposed *disposed)
{
	struct seq_range_iter iter;
	struct mail *mail;
	unsigned int n = 0;
	int ret = 0;

	mail = mail_alloc(t, 0, NULL);
	seq_range_array_iter_init(&iter, uids);
	while (ret == 0 && next_mail(mail, &iter, &n)) {
		pop_policy_disposed_add(disposed, mail);
		mail_expunge(mail);
		ret = pop_policy_change_verify_expunged(mail);
	}
	mail_free(&mail);
	return ret;
}

int pop_policy_change_mark(struct mailbox_transaction_context *t,
			   const ARRAY_TYPE(seq_range) *uids,
			   const char *keyword, enum mail_flags flags,
			   struct pop_policy_disposed *disposed)
{
	const char *const keyword_list[] = { keyword, NULL };
	struct mail_keywords *keywords;
	struct seq_range_iter iter;
	struct mail_private *pmail;
	struct mail *mail;
	unsigned int n = 0;
	bool keep_for = POP_POLICY_SESSION_GET(t->box->storage->user)->
		policy.keep_for != 0;
	int ret = 0;

	if (mailbox_keywords_create(t->box, keyword_list, &keywords) < 0)
		return -1;
	mail = mail_alloc(t, 0, NULL);
	pmail = pop_policy_mail_private(mail);
	seq_range_array_iter_init(&iter, uids);
	while (ret == 0 && next_mail(mail, &iter, &n)) {
		pop_policy_disposed_add(disposed, mail);
		/* Before the keyword: in recent mode the flags of a mail that
		   has it stay as they are. */
		if (flags != 0)
			pmail->v.update_flags(mail, MODIFY_ADD, flags);
		pmail->v.update_keywords(mail, MODIFY_ADD, keywords);
		pop_policy_stamps_note(t, mail->seq, TRUE, keep_for);
		ret = mail_verify_marked(mail, keyword, flags);
	}
	mail_free(&mail);
	mailbox_keywords_unref(&keywords);
	return ret;
}

void pop_policy_change_rollback(struct mailbox_transaction_context **t,
				struct mail_storage *storage)
{
	mail_storage_last_error_push(storage);
	mailbox_transaction_rollback(t);
	mail_storage_last_error_pop(storage);
}
