/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Dovecot 2.4: doveconf and the config process load this module to know the
   plugin's settings. They find the symbols by the module's name. */

#include "lib.h"
#include "settings.h"
#include "settings-parser.h"
#include "pop-policy.h"
#include "pop-policy-settings.h"
#include "pop-policy-ldap-config.h"
#include "pop-policy-settings-24.h"
#include "pop-policy-settings-module.h"

const char *pop_policy_settings_version = DOVECOT_ABI_VERSION;

/* Values that aren't known before a user logs in are checked then. */
static bool is_unknown(const char *value)
{
	return value == set_value_unknown || strstr(value, "%{") != NULL;
}

#define SET_DEFAULT_IF_UNKNOWN(name) \
	if (is_unknown(set.name)) \
		set.name = pop_policy_default_settings.name;
#define SET_DEFAULT_TEMPLATE_IF_UNKNOWN(name) \
	if (set.name == set_value_unknown) \
		set.name = pop_policy_default_settings.name;

static bool
pop_policy_settings_check(void *_set, pool_t pool ATTR_UNUSED,
			  const char **error_r)
{
	struct pop_policy_settings set = *(struct pop_policy_settings *)_set;
	struct pop_policy_ldap_config ldap_config;
	struct pop_policy policy;

	/* one without the other would be wrong */
	if (is_unknown(set.pop_policy_ldap_auth_dn) ||
	    is_unknown(set.pop_policy_ldap_auth_dn_password)) {
		set.pop_policy_ldap_auth_dn = "";
		set.pop_policy_ldap_auth_dn_password = "";
	}
	POP_POLICY_SETTINGS(SET_DEFAULT_IF_UNKNOWN,
			    SET_DEFAULT_TEMPLATE_IF_UNKNOWN)
	return pop_policy_init(&set, &policy, error_r) == 0 &&
		pop_policy_ldap_config_init(&set, &ldap_config, error_r) == 0;
}

static const struct setting_parser_info pop_policy_setting_parser_info =
	POP_POLICY_SETTING_PARSER_INFO(pop_policy_settings_check);

const struct setting_parser_info *const pop_policy_settings_set_infos[] = {
	&pop_policy_setting_parser_info,
	NULL
};
