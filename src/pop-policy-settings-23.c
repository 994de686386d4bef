/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Dovecot 2.3: settings are free-form keys inside plugin { }, and userdb
   fields of the same name replace them. */

#include "lib.h"
#include "mail-user.h"
#include "pop-policy-compat.h"
#include "pop-policy-settings.h"

#define DEF(name) { #name, offsetof(struct pop_policy_settings, name), FALSE },
#define DEF_TEMPLATE(name) \
	{ #name, offsetof(struct pop_policy_settings, name), TRUE },
static const struct {
	const char *key;
	size_t offset;
	bool is_template;
} pop_policy_setting_defines[] = {
	POP_POLICY_SETTINGS(DEF, DEF_TEMPLATE)
};

/* An empty userdb field arrives without its "=", which for 2.3 means yes. Where
   a setting may be empty, that is what was meant. */
static bool userdb_field_is_empty(struct mail_user *user, const char *key)
{
	return user->userdb_fields != NULL &&
		str_array_find(user->userdb_fields, key);
}

int pop_policy_settings_get(struct mail_user *user, pool_t pool ATTR_UNUSED,
			    struct pop_policy_settings *set_r,
			    const char **error_r ATTR_UNUSED)
{
	const char *key, *value, **setting;

	*set_r = pop_policy_default_settings;
	for (unsigned int i = 0; i < N_ELEMENTS(pop_policy_setting_defines); i++) {
		key = pop_policy_setting_defines[i].key;
		setting = PTR_OFFSET(set_r, pop_policy_setting_defines[i].offset);
		value = pop_policy_setting_defines[i].is_template ?
			pop_policy_plugin_get_template(user, key) :
			mail_user_plugin_getenv(user, key);
		if (value == NULL)
			continue;
		if (**setting == '\0' && userdb_field_is_empty(user, key))
			value = "";
		*setting = value;
	}
	return 0;
}
