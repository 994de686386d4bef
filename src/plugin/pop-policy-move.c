/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "pop-policy-log.h"
#include "pop-policy-special-mailbox.h"
#include "pop-policy-change.h"
#include "pop-policy-disposed.h"
#include "pop-policy-maildir-keywords.h"
#include "pop-policy-verify.h"
#include "pop-policy-move.h"

/* How often to start again after another session has expunged one of the
   mails */
#define POP_POLICY_MOVE_MAX_TRIES 5
/* The copies of a batch are stored before its originals are expunged: if the
   process is killed in between, so many mails are in both mailboxes. Smaller
   batches cost more: "make bench" draws the curve, and sets other sizes. */
#ifndef POP_POLICY_MOVE_BATCH_SIZE
#  define POP_POLICY_MOVE_BATCH_SIZE 100
#endif

struct pop_policy_move {
	struct mailbox *src_box, *dest_box;
	uint32_t uid_validity;
	ARRAY_TYPE(seq_range) uids;
	struct pop_policy_disposed *disposed;
};

enum move_result {
	MOVE_OK,
	MOVE_NOTHING,
	/* somebody else has just expunged a mail */
	MOVE_EXPUNGED,
	MOVE_FAILED,
};

static enum move_result
mail_move(struct mail *mail, struct mailbox_transaction_context *dest_trans)
{
	struct mail_save_context *save_ctx;

	save_ctx = mailbox_save_alloc(dest_trans);
	mailbox_save_copy_flags(save_ctx, mail);
	if (mailbox_move(&save_ctx, mail) == 0) {
		return pop_policy_change_verify_expunged(mail) < 0 ?
			MOVE_FAILED : MOVE_OK;
	}
	if (mail->expunged || mailbox_get_last_mail_error(dest_trans->box) ==
	    MAIL_ERROR_EXPUNGED)
		return MOVE_EXPUNGED;
	mail_storage_copy_error(mail->box->storage, dest_trans->box->storage);
	return MOVE_FAILED;
}

static enum move_result
mails_move(struct pop_policy_move *move,
	   struct mailbox_transaction_context *src_trans,
	   struct mailbox_transaction_context *dest_trans,
	   const ARRAY_TYPE(seq_range) *uids)
{
	enum move_result result = MOVE_NOTHING;
	struct seq_range_iter iter;
	struct mail *mail;
	unsigned int n = 0;
	uint32_t uid, seq;

	mail = mail_alloc(src_trans, 0, NULL);
	seq_range_array_iter_init(&iter, uids);
	while (seq_range_array_iter_nth(&iter, n++, &uid)) {
		if (!mail_index_lookup_seq(src_trans->box->view, uid, &seq))
			continue;
		mail_set_seq(mail, seq);
		pop_policy_disposed_add(move->disposed, mail);
		result = mail_move(mail, dest_trans);
		if (result != MOVE_OK)
			break;
	}
	mail_free(&mail);
	return result;
}

/* A Maildir whose UIDs cannot be stored (full disk) would make Dovecot fail an
   assertion while it saves the first mail, and leave a lock behind. */
static int dest_prepare(struct mailbox *dest_box)
{
	if (pop_policy_special_mailbox_open(dest_box) < 0)
		return -1;
	if (mail_index_get_header(dest_box->view)->uid_validity != 0)
		return 0;
	if (mailbox_sync(dest_box, 0) < 0)
		return -1;
	if (mail_index_get_header(dest_box->view)->uid_validity == 0) {
		mailbox_set_critical(dest_box,
				     "pop_policy: Cannot store a UIDVALIDITY");
		return -1;
	}
	return 0;
}

/* An mbox is opened anew for each transaction. If it is empty, Dovecot's
   mbox_seek_to_end() leaves the file position where an earlier transaction has
   left it, be it one that was rolled back, and the next mails would be written
   there: the file would begin with a hole and could not be read any more. */
static int dest_reopen(struct mailbox *dest_box)
{
	if (strcmp(dest_box->storage->name, "mbox") != 0)
		return 0;
	mailbox_close(dest_box);
	return dest_prepare(dest_box);
}

/* Whatever fails late in a commit, in save_commit_post(), is not returned, but
   only set as an error. sdbox has removed the copies then, if their index could
   not be synced. */
static int dest_commit(struct mailbox *dest_box,
		       struct mailbox_transaction_context **dest_trans)
{
	mail_storage_clear_error(dest_box->storage);
	if (mailbox_transaction_commit(dest_trans) < 0)
		return -1;
	return dest_box->storage->error == MAIL_ERROR_NONE ? 0 : -1;
}

/* The copies are stored before the originals are expunged: if storing fails,
   every original stays. */
