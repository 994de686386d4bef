/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-user.h"

struct pop_policy_user_module pop_policy_user_module =
	MODULE_CONTEXT_INIT(&mail_user_module_register);

struct pop_policy_user *
pop_policy_user_create(struct mail_user *user, struct client *client)
{
	struct pop_policy_user *puser;

	puser = p_new(user->pool, struct pop_policy_user, 1);
	puser->client = client;
	MODULE_CONTEXT_SET(user, pop_policy_user_module, puser);
	return puser;
}
