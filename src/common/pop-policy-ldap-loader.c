/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "module-dir.h"
#include "pop-policy-compat.h"
#include "pop-policy-ldap-interface.h"
#include "pop-policy-ldap-loader.h"

#define POP_POLICY_LDAP_MODULE_FOLDER "pop_policy"

static struct module *pop_policy_ldap_modules = NULL;

void pop_policy_ldap_loader_deinit(void)
{
	module_dir_unload(&pop_policy_ldap_modules);
}

#ifdef POP_POLICY_LDAP
static int ldap_module_load(const char *plugin_dir, const char **error_r)
{
	const struct module_dir_load_settings set = {
		.abi_version = DOVECOT_ABI_VERSION,
		.setting_name = "mail_plugins",
		.require_init_funcs = TRUE,
	};
	const char *folder = t_strconcat(plugin_dir,
		"/"POP_POLICY_LDAP_MODULE_FOLDER, NULL);

	if (pop_policy_module_load(&pop_policy_ldap_modules, folder,
				   POP_POLICY_LDAP_MODULE_NAME, &set,
				   error_r) < 0)
		return -1;
	module_dir_init(pop_policy_ldap_modules);
	return 0;
}
#else
static int
ldap_module_load(const char *plugin_dir ATTR_UNUSED, const char **error_r)
{
	*error_r = "Built without LDAP";
	return -1;
}
#endif

int pop_policy_ldap_loader_get(const char *plugin_dir, const char *symbol,
			       void **func_r, const char **error_r)
{
	if (pop_policy_ldap_modules == NULL &&
	    ldap_module_load(plugin_dir, error_r) < 0)
		return -1;
	*func_r = module_get_symbol_quiet(pop_policy_ldap_modules, symbol);
	if (*func_r == NULL) {
		*error_r = t_strdup_printf("%s has no symbol %s",
			pop_policy_ldap_modules->path, symbol);
		return -1;
	}
	return 0;
}
