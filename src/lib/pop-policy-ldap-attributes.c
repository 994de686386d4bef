/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-log.h"
#include "pop-policy-values.h"
#include "pop-policy-ldap-schema.h"

#include <ctype.h>

/* The schema whose attributes are all that a directory can have */
#define POP_POLICY_LDAP_FULL_SCHEMA "pop-policy"

static int pair_bad(const char *pair, const char *reason, const char **error_r)
{
	*error_r = t_strdup_printf("%s: %s",
		pop_policy_log_value(pair), reason);
	return -1;
}

/* Returns the setting of this name without its prefix, or
   POP_POLICY_SETTING_COUNT if no directory can have it. */
static enum pop_policy_setting setting_find(const char *name)
{
	const struct pop_policy_ldap_schema *full =
		pop_policy_ldap_schema_find(POP_POLICY_LDAP_FULL_SCHEMA);
	const char *key = t_strconcat("pop_policy_", name, NULL);
	unsigned int i;

	for (i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		if (full->attributes[i].name != NULL &&
		    strcmp(pop_policy_setting_infos[i].key, key) == 0)
			break;
	}
	return i;
}

/* numericoid of RFC 4512, 1.4 */
static bool is_oid(const char *name)
{
	const char *const *parts = t_strsplit(name, ".");

	if (parts[0] == NULL || parts[1] == NULL)
		return FALSE;
	for (; *parts != NULL; parts++) {
		if (**parts == '\0' || strspn(*parts, "0123456789") !=
		    strlen(*parts) || (**parts == '0' && (*parts)[1] != '\0'))
			return FALSE;
	}
	return TRUE;
}

/* Attribute description of RFC 4512, 2.5, without options */
static bool is_attribute(const char *name)
{
	if (!i_isalpha(*name))
		return is_oid(name);
	for (; *name != '\0'; name++) {
		if (!i_isalnum(*name) && *name != '-')
			return FALSE;
	}
	return TRUE;
}

static int
replace_one(struct pop_policy_ldap_schema *schema, const char *pair,
	    bool *seen, const char **error_r)
{
	const char *name = strchr(pair, '=');
	enum pop_policy_setting setting;

	if (name == NULL)
		return pair_bad(pair, "not setting=attribute", error_r);
	setting = setting_find(t_strdup_until(pair, name++));
	if (setting == POP_POLICY_SETTING_COUNT) {
		return pair_bad(pair, "not a setting that a directory can have",
				error_r);
	}
	if (!is_attribute(name))
		return pair_bad(pair, "not the name of an attribute", error_r);
	if (seen[setting])
		return pair_bad(pair, "the setting is named twice", error_r);
	seen[setting] = TRUE;
	schema->attributes[setting].name = name;
	schema->attributes[setting].words = NULL;
	return 0;
}

/* Both settings would have the same value. */
static int
check_names(const struct pop_policy_ldap_schema *schema, const char **error_r)
{
	const char *const *names = pop_policy_ldap_schema_get_names(schema);

	for (; *names != NULL; names++) {
		if (str_array_icase_find(names + 1, *names))
			return pair_bad(*names, "the attribute is that of two "
					"settings", error_r);
	}
	return 0;
}

int pop_policy_ldap_schema_replace(const struct pop_policy_ldap_schema *schema,
				   const char *pairs,
				   const struct pop_policy_ldap_schema **schema_r,
				   const char **error_r)
{
	const char *const *list = t_strsplit_spaces(pairs, " ");
	struct pop_policy_ldap_schema *replaced;
	bool seen[POP_POLICY_SETTING_COUNT];

	*schema_r = schema;
	if (*list == NULL)
		return 0;
	replaced = t_new(struct pop_policy_ldap_schema, 1);
	*replaced = *schema;
	replaced->replaced = TRUE;
	memset(seen, 0, sizeof(seen));
	for (; *list != NULL; list++) {
		if (replace_one(replaced, *list, seen, error_r) < 0)
			return -1;
	}
	*schema_r = replaced;
	return check_names(replaced, error_r);
}
