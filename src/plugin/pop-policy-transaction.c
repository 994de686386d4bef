/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-change.h"
#include "pop-policy-client.h"
#include "pop-policy-context.h"
#include "pop-policy-disposition.h"
#include "pop-policy-merge.h"
#include "pop-policy-quit.h"
#include "pop-policy-transaction.h"

struct pop_policy_transaction_module pop_policy_transaction_module =
	MODULE_CONTEXT_INIT(&mail_storage_module_register);

static struct mailbox_transaction_context *
pop_policy_transaction_begin(struct mailbox *box,
			     enum mailbox_transaction_flags flags,
			     const char *reason)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	struct mailbox_transaction_context *t;
	struct pop_policy_transaction *pt;
	const struct pop_policy_merge_source *sources;
	unsigned int count;

	t = pbox->module_ctx.super.transaction_begin(box, flags, reason);
	pt = i_new(struct pop_policy_transaction, 1);
	sources = pop_policy_merge_get_sources(box, &count);
	if (count > 0) {
		pt->merged = i_new(struct mailbox_transaction_context *, count);
		for (unsigned int i = 0; i < count; i++) {
			pt->merged[i] = mailbox_transaction_begin(
					sources[i].box, flags, reason);
		}
	}
	MODULE_CONTEXT_SET(t, pop_policy_transaction_module, pt);
	return t;
}

/* Roll back what is left of the merged mailboxes' transactions. */
static void
merged_rollback(struct mailbox *box,
		struct mailbox_transaction_context **merged)
{
	unsigned int count;

	(void)pop_policy_merge_get_sources(box, &count);
	for (unsigned int i = 0; i < count; i++) {
		if (merged[i] != NULL) {
			pop_policy_change_rollback(&merged[i],
						   merged[i]->box->storage);
		}
	}
	i_free(merged);
}

static void
pop_policy_transaction_rollback(struct mailbox_transaction_context *t)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);
	struct pop_policy_transaction *pt = pop_policy_transaction_get(t);

	merged_rollback(t->box, pt->merged);
	pbox->module_ctx.super.transaction_rollback(t);
	i_free(pt);
}

/* As pop_policy_change_rollback(), but that Dovecot's
   mailbox_transaction_commit() is our caller, and does the rest. */
static void main_rollback(struct mailbox_transaction_context *t)
{
	struct mail_storage *storage = t->box->storage;

	mail_storage_last_error_push(storage);
	pop_policy_transaction_rollback(t);
	mail_storage_last_error_pop(storage);
}

static int
merged_commit_one(struct mailbox_transaction_context **t, bool quit)
{
	struct mailbox *box = (*t)->box;

	if (quit && pop_policy_quit_change(*t) < 0) {
		pop_policy_change_rollback(t, box->storage);
		return -1;
	}
	if (mailbox_transaction_commit(t) < 0) {
		if (quit)
			pop_policy_quit_log_error(box);
		return -1;
	}
	return quit ? pop_policy_quit_stored(box) : 0;
}

/* If one fails, those after it are rolled back. */
static int merged_commit(struct mailbox *box,
			 struct mailbox_transaction_context **merged,
			 bool quit)
{
	struct pop_policy_merge_source *sources;
	unsigned int count;
	int ret = 0;

	sources = pop_policy_merge_get_sources(box, &count);
	for (unsigned int i = 0; ret == 0 && i < count; i++) {
		ret = merged_commit_one(&merged[i], quit);
		if (ret < 0) {
			mail_storage_copy_error(box->storage,
						sources[i].box->storage);
		}
	}
	merged_rollback(box, merged);
	return ret;
}

static int
main_commit(struct mailbox_transaction_context *t,
	    struct mail_transaction_commit_changes *changes_r, bool quit)
{
	struct mailbox *box = t->box;
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);

	if (pbox->module_ctx.super.transaction_commit(t, changes_r) < 0) {
		if (quit)
			pop_policy_quit_log_error(box);
		return -1;
	}
	return quit ? pop_policy_quit_stored(box) : 0;
}

/* A merged mailbox's changes are made only when those of the main one, and of
   the merged ones before it, are stored: other plugins copy mails of all to one
   mailbox, which not every storage can do in two transactions at the same
   time. */
static int
pop_policy_transaction_commit(struct mailbox_transaction_context *t,
			      struct mail_transaction_commit_changes *changes_r)
{
	struct mailbox *box = t->box;
	struct pop_policy_session *session =
		pop_policy_mailbox_get(box)->session;
	struct pop_policy_transaction *pt = pop_policy_transaction_get(t);
	struct mailbox_transaction_context **merged = pt->merged;
	/* pop3 commits once while it executes QUIT. What comes after that are
	   the plugin's own transactions. */
	bool quit = session->quit == NULL &&
		pop_policy_client_is_quitting(session);

	if (pop_policy_disposition_check(session->disposition, box) < 0 ||
	    (quit && (pop_policy_quit_plan(session, box) < 0 ||
		      pop_policy_quit_change(t) < 0))) {
		main_rollback(t);
		return -1;
	}
	i_free(pt);
	if (main_commit(t, changes_r, quit) < 0) {
		merged_rollback(box, merged);
		return -1;
	}
	return merged_commit(box, merged, quit);
}

void pop_policy_transaction_init_vfuncs(struct mailbox_vfuncs *v)
{
	v->transaction_begin = pop_policy_transaction_begin;
	v->transaction_commit = pop_policy_transaction_commit;
	v->transaction_rollback = pop_policy_transaction_rollback;
}
