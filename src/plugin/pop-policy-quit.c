/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "pop-policy-plan.h"
#include "pop-policy-keyword.h"
#include "pop-policy-special-mailbox.h"
#include "pop-policy-storage-compat.h"
#include "pop-policy-session.h"
#include "pop-policy-client.h"
#include "pop-policy-disposition.h"
#include "pop-policy-change.h"
#include "pop-policy-merge.h"
#include "pop-policy-move.h"
#include "pop-policy-verify.h"
#include "pop-policy-quit.h"

struct quit_mailbox {
	struct mailbox *box;
	struct pop_policy_plan plan;
	/* those of the plan's steps that move mails */
	ARRAY(struct pop_policy_move *) moves;

	/* The mailbox did not know the keyword before. */
	bool keyword_is_new;
};

struct pop_policy_quit {
	pool_t pool;
	struct pop_policy_session *session;
	ARRAY(struct quit_mailbox *) mailboxes;
	/* Those of them whose transactions are stored, until they are
	   synced. */
	ARRAY(struct quit_mailbox *) stored;
};

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
	struct pop_policy_move **move;

	*_quit = NULL;
	if (quit == NULL)
		return;
	array_foreach_elem(&quit->mailboxes, qbox) {
		array_foreach_modifiable(&qbox->moves, move) {
			pop_policy_move_deinit(move);
		}
	}
	pool_unref(&quit->pool);
}

/* Planning */

/* TRUE if mails that are moved to this mailbox would come back into a queue:
   INBOX and spam may both be in the next session's. */
static bool
special_use_feeds_queue(struct pop_policy_session *session,
			enum pop_policy_special_use special_use)
{
	struct mailbox *box, *spam;
	bool ret;

	box = pop_policy_special_mailbox_alloc(session->user, &session->policy,
					       special_use, 0);
	spam = pop_policy_special_mailbox_alloc(session->user, &session->policy,
						POP_POLICY_SPECIAL_USE_SPAM, 0);
	ret = box->inbox_user ||
		mailbox_equals(box, mailbox_get_namespace(spam), spam->vname);
	mailbox_free(&spam);
	mailbox_free(&box);
	return ret;
}

static void
rules_get(struct pop_policy_session *session,
	  struct pop_policy_plan_rules *rules_r)
{
	const struct pop_policy_action_info *info;

	*rules_r = *pop_policy_disposition_get_rules(session->disposition);
	if (pop_policy_disposition_is_empty(session->disposition))
		return;
	for (unsigned int i = 0; i < POP_POLICY_TRIGGER_COUNT; i++) {
		info = &pop_policy_action_infos[rules_r->actions[i]];
		if (info->kind == POP_POLICY_ACTION_KIND_MOVE) {
			rules_r->feeds_queue[info->special_use] =
				special_use_feeds_queue(session,
							info->special_use);
		}
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
	p_array_init(&qbox->moves, quit->pool, POP_POLICY_TRIGGER_COUNT);
	qbox->keyword_is_new =
		!pop_policy_keyword_may_exist(box, quit->session->keyword);
	array_push_back(&quit->mailboxes, &qbox);

	pop_policy_disposition_get(quit->session->disposition, box,
				   &deleted, &retrieved);
	*deleted_count += seq_range_count(deleted);
	pop_policy_plan_init(&qbox->plan, quit->pool);
	pop_policy_plan_add(&qbox->plan, rules, deleted, retrieved);
	return array_count(&qbox->plan.steps) > 0 && mailbox_is_readonly(box) ?
		pop_policy_change_denied(box) : 0;
}

int pop_policy_quit_plan(struct pop_policy_session *session,
			 struct mailbox *box)
{
	struct mailbox *merged = pop_policy_merge_get_mailbox(box);
	struct pop_policy_plan_rules rules;
	unsigned int deleted_count = 0;

