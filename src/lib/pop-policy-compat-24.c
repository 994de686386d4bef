/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str-parse.h"
#include "module-dir.h"
#include "master-service.h"
#include "pop-policy-compat.h"

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

int pop_policy_module_load(struct module **modules, const char *dir,
			   const char *name,
			   const struct module_dir_load_settings *set,
			   const char **error_r)
{
	const char *const names[] = { name, NULL };

	return module_dir_try_load_missing(modules, dir, names, set, error_r);
}

bool pop_policy_process_has_one_client(void)
{
	return master_service_get_client_limit(master_service) == 1;
}

bool pop_policy_process_is_ending(void)
{
	return master_service_get_restart_request_count(master_service) == 1;
}
