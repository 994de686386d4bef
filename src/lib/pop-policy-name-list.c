/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "imap-arg.h"
#include "strescape.h"
#include "pop-policy-values.h"
#include "pop-policy-name-list.h"

static const char *skip_blanks(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* Set *list to what comes after the entry that ends here. */
static int
list_skip_comma(const char **list, const char *p, const char **error_r)
{
	p = skip_blanks(p);
	if (*p != ',' && *p != '\0') {
		*error_r = "no comma between two names";
		return -1;
	}
	*list = *p == '\0' ? NULL : p + 1;
	return 0;
}

static const char *unquoted_next(const char **list)
{
	const char *start = *list, *end = strchr(start, ',');

	*list = end == NULL ? NULL : end + 1;
	if (end == NULL)
		end = start + strlen(start);
	while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return t_strndup(start, end - start);
}

static int special_use_check(const char *name, const char **error_r)
{
	const char *p = name + 1;

	while (IS_ATOM_CHAR(*p))
		p++;
	if (*p == '\0' && p > name + 1)
		return 0;
	*error_r = "not a special use, such as \\Archive";
	return -1;
}

static int
unquoted_parse(struct pop_policy_name *name, const char **error_r)
{
	if (strcasecmp(name->name, "none") == 0) {
		*error_r = "none stands alone (a mailbox of that name is "
			"written in double quotes)";
		return -1;
	}
	if (strchr(name->name, '"') != NULL) {
		*error_r = "a double quote inside a name (names that have one "
			"are written in double quotes)";
		return -1;
	}
	if (*name->name == '\\') {
		name->kind = POP_POLICY_NAME_KIND_SPECIAL_USE;
		return special_use_check(name->name, error_r);
	}
	if (strchr(name->name, '*') != NULL || strchr(name->name, '%') != NULL)
		name->kind = POP_POLICY_NAME_KIND_PATTERN;
	return 0;
}

static int name_check(const struct pop_policy_name *name, const char **error_r)
{
	const char *value;

	if (*name->name == '\0') {
		*error_r = "an empty name";
		return -1;
	}
	/* it is a source in any case */
	if (strcasecmp(name->name, "INBOX") == 0)
		return 0;
	return pop_policy_value_mailbox(name->name, &value, error_r);
}

int pop_policy_name_list_next(const char **list, struct pop_policy_name *name_r,
			      const char **error_r)
{
	const char *p;

	if (*list == NULL)
		return 0;
	name_r->kind = POP_POLICY_NAME_KIND_MAILBOX;
	p = skip_blanks(*list);
	if (*p == '"') {
		p++;
		if (str_unescape_next(&p, &name_r->name) < 0) {
			*error_r = "a double quote is missing";
			return -1;
		}
		if (list_skip_comma(list, p, error_r) < 0)
			return -1;
	} else {
		*list = p;
		name_r->name = unquoted_next(list);
		if (unquoted_parse(name_r, error_r) < 0)
			return -1;
	}
	return name_check(name_r, error_r) < 0 ? -1 : 1;
}

int pop_policy_value_mailboxes(const char *value, const char **list_r,
			       const char **error_r)
{
	struct pop_policy_name name;
	const char *list = value;
	int ret;

	*list_r = NULL;
	if (*value == '\0' || strcasecmp(value, "none") == 0)
		return 0;
	while ((ret = pop_policy_name_list_next(&list, &name, error_r)) > 0) ;
	if (ret == 0)
		*list_r = value;
	return ret;
}
