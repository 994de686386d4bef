#ifndef POP_POLICY_LDAP_LOADER_H
#define POP_POLICY_LDAP_LOADER_H

/* Loads the module that uses libldap, when the first lookup needs it: libldap
   and what comes with it would cost every process more than all the rest of
   the plugin. */

/* Returns 0 with the module's function of that name, or -1 with error_r if the
   module cannot be loaded. It lies in the folder pop_policy of plugin_dir, and
   stays loaded until pop_policy_ldap_loader_deinit(). */
int pop_policy_ldap_loader_get(const char *plugin_dir, const char *symbol,
			       void **func_r, const char **error_r);
void pop_policy_ldap_loader_deinit(void);

#endif
