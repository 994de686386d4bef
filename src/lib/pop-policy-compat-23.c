/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "module-dir.h"
#include "master-service.h"
#include "settings-parser.h"
#include "pop-policy-compat.h"

int pop_policy_module_load(struct module **modules, const char *dir,
			   const char *name,
			   const struct module_dir_load_settings *set,
			   const char **error_r)
{
	return module_dir_try_load_missing(modules, dir, name, set, error_r);
}

int pop_policy_parse_interval(const char *str, unsigned int *secs_r,
			      const char **error_r)
{
	return settings_get_time(str, secs_r, error_r);
}

bool pop_policy_process_has_one_client(void)
{
	return master_service_get_client_limit(master_service) == 1;
}

bool pop_policy_process_is_ending(void)
{
	return master_service_get_service_count(master_service) == 1;
}
