/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Dovecot 2.3: whatever is inside plugin { }. Userdb fields come to the same
   place, with or without plugin/ in front. NAME+ does as well, but is no name
   that anybody looks up. */

#include "lib.h"
#include "array.h"
#include "mail-user.h"
#include "mail-storage-settings.h"
#include "pop-policy-settings.h"
#include "pop-policy-settings-unknown.h"

const char *pop_policy_settings_find_unknown(struct mail_user *user)
{
	const char *const *envs;
	unsigned int count;

	if (!array_is_created(&user->set->plugin_envs))
		return NULL;
	/* names and values take turns */
	envs = array_get(&user->set->plugin_envs, &count);
	for (unsigned int i = 0; i + 1 < count; i += 2) {
		if (pop_policy_settings_is_unknown(envs[i]))
			return envs[i];
	}
	return NULL;
}
