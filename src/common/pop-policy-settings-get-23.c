/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Dovecot 2.3: settings are free-form keys inside plugin { }, and userdb
   fields of the same name replace them. */

#include "lib.h"
#include "mail-user.h"
#include "pop-policy-settings.h"
#include "pop-policy-settings-get.h"

static const char *
setting_lookup(struct mail_user *user,
	       const struct pop_policy_setting_info *info)
{
	switch (info->kind) {
	case POP_POLICY_SETTING_KIND_STR:
		return mail_user_plugin_getenv(user, info->key);
	case POP_POLICY_SETTING_KIND_TEMPLATE:
		/* the text before Dovecot expanded its variables */
		return mail_user_set_plugin_getenv(user->unexpanded_set,
						   info->key);
	}
	i_unreached();
}

/* An empty userdb field arrives without its "=", which for 2.3 means yes.
   Where a setting may be empty, that is what was meant. */
static bool userdb_field_is_empty(struct mail_user *user, const char *key)
{
	return user->userdb_fields != NULL &&
		str_array_find(user->userdb_fields, key);
}

int pop_policy_settings_get(struct mail_user *user, pool_t pool ATTR_UNUSED,
			    struct pop_policy_settings *set_r,
			    const char **error_r ATTR_UNUSED)
{
	const struct pop_policy_setting_info *info;
	const char *value, **setting;

	*set_r = pop_policy_default_settings;
	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		info = &pop_policy_setting_infos[i];
		value = setting_lookup(user, info);
		if (value == NULL)
			continue;
		setting = pop_policy_settings_get_value(set_r, i);
		if (**setting == '\0' && userdb_field_is_empty(user, info->key))
			value = "";
		*setting = value;
	}
	return 0;
}
