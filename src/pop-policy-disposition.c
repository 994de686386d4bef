/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "istream.h"
#include "mail-index-private.h"
#include "pop-policy-storage.h"
#include "pop-policy-client.h"
#include "pop-policy-special.h"
#include "pop-policy-disposition.h"

/* One way of disposing of some mails. */
struct pop_policy_disposal {
	enum pop_policy_action action;
	const ARRAY_TYPE(seq_range) *seqs;

	/* archive and trash: */
	struct mailbox *dest_box;
	struct mailbox_transaction_context *dest_trans;
};

static void
deleted_add(struct pop_policy_transaction *pt, struct mail *mail)
{
	if (!array_is_created(&pt->deleted))
		i_array_init(&pt->deleted, 32);
	seq_range_array_add(&pt->deleted, mail->seq);
}

void pop_policy_disposition_expunge(struct mail *mail)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(mail->box);
	struct pop_policy_transaction *pt =
		pop_policy_transaction_get(mail->transaction);

	if (pbox->disposition && !pt->applying)
		deleted_add(pt, mail);
}

bool pop_policy_disposition_flag(struct mail *mail,
				 const struct mail_keywords *keywords)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(mail->box);
	struct pop_policy_transaction *pt =
		pop_policy_transaction_get(mail->transaction);

	if (!pbox->disposition || pt->applying ||
	    !pop_policy_client_is_deleted_keyword(pbox->user, keywords))
		return FALSE;
	deleted_add(pt, mail);
	return pbox->user->policy.delete_action != POP_POLICY_ACTION_NONE;
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

	if (!pbox->disposition ||
	    pbox->user->policy.retrieve_action == POP_POLICY_ACTION_NONE)
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

/* Mails that were RETRieved but not DELEted. */
static void
retrieved_get(struct mailbox_transaction_context *t,
	      ARRAY_TYPE(seq_range) *seqs_r)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);
	struct pop_policy_transaction *pt = pop_policy_transaction_get(t);

	if (pbox->user->policy.retrieve_action == POP_POLICY_ACTION_NONE)
		return;
	retrieved_refresh(pbox);
	seq_range_array_merge(seqs_r, &pbox->retrieved);
	if (array_is_created(&pt->deleted))
		seq_range_array_remove_seq_range(seqs_r, &pt->deleted);
}

static void
mail_mark(struct mail *mail, struct mail_keywords *keywords,
	  enum pop_policy_action action)
{
	mail_update_keywords(mail, MODIFY_ADD, keywords);
	if (action == POP_POLICY_ACTION_READ)
		mail_update_flags(mail, MODIFY_ADD, MAIL_SEEN);
}

/* Returns 0 if moved (or there is nothing left to move), -1 on error. */
static int
mail_move(struct mail *mail, struct mailbox_transaction_context *dest_trans)
{
	struct mail_save_context *save_ctx;

	if (mail->expunged)
		return 0;
	save_ctx = mailbox_save_alloc(dest_trans);
	mailbox_save_copy_flags(save_ctx, mail);
	if (mailbox_move(&save_ctx, mail) == 0)
		return 0;
	if (mail->expunged ||
	    mailbox_get_last_mail_error(dest_trans->box) == MAIL_ERROR_EXPUNGED)
		return 0;
	mail_storage_copy_error(mail->box->storage, dest_trans->box->storage);
	return -1;
}

/* Open the mailbox to move to. Where that is a source of the POP queue itself
   the mails can't get out of the queue by moving: they are kept instead. */
static int
disposal_open(struct pop_policy_disposal *disposal, struct mailbox *src_box)
{
	struct mail_user *user = src_box->storage->user;
	struct mailbox *box, *spam;
	bool queue;

	box = pop_policy_special_alloc(user,
		disposal->action == POP_POLICY_ACTION_ARCHIVE ?
		POP_POLICY_SPECIAL_ARCHIVE : POP_POLICY_SPECIAL_TRASH,
		MAILBOX_FLAG_SAVEONLY);
	spam = pop_policy_special_alloc(user, POP_POLICY_SPECIAL_SPAM, 0);
	queue = box->inbox_user ||
		mailbox_equals(box, mailbox_get_namespace(spam), spam->vname);
	mailbox_free(&spam);
	if (queue) {
		mailbox_free(&box);
		disposal->action = POP_POLICY_ACTION_KEEP;
		return 0;
	}
	disposal->dest_box = box;
	if (pop_policy_special_open(box) < 0) {
		mail_storage_copy_error(src_box->storage, box->storage);
		return -1;
	}
	disposal->dest_trans =
		mailbox_transaction_begin(box, MAILBOX_TRANSACTION_FLAG_EXTERNAL,
					  "pop_policy");
	return 0;
}

static int
disposal_mails(struct mailbox_transaction_context *t,
	       struct pop_policy_disposal *disposal,
	       struct mail_keywords *keywords)
{
	struct seq_range_iter iter;
	struct mail *mail;
	unsigned int n = 0;
	uint32_t seq;
	int ret = 0;

