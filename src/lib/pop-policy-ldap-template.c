/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "pop-policy-compat-text.h"
#include "pop-policy-log.h"
#include "pop-policy-ldap-template.h"

/* How much the log shows of what is wrong with a variable */
#define EXPAND_ERROR_MAX_LEN 256

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

/* Expand the variable and append its escaped value. An empty value would find
   no account, or the wrong one. */
static int
variable_expand(const char *variable, pop_policy_ldap_expand_func_t *func,
		void *context, string_t *dest, const char **error_r)
{
	string_t *value = t_str_new(64);
	const char *error;

	if (func(context, variable, value, &error) < 0) {
		*error_r = t_strdup_printf("Cannot expand: %s",
			pop_policy_log_text(error, EXPAND_ERROR_MAX_LEN));
		return -1;
	}
	if (str_len(value) == 0) {
		*error_r = t_strdup_printf("%s is empty",
			pop_policy_log_value(variable));
		return -1;
	}
	str_append(dest, pop_policy_ldap_escape(str_c(value)));
	return 0;
}

/* Variables are expanded one by one: what is escaped is the result of each,
   whatever the template does with the value before. */
int pop_policy_ldap_template_expand(const char *template,
				    pop_policy_ldap_expand_func_t *func,
				    void *context, const char **result_r,
				    const char **error_r)
{
	string_t *str = t_str_new(128);
	const char *p;
	size_t len;

	while ((p = strchr(template, '%')) != NULL) {
		str_append_data(str, template, p - template);
		if (!pop_policy_var_is(p, &len)) {
			/* the first % of two stands for nothing */
			str_append_data(str, len > 1 ? p + 1 : p,
					len > 1 ? len - 1 : len);
		} else if (variable_expand(t_strndup(p, len), func, context,
					   str, error_r) < 0)
			return -1;
		template = p + len;
	}
	str_append(str, template);
	*result_r = str_c(str);
	return 0;
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
