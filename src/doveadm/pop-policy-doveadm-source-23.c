/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "master-service.h"
#include "master-service-settings.h"
#include "mail-user.h"
#include "pop-policy-userdb.h"
#include "pop-policy-doveadm-source.h"

#define PLUGIN_PREFIX "plugin/"

static const char *userdb_find(struct mail_user *user, const char *key)
{
	const char *value;

	/* as Dovecot does: the command line (-o) wins over fields */
	if (master_service_set_has_config_override(master_service,
			t_strconcat(PLUGIN_PREFIX, key, NULL)))
		return NULL;
	value = pop_policy_userdb_find(user->userdb_fields, PLUGIN_PREFIX, key);
	if (value != NULL && *value != '\0')
		return value;
	/* NAME+ adds its value to what is configured */
	value = pop_policy_userdb_find(user->userdb_fields, PLUGIN_PREFIX,
				       t_strconcat(key, "+", NULL));
	return value;
}

static bool is_default(struct pop_policy_settings *set,
		       enum pop_policy_setting setting)
{
	struct pop_policy_settings defaults = pop_policy_default_settings;

	return strcmp(*pop_policy_settings_get_value(set, setting),
		      *pop_policy_settings_get_value(&defaults, setting)) == 0;
}

static const char *
source_get(struct mail_user *user, struct pop_policy_settings *set,
	   enum pop_policy_setting setting)
{
	const char *key = pop_policy_setting_infos[setting].key;
	const char *value = userdb_find(user, key);

	if (value != NULL && *value != '\0')
		return "userdb";
	if (pop_policy_userdb_find(user->userdb_fields, PLUGIN_PREFIX,
				   key) != NULL) {
		/* an empty field stands where the configuration was */
		return is_default(set, setting) ? "default" : "config";
	}
	value = mail_user_plugin_getenv(user, key);
	return value == NULL || *value == '\0' ? "default" : "config";
}

int pop_policy_doveadm_sources_get(struct mail_user *user,
				   struct pop_policy_settings *set,
				   const char **sources_r,
				   const char **error_r ATTR_UNUSED)
{
	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) T_BEGIN {
		sources_r[i] = source_get(user, set, i);
	} T_END;
	return 0;
}
