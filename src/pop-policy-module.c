/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "module-dir.h"
#include "pop-policy-compat.h"
#include "pop-policy-module.h"

const char *pop_policy_module_get_folder(const struct module *module)
{
	const char *name = strrchr(module->path, '/');

	return name == NULL ? "." : t_strdup_until(module->path, name);
}

int pop_policy_module_get(struct module **modules, const char *folder,
			  const char *name, const char *symbol,
			  void **symbol_r, const char **error_r)
{
	struct module_dir_load_settings set = {
		.abi_version = DOVECOT_ABI_VERSION,
		.setting_name = "mail_plugins",
		.require_init_funcs = TRUE,
	};

	if (pop_policy_module_load(modules, folder, name, &set, error_r) < 0)
		return -1;
	module_dir_init(*modules);
	*symbol_r = module_get_symbol_quiet(*modules, symbol);
	if (*symbol_r == NULL) {
		*error_r = t_strdup_printf("%s/lib%s.so has no symbol %s",
					   folder, name, symbol);
		return -1;
	}
	return 0;
}
