/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "buffer.h"
#include "ostream.h"
#include "pop3-common.h"
#include "pop-policy.h"
#include "pop-policy-session.h"
#include "pop-policy-answer.h"

struct pop_policy_answer {
	/* Leads to the client, while client->output leads to held. NULL if
	   nothing is held back. */
	struct ostream *output;
	buffer_t *held;
	void (*client_destroy)(struct client *client, const char *reason);
};

/* Give the client its stream again. Returns what was held back. */
static const char *answer_restore(struct client *client,
				  struct pop_policy_answer *answer)
{
	const char *held;

	o_stream_destroy(&client->output);
	client->output = answer->output;
	answer->output = NULL;
	held = t_strndup(answer->held->data, answer->held->used);
	return held;
}

/* The session ends before its mailbox is open: without any more words, or with
   an error behind the +OK. */
static const char *answer_failed(const char *held)
{
	const char *p;

	if (strncmp(held, "+OK", 3) == 0) {
		p = strchr(held, '\n');
		held = p == NULL ? "" : p + 1;
	}
	return *held != '\0' ? held :
		"-ERR "POP_POLICY_TEMPFAIL_LINE"\r\n";
}

static void answer_client_destroy(struct client *client, const char *reason)
{
	struct pop_policy_answer *answer =
		POP_POLICY_SESSION_GET(client->user)->answer;

	if (answer->output != NULL) T_BEGIN {
		const char *held = answer_restore(client, answer);

		o_stream_nsend_str(client->output, answer_failed(held));
		(void)o_stream_flush(client->output);
	} T_END;
	answer->client_destroy(client, reason);
}

void pop_policy_answer_hold(struct pop_policy_session *session)
{
	struct client *client = session->client;
	struct pop_policy_answer *answer;

	if (*client->set->rawlog_dir != '\0') {
		/* pop3 is about to wrap its stream into one that logs */
		return;
	}
	answer = p_new(client->pool, struct pop_policy_answer, 1);
	answer->client_destroy = client->v.destroy;
	client->v.destroy = answer_client_destroy;
	session->answer = answer;

	answer->output = client->output;
	answer->held = buffer_create_dynamic_max(client->pool, 128, SIZE_MAX);
	client->output = o_stream_create_buffer(answer->held);
	o_stream_set_no_error_handling(client->output, TRUE);
}

static bool answer_is_held(const struct pop_policy_session *session)
{
	return session->answer != NULL && session->answer->output != NULL;
}

void pop_policy_answer_release(struct pop_policy_session *session)
{
	struct client *client = session->client;

	if (answer_is_held(session)) T_BEGIN {
		const char *held = answer_restore(client, session->answer);

		o_stream_nsend_str(client->output, held);
	} T_END;
}

struct ostream *pop_policy_answer_take(struct pop_policy_session *session)
{
	struct client *client = session->client;
	struct ostream *output;

	if (answer_is_held(session)) T_BEGIN {
		(void)answer_restore(client, session->answer);
	} T_END;
	output = client->output;
	client->output = NULL;
	return output;
}
