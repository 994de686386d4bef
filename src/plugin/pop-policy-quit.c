/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "pop-policy-keyword.h"
#include "pop-policy-special-mailbox.h"
#include "pop-policy-storage-compat.h"
#include "pop-policy-session.h"
#include "pop-policy-client.h"
#include "pop-policy-disposed.h"
#include "pop-policy-disposition.h"
#include "pop-policy-maildir-keywords.h"
#include "pop-policy-change.h"
#include "pop-policy-merge.h"
#include "pop-policy-move.h"
#include "pop-policy-recent.h"
#include "pop-policy-verify.h"
#include "pop-policy-quit-rules.h"
#include "pop-policy-quit.h"
#include "pop-policy-quit-private.h"

static struct pop_policy_quit *
quit_create(struct pop_policy_session *session)
{
	struct pop_policy_quit *quit;
	pool_t pool;

	pool = pool_alloconly_create("pop_policy quit", 1024);
	quit = p_new(pool, struct pop_policy_quit, 1);
	quit->pool = pool;
	quit->session = session;
	p_array_init(&quit->mailboxes, pool, 2);
	p_array_init(&quit->stored, pool, 2);
	return quit;
}

void pop_policy_quit_deinit(struct pop_policy_quit **_quit)
{
	struct pop_policy_quit *quit = *_quit;
	struct quit_mailbox *qbox;
	struct quit_step *step;

	*_quit = NULL;
	if (quit == NULL)
		return;
	array_foreach_elem(&quit->mailboxes, qbox) {
		array_foreach_modifiable(&qbox->steps, step) {
			pop_policy_move_deinit(&step->move);
		}
	}
	pool_unref(&quit->pool);
}

/* Planning */

static void quit_add_steps(struct pop_policy_quit *quit,
			   struct quit_mailbox *qbox)
{
	const struct pop_policy_plan_step *plan;
	struct quit_step *step;

	p_array_init(&qbox->steps, quit->pool, POP_POLICY_TRIGGER_COUNT);
	array_foreach(&qbox->plan.steps, plan) {
		step = array_append_space(&qbox->steps);
		step->plan = plan;
		step->disposed = pop_policy_disposed_init(quit->session,
							  qbox->box, plan,
							  quit->pool);
	}
}

/* Returns -1 if the mailbox may not be changed, but would have to be. */
static int
quit_plan_mailbox(struct pop_policy_quit *quit, struct mailbox *box,
		  const struct pop_policy_plan_rules *rules,
		  unsigned int *deleted_count)
{
	const ARRAY_TYPE(seq_range) *deleted, *retrieved;
	struct quit_mailbox *qbox;

	qbox = p_new(quit->pool, struct quit_mailbox, 1);
	qbox->box = box;
	qbox->uid_validity = mail_index_get_header(box->view)->uid_validity;
	qbox->keyword_is_new =
		!pop_policy_keyword_may_exist(box, quit->session->keyword);
	array_push_back(&quit->mailboxes, &qbox);

	pop_policy_disposition_get(quit->session->disposition, box,
				   &deleted, &retrieved);
	*deleted_count += seq_range_count(deleted);
	pop_policy_recent_drop(quit->session, box, &deleted, &retrieved);
	pop_policy_plan_init(&qbox->plan, quit->pool);
	pop_policy_plan_add(&qbox->plan, rules, deleted, retrieved);
	quit_add_steps(quit, qbox);
	return array_count(&qbox->steps) > 0 && mailbox_is_readonly(box) ?
		pop_policy_change_denied(box) : 0;
}

int pop_policy_quit_plan(struct pop_policy_session *session,
			 struct mailbox *box)
{
	const struct pop_policy_merge_source *sources;
	struct pop_policy_plan_rules rules;
	unsigned int count, deleted_count = 0;
	int ret;

