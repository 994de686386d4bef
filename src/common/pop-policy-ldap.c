/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-user.h"
#include "mail-storage-settings.h"
#include "pop-policy-compat.h"
#include "pop-policy-storage-compat.h"
#include "pop-policy-settings.h"
#include "pop-policy-ldap-loader.h"
#include "pop-policy-ldap.h"

/* A login is answered before anything else happens in the process. Say so
   once. */
static void warn_about_clients(struct mail_user *user)
{
	static bool warned = FALSE;

	if (warned || pop_policy_process_has_one_client())
		return;
	warned = TRUE;
	e_warning(user->event, "pop_policy_ldap_uris: One user's LDAP lookup "
		  "stops all others in this process: "
		  "service pop3 should have client_limit = 1");
}

static int expand(void *context, const char *variable, string_t *dest,
		  const char **error_r)
{
	return pop_policy_user_expand(context, variable, dest, error_r);
}

enum pop_policy_ldap_result
pop_policy_ldap_lookup_user(struct mail_user *user,
			    struct pop_policy_layers *layers,
			    const char **error_r)
{
	const struct pop_policy_ldap_user ldap_user = {
		.event = user->event,
		.base_dir = user->set->base_dir,
		.expand = expand,
		.context = user,
		.keep_connection = !pop_policy_process_is_ending(),
	};
	pop_policy_ldap_apply_func_t *apply;
	const char *error;
	void *func;

	if (*layers->set.pop_policy_ldap_uris == '\0')
		return POP_POLICY_LDAP_NO_ENTRY;
	if (pop_policy_ldap_loader_get(user->set->mail_plugin_dir,
				       POP_POLICY_LDAP_APPLY_SYMBOL, &func,
				       &error) < 0) {
		*error_r = t_strdup_printf("pop_policy_ldap_uris: "
			"The LDAP module cannot be loaded: %s", error);
		return POP_POLICY_LDAP_FAILED;
	}
	warn_about_clients(user);
	apply = func;
	return apply(&ldap_user, user->pool, layers, error_r);
}
