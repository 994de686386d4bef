/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "file-lock.h"
#include "str.h"
#include "mail-user.h"
#include "mail-namespace.h"
#include "mail-storage-private.h"
#include "mail-index-private.h"
#include "mail-index-transaction-private.h"
#include "pop-policy.h"
#include "pop-policy-event.h"
#include "pop-policy-filter.h"
#include "pop-policy-log.h"
#include "pop-policy-report.h"
#include "pop-policy-sources.h"
#include "pop-policy-special-mailbox.h"
#include "pop-policy-stamps.h"
#include "pop-policy-storage-compat.h"
#include "pop-policy-uidl.h"
#include "pop-policy-expire.h"

/* That of Dovecot's own autoexpunge: the two do not get into each other's way
   then, and lazy_expunge does not get mails twice. */
#define POP_POLICY_EXPIRE_LOCK_FNAME "dovecot.autoexpunge.lock"
/* So many mails are expunged at once, while others may wait for the mailbox. */
#define POP_POLICY_EXPIRE_STEP 1000

struct expiring {
	const struct pop_policy_expire *expire;
	pool_t pool;
	ARRAY_TYPE(pop_policy_expired_mail) *mails;
	struct file_lock *lock;
	bool locked;
	/* the present mailbox's name */
	const char *mailbox;
};

static int
box_failed(struct expiring *expiring, struct mailbox *box, const char **error_r)
{
	*error_r = p_strdup(expiring->pool, t_strdup_printf(
		"Cannot change mailbox %s: %s",
		pop_policy_log_value(box->vname),
		mailbox_get_last_internal_error(box, NULL)));
	return -1;
}

/* Returns 1 if the mails may be expunged, 0 if another process is doing that,
   or -1 with error_r if it has not ended in time. */
static int expiring_lock(struct expiring *expiring, const char **error_r)
{
	const struct pop_policy_expire *expire = expiring->expire;
	const char *error;

	/* Dovecot's own goes on if there can be no lock, as for a user without
	   home directory. */
	expiring->locked = expire->dry_run ||
		mail_user_lock_file_create(expire->user,
			POP_POLICY_EXPIRE_LOCK_FNAME, expire->lock_secs,
			&expiring->lock, &error) != 0;
	if (expiring->locked)
		return 1;
	*error_r = "Another process is expunging messages";
	return expire->lock_secs == 0 ? 0 : -1;
}

static void
mail_add(struct expiring *expiring, struct mail *mail,
	 ARRAY_TYPE(pop_policy_expired_mail) *mails)
{
	struct pop_policy_expired_mail *add = array_append_space(mails);
	const char *uidl;

	add->mailbox = expiring->mailbox;
	add->uid = mail->uid;
	if (mail_get_virtual_size(mail, &add->size) < 0)
		add->size = 0;
	if (pop_policy_uidl_get(expiring->expire->maker, mail, &uidl) == 0)
		add->uidl = p_strdup(expiring->pool, uidl);
}

/* Returns 0, or -1 with the mailbox's error set if the user may not expunge the
   mail: Dovecot does not say that. */
static int
mail_expire(struct expiring *expiring, struct mail *mail,
	    ARRAY_TYPE(pop_policy_expired_mail) *mails)
{
	struct mail_index_transaction *itrans = mail->transaction->itrans;

	if (mail->expunged)
		return 0;
	mail_add(expiring, mail, mails);
	if (expiring->expire->dry_run)
		return 0;
	mail_expunge(mail);
	if (mail_index_transaction_is_expunged(itrans, mail->seq) ||
	    mail->expunged)
		return 0;
	mail_storage_set_error(mail->box->storage, MAIL_ERROR_PERM,
			       MAIL_ERRSTR_NO_PERMISSION);
	return -1;
}

