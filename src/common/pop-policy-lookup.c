/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-user.h"
#include "pop-policy.h"
#include "pop-policy-log.h"
#include "pop-policy-settings.h"
#include "pop-policy-settings-get.h"
#include "pop-policy-settings-unknown.h"
#include "pop-policy-ldap.h"
#include "pop-policy-lookup.h"

enum pop_policy_lookup_result
pop_policy_lookup_layers(struct mail_user *user,
			 struct pop_policy_layers *layers_r,
			 const char **setting_r, const char **error_r)
{
	const char *error, *unknown = pop_policy_settings_find_unknown(user);

	i_zero(layers_r);
	*setting_r = NULL;
	if (unknown != NULL) {
		*setting_r = pop_policy_log_value(unknown);
		*error_r = t_strdup_printf("Unknown setting '%s'", *setting_r);
		return POP_POLICY_LOOKUP_INVALID;
	}
	if (pop_policy_settings_get(user, user->pool, &layers_r->set,
				    &error) < 0) {
		*error_r = t_strconcat("Cannot get settings: ", error, NULL);
		return POP_POLICY_LOOKUP_UNAVAILABLE;
	}
	if (pop_policy_settings_is_default(&layers_r->set))
		return POP_POLICY_LOOKUP_NONE;
	switch (pop_policy_ldap_lookup_user(user, layers_r, error_r)) {
	case POP_POLICY_LDAP_FAILED:
		return POP_POLICY_LOOKUP_UNAVAILABLE;
	case POP_POLICY_LDAP_INVALID:
		return POP_POLICY_LOOKUP_INVALID;
	case POP_POLICY_LDAP_NO_ENTRY:
	case POP_POLICY_LDAP_FOUND:
		break;
	}
	return POP_POLICY_LOOKUP_FOUND;
}

enum pop_policy_lookup_result
pop_policy_lookup(struct mail_user *user, struct pop_policy *policy_r,
		  const char **setting_r, const char **error_r)
{
	struct pop_policy_layers layers;
	enum pop_policy_lookup_result result;

	result = pop_policy_lookup_layers(user, &layers, setting_r, error_r);
	if (result != POP_POLICY_LOOKUP_FOUND)
		return result;
	return pop_policy_init(&layers, policy_r, setting_r, error_r) < 0 ?
		POP_POLICY_LOOKUP_INVALID : POP_POLICY_LOOKUP_FOUND;
}
