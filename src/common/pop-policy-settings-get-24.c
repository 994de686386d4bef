/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Dovecot 2.4: ordinary settings. */

#include "lib.h"
#include "settings.h"
#include "settings-parser.h"
#include "mail-user.h"
#include "pop-policy-settings.h"
#include "pop-policy-setting-defines.h"
#include "pop-policy-userdb.h"
#include "pop-policy-settings-get.h"

/* No check: pop_policy_init() parses what a user's settings say. */
static const struct setting_parser_info pop_policy_setting_parser_info =
	POP_POLICY_SETTING_PARSER_INFO(NULL);

#define STRDUP_TO_POOL(key, ...) set_r->key = p_strdup(pool, set->key);

static int
settings_get_copy(struct event *event, pool_t pool,
		  struct pop_policy_settings *set_r, const char **error_r)
{
	const struct pop_policy_settings *set;

	if (settings_get(event, &pop_policy_setting_parser_info,
			 SETTINGS_GET_FLAG_NO_CHECK, &set, error_r) < 0)
		return -1;
	i_zero(set_r);
	POP_POLICY_SETTINGS(STRDUP_TO_POOL)
	settings_free(set);
	return 0;
}

/* Get the configuration alone: a new instance has no userdb fields. */
static int
configuration_get(struct mail_user *user, pool_t pool,
		  struct pop_policy_settings *set_r, const char **error_r)
{
	struct settings_instance *instance;
	struct event *event;
	int ret;

	instance = settings_instance_new(settings_root_find(user->event));
	event = event_create(user->event);
	event_set_ptr(event, SETTINGS_EVENT_INSTANCE, instance);
	ret = settings_get_copy(event, pool, set_r, error_r);
	event_unref(&event);
	settings_instance_free(&instance);
	return ret;
}

static const char *userdb_find(struct mail_user *user, const char *key)
{
	/* set/NAME is the same as NAME since 2.4.4 */
	return pop_policy_userdb_find(user->userdb_fields, "set/", key);
}

/* Dovecot has done that, but in 2.4.1 what stands in protocol pop3 { } and the
   like wins over userdb fields. */
static void
settings_apply_userdb(struct mail_user *user, pool_t pool,
		      struct pop_policy_settings *set)
{
	const char *value;

	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		value = userdb_find(user, pop_policy_setting_infos[i].key);
		if (value != NULL && *value != '\0') {
			*pop_policy_settings_get_value(set, i) =
				p_strdup(pool, value);
		}
	}
}

/* Returns TRUE if there are fields for the setting, and all are empty. NAME+
   adds its value to the default, whatever the configuration says. */
static bool userdb_is_empty(struct mail_user *user, const char *key)
{
	const char *const values[] = {
		userdb_find(user, key),
		userdb_find(user, t_strconcat(key, "+", NULL)),
	};

	for (unsigned int i = 0; i < N_ELEMENTS(values); i++) {
		if (values[i] != NULL && *values[i] != '\0')
			return FALSE;
	}
	return values[0] != NULL || values[1] != NULL;
}

static void
settings_clear_empty(struct mail_user *user, struct pop_policy_settings *set)
{
	const char *key;

	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) T_BEGIN {
		key = pop_policy_setting_infos[i].key;
		if (userdb_is_empty(user, key))
			*pop_policy_settings_get_value(set, i) = "";
	} T_END;
}

/* Where set has nothing, take what lower has. */
static void
settings_fill_empty(struct pop_policy_settings *set,
		    struct pop_policy_settings *lower)
{
	const char **value;

	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		value = pop_policy_settings_get_value(set, i);
		if (**value == '\0')
			*value = *pop_policy_settings_get_value(lower, i);
	}
}

int pop_policy_settings_get(struct mail_user *user, pool_t pool,
			    struct pop_policy_settings *set_r,
			    const char **error_r)
{
	struct pop_policy_settings defaults = pop_policy_default_settings;
	struct pop_policy_settings config;

	if (settings_get_copy(user->event, pool, set_r, error_r) < 0)
		return -1;
	settings_apply_userdb(user, pool, set_r);
	if (pop_policy_userdb_has_empty(user->userdb_fields)) {
		if (configuration_get(user, pool, &config, error_r) < 0)
			return -1;
		settings_clear_empty(user, set_r);
		settings_fill_empty(set_r, &config);
	}
	settings_fill_empty(set_r, &defaults);
	return 0;
}
