/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "istream.h"
#include "mail-storage-private.h"
#include "pop-policy-session.h"
#include "pop-policy-client.h"
#include "pop-policy-disposition.h"

struct disposition_mailbox {
	struct mailbox *box;
	/* UIDs */
	ARRAY_TYPE(seq_range) deleted, retrieved;
};

struct pop_policy_disposition {
	struct pop_policy_session *session;
	struct pop_policy_plan_rules rules;

	/* those with DELEted or RETRieved mails */
	ARRAY(struct disposition_mailbox) mailboxes;
	/* There was a RETR since the last RSET. */
	bool retrieving;
	/* QUIT was seen when there was none, or not seen when there was
	   one. */
	bool misread;
};

struct pop_policy_disposition *
pop_policy_disposition_init(struct pop_policy_session *session)
{
	const struct pop_policy *policy = &session->policy;
	struct pop_policy_disposition *dispo;

	dispo = i_new(struct pop_policy_disposition, 1);
	dispo->session = session;
	dispo->rules.actions[POP_POLICY_TRIGGER_DELE] =
		policy->delete_action != POP_POLICY_ACTION_NONE ?
		policy->delete_action :
		pop_policy_client_get_delete_action(session);
	dispo->rules.actions[POP_POLICY_TRIGGER_RETR] =
		policy->retrieve_action;
	pop_policy_client_flag_deleted(session);
	i_array_init(&dispo->mailboxes, 2);
	return dispo;
}

void pop_policy_disposition_deinit(struct pop_policy_disposition **_dispo)
{
	struct pop_policy_disposition *dispo = *_dispo;
	struct disposition_mailbox *dbox;

	*_dispo = NULL;
	if (dispo == NULL)
		return;
	array_foreach_modifiable(&dispo->mailboxes, dbox) {
		array_free(&dbox->deleted);
		array_free(&dbox->retrieved);
	}
	array_free(&dispo->mailboxes);
	i_free(dispo);
}

const struct pop_policy_plan_rules *
pop_policy_disposition_get_rules(const struct pop_policy_disposition *dispo)
{
	return &dispo->rules;
}

static struct disposition_mailbox *
mailbox_get(struct pop_policy_disposition *dispo, struct mailbox *box)
{
	struct disposition_mailbox *dbox;

	array_foreach_modifiable(&dispo->mailboxes, dbox) {
		if (dbox->box == box)
			return dbox;
	}
	dbox = array_append_space(&dispo->mailboxes);
	dbox->box = box;
	i_array_init(&dbox->deleted, 32);
	i_array_init(&dbox->retrieved, 32);
	return dbox;
}

int pop_policy_disposition_check(struct pop_policy_disposition *dispo,
				 struct mailbox *box)
{
	if (!dispo->misread)
		return 0;
	mailbox_set_critical(box, "pop_policy: The plugin was built for another "
			     "pop3: nothing is deleted, marked or moved");
	return -1;
}

bool pop_policy_disposition_flag(struct pop_policy_disposition *dispo,
				 struct mail *mail,
				 const struct mail_keywords *keywords)
{
	if (!pop_policy_client_is_deleted_keyword(dispo->session, keywords))
		return FALSE;
	/* pop3 does this at QUIT only */
	if (!pop_policy_client_has_quit(dispo->session))
		dispo->misread = TRUE;
	seq_range_array_add(&mailbox_get(dispo, mail->box)->deleted, mail->uid);
	return TRUE;
}

/* RSET has undone these RETRs: drop them. */
static void drop_retrieved(struct pop_policy_disposition *dispo)
{
	struct disposition_mailbox *dbox;

	dispo->retrieving = FALSE;
	array_foreach_modifiable(&dispo->mailboxes, dbox) {
		array_clear(&dbox->retrieved);
	}
}

static void check_reset(struct pop_policy_disposition *dispo)
{
	if (dispo->retrieving && pop_policy_client_had_reset(dispo->session))
		drop_retrieved(dispo);
}

bool pop_policy_disposition_uses_retrieved(
	const struct pop_policy_disposition *dispo)
{
	return dispo->rules.actions[POP_POLICY_TRIGGER_RETR] !=
		POP_POLICY_ACTION_NONE;
}

int pop_policy_disposition_retrieve(struct pop_policy_disposition *dispo,
				    struct mailbox *box)
{
	if (pop_policy_client_has_quit(dispo->session))
		dispo->misread = TRUE;
	if (pop_policy_disposition_check(dispo, box) < 0)
		return -1;
	check_reset(dispo);
	dispo->retrieving = TRUE;
	pop_policy_client_note_retrieve(dispo->session);
	return 0;
}

void pop_policy_disposition_retrieved(struct pop_policy_disposition *dispo,
				      struct mail *mail, struct istream *stream)
{
	if (stream->stream_errno != 0 || !stream->eof ||
	    i_stream_get_data_size(stream) > 0)
		return;
	check_reset(dispo);
	seq_range_array_add(&mailbox_get(dispo, mail->box)->retrieved,
			    mail->uid);
}

/* Where LAST is enabled, RSET removes the flags (RFC 1460), and nothing else
   in pop3 does. */
void pop_policy_disposition_seen_removed(struct pop_policy_disposition *dispo)
{
	if (pop_policy_client_uses_last(dispo->session))
		drop_retrieved(dispo);
}

bool pop_policy_disposition_is_empty(struct pop_policy_disposition *dispo)
{
	const struct disposition_mailbox *dbox;

	check_reset(dispo);
	array_foreach(&dispo->mailboxes, dbox) {
		if (array_count(&dbox->deleted) > 0 ||
		    array_count(&dbox->retrieved) > 0)
			return FALSE;
	}
	return TRUE;
}

int pop_policy_disposition_synced(struct pop_policy_disposition *dispo,
				  struct mailbox *box)
{
	if (!pop_policy_client_has_quit(dispo->session) &&
	    !pop_policy_disposition_is_empty(dispo))
		dispo->misread = TRUE;
	return pop_policy_disposition_check(dispo, box);
}

void pop_policy_disposition_get(struct pop_policy_disposition *dispo,
				struct mailbox *box,
				const ARRAY_TYPE(seq_range) **deleted_r,
				const ARRAY_TYPE(seq_range) **retrieved_r)
{
	struct disposition_mailbox *dbox = mailbox_get(dispo, box);

	check_reset(dispo);
	*deleted_r = &dbox->deleted;
	*retrieved_r = &dbox->retrieved;
}
