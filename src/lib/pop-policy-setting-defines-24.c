/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "settings.h"
#include "settings-parser.h"
#include "pop-policy-settings.h"
#include "pop-policy-setting-defines.h"

#define DEFINE_STR(key) \
	SETTING_DEFINE_STRUCT_STR(#key, key, struct pop_policy_settings),
#define DEFINE_TEMPLATE(key) \
	SETTING_DEFINE_STRUCT_STR_NOVARS(#key, key, struct pop_policy_settings),
#define DEFINE(key, field, value, kind, type) DEFINE_##kind(key)

const struct setting_define pop_policy_setting_defines[] = {
	/* pop_policy { spam = only } for pop_policy_spam = only */
	{ .type = SET_FILTER_NAME, .key = "pop_policy" },

	POP_POLICY_SETTINGS(DEFINE)

	SETTING_DEFINE_LIST_END
};
