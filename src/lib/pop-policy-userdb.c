/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-userdb.h"

static bool field_is_empty(const char *field)
{
	const char *value = strchr(field, '=');

	return value == NULL || value[1] == '\0';
}

bool pop_policy_userdb_has_empty(const char *const *fields)
{
	for (; fields != NULL && *fields != NULL; fields++) {
		if (field_is_empty(*fields) &&
		    strstr(*fields, "pop_policy") != NULL)
			return TRUE;
	}
	return FALSE;
}

/* Returns NULL if the field has another name. */
static const char *
field_value(const char *field, const char *prefix, const char *key)
{
	size_t len = strlen(prefix);

	if (strncmp(field, prefix, len) == 0)
		field += len;
	len = strlen(key);
	if (strncmp(field, key, len) != 0)
		return NULL;
	field += len;
	if (*field == '=')
		return field + 1;
	return *field == '\0' ? field : NULL;
}

const char *
pop_policy_userdb_find(const char *const *fields, const char *prefix,
		       const char *key)
{
	const char *value, *found = NULL;

	for (; fields != NULL && *fields != NULL; fields++) {
		value = field_value(*fields, prefix, key);
		if (value != NULL && (found == NULL || *value != '\0'))
			found = value;
	}
	return found;
}
