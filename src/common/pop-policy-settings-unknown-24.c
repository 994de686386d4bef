/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Dovecot 2.4: it refuses unknown names in its configuration, and ignores them
   as userdb fields. */

#include "lib.h"
#include "mail-user.h"
#include "pop-policy-settings.h"
#include "pop-policy-settings-unknown.h"

/* set/NAME is the setting from 2.4.4 on, NAME+ adds to the setting. */
static const char *field_get_name(const char *field)
{
	const char *name = t_strcut(field, '=');
	size_t len;

	if (strncmp(name, "set/", 4) == 0)
		name += 4;
	len = strlen(name);
	return len > 0 && name[len - 1] == '+' ?
		t_strndup(name, len - 1) : name;
}

const char *pop_policy_settings_find_unknown(struct mail_user *user)
{
	const char *const *fields = user->userdb_fields, *name;

	for (; fields != NULL && *fields != NULL; fields++) {
		name = field_get_name(*fields);
		if (pop_policy_settings_is_unknown(name))
			return name;
	}
	return NULL;
}
