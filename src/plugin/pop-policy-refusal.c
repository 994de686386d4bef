/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "istream.h"
#include "ostream.h"
#include "ostream-null.h"
#include "ioloop.h"
#include "file-dotlock.h"
#include "mail-storage-private.h"
#include "pop3-common.h"
#include "pop-policy-log.h"
#include "pop-policy-event.h"
#include "pop-policy-storage-compat.h"
#include "pop-policy-session.h"
#include "pop-policy-answer.h"
#include "pop-policy-client.h"
#include "pop-policy-client-compat.h"
#include "pop-policy-empty-mailbox.h"
#include "pop-policy-refusal.h"

#include <unistd.h>
#include <sys/socket.h>

/* Only the pop3 process has this function. */
#pragma weak client_destroy

#define REFUSED_TIMEOUT_MSECS (5*1000)
/* Thunderbird shows the words after up to four answers, and only if it is the
   one that closes the connection. */
#define REFUSED_MAX_COMMANDS 4
#define REFUSED_MAX_LINE_LEN 1024
/* What a client has sent and nobody will read, in buffers of 1 kB */
#define REFUSED_MAX_DISCARDS 64

struct pop_policy_refusal {
	/* "-ERR ...", with CRLF */
	const char *line;
	/* Leads to the client. What the pop3 process itself sends does not. */
	struct ostream *output;
	struct timeout *to_started;
	unsigned int commands_count;
	void (*client_destroy)(struct client *client, const char *reason);
};

static struct pop_policy_refusal *refusal_get(struct client *client)
{
	return POP_POLICY_SESSION_GET(client->user)->refusal;
}

/* Closing a socket with unread input resets the connection, and the client may
   lose the last answer. */
static void refused_client_shutdown(struct client *client)
{
	char buf[1024];

	for (unsigned int i = 0; i < REFUSED_MAX_DISCARDS; i++) {
		if (read(client->fd_in, buf, sizeof(buf)) <= 0)
			break;
	}
	if (client->fd_in == client->fd_out)
		(void)shutdown(client->fd_out, SHUT_RDWR);
}

static void
refused_client_destroy(struct client *client, const char *reason)
{
	struct pop_policy_refusal *refusal = refusal_get(client);

	e_debug(client->user->event, "Refused POP session ends: %s",
		reason != NULL ? reason : "Disconnected");
	timeout_remove(&refusal->to_started);
	(void)o_stream_flush(refusal->output);
	o_stream_destroy(&refusal->output);
	refused_client_shutdown(client);

	/* autoexpunging would open mailboxes */
	pop_policy_namespaces_drop_mailboxes(client->user);
	/* no more log lines: the refusal was logged when it happened */
	client->disconnected = TRUE;
	refusal->client_destroy(client, reason);
}

static void refused_client_timeout(struct client *client)
{
	client_destroy(client, "Timeout");
}

/* The pop3 process has told anvil of the session. */
static void refused_client_started(struct client *client)
{
	timeout_remove(&refusal_get(client)->to_started);
	pop_policy_client_anvil_disconnect(client);
}

/* Returns FALSE if the connection must be closed. */
static bool
refused_command(struct pop_policy_refusal *refusal, const char *line)
{
	if (strlen(line) > REFUSED_MAX_LINE_LEN)
		return FALSE;
	if (strcasecmp(t_strcut(line, ' '), "QUIT") == 0) {
		o_stream_nsend_str(refusal->output, "+OK Logging out.\r\n");
		return FALSE;
	}
	if (refusal->commands_count++ == REFUSED_MAX_COMMANDS)
		return FALSE;
	o_stream_nsend_str(refusal->output, refusal->line);
	return TRUE;
}

static bool refused_commands(struct client *client)
{
	struct pop_policy_refusal *refusal = refusal_get(client);
	const char *line;
	bool ret = TRUE;

	while (ret && (line = i_stream_next_line(client->input)) != NULL) {
		T_BEGIN {
			ret = refused_command(refusal, line);
		} T_END;
	}
	return ret && i_stream_get_data_size(client->input) <=
		REFUSED_MAX_LINE_LEN;
}

static void refused_client_input(struct client *client)
{
	switch (i_stream_read(client->input)) {
	case -1:
		client_destroy(client, "Client disconnected");
		return;
	case -2:
		client_destroy(client, "Line too long");
		return;
	}
	if (!refused_commands(client))
		client_destroy(client, "Closed");
}

