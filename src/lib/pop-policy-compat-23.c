/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "settings-parser.h"
#include "var-expand.h"
#include "module-dir.h"
#include "master-service.h"
#include "pop-policy-compat.h"

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

int pop_policy_module_load(struct module **modules, const char *dir,
			   const char *name,
			   const struct module_dir_load_settings *set,
			   const char **error_r)
{
	return module_dir_try_load_missing(modules, dir, name, set, error_r);
}

bool pop_policy_process_has_one_client(void)
{
	return master_service_get_client_limit(master_service) == 1;
}

bool pop_policy_process_is_ending(void)
{
	return master_service_get_service_count(master_service) == 1;
}
