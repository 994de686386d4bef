/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-doveadm-names.h"

#define PREFIX "pop_policy_"

#define IS_OF_POLICY(key, ...) [POP_POLICY_SETTING_##key] = TRUE,
static const bool setting_is_of_policy[POP_POLICY_SETTING_COUNT] = {
	POP_POLICY_SETTINGS_OF_POLICY(IS_OF_POLICY)
};

bool pop_policy_names_is_of_policy(enum pop_policy_setting setting)
{
	return setting_is_of_policy[setting];
}

bool pop_policy_names_find(const char *name, enum pop_policy_setting *setting_r)
{
	const char *key;

	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		key = pop_policy_setting_infos[i].key;
		if (setting_is_of_policy[i] &&
		    (strcmp(key, name) == 0 ||
		     strcmp(key + strlen(PREFIX), name) == 0)) {
			*setting_r = i;
			return TRUE;
		}
	}
	return FALSE;
}
