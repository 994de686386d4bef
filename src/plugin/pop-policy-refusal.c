/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "istream.h"
#include "ostream.h"
#include "ostream-null.h"
#include "ioloop.h"
#include "mail-storage-private.h"
#include "pop3-common.h"
#include "pop-policy-storage-compat.h"
#include "pop-policy-session.h"
#include "pop-policy-client.h"
#include "pop-policy-empty-mailbox.h"
#include "pop-policy-refusal.h"

/* Only the pop3 process has this function. */
#pragma weak client_destroy

struct pop_policy_refusal {
	const char *reason;
	void (*client_destroy)(struct client *client, const char *reason);
};

/* Whatever ends the session, the log says why it was refused. */
static void refused_client_destroy(struct client *client,
				   const char *reason ATTR_UNUSED)
{
	struct pop_policy_session *session =
		POP_POLICY_SESSION_GET(client->user);

	/* autoexpunging would open mailboxes */
	pop_policy_namespaces_drop_mailboxes(client->user);
	session->refusal->client_destroy(client, session->refusal->reason);
}

static void refused_client_timeout(struct client *client)
{
	client_destroy(client, NULL);
}

void pop_policy_refuse(struct pop_policy_session *session, const char *line,
		       const char *reason)
{
	struct client *client = session->client;
	struct pop_policy_refusal *refusal;

	o_stream_nsend_str(client->output,
			   t_strconcat("-ERR ", line, "\r\n", NULL));
	(void)o_stream_flush(client->output);

	/* Our callers still use the client. What they send (the +OK for one)
	   must not reach the real one. */
	o_stream_unref(&client->output);
	client->output = o_stream_create_null();
	o_stream_set_no_error_handling(client->output, TRUE);
	pop_policy_client_settings_dup(client)->pop3_lock_session = FALSE;

	refusal = p_new(client->pool, struct pop_policy_refusal, 1);
	refusal->reason = p_strdup(client->pool, reason);
	refusal->client_destroy = client->v.destroy;
	session->refusal = refusal;
	client->v.destroy = refused_client_destroy;
	timeout_remove(&client->to_idle);
	client->to_idle = timeout_add_short(0, refused_client_timeout, client);
}

int pop_policy_refusal_mailbox_open(struct mailbox *box)
{
	struct pop_policy_session *session =
		POP_POLICY_SESSION_GET(box->storage->user);

	/* Commands pipelined behind the login are not executed. */
	i_stream_close(session->client->input);
	return pop_policy_empty_mailbox_open(box);
}
