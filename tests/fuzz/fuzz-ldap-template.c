/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Input: a line with a template for a filter or a search base, then the value
   that all its variables have: a user's name. */

#include "lib.h"
#include "str.h"
#include "pop-policy-compat-text.h"
#include "pop-policy-ldap-template.h"
#include "fuzz.h"

/* A user for whom Dovecot cannot expand anything */
#define FAILS "!fails "

static unsigned int calls;

static int expand(void *context, const char *variable, string_t *dest,
		  const char **error_r)
{
	const char *value = context;
	size_t len;

	calls++;
	i_assert(*variable == '%');
	i_assert(pop_policy_var_is(variable, &len) && len == strlen(variable));
	if (strncmp(value, FAILS, strlen(FAILS)) == 0) {
		*error_r = value + strlen(FAILS);
		return -1;
	}
	str_append(dest, value);
	return 0;
}

/* Whatever it has been, it stays one value, and the same one. */
static void check_escaped(const char *value)
{
	const char *escaped = pop_policy_ldap_escape(value), *p = escaped;

	for (; *value != '\0'; value++) {
		if (*p != '\\') {
			i_assert(*p == *value);
			i_assert(strchr("()*&|!=<>~,+\";# ", *p) == NULL);
			i_assert(*p > 0x20 && *p < 0x7f);
			p++;
			continue;
		}
		i_assert(strcmp(t_strndup(p + 1, 2),
			t_strdup_printf("%02x", (unsigned char)*value)) == 0);
		p += 3;
	}
	i_assert(*p == '\0');
}

/* The template with this in place of its variables */
static const char *template_fill(const char *template, const char *filling)
{
	string_t *str = t_str_new(128);
	size_t len;

	while (*template != '\0') {
		if (*template != '%')
			str_append_c(str, *template++);
		else if (pop_policy_var_is(template, &len)) {
			str_append(str, filling);
			template += len;
		} else {
			str_append_data(str, template + (len > 1 ? 1 : 0),
					len > 1 ? len - 1 : len);
			template += len;
		}
	}
	return str_c(str);
}

/* No user's name changes the shape of a filter. */
static void check_filter(const char *template, const char *result)
{
	unsigned int depth = 0;
	const char *p, *error;

	if (pop_policy_ldap_filter_check(template, &error) < 0) {
		fuzz_check_error(error);
		return;
	}
	i_assert(*template == '(');
	/* (escaped parentheses are none) */
	if (strchr(template, '\\') != NULL)
		return;
	for (p = result; *p != '\0'; p++) {
		if (*p == '(')
			depth++;
		else if (*p == ')')
			depth--;
		i_assert(depth > 0 || p[1] == '\0');
	}
}

static void check_base(const char *template)
{
	const char *fixed = pop_policy_ldap_base_fixed(template);
	size_t len = strlen(template);

	if (fixed == NULL)
		return;
	i_assert(pop_policy_ldap_template_has_variable(template));
	i_assert(!pop_policy_ldap_template_has_variable(fixed));
	i_assert(fixed > template && fixed <= template + len &&
		 fixed[-1] == ',');
}

void fuzz_text(const char *text)
{
	const char *template = fuzz_next_line(&text), *result, *error;
	const char *value = fuzz_copy(text, strlen(text));
	bool fails = strncmp(value, FAILS, strlen(FAILS)) == 0;
	int ret;

	check_escaped(value);
	check_base(template);
	calls = 0;
	ret = pop_policy_ldap_template_expand(template, expand,
					      (void *)value, &result, &error);
	i_assert((calls > 0) ==
		 pop_policy_ldap_template_has_variable(template));
	i_assert((ret == 0) == (calls == 0 || (*value != '\0' && !fails)));
	if (ret < 0) {
		fuzz_check_error(error);
		return;
	}
	i_assert(strcmp(result, template_fill(template,
			pop_policy_ldap_escape(value))) == 0);
	check_filter(template, result);
}
