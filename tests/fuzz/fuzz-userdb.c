/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Input: a line with the name of a setting, then lines with userdb fields. */

#include "lib.h"
#include "array.h"
#include "pop-policy-settings.h"
#include "pop-policy-userdb.h"
#include "fuzz.h"

#define PREFIX "set/"

/* The value of a field with one of the two names, or NULL */
static const char *field_get(const char *field, const char *key)
{
	const char *const names[] = { key, t_strconcat(PREFIX, key, NULL) };

	for (unsigned int i = 0; i < N_ELEMENTS(names); i++) {
		if (strcmp(field, names[i]) == 0)
			return "";
		if (strcmp(t_strcut(field, '='), names[i]) == 0)
			return strchr(field, '=') + 1;
	}
	return NULL;
}

/* What it should be: the last one that is not empty */
static const char *
fields_get(const char *const *fields, const char *key, bool *has_empty_r)
{
	const char *value, *found = NULL;

	*has_empty_r = FALSE;
	for (; *fields != NULL; fields++) {
		value = field_get(*fields, key);
		if (value != NULL && *value == '\0')
			*has_empty_r = TRUE;
		if (value != NULL && (found == NULL || *value != '\0'))
			found = value;
	}
	return found;
}

static void check_unknown(const char *name)
{
	bool known = FALSE;

	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		if (strcmp(pop_policy_setting_infos[i].key, name) == 0)
			known = TRUE;
	}
	i_assert(pop_policy_settings_is_unknown(name) ==
		 (!known && strncmp(name, "pop_policy_", 11) == 0 &&
		  strncmp(name, "pop_policy_x_", 13) != 0));
}

void fuzz_text(const char *text)
{
	const char *key = fuzz_next_line(&text), *field;
	ARRAY_TYPE(const_string) list;
	const char *const *fields;
	bool has_empty;

	/* keys are ours */
	if (*key == '\0' || strchr(key, '=') != NULL ||
	    strncmp(key, PREFIX, strlen(PREFIX)) == 0)
		return;
	t_array_init(&list, 8);
	while (*text != '\0') {
		field = fuzz_next_line(&text);
		array_push_back(&list, &field);
		check_unknown(t_strcut(field, '='));
	}
	array_append_zero(&list);
	fields = array_front(&list);
	i_assert(null_strcmp(pop_policy_userdb_find(fields, PREFIX, key),
			     fields_get(fields, key, &has_empty)) == 0);
	i_assert(!has_empty || strstr(key, "pop_policy") == NULL ||
		 pop_policy_userdb_has_empty(fields));
	i_assert(pop_policy_userdb_find(NULL, PREFIX, key) == NULL);
}
