/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-settings.h"

#define SETTING_INFO(key, field, value, kind, type) \
	{ #key, offsetof(struct pop_policy_settings, key), \
	  POP_POLICY_SETTING_KIND_##kind },
const struct pop_policy_setting_info
pop_policy_setting_infos[POP_POLICY_SETTING_COUNT] = {
	POP_POLICY_SETTINGS(SETTING_INFO)
};

#define SETTING_DEFAULT(_key, field, value, ...) ._key = value,
const struct pop_policy_settings pop_policy_default_settings = {
	POP_POLICY_SETTINGS(SETTING_DEFAULT)
};

const char **
pop_policy_settings_get_value(struct pop_policy_settings *set,
			      enum pop_policy_setting setting)
{
	return PTR_OFFSET(set, pop_policy_setting_infos[setting].offset);
}

bool pop_policy_settings_is_unknown(const char *name)
{
	static const char prefix[] = "pop_policy_", site_prefix[] = "x_";
	const size_t len = sizeof(prefix) - 1;

	if (strncmp(name, prefix, len) != 0 ||
	    strncmp(name + len, site_prefix, sizeof(site_prefix) - 1) == 0)
		return FALSE;
	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		if (strcmp(pop_policy_setting_infos[i].key, name) == 0)
			return FALSE;
	}
	return TRUE;
}

#define RETURN_IF_NOT_DEFAULT(key, field, value, ...) \
	if (strcmp(set->key, value) != 0) \
		return FALSE;

bool pop_policy_settings_is_default(const struct pop_policy_settings *set)
{
	POP_POLICY_SETTINGS(RETURN_IF_NOT_DEFAULT)
	return TRUE;
}
