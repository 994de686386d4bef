/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "settings-parser.h"
#include "var-expand.h"
#include "pop-policy-compat-text.h"

int pop_policy_parse_msecs(const char *str, unsigned int *msecs_r,
			   const char **error_r)
{
	return settings_get_time_msecs(str, msecs_r, error_r);
}

bool pop_policy_var_is(const char *p, size_t *len_r)
{
	unsigned int idx, size;

	*len_r = p[1] == '%' ? 2 : 1;
	if (p[1] == '%' || p[1] == '\0')
		return FALSE;
	var_get_key_range(p + 1, &idx, &size);
	*len_r = 1 + idx + size;
	if (p[idx] == '{' && p[*len_r] == '}')
		*len_r += 1;
	return TRUE;
}