	session->quit = quit_create(session);
	rules_get(session, &rules);
	if (quit_plan_mailbox(session->quit, box, &rules, &deleted_count) < 0)
		return -1;
	if (merged != NULL &&
	    quit_plan_mailbox(session->quit, merged, &rules,
			      &deleted_count) < 0) {
		mail_storage_copy_error(box->storage, merged->storage);
		return -1;
	}
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
quit_prepare_move(struct pop_policy_session *session, struct quit_mailbox *qbox,
		  const struct pop_policy_plan_step *step)
{
	const struct pop_policy_action_info *info =
		&pop_policy_action_infos[step->action];
	struct mailbox *dest;
	struct pop_policy_move *move;

	dest = pop_policy_special_mailbox_alloc(session->user, &session->policy,
						info->special_use,
						MAILBOX_FLAG_SAVEONLY);
	if (pop_policy_move_init(qbox->box, dest, &step->uids, &move) < 0)
		return -1;
	array_push_back(&qbox->moves, &move);
	return 0;
}

static int
quit_change_step(struct mailbox_transaction_context *t,
		 struct quit_mailbox *qbox,
		 const struct pop_policy_plan_step *step)
{
	struct pop_policy_session *session =
		POP_POLICY_SESSION_GET(t->box->storage->user);

	switch (pop_policy_action_infos[step->action].kind) {
	case POP_POLICY_ACTION_KIND_LEAVE:
		return 0;
	case POP_POLICY_ACTION_KIND_EXPUNGE:
		return pop_policy_change_expunge(t, &step->uids);
	case POP_POLICY_ACTION_KIND_DEQUEUE:
		return pop_policy_change_mark(t, &step->uids, session->keyword,
					      0);
	case POP_POLICY_ACTION_KIND_DEQUEUE_SEEN:
		return pop_policy_change_mark(t, &step->uids, session->keyword,
					      MAIL_SEEN);
	case POP_POLICY_ACTION_KIND_MOVE:
		return quit_prepare_move(session, qbox, step);
	}
	i_unreached();
}

int pop_policy_quit_change(struct mailbox_transaction_context *t)
{
	struct quit_mailbox *qbox = quit_mailbox_find(t->box);
	const struct pop_policy_plan_step *step;

	array_foreach(&qbox->plan.steps, step) {
		if (quit_change_step(t, qbox, step) < 0)
			return -1;
	}
	return 0;
}

int pop_policy_quit_stored(struct mailbox *box)
{
	struct pop_policy_session *session =
		POP_POLICY_SESSION_GET(box->storage->user);
	struct quit_mailbox *qbox = quit_mailbox_find(box);

	array_push_back(&session->quit->stored, &qbox);
	return array_count(&qbox->plan.steps) == 0 ? 0 :
		pop_policy_verify_index(box);
}

enum mailbox_sync_flags pop_policy_quit_sync_flags(struct mailbox *box)
{
	struct pop_policy_session *session =
		POP_POLICY_SESSION_GET(box->storage->user);
	struct quit_mailbox *qbox;

	if (session->quit == NULL)
		return 0;
	array_foreach_elem(&session->quit->stored, qbox) {
		if (qbox->box == box && array_count(&qbox->plan.steps) > 0)
			return pop_policy_mailbox_get_write_flags(box);
	}
	return 0;
}

/* Checking */

static int
quit_verify_marked(struct pop_policy_session *session,
		   const struct quit_mailbox *qbox,
		   const struct pop_policy_plan_step *step,
		   enum mail_flags flags)
{
	const struct seq_range *last = array_back(&step->uids);

	if (pop_policy_verify_marked(qbox->box, &step->uids, session->keyword,
				     flags) < 0)
		return -1;
	return !qbox->keyword_is_new ? 0 :
		pop_policy_verify_new_keyword(qbox->box, session->keyword,
					      last->seq2);
}

static int
quit_verify_step(struct pop_policy_session *session,
		 const struct quit_mailbox *qbox,
		 const struct pop_policy_plan_step *step)
{
	switch (pop_policy_action_infos[step->action].kind) {
	case POP_POLICY_ACTION_KIND_LEAVE:
		return 0;
	case POP_POLICY_ACTION_KIND_EXPUNGE:
	case POP_POLICY_ACTION_KIND_MOVE:
		return pop_policy_verify_gone(qbox->box, &step->uids);
	case POP_POLICY_ACTION_KIND_DEQUEUE:
		return quit_verify_marked(session, qbox, step, 0);
	case POP_POLICY_ACTION_KIND_DEQUEUE_SEEN:
		return quit_verify_marked(session, qbox, step, MAIL_SEEN);
	}
	i_unreached();
}

static int
quit_complete_mailbox(struct pop_policy_session *session,
		      struct quit_mailbox *qbox)
{
	const struct pop_policy_plan_step *step;
	struct pop_policy_move *move;

	array_foreach_elem(&qbox->moves, move) {
		if (pop_policy_move_run(move) < 0)
			return -1;
	}
	array_foreach(&qbox->plan.steps, step) {
		if (quit_verify_step(session, qbox, step) < 0)
			return -1;
	}
	return 0;
}

int pop_policy_quit_synced(struct pop_policy_session *session)
{
	ARRAY(struct quit_mailbox *) stored;
	struct quit_mailbox *qbox, *first;
	int ret = 0;

	if (session->quit == NULL || array_count(&session->quit->stored) == 0)
		return 0;
	/* moving mails syncs the mailboxes once more */
	t_array_init(&stored, 2);
	array_append_array(&stored, &session->quit->stored);
	array_clear(&session->quit->stored);

	first = array_idx_elem(&stored, 0);
	array_foreach_elem(&stored, qbox) {
		ret = quit_complete_mailbox(session, qbox);
		if (ret < 0) {
			mail_storage_copy_error(first->box->storage,
						qbox->box->storage);
			break;
		}
	}
	return ret;
}
