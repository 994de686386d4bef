/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str-parse.h"
#include "pop-policy-compat-text.h"

int pop_policy_parse_msecs(const char *str, unsigned int *msecs_r,
			   const char **error_r)
{
	return str_parse_get_interval_msecs(str, msecs_r, error_r);
}

bool pop_policy_var_is(const char *p, size_t *len_r)
{
	size_t i = 1;
	char quote = '\0';

	*len_r = p[1] == '%' && p[2] == '{' ? 3 : 1;
	if (p[1] != '{')
		return FALSE;
	/* up to the first brace outside of a string */
	while (p[i] != '\0' && (p[i] != '}' || quote != '\0')) {
		if (quote == '\0' && (p[i] == '\'' || p[i] == '"'))
			quote = p[i];
		else if (p[i] == quote)
			quote = '\0';
		else if (quote != '\0' && p[i] == '\\' && p[i+1] != '\0')
			i++;
		i++;
	}
	*len_r = p[i] == '\0' ? i : i + 1;
	return TRUE;
}
