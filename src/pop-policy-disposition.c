/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "istream.h"
#include "mail-index-private.h"
#include "mail-index-transaction-private.h"
#include "pop-policy-storage.h"
#include "pop-policy-client.h"
#include "pop-policy-keyword.h"
#include "pop-policy-special.h"
#include "pop-policy-move.h"
#include "pop-policy-disposition.h"

bool pop_policy_disposition_flag(struct mail *mail,
				 const struct mail_keywords *keywords)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(mail->box);
	struct pop_policy_transaction *pt =
		pop_policy_transaction_get(mail->transaction);

	if (!pop_policy_client_is_deleted_keyword(pbox->user, keywords))
		return FALSE;
	if (!array_is_created(&pt->deleted))
		i_array_init(&pt->deleted, 32);
	seq_range_array_add(&pt->deleted, mail->seq);
	return TRUE;
}

/* Forget what the client has forgotten. */
static void retrieved_refresh(struct pop_policy_mailbox *pbox)
{
	unsigned int resets = pop_policy_client_get_resets(pbox->user);

	if (!array_is_created(&pbox->retrieved))
		i_array_init(&pbox->retrieved, 32);
	if (pbox->retrieved_resets != resets) {
		array_clear(&pbox->retrieved);
		pbox->retrieved_resets = resets;
	}
}

void pop_policy_disposition_retrieve(struct mail *mail, struct istream *stream)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(mail->box);

	if (pbox->user->policy.retrieve_action == POP_POLICY_ACTION_NONE)
		return;
	pop_policy_client_note_retrieve(pbox->user);
	pop_policy_mail_get(mail)->retrieve_stream = stream;
}

void pop_policy_disposition_mail_close(struct mail *mail)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(mail->box);
	struct pop_policy_mail *pmail = pop_policy_mail_get(mail);
	struct istream *stream = pmail->retrieve_stream;

	if (stream == NULL)
		return;
	pmail->retrieve_stream = NULL;
	if (stream->stream_errno == 0 && stream->eof &&
	    i_stream_get_data_size(stream) == 0) {
		retrieved_refresh(pbox);
		seq_range_array_add(&pbox->retrieved, mail->seq);
	}
}

static int permission_denied(struct mailbox *box)
{
	e_info(box->event, "pop_policy: QUIT failed: "
	       "The user may not change the messages");
	mail_storage_set_error(box->storage, MAIL_ERROR_PERM,
			       MAIL_ERRSTR_NO_PERMISSION);
	return -1;
}

/* Flag changes and expunges fail silently if the user may not do them. A
   virtual mailbox doesn't see what it does to its backends. */

static int
mail_verify_marked(struct mail *mail, const char *keyword, bool seen)
{
	if (mail->box->virtual_vfuncs != NULL || mail->expunged)
		return 0;
	if (str_array_find(mail_get_keywords(mail), keyword) &&
	    (!seen || (mail_get_flags(mail) & MAIL_SEEN) != 0))
		return 0;
	return permission_denied(mail->box);
}

int pop_policy_disposition_verify_expunged(struct mail *mail)
{
	if (mail->box->virtual_vfuncs != NULL ||
	    mail_index_transaction_is_expunged(mail->transaction->itrans,
					       mail->seq))
		return 0;
	return permission_denied(mail->box);
}

static int
mails_expunge(struct mailbox_transaction_context *t,
	      const ARRAY_TYPE(seq_range) *seqs)
{
	struct seq_range_iter iter;
	struct mail *mail;
	unsigned int n = 0;
	uint32_t seq;
	int ret = 0;

	mail = mail_alloc(t, 0, NULL);
	seq_range_array_iter_init(&iter, seqs);
	while (ret == 0 && seq_range_array_iter_nth(&iter, n++, &seq)) {
		mail_set_seq(mail, seq);
		mail_expunge(mail);
		ret = pop_policy_disposition_verify_expunged(mail);
	}
	mail_free(&mail);
	return ret;
}

static int
mails_mark(struct mailbox_transaction_context *t,
	   const ARRAY_TYPE(seq_range) *seqs, bool seen)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);
	const char *const keyword_list[] = { pbox->user->keyword, NULL };
	struct mail_keywords *keywords;
	struct seq_range_iter iter;
	struct mail *mail;
	unsigned int n = 0;
	uint32_t seq;
	int ret = 0;

	if (mailbox_keywords_create(t->box, keyword_list, &keywords) < 0)
		return -1;
	mail = mail_alloc(t, 0, NULL);
	seq_range_array_iter_init(&iter, seqs);
	while (ret == 0 && seq_range_array_iter_nth(&iter, n++, &seq)) {
		mail_set_seq(mail, seq);
		mail_update_keywords(mail, MODIFY_ADD, keywords);
		if (seen)
			mail_update_flags(mail, MODIFY_ADD, MAIL_SEEN);
		ret = mail_verify_marked(mail, pbox->user->keyword, seen);
		pbox->marked_uid = mail->uid;
	}
	mail_free(&mail);
	mailbox_keywords_unref(&keywords);
	return ret;
}

/* The mails are moved once the mailbox has been synced. */
static int
mails_move_later(struct mailbox_transaction_context *t,
		 const ARRAY_TYPE(seq_range) *seqs,
		 enum pop_policy_action action, struct pop_policy_move **move)
{
	if (*move == NULL && pop_policy_move_init(t->box, action, move) < 0)
		return -1;
	pop_policy_move_add(*move, t, seqs);
	return 0;
}

