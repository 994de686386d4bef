/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop3-common.h"
#include "pop-policy-session.h"

struct pop_policy_session_module pop_policy_session_module =
	MODULE_CONTEXT_INIT(&mail_user_module_register);

struct pop_policy_session *pop_policy_session_create(struct client *client)
{
	struct mail_user *user = client->user;
	struct pop_policy_session *session;

	session = p_new(user->pool, struct pop_policy_session, 1);
	session->user = user;
	session->client = client;
	MODULE_CONTEXT_SET(user, pop_policy_session_module, session);
	return session;
}
