/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "istream.h"
#include "ostream.h"
#include "ostream-null.h"
#include "ioloop.h"
#include "pop3-common.h"
#include "pop-policy-compat.h"
#include "pop-policy-user.h"
#include "pop-policy-client.h"

/* Only the pop3 process has this function. */
#pragma weak client_destroy

static struct pop3_settings *client_settings_dup(struct client *client)
{
	struct pop3_settings *set;

	set = p_memdup(client->pool, client->set, sizeof(*client->set));
	client->set = set;
	return set;
}

static void
client_init_delete(struct pop_policy_user *puser, struct pop3_settings *set)
{
	enum pop_policy_action *action = &puser->policy.delete_action;

	puser->disposition = pop_policy_has_disposition(&puser->policy);
	if (!puser->disposition)
		return;
	if (*action == POP_POLICY_ACTION_NONE) {
		*action = set->parsed_delete_type == POP3_DELETE_TYPE_FLAG ?
			POP_POLICY_ACTION_KEEP : POP_POLICY_ACTION_DELETE;
	}
	/* pop3 is told to add the keyword to DELEted mails at QUIT, and we do
	   what is wanted instead. */
	set->parsed_delete_type = POP3_DELETE_TYPE_FLAG;
}

void pop_policy_client_init(struct pop_policy_user *puser)
{
	struct client *client = puser->client;
	struct pop3_settings *set = client_settings_dup(client);

	if (puser->policy.keyword != NULL)
		puser->keyword = puser->policy.keyword;
	else if (*set->pop3_deleted_flag != '\0')
		puser->keyword = set->pop3_deleted_flag;
	else
		puser->keyword = POP_POLICY_DEFAULT_KEYWORD;

	/* With this set pop3 remembers which sequences its first search gave
	   it, and uses those alone from then on. The keyword it searches for
	   is found by pop-policy-keyword and replaced by pop-policy-filter. */
	set->pop3_deleted_flag = puser->keyword;
	client_init_delete(puser, set);
}

/* Whatever ends the session, the log is to say why it was refused. */
static void
pop_policy_client_refused_destroy(struct client *client,
				  const char *reason ATTR_UNUSED)
{
	struct pop_policy_user *puser = POP_POLICY_USER_CONTEXT(client->user);

	/* no mailbox is to be opened for autoexpunging either */
	pop_policy_namespaces_drop_mailboxes(client->user);
	puser->client_destroy(client, puser->refuse_reason);
}

static void pop_policy_client_refused_timeout(struct client *client)
{
	client_destroy(client, NULL);
}

void pop_policy_client_refuse(struct pop_policy_user *puser, const char *line,
			      const char *reason)
{
	struct client *client = puser->client;
	struct pop3_settings *set = client_settings_dup(client);

	o_stream_nsend_str(client->output,
			   t_strconcat("-ERR ", line, "\r\n", NULL));
	(void)o_stream_flush(client->output);

	/* The pop3 process goes on as if the user was logged in: our callers
	   still use the client. Nothing of that may reach the real client (the
	   +OK for one), the session lock or a mailbox: pop-policy-source gives
	   the process an empty one. */
	o_stream_unref(&client->output);
	client->output = o_stream_create_null();
	o_stream_set_no_error_handling(client->output, TRUE);
	set->pop3_lock_session = FALSE;

	puser->refuse_reason = p_strdup(client->pool, reason);
	puser->client_destroy = client->v.destroy;
	client->v.destroy = pop_policy_client_refused_destroy;
	timeout_remove(&client->to_idle);
	client->to_idle = timeout_add_short(0,
		pop_policy_client_refused_timeout, client);
}

void pop_policy_client_ignore_input(struct pop_policy_user *puser)
{
	/* commands pipelined behind the refused login */
	i_stream_close(puser->client->input);
}

bool pop_policy_client_is_quitting(const struct pop_policy_user *puser)
{
	/* After a failed QUIT the transaction is still committed, when the
	   client has been disconnected already. */
	return puser->client->quit_seen && !puser->client->disconnected &&
		!puser->client->destroyed;
}

bool pop_policy_client_is_deleted_keyword(const struct pop_policy_user *puser,
					  const struct mail_keywords *keywords)
{
	return puser->client->deleted_kw == keywords;
}

unsigned int
pop_policy_client_get_deleted_count(const struct pop_policy_user *puser)
{
	return puser->client->deleted_count;
}

/* There is no hook for RSET, but it forgets which message was seen last. Where
   LAST is not enabled nobody asks for that, and RETR leaves a higher number in
   place: so this one stays from the first RETR until a RSET. Where LAST is
   enabled, RSET removes \Seen flags, which nothing else in pop3 does. */
#define RETRIEVE_NOTED_MSN ((uint32_t)-1)

void pop_policy_client_note_retrieve(struct pop_policy_user *puser)
{
	/* notice an earlier RSET first */
	(void)pop_policy_client_get_resets(puser);
	puser->retrieve_noted = TRUE;
	if (!puser->client->set->pop3_enable_last)
		puser->client->last_seen_pop3_msn = RETRIEVE_NOTED_MSN;
}

void pop_policy_client_note_seen_removed(struct pop_policy_user *puser)
{
	if (puser->retrieve_noted) {
		puser->retrieve_noted = FALSE;
		puser->reset_count++;
	}
}

unsigned int pop_policy_client_get_resets(struct pop_policy_user *puser)
{
	if (puser->retrieve_noted && !puser->client->set->pop3_enable_last &&
	    puser->client->last_seen_pop3_msn != RETRIEVE_NOTED_MSN) {
		puser->retrieve_noted = FALSE;
		puser->reset_count++;
	}
	return puser->reset_count;
}
