/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "pop-policy-event.h"
#include "pop-policy-report.h"
#include "pop-policy-uidl.h"
#include "pop-policy-session.h"
#include "pop-policy-client.h"
#include "pop-policy-disposed.h"

struct disposed_mail {
	uint32_t uid;
	/* 0 if it is not known */
	uoff_t size;
	/* NULL if it is not known */
	const char *uidl;
	bool stored;
};

struct pop_policy_disposed {
	struct pop_policy_session *session;
	/* (the mailbox may be gone when this is reported) */
	const char *mailbox;
	const struct pop_policy_plan_step *step;
	pool_t pool;

	ARRAY(struct disposed_mail) mails;
	/* the first one of the transaction that is open */
	unsigned int open_idx;
};

struct pop_policy_disposed *
pop_policy_disposed_init(struct pop_policy_session *session,
			 struct mailbox *box,
			 const struct pop_policy_plan_step *step, pool_t pool)
{
	struct pop_policy_disposed *disposed;

	disposed = p_new(pool, struct pop_policy_disposed, 1);
	disposed->session = session;
	disposed->mailbox = p_strdup(pool, box->vname);
	disposed->step = step;
	disposed->pool = pool;
	p_array_init(&disposed->mails, pool, seq_range_count(&step->uids));
	return disposed;
}

void pop_policy_disposed_add(struct pop_policy_disposed *disposed,
			     struct mail *mail)
{
	struct disposed_mail *dmail = array_append_space(&disposed->mails);
	const char *uidl;

	dmail->uid = mail->uid;
	if (mail_get_virtual_size(mail, &dmail->size) < 0)
		dmail->size = 0;
	T_BEGIN {
		if (pop_policy_uidl_get(
			pop_policy_client_get_uidl_maker(disposed->session),
			mail, &uidl) == 0)
			dmail->uidl = p_strdup(disposed->pool, uidl);
	} T_END;
}

void pop_policy_disposed_commit(struct pop_policy_disposed *disposed)
{
	struct disposed_mail *mails;
	unsigned int count;

	mails = array_get_modifiable(&disposed->mails, &count);
	while (disposed->open_idx < count)
		mails[disposed->open_idx++].stored = TRUE;
}

void pop_policy_disposed_rollback(struct pop_policy_disposed *disposed)
{
	disposed->open_idx = array_count(&disposed->mails);
}

void pop_policy_disposed_remove(struct pop_policy_disposed *disposed,
				const ARRAY_TYPE(seq_range) *uids)
{
	struct disposed_mail *dmail;

	array_foreach_modifiable(&disposed->mails, dmail) {
		if (seq_range_exists(uids, dmail->uid))
			dmail->stored = FALSE;
	}
}

unsigned int
pop_policy_disposed_count(const struct pop_policy_disposed *disposed)
{
	const struct disposed_mail *dmail;
	unsigned int count = 0;

	array_foreach(&disposed->mails, dmail) {
		if (dmail->stored)
			count++;
	}
	return count;
}

static void
mail_event_send(const struct pop_policy_disposed *disposed,
		const struct disposed_mail *dmail)
{
	const struct pop_policy_event_mail mail = {
		.action = pop_policy_action_infos[disposed->step->action].word,
		.trigger = pop_policy_trigger_words[disposed->step->trigger],
		.mailbox = disposed->mailbox,
		.uid = dmail->uid,
		.uidl = dmail->uidl,
		.size = dmail->size,
	};

	pop_policy_event_mail_disposed(disposed->session->user->event, &mail);
}

void pop_policy_disposed_report(const struct pop_policy_disposed *disposed,
				string_t *line)
{
	const struct disposed_mail *dmail;
	ARRAY_TYPE(seq_range) uids;

	t_array_init(&uids, 32);
	array_foreach(&disposed->mails, dmail) {
		if (!dmail->stored)
			continue;
		seq_range_array_add(&uids, dmail->uid);
		mail_event_send(disposed, dmail);
	}
	pop_policy_report_add(line, disposed->step->action,
			      disposed->step->trigger, disposed->mailbox,
			      &uids);
}
