/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Dovecot 2.3: settings are free-form keys inside plugin { }, and userdb
   fields of the same name replace them. */

#include "lib.h"
#include "mail-user.h"
#include "pop-policy-settings.h"

/* An empty userdb field arrives without its "=", which for 2.3 means yes. Where
   a setting may be empty, that is what was meant. */
static bool userdb_field_is_empty(struct mail_user *user, const char *key)
{
	return user->userdb_fields != NULL &&
		str_array_find(user->userdb_fields, key);
}

void pop_policy_settings_get(struct mail_user *user,
			     struct pop_policy_settings *set_r)
{
	const struct pop_policy_setting_define *def;
	const char *value, **setting;

	*set_r = pop_policy_default_settings;
	for (def = pop_policy_setting_defines; def->key != NULL; def++) {
		setting = PTR_OFFSET(set_r, def->offset);
		value = mail_user_plugin_getenv(user, def->key);
		if (value == NULL)
			continue;
		if (**setting == '\0' && userdb_field_is_empty(user, def->key))
			value = "";
		*setting = value;
	}
}
