/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "settings.h"
#include "settings-parser.h"
#include "mail-user.h"
#include "pop-policy-setting-defines.h"
#include "pop-policy-userdb.h"
#include "pop-policy-doveadm-source.h"

/* A default that nobody configures */
#define UNSET "(not configured)"
#define SETTING_UNSET(_key, ...) ._key = UNSET,
static const struct pop_policy_settings unset_settings = {
	POP_POLICY_SETTINGS(SETTING_UNSET)
};

static const struct setting_parser_info unset_info = {
	.name = "pop_policy",
	.defines = pop_policy_setting_defines,
	.defaults = &unset_settings,
	.struct_size = sizeof(struct pop_policy_settings),
	.pool_offset1 = 1 + offsetof(struct pop_policy_settings, pool),
};

/* The configuration alone: a new instance has no userdb fields. */
static int
configuration_get(struct mail_user *user,
		  const struct pop_policy_settings **set_r,
		  const char **error_r)
{
	struct settings_instance *instance;
	struct event *event;
	int ret;

	instance = settings_instance_new(settings_root_find(user->event));
	event = event_create(user->event);
	event_set_ptr(event, SETTINGS_EVENT_INSTANCE, instance);
	ret = settings_get(event, &unset_info, SETTINGS_GET_FLAG_NO_CHECK,
			   set_r, error_r);
	event_unref(&event);
	settings_instance_free(&instance);
	return ret;
}

static bool userdb_has(struct mail_user *user, const char *key)
{
	/* set/NAME is the same as NAME since 2.4.4 */
	const char *value =
		pop_policy_userdb_find(user->userdb_fields, "set/", key);

	return value != NULL && *value != '\0';
}

static const char *
source_get(struct mail_user *user, const char *key, const char *configured)
{
	/* NAME+ adds to the default */
	if (userdb_has(user, key) ||
	    userdb_has(user, t_strconcat(key, "+", NULL)))
		return "userdb";
	return *configured == '\0' || strcmp(configured, UNSET) == 0 ?
		"default" : "config";
}

int pop_policy_doveadm_sources_get(struct mail_user *user,
				   struct pop_policy_settings *set ATTR_UNUSED,
				   const char **sources_r,
				   const char **error_r)
{
	const struct pop_policy_settings *configured;
	struct pop_policy_settings copy;

	if (configuration_get(user, &configured, error_r) < 0)
		return -1;
	copy = *configured;
	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) T_BEGIN {
		sources_r[i] = source_get(user,
			pop_policy_setting_infos[i].key,
			*pop_policy_settings_get_value(&copy, i));
	} T_END;
	settings_free(configured);
	return 0;
}
