/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Dovecot 2.4: doveconf and the config process load this module to know the
   plugin's settings. They find the symbols by the module's name. */

#include "lib.h"
#include "settings.h"
#include "settings-parser.h"
#include "pop-policy.h"
#include "pop-policy-settings.h"
#include "pop-policy-ldap-config.h"
#include "pop-policy-setting-defines.h"
#include "pop-policy-settings-module.h"

const char *pop_policy_settings_version = DOVECOT_ABI_VERSION;

/* Values that are not known before a user logs in are checked then. Templates
   are never expanded by Dovecot: they are known. */
static bool
is_unknown(const char *value, enum pop_policy_setting_kind kind)
{
	if (value == set_value_unknown)
		return TRUE;
	switch (kind) {
	case POP_POLICY_SETTING_KIND_STR:
		return strstr(value, "%{") != NULL;
	case POP_POLICY_SETTING_KIND_TEMPLATE:
		return FALSE;
	}
	i_unreached();
}

/* Empty means the default. */
static void
set_default(struct pop_policy_settings *set, enum pop_policy_setting setting)
{
	struct pop_policy_settings defaults = pop_policy_default_settings;
	const char **value = pop_policy_settings_get_value(set, setting);

	if (**value == '\0' ||
	    is_unknown(*value, pop_policy_setting_infos[setting].kind))
		*value = *pop_policy_settings_get_value(&defaults, setting);
}

static bool
pop_policy_settings_check(void *_set, pool_t pool ATTR_UNUSED,
			  const char **error_r)
{
	struct pop_policy_layers layers;
	struct pop_policy_settings *set = &layers.set;
	struct pop_policy_ldap_config ldap_config;
	struct pop_policy policy;
	const char *setting;

	i_zero(&layers);
	*set = *(struct pop_policy_settings *)_set;
	/* one without the other would be wrong */
	if (is_unknown(set->pop_policy_ldap_auth_dn,
		       POP_POLICY_SETTING_KIND_STR) ||
	    is_unknown(set->pop_policy_ldap_auth_dn_password,
		       POP_POLICY_SETTING_KIND_STR)) {
		set->pop_policy_ldap_auth_dn = "";
		set->pop_policy_ldap_auth_dn_password = "";
	}
	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++)
		set_default(set, i);
	return pop_policy_init(&layers, &policy, &setting, error_r) == 0 &&
		pop_policy_ldap_config_init(set, &ldap_config, error_r) == 0;
}

static const struct setting_parser_info pop_policy_setting_parser_info =
	POP_POLICY_SETTING_PARSER_INFO(pop_policy_settings_check);

const struct setting_parser_info *const pop_policy_settings_set_infos[] = {
	&pop_policy_setting_parser_info,
	NULL
};