static int
mails_dispose(struct mailbox_transaction_context *t,
	      const ARRAY_TYPE(seq_range) *seqs, enum pop_policy_action action)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);

	if (array_count(seqs) == 0)
		return 0;
	if (pop_policy_move_is_useless(t->box, action))
		action = POP_POLICY_ACTION_KEEP;

	switch (action) {
	case POP_POLICY_ACTION_NONE:
		break;
	case POP_POLICY_ACTION_DELETE:
		return mails_expunge(t, seqs);
	case POP_POLICY_ACTION_KEEP:
	case POP_POLICY_ACTION_READ:
		return mails_mark(t, seqs, action == POP_POLICY_ACTION_READ);
	case POP_POLICY_ACTION_ARCHIVE:
		return mails_move_later(t, seqs, action, &pbox->archive);
	case POP_POLICY_ACTION_TRASH:
		return mails_move_later(t, seqs, action, &pbox->trash);
	}
	return 0;
}

/* DELEted mails, and those that were RETRieved but not DELEted */
static void
mails_get(struct mailbox_transaction_context *t,
	  ARRAY_TYPE(seq_range) *deleted_r, ARRAY_TYPE(seq_range) *retrieved_r)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);
	struct pop_policy_transaction *pt = pop_policy_transaction_get(t);

	t_array_init(deleted_r, 32);
	if (array_is_created(&pt->deleted))
		seq_range_array_merge(deleted_r, &pt->deleted);

	t_array_init(retrieved_r, 32);
	if (pbox->user->policy.retrieve_action != POP_POLICY_ACTION_NONE) {
		retrieved_refresh(pbox);
		seq_range_array_merge(retrieved_r, &pbox->retrieved);
		seq_range_array_remove_seq_range(retrieved_r, deleted_r);
	}
}

/* Changes that the user may not make have been dropped silently before we saw
   them, or are by pop3 itself if the mailbox is read-only. */
static int
verify_permissions(struct mailbox_transaction_context *t,
		   const ARRAY_TYPE(seq_range) *deleted,
		   const ARRAY_TYPE(seq_range) *retrieved)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);
	struct pop_policy_transaction *pt = pop_policy_transaction_get(t);
	unsigned int count = seq_range_count(deleted);

	if (mailbox_is_readonly(t->box) &&
	    (count > 0 || array_count(retrieved) > 0))
		return permission_denied(t->box);

	if (pt->spam != NULL) {
		pt = pop_policy_transaction_get(pt->spam);
		if (array_is_created(&pt->deleted))
			count += seq_range_count(&pt->deleted);
	}
	if (pbox->main &&
	    count != pop_policy_client_get_deleted_count(pbox->user))
		return permission_denied(t->box);
	return 0;
}

int pop_policy_disposition_apply(struct mailbox_transaction_context *t)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);
	const struct pop_policy *policy = &pbox->user->policy;
	ARRAY_TYPE(seq_range) deleted, retrieved;

	if (pbox->applied || !pop_policy_client_is_quitting(pbox->user))
		return 0;
	pbox->applied = TRUE;
	pbox->keyword_is_new = !pop_policy_keyword_may_exist(t->box,
							pbox->user->keyword);

	mails_get(t, &deleted, &retrieved);
	if (verify_permissions(t, &deleted, &retrieved) < 0 ||
	    mails_dispose(t, &deleted, policy->delete_action) < 0 ||
	    mails_dispose(t, &retrieved, policy->retrieve_action) < 0)
		return -1;
	return 0;
}

static int keyword_not_stored(struct mailbox *box)
{
	mailbox_set_critical(box, "pop_policy: Keyword %s couldn't be stored",
			     pop_policy_mailbox_get(box)->user->keyword);
	return -1;
}

int pop_policy_disposition_committed(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	const char *path;

	if (!pbox->applied)
		return 0;
	pbox->stored = TRUE;
	/* An index that can't be written (disk full) is moved to memory, and
	   committing to that succeeds. */
	if (pbox->marked_uid != 0 && mail_index_is_in_memory(box->index) &&
	    mailbox_get_path_to(box, MAILBOX_LIST_PATH_TYPE_INDEX, &path) > 0)
		return keyword_not_stored(box);
	return 0;
}

/* Returns 1 if somebody who opens the mailbox now finds the mail with the
   keyword (or doesn't find it anymore), 0 if without, -1 on error. */
static int keyword_is_stored(struct mailbox *box, uint32_t uid)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
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
	    !str_array_find(mail_get_keywords(mail), pbox->user->keyword))
		ret = 0;
	mail_free(&mail);
	mailbox_transaction_rollback(&t);
	mailbox_free(&other);
	return ret;
}

/* Maildir keeps the keywords' names in a file of its own, and only logs it if
   that can't be written. */
static int keyword_verify(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	int ret;

	if (pbox->marked_uid == 0 || !pbox->keyword_is_new ||
	    box->virtual_vfuncs != NULL)
		return 0;
	ret = keyword_is_stored(box, pbox->marked_uid);
	return ret == 0 ? keyword_not_stored(box) : ret;
}

int pop_policy_disposition_synced(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	if (!pbox->stored || pbox->finished)
		return 0;
	pbox->finished = TRUE;
	if (pbox->archive != NULL && pop_policy_move_run(pbox->archive) < 0)
		return -1;
	if (pbox->trash != NULL && pop_policy_move_run(pbox->trash) < 0)
		return -1;
	return keyword_verify(box);
}

void pop_policy_disposition_free(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	array_free(&pbox->retrieved);
	pop_policy_move_deinit(&pbox->archive);
	pop_policy_move_deinit(&pbox->trash);
}
