/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "pop-policy-compat-text.h"
#include "pop-policy-ldap-template.h"

/* Neither special in a DN or filter, nor ever trimmed from an end. */
static const char plain_chars[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._-";

const char *pop_policy_ldap_escape(const char *value)
{
	string_t *str = t_str_new(strlen(value) + 32);

	for (; *value != '\0'; value++) {
		if (strchr(plain_chars, *value) != NULL)
			str_append_c(str, *value);
		else
			str_printfa(str, "\\%02x", (unsigned char)*value);
	}
	return str_c(str);
}

bool pop_policy_ldap_template_has_variable(const char *template)
{
	size_t len;

	for (; (template = strchr(template, '%')) != NULL; template += len) {
		if (pop_policy_var_is(template, &len))
			return TRUE;
	}
	return FALSE;
}

const char *pop_policy_ldap_base_fixed(const char *template)
{
	const char *fixed = NULL;
	size_t len;

	for (; (template = strchr(template, '%')) != NULL; template += len) {
		if (pop_policy_var_is(template, &len))
			fixed = template + len;
	}
	if (fixed == NULL)
		return NULL;
	fixed = strchr(fixed, ',');
	return fixed == NULL ? NULL : fixed + 1;
}

/* Take one character, escaped or not, or one variable. */
static const char *filter_next(const char *p, unsigned int *depth)
{
	size_t len = 1;

	if (*p == '%')
		(void)pop_policy_var_is(p, &len);
	else if (*p == '\\' && p[1] != '\0')
		len = 2;
	else if (*p == '(')
		*depth += 1;
	else if (*p == ')' && *depth > 0)
		*depth -= 1;
	return p + len;
}

int pop_policy_ldap_filter_check(const char *template, const char **error_r)
{
	const char *p = template;
	unsigned int depth = 0;

	/* nothing is outside of the first pair */
	do {
		p = filter_next(p, &depth);
	} while (depth > 0 && *p != '\0');
	if (*template != '(' || depth > 0 || *p != '\0') {
		*error_r = "not a filter in balanced parentheses";
		return -1;
	}
	return 0;
}
