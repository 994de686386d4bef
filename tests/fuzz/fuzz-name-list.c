/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Input: a list of mailboxes, as pop_policy_extra_mailboxes has them. */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "strescape.h"
#include "unichar.h"
#include "pop-policy-name-list.h"
#include "fuzz.h"

ARRAY_DEFINE_TYPE(names, struct pop_policy_name);

static void check_name(const struct pop_policy_name *name)
{
	const char *p;

	i_assert(*name->name != '\0' && strlen(name->name) <= 1000);
	i_assert(uni_utf8_str_is_valid(name->name));
	for (p = name->name; *p != '\0'; p++)
		i_assert((unsigned char)*p >= 0x20 && *p != 0x7f);
	i_assert(*name->name != '~' && strncmp(name->name, "../", 3) != 0 &&
		 strstr(name->name, "/../") == NULL);
	i_assert(name->kind != POP_POLICY_NAME_KIND_PATTERN ||
		 strpbrk(name->name, "*%") != NULL);
	i_assert(name->kind != POP_POLICY_NAME_KIND_SPECIAL_USE ||
		 (*name->name == '\\' && strpbrk(name->name, "*% ") == NULL));
}

static int
list_read(const char *list, ARRAY_TYPE(names) *names, const char **error_r)
{
	struct pop_policy_name name;
	int ret;

	t_array_init(names, 8);
	while ((ret = pop_policy_name_list_next(&list, &name, error_r)) > 0) {
		check_name(&name);
		array_push_back(names, &name);
	}
	i_assert(ret < 0 || list == NULL);
	return ret;
}

/* The list as somebody else might have written it */
static const char *list_print(const ARRAY_TYPE(names) *names)
{
	string_t *str = t_str_new(128);
	const struct pop_policy_name *name;

	array_foreach(names, name) {
		if (str_len(str) > 0)
			str_append(str, " ,\t");
		if (name->kind == POP_POLICY_NAME_KIND_MAILBOX)
			str_printfa(str, "\"%s\"", str_escape(name->name));
		else
			str_append(str, name->name);
	}
	return str_c(str);
}

static void check_printed(const ARRAY_TYPE(names) *names)
{
	ARRAY_TYPE(names) again;
	const struct pop_policy_name *name1, *name2;
	const char *error;

	i_assert(list_read(list_print(names), &again, &error) == 0);
	i_assert(array_count(&again) == array_count(names));
	for (unsigned int i = 0; i < array_count(names); i++) {
		name1 = array_idx(names, i);
		name2 = array_idx(&again, i);
		i_assert(name1->kind == name2->kind);
		i_assert(strcmp(name1->name, name2->name) == 0);
	}
}

void fuzz_text(const char *text)
{
	ARRAY_TYPE(names) names;
	const char *value, *error = NULL, *again = NULL;
	int ret;

	ret = pop_policy_value_mailboxes(text, &value, &error);
	if (ret == 0 && value == NULL) {
		i_assert(*text == '\0' || strcasecmp(text, "none") == 0);
		return;
	}
	i_assert(list_read(text, &names, &again) == ret);
	if (ret < 0) {
		fuzz_check_error(error);
		i_assert(strcmp(error, again) == 0);
		return;
	}
	i_assert(value == text && array_count(&names) > 0);
	check_printed(&names);
}