	session->quit = quit_create(session);
	pop_policy_quit_rules_get(session, &rules);
	ret = quit_plan_mailbox(session->quit, box, &rules, &deleted_count);
	sources = pop_policy_merge_get_sources(box, &count);
	for (unsigned int i = 0; ret == 0 && i < count; i++) {
		ret = quit_plan_mailbox(session->quit, sources[i].box, &rules,
					&deleted_count);
		if (ret < 0) {
			mail_storage_copy_error(box->storage,
						sources[i].box->storage);
		}
	}
	if (ret < 0)
		return -1;
	/* What the user may not change has been dropped silently before we saw
	   it, or by pop3 itself if the mailbox is read-only. */
	if (deleted_count != pop_policy_client_get_deleted_count(session))
		return pop_policy_change_denied(box);
	return 0;
}

/* Carrying out */

static struct quit_mailbox *quit_mailbox_find(struct mailbox *box)
{
	struct pop_policy_session *session =
		POP_POLICY_SESSION_GET(box->storage->user);
	struct quit_mailbox *qbox;

	array_foreach_elem(&session->quit->mailboxes, qbox) {
		if (qbox->box == box)
			return qbox;
	}
	i_unreached();
}

static int
quit_prepare_move(struct pop_policy_session *session, struct mailbox *box,
		  struct quit_step *step)
{
	const struct pop_policy_action_info *info =
		&pop_policy_action_infos[step->plan->action];
	struct mailbox *dest;

	dest = pop_policy_special_mailbox_alloc(session->user, &session->policy,
						info->special_use,
						MAILBOX_FLAG_SAVEONLY);
	return pop_policy_move_init(box, dest, &step->plan->uids,
				    step->disposed, &step->move);
}

static int
quit_change_step(struct mailbox_transaction_context *t, struct quit_step *step)
{
	struct pop_policy_session *session =
		POP_POLICY_SESSION_GET(t->box->storage->user);
	const ARRAY_TYPE(seq_range) *uids = &step->plan->uids;

	switch (pop_policy_action_infos[step->plan->action].kind) {
	case POP_POLICY_ACTION_KIND_LEAVE:
		return 0;
	case POP_POLICY_ACTION_KIND_EXPUNGE:
		return pop_policy_change_expunge(t, uids, step->disposed);
	case POP_POLICY_ACTION_KIND_DEQUEUE:
		return pop_policy_change_mark(t, uids, session->keyword, 0,
					      step->disposed);
	case POP_POLICY_ACTION_KIND_DEQUEUE_SEEN:
		return pop_policy_change_mark(t, uids, session->keyword,
					      MAIL_SEEN, step->disposed);
	case POP_POLICY_ACTION_KIND_MOVE:
		return quit_prepare_move(session, t->box, step);
	}
	i_unreached();
}

int pop_policy_quit_change(struct mailbox_transaction_context *t)
{
	struct quit_mailbox *qbox = quit_mailbox_find(t->box);
	struct quit_step *step;

	if (array_count(&qbox->steps) > 0 &&
	    pop_policy_maildir_keywords_load(t->box) < 0)
		return -1;
	/* others may have expunged some of the mails */
	(void)mail_index_refresh(t->box->index);
	array_foreach_modifiable(&qbox->steps, step) {
		if (quit_change_step(t, step) < 0)
			return -1;
	}
	return 0;
}

int pop_policy_quit_stored(struct mailbox *box)
{
	struct pop_policy_session *session =
		POP_POLICY_SESSION_GET(box->storage->user);
	struct quit_mailbox *qbox = quit_mailbox_find(box);
	const struct quit_step *step;

	/* Sizes that were not known have left errors. What comes now may fail
	   without one. */
	mail_storage_clear_error(box->storage);
	array_push_back(&session->quit->stored, &qbox);
	if (array_count(&qbox->steps) > 0 && pop_policy_verify_index(box) < 0)
		return -1;
	array_foreach(&qbox->steps, step) {
		pop_policy_disposed_commit(step->disposed);
	}
	return 0;
}

enum mailbox_sync_flags pop_policy_quit_sync_flags(struct mailbox *box)
{
	struct pop_policy_session *session =
		POP_POLICY_SESSION_GET(box->storage->user);
	struct quit_mailbox *qbox;

	if (session->quit == NULL)
		return 0;
	array_foreach_elem(&session->quit->stored, qbox) {
		if (qbox->box == box && array_count(&qbox->steps) > 0)
			return pop_policy_mailbox_get_write_flags(box);
	}
	return 0;
}