static void refuse_client(struct client *client)
{
	struct pop3_settings *set = pop_policy_client_settings_dup(client);

	if (client->user->namespaces == NULL)
		set->pop3_lock_session = FALSE;
	set->pop3_deleted_flag = "";

	timeout_remove(&client->to_commit);
	/* Nothing resets it: the pop3 process handles no more input. */
	timeout_remove(&client->to_idle);
	client->to_idle = timeout_add(REFUSED_TIMEOUT_MSECS,
				      refused_client_timeout, client);
}

static void refuse(struct pop_policy_session *session, const char *line)
{
	struct client *client = session->client;
	struct pop_policy_refusal *refusal;

	refusal = p_new(client->pool, struct pop_policy_refusal, 1);
	refusal->line = p_strdup(client->pool,
				 t_strconcat("-ERR ", line, "\r\n", NULL));
	refusal->client_destroy = client->v.destroy;
	session->refusal = refusal;

	/* Our callers still use the client. What they send (the +OK for one)
	   must not reach the real one. */
	refusal->output = pop_policy_answer_take(session);
	o_stream_unset_flush_callback(refusal->output);
	client->output = o_stream_create_null();
	o_stream_set_no_error_handling(client->output, TRUE);

	o_stream_nsend_str(refusal->output, refusal->line);
	(void)o_stream_flush(refusal->output);

	client->v.destroy = refused_client_destroy;
	refusal->to_started = timeout_add(0, refused_client_started, client);
	refuse_client(client);
}

static struct event *
refused_event(struct pop_policy_session *session, const char *reason,
	      const char *setting)
{
	return pop_policy_event(session->user->event,
				"pop_policy_login_refused")->
		add_str("reason", reason)->
		add_str("setting", setting)->event();
}

void pop_policy_refuse_access(struct pop_policy_session *session,
			      const char *text, const char *reason)
{
	bool available = session->policy.available;

	e_info(refused_event(session, available ? "disabled" : "unavailable",
			     available ? "pop_policy_enabled" :
			     "pop_policy_available"),
	       "POP login refused: %s", reason);
	refuse(session, t_strconcat("[SYS/PERM] ", text, NULL));
}

/* A user name may hold anything if auth_username_chars is empty, and an error
   may be about many servers. */
static void
log_error(struct pop_policy_session *session, struct event *event,
	  const char *error)
{
	e_error(event, "POP login refused for user %s: %s",
		pop_policy_log_value(session->user->username),
		pop_policy_log_text(error, POP_POLICY_LOG_ERROR_MAX_LEN));
}

void pop_policy_refuse_invalid(struct pop_policy_session *session,
			       const char *setting, const char *error)
{
	log_error(session, refused_event(session, "invalid", setting), error);
	refuse(session, POP_POLICY_INVALID_LINE);
}

void pop_policy_refuse_no_answer(struct pop_policy_session *session,
				 const char *error)
{
	log_error(session, refused_event(session, "no_answer", NULL), error);
	refuse(session, POP_POLICY_TEMPFAIL_LINE);
}

void pop_policy_refuse_mailbox(struct pop_policy_session *session,
			       struct mailbox *box)
{
	const char *error;
	enum mail_error code;

	error = mailbox_get_last_internal_error(box, &code);
	error = t_strdup_printf("Cannot open mailbox %s: %s",
				pop_policy_log_value(box->vname), error);
	if (code == MAIL_ERROR_PERM)
		pop_policy_refuse_invalid(session, NULL, error);
	else
		pop_policy_refuse_no_answer(session, error);
}

int pop_policy_refusal_mailbox_open(struct mailbox *box)
{
	struct client *client =
		POP_POLICY_SESSION_GET(box->storage->user)->client;

	/* The login was refused when the lock was taken already, or had to be. */
	if (client->session_dotlock != NULL)
		file_dotlock_delete(&client->session_dotlock);
	timeout_remove(&client->to_session_dotlock_refresh);

	io_remove(&client->io);
	client->io = io_add_istream(client->input, refused_client_input,
				    client);
	/* commands that came together with the login */
	i_stream_set_input_pending(client->input, TRUE);
	return pop_policy_empty_mailbox_open(box);
}
