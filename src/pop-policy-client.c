/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "istream.h"
#include "ostream.h"
#include "ostream-null.h"
#include "ioloop.h"
#include "pop3-common.h"
#include "pop-policy-user.h"
#include "pop-policy-client.h"

static struct pop3_settings *client_settings_dup(struct client *client)
{
	struct pop3_settings *set;

	set = p_memdup(client->pool, client->set, sizeof(*client->set));
	client->set = set;
	return set;
}

static void
pop_policy_client_destroy(struct client *client, const char *reason)
{
	struct pop_policy_user *puser = POP_POLICY_USER_CONTEXT(client->user);

	if (puser->refuse_reason != NULL)
		reason = puser->refuse_reason;
	/* a DELE after RSET allocates a new bitmask */
	if (puser->retrieve_bitmask != client->deleted_bitmask)
		i_free(puser->retrieve_bitmask);
	puser->client_destroy(client, reason);
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
	   is found and replaced by pop-policy-filter. */
	set->pop3_deleted_flag = puser->keyword;
	/* Where the policy wants something else than expunging, pop3 is told
	   to add that keyword at QUIT, and we do what is wanted instead. */
	if (puser->policy.delete_action == POP_POLICY_ACTION_DELETE)
		set->parsed_delete_type = POP3_DELETE_TYPE_EXPUNGE;
	else if (puser->policy.delete_action != POP_POLICY_ACTION_NONE)
		set->parsed_delete_type = POP3_DELETE_TYPE_FLAG;

	puser->client_destroy = client->v.destroy;
	client->v.destroy = pop_policy_client_destroy;
}

static void pop_policy_client_refused_timeout(struct client *client)
{
	client->v.destroy(client, NULL);
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
	client->v.destroy = pop_policy_client_destroy;
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

bool pop_policy_client_has_deleted(const struct pop_policy_user *puser)
{
	return puser->client->deleted_count > 0;
}

/* There is no hook for RSET. But it clears client->deleted, so that flag set
   at every RETR shows whether there has been a RSET since. The bitmask that
   belongs to the flag has no bits set by us. */
static void pop_policy_client_check_reset(struct pop_policy_user *puser)
{
	if (puser->retrieve_noted && !puser->client->deleted) {
		puser->retrieve_noted = FALSE;
		puser->reset_count++;
	}
}

unsigned int pop_policy_client_get_resets(struct pop_policy_user *puser)
{
	pop_policy_client_check_reset(puser);
	return puser->reset_count;
}

void pop_policy_client_note_retrieve(struct pop_policy_user *puser)
{
	struct client *client = puser->client;

	pop_policy_client_check_reset(puser);
	if (client->deleted_bitmask == NULL) {
		puser->retrieve_bitmask = client->deleted_bitmask =
			i_malloc(MSGS_BITMASK_SIZE(client));
	}
	client->deleted = TRUE;
	puser->retrieve_noted = TRUE;
}

void pop_policy_client_quit_finish(struct pop_policy_user *puser)
{
	/* the answer to QUIT speaks of deleted messages if this is set */
	if (puser->retrieve_noted && puser->client->deleted_count == 0)
		puser->client->deleted = FALSE;
}
