/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "pop3-common.h"
#include "mail-storage-settings.h"
#include "pop-policy.h"
#include "pop-policy-keyword.h"
#include "pop-policy-uidl.h"
#include "pop-policy-session.h"
#include "pop-policy-client.h"

struct pop3_settings *pop_policy_client_settings_dup(struct client *client)
{
	struct pop3_settings *set;

	set = p_memdup(client->pool, client->set, sizeof(*client->set));
	client->set = set;
	return set;
}

void pop_policy_client_init(struct pop_policy_session *session)
{
	struct pop3_settings *set =
		pop_policy_client_settings_dup(session->client);

	session->keyword = pop_policy_keyword_get(&session->policy,
						  set->pop3_deleted_flag);

	session->filter_keyword = session->policy.recent != 0 ? NULL :
		session->keyword;
	session->filter_since = pop_policy_get_cutoff(&session->policy,
						      ioloop_time);

	/* With this set pop3 remembers the sequences that its first search
	   gave it, and uses only those from then on. pop-policy-keyword.h
	   finds that search, pop-policy-filter.h replaces it. */
	set->pop3_deleted_flag = session->keyword;
}

void pop_policy_client_limit_keyword(struct pop_policy_session *session,
				     unsigned int max_len)
{
	struct pop3_settings *set;
	const char *flag = session->client->set->pop3_deleted_flag;

	if (strcmp(flag, POP_POLICY_DEFAULT_KEYWORD) != 0) {
		/* the configuration's own: pop3 complains of it */
		return;
	}
	set = pop_policy_client_settings_dup(session->client);
	set->pop3_deleted_flag =
		session->filter_since == 0 && session->disposition == NULL &&
		session->policy.spam == POP_POLICY_SPAM_EXCLUDE ? "" :
		p_strdup(session->client->pool,
			 t_strndup(flag, max_len));
}

enum pop_policy_action
pop_policy_client_get_delete_action(const struct pop_policy_session *session)
{
	switch (session->client->set->parsed_delete_type) {
	case POP3_DELETE_TYPE_FLAG:
		return POP_POLICY_ACTION_KEEP;
	case POP3_DELETE_TYPE_EXPUNGE:
		break;
	}
	return POP_POLICY_ACTION_DELETE;
}

void pop_policy_client_flag_deleted(struct pop_policy_session *session)
{
	pop_policy_client_settings_dup(session->client)->parsed_delete_type =
		POP3_DELETE_TYPE_FLAG;
}

bool pop_policy_client_is_new(const struct client *client)
{
	return !client->quit_seen && !client->disconnected &&
		!client->destroyed && client->deleted_count == 0 &&
		client->last_seen_pop3_msn == 0 && client->mailbox == NULL &&
		client->trans == NULL && client->deleted_kw == NULL;
}

bool pop_policy_client_has_quit(const struct pop_policy_session *session)
{
	return session->client->quit_seen;
}

bool pop_policy_client_is_quitting(const struct pop_policy_session *session)
{
	/* After a failed QUIT the transaction is still committed, when the
	   client has been disconnected already. */
	return session->client->quit_seen && !session->client->disconnected &&
		!session->client->destroyed;
}

bool
pop_policy_client_quit_has_failed(const struct pop_policy_session *session)
{
	return session->client->quit_seen && !session->client->delete_success;
}

bool
pop_policy_client_is_deleted_keyword(const struct pop_policy_session *session,
				     const struct mail_keywords *keywords)
{
	return session->client->deleted_kw == keywords;
}

unsigned int
pop_policy_client_get_deleted_count(const struct pop_policy_session *session)
{
	return session->client->deleted_count;
}

/* There is no hook for RSET, but RSET resets the number of the message that
   was seen last. Unless LAST is enabled nothing reads that number, and RETR
   leaves a higher one in place: so this one stays there from a RETR until a
   RSET. */
#define RETRIEVE_NOTED_MSN ((uint32_t)-1)

bool pop_policy_client_uses_last(const struct pop_policy_session *session)
{
	return session->client->set->pop3_enable_last;
}

void pop_policy_client_note_retrieve(struct pop_policy_session *session)
{
	if (!pop_policy_client_uses_last(session))
		session->client->last_seen_pop3_msn = RETRIEVE_NOTED_MSN;
}

bool pop_policy_client_had_reset(const struct pop_policy_session *session)
{
	return !pop_policy_client_uses_last(session) &&
		session->client->last_seen_pop3_msn != RETRIEVE_NOTED_MSN;
}

void pop_policy_client_set_uid_validity(struct pop_policy_session *session,
					uint32_t uid_validity)
{
	session->client->uid_validity = uid_validity;
}

struct pop_policy_uidl_maker *
pop_policy_client_get_uidl_maker(struct pop_policy_session *session)
{
	struct pop_policy_uidl_maker *maker = session->uidl_maker;

	if (maker == NULL) {
		maker = p_new(session->user->pool,
			      struct pop_policy_uidl_maker, 1);
		maker->event = session->user->event;
		maker->format = session->client->mail_set->pop3_uidl_format;
		maker->keymask = session->client->uidl_keymask;
		maker->reuse_xuidl = session->client->set->pop3_reuse_xuidl;
		session->uidl_maker = maker;
	}
	return maker;
}

bool pop_policy_client_saves_uidls(const struct pop_policy_session *session)
{
	return session->client->set->pop3_save_uidl;
}
