/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "mail-namespace.h"
#include "mail-storage-hooks.h"
#include "pop3-common.h"
#include "pop-policy-keyword.h"
#include "pop-policy-lookup.h"
#include "pop-policy-sources.h"
#include "pop-policy-special-mailbox.h"
#include "pop-policy-session.h"
#include "pop-policy-answer.h"
#include "pop-policy-client.h"
#include "pop-policy-disposition.h"
#include "pop-policy-expiry.h"
#include "pop-policy-refusal.h"
#include "pop-policy-login.h"

/* Only the pop3 process has this function. */
#pragma weak pop3_client_created_hook_set

static struct module *pop_policy_module;
static pop3_client_created_func_t *next_hook_client_created;

static void login_with_policy(struct pop_policy_session *session)
{
	const char *text, *reason;

	if (pop_policy_refuses(&session->policy, &text, &reason)) {
		pop_policy_refuse_access(session, text, reason);
		return;
	}
	if (session->policy.since > ioloop_time) {
		e_info(session->user->event, "pop_policy_since is in the "
		       "future: no messages are listed until then");
	}
	pop_policy_client_init(session);
	if (session->policy.spam != POP_POLICY_SPAM_EXCLUDE ||
	    session->policy.extra_mailboxes != NULL ||
	    pop_policy_names_mailboxes(&session->policy) ||
	    pop_policy_keyword_is_needed(&session->policy))
		pop_policy_answer_hold(session);
	session->disposition = pop_policy_disposition_init(session);
	if (session->policy.keep_for != 0)
		pop_policy_expiry_init(session);
}

static int
check_keyword(struct pop_policy_session *session,
	      struct mail_namespace *namespaces, const char **setting_r,
	      const char **error_r)
{
	unsigned int max_len;
	int ret;

	ret = pop_policy_keyword_check(namespaces, &session->policy,
				       session->keyword, &max_len, setting_r,
				       error_r);
	if (ret == 0)
		pop_policy_client_limit_keyword(session, max_len);
	return ret;
}

/* What was dequeued under an earlier policy stays so, but if the configuration
   has a keyword for that, stock Dovecot itself leaves it out. */
static void login_without_policy(struct client *client)
{
	if (*client->set->pop3_deleted_flag == '\0')
		pop_policy_client_init(pop_policy_session_create(client));
}

static void login(struct client *client)
{
	struct pop_policy policy;
	struct pop_policy_session *session;
	enum pop_policy_lookup_result result;
	const char *setting, *error;

	if (!pop_policy_client_is_new(client)) {
		pop_policy_refuse_no_answer(pop_policy_session_create(client),
					"The plugin was built for another pop3");
		return;
	}
	result = pop_policy_lookup(client->user, &policy, &setting, &error);
	if (result == POP_POLICY_LOOKUP_NONE) {
		login_without_policy(client);
		return;
	}
	session = pop_policy_session_create(client);
	switch (result) {
	case POP_POLICY_LOOKUP_INVALID:
		pop_policy_refuse_invalid(session, setting, error);
		break;
	case POP_POLICY_LOOKUP_UNAVAILABLE:
		pop_policy_refuse_no_answer(session, error);
		break;
	case POP_POLICY_LOOKUP_NONE:
	case POP_POLICY_LOOKUP_FOUND:
		session->policy = policy;
		login_with_policy(session);
		break;
	}
}

void pop_policy_login_namespaces_created(struct mail_namespace *namespaces)
{
	struct pop_policy_session *session =
		POP_POLICY_SESSION_GET(namespaces->user);
	const char *setting, *error;

	if (session == NULL || session->refusal != NULL)
		return;
	if (pop_policy_special_mailboxes_check(session->user, &session->policy,
					       &setting, &error) < 0 ||
	    pop_policy_sources_check(session->user, &session->policy,
				     &setting, &error) < 0 ||
	    check_keyword(session, namespaces, &setting, &error) < 0)
		pop_policy_refuse_invalid(session, setting, error);
}

static void pop_policy_client_created(struct client **client)
{
	/* one process may serve users with and without the plugin */
	if (mail_user_is_plugin_loaded((*client)->user,
				       pop_policy_module)) T_BEGIN {
		login(*client);
	} T_END;
	if (next_hook_client_created != NULL)
		next_hook_client_created(client);
}

void pop_policy_login_init(struct module *module)
{
	if (pop3_client_created_hook_set == NULL)
		return;
	pop_policy_module = module;
	next_hook_client_created =
		pop3_client_created_hook_set(pop_policy_client_created);
}

void pop_policy_login_deinit(void)
{
	if (pop3_client_created_hook_set != NULL)
		pop3_client_created_hook_set(next_hook_client_created);
}