/* Checking */

static int
quit_verify_marked(struct pop_policy_session *session,
		   const struct quit_mailbox *qbox,
		   const struct quit_step *step, enum mail_flags flags,
		   ARRAY_TYPE(seq_range) *failed)
{
	const ARRAY_TYPE(seq_range) *uids = &step->plan->uids;
	const struct seq_range *last = array_back(uids);

	if (pop_policy_verify_marked(qbox->box, uids, session->keyword,
				     flags, failed) < 0)
		return -1;
	return !qbox->keyword_is_new ? 0 :
		pop_policy_verify_new_keyword(qbox->box, session->keyword,
					      last->seq2);
}

static int
quit_verify_step(struct pop_policy_session *session,
		 const struct quit_mailbox *qbox, const struct quit_step *step,
		 ARRAY_TYPE(seq_range) *failed)
{
	enum pop_policy_action_kind kind =
		pop_policy_action_infos[step->plan->action].kind;

	/* (before and between moves this has been checked) */
	if (kind != POP_POLICY_ACTION_KIND_LEAVE &&
	    kind != POP_POLICY_ACTION_KIND_MOVE &&
	    pop_policy_verify_uid_validity(qbox->box, qbox->uid_validity) < 0) {
		array_append_array(failed, &step->plan->uids);
		return -1;
	}
	switch (kind) {
	case POP_POLICY_ACTION_KIND_LEAVE:
		return 0;
	case POP_POLICY_ACTION_KIND_EXPUNGE:
	case POP_POLICY_ACTION_KIND_MOVE:
		return pop_policy_verify_gone(qbox->box, &step->plan->uids,
					      failed);
	case POP_POLICY_ACTION_KIND_DEQUEUE:
		return quit_verify_marked(session, qbox, step, 0, failed);
	case POP_POLICY_ACTION_KIND_DEQUEUE_SEEN:
		return quit_verify_marked(session, qbox, step, MAIL_SEEN,
					  failed);
	}
	i_unreached();
}

static int quit_move(struct quit_mailbox *qbox)
{
	const struct quit_step *step;

	array_foreach(&qbox->steps, step) {
		if (step->move != NULL && pop_policy_move_run(step->move) < 0)
			return -1;
	}
	return 0;
}

/* This goes on after a failure: the log says what was done and what was not. */
static int
quit_verify(struct pop_policy_session *session, struct quit_mailbox *qbox,
	    bool moved)
{
	ARRAY_TYPE(seq_range) failed;
	const struct quit_step *step;
	int ret = 0;

	t_array_init(&failed, 8);
	array_foreach(&qbox->steps, step) {
		if (step->move != NULL && !moved)
			continue;
		array_clear(&failed);
		if (quit_verify_step(session, qbox, step, &failed) < 0) {
			pop_policy_disposed_remove(step->disposed, &failed);
			ret = -1;
		}
	}
	return ret;
}

static int quit_complete(struct pop_policy_session *session)
{
	ARRAY(struct quit_mailbox *) stored;
	struct quit_mailbox *qbox, *failed = NULL;
	bool moved;

	/* moving mails syncs the mailboxes once more */
	t_array_init(&stored, array_count(&session->quit->stored));
	array_append_array(&stored, &session->quit->stored);
	array_clear(&session->quit->stored);

	array_foreach_elem(&stored, qbox) {
		if (quit_move(qbox) < 0) {
			failed = qbox;
			break;
		}
	}
	moved = failed == NULL;
	array_foreach_elem(&stored, qbox) {
		if (quit_verify(session, qbox, moved) < 0)
			failed = qbox;
	}
	if (failed == NULL)
		return 0;
	qbox = array_idx_elem(&stored, 0);
	mail_storage_copy_error(qbox->box->storage, failed->box->storage);
	return -1;
}

int pop_policy_quit_synced(struct pop_policy_session *session)
{
	int ret;

	if (session->quit == NULL || array_count(&session->quit->stored) == 0)
		return 0;
	ret = quit_complete(session);
	pop_policy_quit_report(session);
	return ret;
}