static int
mails_expire(struct expiring *expiring, struct mailbox *box,
	     const ARRAY_TYPE(seq_range) *seqs,
	     ARRAY_TYPE(pop_policy_expired_mail) *mails)
{
	struct mailbox_transaction_context *t;
	struct seq_range_iter iter;
	struct mail *mail;
	unsigned int n = 0;
	uint32_t seq;
	int ret = 0;

	t = mailbox_transaction_begin(box, 0, "pop_policy");
	mail = mail_alloc(t, 0, NULL);
	seq_range_array_iter_init(&iter, seqs);
	while (ret == 0 && seq_range_array_iter_nth(&iter, n++, &seq)) T_BEGIN {
		mail_set_seq(mail, seq);
		ret = mail_expire(expiring, mail, mails);
	} T_END;
	mail_free(&mail);
	if (ret < 0) {
		mail_storage_last_error_push(box->storage);
		mailbox_transaction_rollback(&t);
		mail_storage_last_error_pop(box->storage);
		return -1;
	}
	if (mailbox_transaction_commit(&t) < 0)
		return -1;
	return expiring->expire->dry_run ? 0 :
		mailbox_sync(box, pop_policy_mailbox_get_write_flags(box));
}

/* Report the mails that are really gone. */
static int
mails_report(struct expiring *expiring, struct mailbox *box,
	     const ARRAY_TYPE(pop_policy_expired_mail) *mails)
{
	const struct pop_policy_expired_mail *mail;
	bool dry_run = expiring->expire->dry_run;
	uint32_t seq;
	int ret = 0;

	array_foreach(mails, mail) {
		const struct pop_policy_event_mail event_mail = {
			.action = "expire",
			.trigger = "keep_for",
			.mailbox = mail->mailbox,
			.uid = mail->uid,
			.uidl = mail->uidl,
			.size = mail->size,
		};

		if (!dry_run && mail_index_lookup_seq(box->view, mail->uid,
						      &seq)) {
			ret = -1;
			continue;
		}
		array_push_back(expiring->mails, mail);
		if (!dry_run) {
			pop_policy_event_mail_disposed(
				expiring->expire->user->event, &event_mail);
		}
	}
	if (ret < 0) {
		mailbox_set_critical(box, "pop_policy: "
			"Some messages could not be removed");
	}
	return ret;
}

/* Returns 1 if there may be more, from min_uid on, 0 if not. */
static int
box_expire_step(struct expiring *expiring, struct mailbox *box,
		uint32_t *min_uid, const char **error_r)
{
	const struct pop_policy_expire *expire = expiring->expire;
	ARRAY_TYPE(pop_policy_expired_mail) mails;
	ARRAY_TYPE(seq_range) marked, due;
	const struct seq_range *last;
	uint32_t min_seq, seq2;
	int ret;

	if (!mail_index_lookup_seq_range(box->view, *min_uid, (uint32_t)-1,
					 &min_seq, &seq2))
		return 0;
	t_array_init(&marked, 32);
	t_array_init(&due, 8);
	pop_policy_filter_get_marked(box, expire->keyword, &marked);
	pop_policy_stamps_look(box, &marked, expire->policy->keep_for,
			       expire->dry_run, min_seq,
			       POP_POLICY_EXPIRE_STEP, &due);
	if (array_count(&due) == 0)
		return 0;
	if (!expiring->locked) {
		ret = expiring_lock(expiring, error_r);
		if (ret <= 0)
			return ret;
		/* (somebody else may just have expunged them) */
		return mailbox_sync(box, 0) < 0 ? box_failed(expiring, box, error_r) : 1;
	}
	last = array_back(&due);
	*min_uid = mail_index_lookup(box->view, last->seq2)->uid + 1;
	p_array_init(&mails, expiring->pool, 32);
	if (mails_expire(expiring, box, &due, &mails) < 0 ||
	    mails_report(expiring, box, &mails) < 0)
		return box_failed(expiring, box, error_r);
	return 1;
}

static int
box_expire(struct expiring *expiring, struct mailbox *box, const char **error_r)
{
	uint32_t min_uid = 1;
	int ret;

	ret = pop_policy_special_mailbox_open_existing(box);
	if (ret == 0 || (ret > 0 && box->virtual_vfuncs != NULL)) {
		/* (a virtual mailbox's mails are others') */
		return 0;
	}
	if (ret < 0 || mailbox_sync(box, MAILBOX_SYNC_FLAG_FULL_READ) < 0)
		return box_failed(expiring, box, error_r);
	if (mailbox_is_readonly(box))
		return 0;
	expiring->mailbox = p_strdup(expiring->pool, box->vname);
	do T_BEGIN {
		ret = box_expire_step(expiring, box, &min_uid, error_r);
	} T_END; while (ret > 0);
	return ret;
}

