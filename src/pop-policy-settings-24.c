/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Dovecot 2.4: ordinary settings. This file is part of both the plugin and the
   module from which the config process learns of them, so that the two can't
   drift apart. It must therefore do without lib-storage's functions. */

#include "lib.h"
#include "strfuncs.h"
#include "settings.h"
#include "settings-parser.h"
#include "mail-user.h"
#include "pop-policy-compat.h"
#include "pop-policy-settings.h"
#include "pop-policy-settings-24.h"

#define DEF(name) \
	SETTING_DEFINE_STRUCT_STR(#name, name, struct pop_policy_settings),
#define DEF_TEMPLATE(name) \
	POP_POLICY_SETTING_DEFINE_TEMPLATE(#name, name, \
					   struct pop_policy_settings),
const struct setting_define pop_policy_setting_defines[] = {
	/* pop_policy { spam = only } for pop_policy_spam = only */
	{ .type = SET_FILTER_NAME, .key = "pop_policy" },

	POP_POLICY_SETTINGS(DEF, DEF_TEMPLATE)

	SETTING_DEFINE_LIST_END
};

/* What a user's settings say is checked by pop_policy_init(). */
static const struct setting_parser_info pop_policy_setting_parser_info =
	POP_POLICY_SETTING_PARSER_INFO(NULL);

static void
pop_policy_settings_set(struct pop_policy_settings *set, pool_t pool,
			const char *key, const char *value)
{
	const struct setting_define *def;

	for (def = pop_policy_setting_defines; def->key != NULL; def++) {
		if (def->type != SET_FILTER_NAME && strcmp(def->key, key) == 0)
			*(const char **)PTR_OFFSET(set, def->offset) =
				p_strdup(pool, value);
	}
}

/* Dovecot has done that, but in 2.4.1 what stands in protocol pop3 { } and the
   like wins over userdb fields. */
static void
pop_policy_settings_apply_userdb(struct mail_user *user, pool_t pool,
				 struct pop_policy_settings *set)
{
	const char *const *fields = user->userdb_fields, *key, *value;

	for (; fields != NULL && *fields != NULL; fields++) {
		t_split_key_value_eq(*fields, &key, &value);
		pop_policy_settings_set(set, pool, key, value);
	}
}

#define STRDUP_TO_POOL(name) set_r->name = p_strdup(pool, set->name);

int pop_policy_settings_get(struct mail_user *user, pool_t pool,
			    struct pop_policy_settings *set_r,
			    const char **error_r)
{
	const struct pop_policy_settings *set;

	if (settings_get(user->event, &pop_policy_setting_parser_info,
			 SETTINGS_GET_FLAG_NO_CHECK, &set, error_r) < 0)
		return -1;
	i_zero(set_r);
	POP_POLICY_SETTINGS(STRDUP_TO_POOL, STRDUP_TO_POOL)
	settings_free(set);
	pop_policy_settings_apply_userdb(user, pool, set_r);
	return 0;
}
