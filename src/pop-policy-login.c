/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "pop3-common.h"
#include "pop-policy-settings.h"
#include "pop-policy-ldap.h"
#include "pop-policy-user.h"
#include "pop-policy-client.h"
#include "pop-policy-login.h"

#define POP_POLICY_INVALID_LINE \
	"[SYS/PERM] POP settings of this account are invalid. " \
	"Please contact your administrator."

static void
pop_policy_login_fail(struct pop_policy_user *puser, bool temporary,
		      const char *error)
{
	struct mail_user *user = puser->client->user;

	e_error(user->event, "POP login refused for user %s: %s",
		user->username, error);
	if (temporary) {
		pop_policy_client_refuse(puser, POP_POLICY_TEMPFAIL_LINE,
			"POP settings are not available");
	} else {
		pop_policy_client_refuse(puser, POP_POLICY_INVALID_LINE,
			"POP settings are invalid");
	}
}

/* Returns FALSE if the login has been refused. */
static bool pop_policy_login_get(struct pop_policy_user *puser)
{
	struct mail_user *user = puser->client->user;
	struct pop_policy_settings set;
	const char *error;

	if (pop_policy_settings_get(user, user->pool, &set, &error) < 0) {
		pop_policy_login_fail(puser, TRUE, t_strconcat(
			"Can't get settings: ", error, NULL));
		return FALSE;
	}
	switch (pop_policy_ldap_apply(user, &set, &error)) {
	case POP_POLICY_LDAP_FAILED:
		pop_policy_login_fail(puser, TRUE, error);
		return FALSE;
	case POP_POLICY_LDAP_INVALID:
		pop_policy_login_fail(puser, FALSE, error);
		return FALSE;
	case POP_POLICY_LDAP_NO_ENTRY:
	case POP_POLICY_LDAP_FOUND:
		break;
	}
	if (pop_policy_init(&set, &puser->policy, &error) < 0) {
		pop_policy_login_fail(puser, FALSE, error);
		return FALSE;
	}
	return TRUE;
}

void pop_policy_login(struct client *client)
{
	struct mail_user *user = client->user;
	struct pop_policy_user *puser = pop_policy_user_create(user, client);
	const char *text, *reason;

	if (!pop_policy_login_get(puser))
		return;
	if (pop_policy_refuses(&puser->policy, &text, &reason)) {
		pop_policy_client_refuse(puser,
			t_strconcat("[SYS/PERM] ", text, NULL),
			t_strconcat("POP login refused: ", reason, NULL));
		return;
	}
	if (puser->policy.since > ioloop_time) {
		e_info(user->event, "pop_policy_since is in the future: "
		       "no messages are listed until then");
	}
	pop_policy_client_init(puser);
}
