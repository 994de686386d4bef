/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Dovecot 2.3: settings are free-form keys inside plugin { }, and userdb
   fields of the same name replace them. */

#include "lib.h"
#include "str.h"
#include "master-service.h"
#include "master-service-settings.h"
#include "mail-user.h"
#include "mail-storage-service.h"
#include "pop-policy-settings.h"
#include "pop-policy-storage-compat.h"
#include "pop-policy-userdb.h"
#include "pop-policy-settings-get.h"

#define PLUGIN_PREFIX "plugin/"

static const char *
setting_lookup(struct mail_user *user,
	       const struct pop_policy_setting_info *info)
{
	switch (info->kind) {
	case POP_POLICY_SETTING_KIND_STR:
		return mail_user_set_plugin_getenv(user->set, info->key);
	case POP_POLICY_SETTING_KIND_TEMPLATE:
		/* the text before Dovecot expanded its variables */
		return mail_user_set_plugin_getenv(user->unexpanded_set,
						   info->key);
	}
	i_unreached();
}

/* Get the configuration alone: in the user's settings each userdb field has
   taken the place of what was there, and an empty one, which arrives without
   its "=", stands there as "yes". */
static int
configuration_read(struct mail_user *user,
		   const struct mail_user_settings **set_r,
		   const char **error_r)
{
	const struct setting_parser_context *parser;
	const struct setting_parser_info *info;

	if (mail_storage_service_read_settings(
		mail_storage_service_user_get_service_ctx(user->_service_user),
		mail_storage_service_user_get_input(user->_service_user),
		user->pool, &info, &parser, error_r) < 0)
		return -1;
	*set_r = master_service_settings_parser_get_others(master_service,
							   parser)[0];
	return 0;
}

/* Returns the value before its variables are expanded, NULL if there is
   none. */
static const char *
value_find(struct mail_user *user, const struct mail_user_settings *config,
	   const char *key)
{
	const char *value = NULL;

	/* as Dovecot does: the command line (-o) wins over fields */
	if (!master_service_set_has_config_override(master_service,
			t_strconcat(PLUGIN_PREFIX, key, NULL))) {
		value = pop_policy_userdb_find(user->userdb_fields,
					       PLUGIN_PREFIX, key);
	}
	if (value == NULL || *value == '\0')
		value = mail_user_set_plugin_getenv(config, key);
	return value;
}

static int
value_expand(struct mail_user *user, pool_t pool, const char **value,
	     const char **error_r)
{
	string_t *str = t_str_new(128);

	if (pop_policy_user_expand(user, *value, str, error_r) < 0)
		return -1;
	*value = p_strdup(pool, str_c(str));
	return 0;
}

/* The same as setting_lookup() for a user with empty fields */
static int
setting_lookup_nonempty(struct mail_user *user,
			const struct mail_user_settings *config,
			const struct pop_policy_setting_info *info,
			pool_t pool, const char **value_r,
			const char **error_r)
{
	const char *error;

	T_BEGIN {
		*value_r = p_strdup(pool, value_find(user, config, info->key));
	} T_END;
	if (*value_r == NULL || info->kind != POP_POLICY_SETTING_KIND_STR)
		return 0;
	if (value_expand(user, pool, value_r, &error) == 0)
		return 0;
	*error_r = t_strdup_printf("%s: %s", info->key, error);
	return -1;
}

int pop_policy_settings_get(struct mail_user *user, pool_t pool,
			    struct pop_policy_settings *set_r,
			    const char **error_r)
{
	bool has_empty = pop_policy_userdb_has_empty(user->userdb_fields);
	const struct mail_user_settings *config = NULL;
	const struct pop_policy_setting_info *info;
	const char *value;

	*set_r = pop_policy_default_settings;
	if (has_empty && configuration_read(user, &config, error_r) < 0)
		return -1;
	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		info = &pop_policy_setting_infos[i];
		if (!has_empty)
			value = setting_lookup(user, info);
		else if (setting_lookup_nonempty(user, config, info, pool,
						 &value, error_r) < 0)
			return -1;
		if (value != NULL && *value != '\0')
			*pop_policy_settings_get_value(set_r, i) = value;
	}
	return 0;
}