static enum move_result
mails_move_try(struct pop_policy_move *move,
	       const ARRAY_TYPE(seq_range) *uids)
{
	struct mailbox *src_box = move->src_box, *dest_box = move->dest_box;
	struct mailbox_transaction_context *src_trans, *dest_trans;
	enum move_result result;

	if (dest_reopen(dest_box) < 0) {
		mail_storage_copy_error(src_box->storage, dest_box->storage);
		return MOVE_FAILED;
	}
	src_trans = mailbox_transaction_begin(src_box, 0, "pop_policy");
	dest_trans = mailbox_transaction_begin(dest_box,
				MAILBOX_TRANSACTION_FLAG_EXTERNAL,
				"pop_policy");
	result = mails_move(move, src_trans, dest_trans, uids);
	if (result != MOVE_OK)
		pop_policy_change_rollback(&dest_trans, src_box->storage);
	else if (dest_commit(dest_box, &dest_trans) < 0) {
		mail_storage_copy_error(src_box->storage, dest_box->storage);
		result = MOVE_FAILED;
	}
	if (result != MOVE_OK)
		pop_policy_change_rollback(&src_trans, src_box->storage);
	else if (mailbox_transaction_commit(&src_trans) < 0)
		result = MOVE_FAILED;
	if (result == MOVE_OK)
		pop_policy_disposed_commit(move->disposed);
	else
		pop_policy_disposed_rollback(move->disposed);
	return result;
}

static int move_failed(struct pop_policy_move *move)
{
	e_info(move->src_box->event, "pop_policy: Cannot move messages to "
	       "%s at QUIT: %s", pop_policy_log_value(move->dest_box->vname),
	       pop_policy_log_text(
			mailbox_get_last_internal_error(move->src_box, NULL),
			POP_POLICY_LOG_ERROR_MAX_LEN));
	return -1;
}

static int move_batch(struct pop_policy_move *move,
		      const ARRAY_TYPE(seq_range) *uids)
{
	struct mailbox *src_box = move->src_box;
	unsigned int tries = 0;

	for (;;) {
		if (pop_policy_verify_uid_validity(src_box,
						   move->uid_validity) < 0)
			return -1;
		switch (mails_move_try(move, uids)) {
		case MOVE_NOTHING:
		case MOVE_OK:
			return 0;
		case MOVE_EXPUNGED:
			if (++tries == POP_POLICY_MOVE_MAX_TRIES) {
				mailbox_set_critical(src_box, "pop_policy: "
					"Messages keep getting expunged");
				return -1;
			}
			if (mailbox_sync(src_box, 0) < 0)
				return -1;
			break;
		case MOVE_FAILED:
			return move_failed(move);
		}
	}
}

/* Take the next mails for a batch. Returns FALSE if there are none left. */
static bool
move_next_batch(struct seq_range_iter *iter, unsigned int *n,
		ARRAY_TYPE(seq_range) *uids)
{
	unsigned int count = 0;
	uint32_t uid;

	array_clear(uids);
	while (count < POP_POLICY_MOVE_BATCH_SIZE &&
	       seq_range_array_iter_nth(iter, (*n)++, &uid)) {
		seq_range_array_add(uids, uid);
		count++;
	}
	return count > 0;
}

int pop_policy_move_run(struct pop_policy_move *move)
{
	ARRAY_TYPE(seq_range) uids;
	struct seq_range_iter iter;
	unsigned int n = 0;
	int ret = 0;

	i_array_init(&uids, 32);
	seq_range_array_iter_init(&iter, &move->uids);
	while (ret == 0 && move_next_batch(&iter, &n, &uids)) {
		ret = move_batch(move, &uids);
		/* Dovecot forgets expunges that are not synced yet when it
		   rebuilds an index, as after a crash, or reads an mbox for
		   the GUID of a mail. */
		if (ret == 0)
			ret = mailbox_sync(move->src_box, 0);
	}
	array_free(&uids);
	return ret;
}

int pop_policy_move_init(struct mailbox *src_box, struct mailbox *dest_box,
			 const ARRAY_TYPE(seq_range) *uids,
			 struct pop_policy_disposed *disposed,
			 struct pop_policy_move **move_r)
{
	struct pop_policy_move *move;

	move = i_new(struct pop_policy_move, 1);
	move->src_box = src_box;
	move->dest_box = dest_box;
	move->disposed = disposed;
	move->uid_validity = mail_index_get_header(src_box->view)->uid_validity;
	i_array_init(&move->uids, array_count(uids));
	array_append_array(&move->uids, uids);
	if (dest_prepare(dest_box) < 0 ||
	    pop_policy_maildir_keywords_copy(src_box, dest_box, uids) < 0) {
		mail_storage_copy_error(src_box->storage, dest_box->storage);
		(void)move_failed(move);
		pop_policy_move_deinit(&move);
		return -1;
	}
	*move_r = move;
	return 0;
}

void pop_policy_move_deinit(struct pop_policy_move **_move)
{
	struct pop_policy_move *move = *_move;

	*_move = NULL;
	if (move == NULL)
		return;
	mailbox_free(&move->dest_box);
	array_free(&move->uids);
	i_free(move);
}