static int expire_inbox(struct expiring *expiring, const char **error_r)
{
	struct mail_namespace *ns = mail_namespace_find_inbox(
		expiring->expire->user->namespaces);
	struct mailbox *box;
	int ret;

	box = mailbox_alloc(ns->list, "INBOX", 0);
	ret = box_expire(expiring, box, error_r);
	mailbox_free(&box);
	return ret;
}

static int expire_only_spam(struct expiring *expiring, const char **error_r)
{
	struct mailbox *box;
	int ret;

	box = pop_policy_special_mailbox_alloc(expiring->expire->user,
					       expiring->expire->policy,
					       POP_POLICY_SPECIAL_USE_SPAM, 0);
	ret = box_expire(expiring, box, error_r);
	mailbox_free(&box);
	return ret;
}

static int
sources_failed(struct expiring *expiring,
	       struct pop_policy_sources_error *error, const char **error_r)
{
	if (error->box == NULL) {
		*error_r = p_strdup(expiring->pool, error->text);
		return -1;
	}
	(void)box_failed(expiring, error->box, error_r);
	mailbox_free(&error->box);
	return -1;
}

static int expire_merged(struct expiring *expiring, const char **error_r)
{
	const struct pop_policy_expire *expire = expiring->expire;
	struct pop_policy_sources_error error;
	ARRAY_TYPE(pop_policy_boxes) boxes;
	struct mailbox *box;
	int ret = 0;

	if (!pop_policy_sources_are_merged(expire->policy))
		return 0;
	t_array_init(&boxes, 8);
	if (pop_policy_sources_open(expire->user, expire->policy, 0, &boxes,
				    &error) < 0)
		ret = sources_failed(expiring, &error, error_r);
	array_foreach_elem(&boxes, box) {
		if (box_expire(expiring, box, error_r) < 0)
			ret = -1;
		mailbox_free(&box);
	}
	return ret;
}

/* All mailboxes that feed the queue. One that fails does not keep the others
   from being looked at. */
static int expire_sources(struct expiring *expiring, const char **error_r)
{
	int ret;

	if (expiring->expire->policy->spam == POP_POLICY_SPAM_ONLY)
		return expire_only_spam(expiring, error_r);
	ret = expire_inbox(expiring, error_r);
	return expire_merged(expiring, error_r) < 0 ? -1 : ret;
}

static void
expired_log(struct mail_user *user,
	    const ARRAY_TYPE(pop_policy_expired_mail) *mails)
{
	const struct pop_policy_expired_mail *mail;
	const char *mailbox = NULL;
	ARRAY_TYPE(seq_range) uids;
	string_t *line = t_str_new(256);

	t_array_init(&uids, 32);
	array_foreach(mails, mail) {
		if (mailbox != NULL && mail->mailbox != mailbox) {
			pop_policy_report_add_done(line, "expired", "",
						   mailbox, &uids);
			array_clear(&uids);
		}
		mailbox = mail->mailbox;
		seq_range_array_add(&uids, mail->uid);
	}
	pop_policy_report_add_done(line, "expired", "", mailbox, &uids);
	e_info(user->event, "POP keep_for: %s", str_c(line));
}

int pop_policy_expire(const struct pop_policy_expire *expire, pool_t pool,
		      ARRAY_TYPE(pop_policy_expired_mail) *mails,
		      const char **error_r)
{
	struct expiring expiring = {
		.expire = expire,
		.pool = pool,
		.mails = mails,
	};
	int ret;

	if (expire->policy->keep_for == 0)
		return 0;
	ret = expire_sources(&expiring, error_r);
	file_lock_free(&expiring.lock);
	if (array_count(mails) > 0 && !expire->dry_run)
		expired_log(expire->user, mails);
	return ret;
}