	mail = mail_alloc(t, 0, NULL);
	seq_range_array_iter_init(&iter, disposal->seqs);
	while (ret == 0 && seq_range_array_iter_nth(&iter, n++, &seq)) {
		mail_set_seq(mail, seq);
		if (disposal->dest_trans != NULL)
			ret = mail_move(mail, disposal->dest_trans);
		else if (disposal->action == POP_POLICY_ACTION_DELETE)
			mail_expunge(mail);
		else
			mail_mark(mail, keywords, disposal->action);
	}
	mail_free(&mail);
	return ret;
}

static int
disposal_run(struct mailbox_transaction_context *t,
	     struct pop_policy_disposal *disposal, bool *marked)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);
	const char *const keyword_list[] = { pbox->user->keyword, NULL };
	struct mail_keywords *keywords = NULL;
	int ret;

	if ((disposal->action == POP_POLICY_ACTION_ARCHIVE ||
	     disposal->action == POP_POLICY_ACTION_TRASH) &&
	    disposal_open(disposal, t->box) < 0)
		return -1;
	if (disposal->action == POP_POLICY_ACTION_KEEP ||
	    disposal->action == POP_POLICY_ACTION_READ) {
		if (mailbox_keywords_create(t->box, keyword_list,
					    &keywords) < 0)
			return -1;
		*marked = TRUE;
	}
	ret = disposal_mails(t, disposal, keywords);
	if (keywords != NULL)
		mailbox_keywords_unref(&keywords);
	return ret;
}

/* Returns -1 with the mailbox's error set if committing failed. An error that
   made us roll back stays as it is. */
static int
disposal_finish(struct mailbox_transaction_context *t,
		struct pop_policy_disposal *disposal, bool commit)
{
	int ret = 0;

	if (disposal->dest_box == NULL)
		return 0;
	if (disposal->dest_trans == NULL)
		;
	else if (!commit) {
		mail_storage_last_error_push(t->box->storage);
		mailbox_transaction_rollback(&disposal->dest_trans);
		mail_storage_last_error_pop(t->box->storage);
	} else if (mailbox_transaction_commit(&disposal->dest_trans) < 0) {
		mail_storage_copy_error(t->box->storage,
					disposal->dest_box->storage);
		ret = -1;
	}
	mailbox_free(&disposal->dest_box);
	return ret;
}

/* The copies are stored before the originals are expunged: if storing fails,
   every original stays. */
static int
disposals_run(struct mailbox_transaction_context *t,
	      struct pop_policy_disposal *disposals, unsigned int count,
	      bool *marked)
{
	struct pop_policy_transaction *pt = pop_policy_transaction_get(t);
	unsigned int i;
	int ret = 0;

	pt->applying = TRUE;
	for (i = 0; i < count && ret == 0; i++) {
		if (array_count(disposals[i].seqs) > 0)
			ret = disposal_run(t, &disposals[i], marked);
	}
	for (i = 0; i < count; i++) {
		if (disposal_finish(t, &disposals[i], ret == 0) < 0)
			ret = -1;
	}
	pt->applying = FALSE;
	return ret;
}

/* Mails that pop3 has asked to expunge, if that is not what they got. */
static void
deleted_get(struct mailbox_transaction_context *t,
	    ARRAY_TYPE(seq_range) *seqs_r)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);
	struct pop_policy_transaction *pt = pop_policy_transaction_get(t);

	if (pbox->user->policy.delete_action != POP_POLICY_ACTION_DELETE &&
	    pbox->user->policy.delete_action != POP_POLICY_ACTION_NONE &&
	    array_is_created(&pt->deleted))
		seq_range_array_merge(seqs_r, &pt->deleted);
}

int pop_policy_disposition_apply(struct mailbox_transaction_context *t,
				 bool *marked_r)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);
	const struct pop_policy *policy = &pbox->user->policy;
	ARRAY_TYPE(seq_range) deleted, retrieved;
	struct pop_policy_disposal disposals[] = {
		{ .action = policy->delete_action, .seqs = &deleted },
		{ .action = policy->retrieve_action, .seqs = &retrieved },
	};

	*marked_r = FALSE;
	if (!pop_policy_client_is_quitting(pbox->user))
		return 0;

	t_array_init(&deleted, 32);
	deleted_get(t, &deleted);
	t_array_init(&retrieved, 32);
	retrieved_get(t, &retrieved);
	if (pbox->main)
		pop_policy_client_quit_finish(pbox->user);

	if (mailbox_is_readonly(t->box) &&
	    ((pbox->main && pop_policy_client_has_deleted(pbox->user)) ||
	     array_count(&deleted) > 0 || array_count(&retrieved) > 0)) {
		/* pop3 itself ignores this silently */
		mail_storage_set_error(t->box->storage, MAIL_ERROR_PERM,
				       "Mailbox is read-only");
		return -1;
	}
	return disposals_run(t, disposals, N_ELEMENTS(disposals), marked_r);
}

int pop_policy_disposition_verify(struct mailbox *box)
{
	const char *path;

	/* An index that can't be written (disk full) is moved to memory, and
	   committing to that succeeds. */
	if (!mail_index_is_in_memory(box->index) ||
	    mailbox_get_path_to(box, MAILBOX_LIST_PATH_TYPE_INDEX, &path) <= 0)
		return 0;
	mailbox_set_critical(box, "pop_policy: Couldn't store keyword in index");
	return -1;
}
