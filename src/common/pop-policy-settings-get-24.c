/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Dovecot 2.4: ordinary settings. */

#include "lib.h"
#include "strfuncs.h"
#include "settings.h"
#include "settings-parser.h"
#include "mail-user.h"
#include "pop-policy-settings.h"
#include "pop-policy-setting-defines.h"
#include "pop-policy-settings-get.h"

/* No check: pop_policy_init() parses what a user's settings say. */
static const struct setting_parser_info pop_policy_setting_parser_info =
	POP_POLICY_SETTING_PARSER_INFO(NULL);

static void
settings_set(struct pop_policy_settings *set, pool_t pool,
	     const char *key, const char *value)
{
	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		if (strcmp(pop_policy_setting_infos[i].key, key) == 0) {
			*pop_policy_settings_get_value(set, i) =
				p_strdup(pool, value);
		}
	}
}

/* Dovecot has done that, but in 2.4.1 what stands in protocol pop3 { } and the
   like wins over userdb fields. */
static void
settings_apply_userdb(struct mail_user *user, pool_t pool,
		      struct pop_policy_settings *set)
{
	const char *const *fields = user->userdb_fields, *key, *value;

	for (; fields != NULL && *fields != NULL; fields++) {
		t_split_key_value_eq(*fields, &key, &value);
		settings_set(set, pool, key, value);
	}
}

#define STRDUP_TO_POOL(key, ...) set_r->key = p_strdup(pool, set->key);

int pop_policy_settings_get(struct mail_user *user, pool_t pool,
			    struct pop_policy_settings *set_r,
			    const char **error_r)
{
	const struct pop_policy_settings *set;

	if (settings_get(user->event, &pop_policy_setting_parser_info,
			 SETTINGS_GET_FLAG_NO_CHECK, &set, error_r) < 0)
		return -1;
	i_zero(set_r);
	POP_POLICY_SETTINGS(STRDUP_TO_POOL)
	settings_free(set);
	settings_apply_userdb(user, pool, set_r);
	return 0;
}
