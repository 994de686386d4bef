#ifndef POP_POLICY_LDAP_INTERFACE_H
#define POP_POLICY_LDAP_INTERFACE_H

/* The interface between the plugin and the LDAP module, which
   pop-policy-ldap-loader.h loads when it is needed. */

#include "pop-policy-settings.h"
#include "pop-policy-ldap-template.h"

struct module;
struct event;

#define POP_POLICY_LDAP_MODULE_NAME "pop_policy_ldap"

enum pop_policy_ldap_result {
	/* The directory did not give an answer. */
	POP_POLICY_LDAP_FAILED,
	/* The settings or the answer are not valid: several entries or values,
	   or an entry or a filter that cannot be used. */
	POP_POLICY_LDAP_INVALID,
	POP_POLICY_LDAP_NO_ENTRY,
	POP_POLICY_LDAP_FOUND,
};

/* Whose policy is looked up */
struct pop_policy_ldap_user {
	struct event *event;
	/* where Dovecot's dns-client is */
	const char *base_dir;
	/* What variables are for this user */
	pop_policy_ldap_expand_func_t *expand;
	void *context;
	/* There may be another lookup in this process. */
	bool keep_connection;
};

/* Ask the directory that the settings name, and put what it has into layers,
   allocated from the pool. Returns within twice the timeout, whatever happens.
   If FAILED or INVALID, error_r has a text for the log without any password. */
typedef enum pop_policy_ldap_result
pop_policy_ldap_apply_func_t(const struct pop_policy_ldap_user *user,
			     pool_t pool, struct pop_policy_layers *layers,
			     const char **error_r);

/* What is written to the account's entry */
struct pop_policy_ldap_write {
	/* The new value of each setting, in the directory's syntax. "" = remove
	   the attribute, NULL = leave it alone. */
	const char *values[POP_POLICY_SETTING_COUNT];
	/* Only find out what would be done. */
	bool dry_run;

	/* What was found and done: the attributes' names and their old values,
	   NULL where there was none. */
	const char *attributes[POP_POLICY_SETTING_COUNT];
	const char *old_values[POP_POLICY_SETTING_COUNT];
	/* The directory has an answer, and it is no. */
	bool refused;
};

/* Find the account's entry, and change it in one go. set is not checked. If the
   result is FAILED nobody knows whether it has been changed. INVALID: it has
   not. */
typedef enum pop_policy_ldap_result
pop_policy_ldap_write_func_t(const struct pop_policy_ldap_user *user,
			     pool_t pool, const struct pop_policy_settings *set,
			     struct pop_policy_ldap_write *write,
			     const char **error_r);

/* The symbols that Dovecot and the plugin look up by name */
#define POP_POLICY_LDAP_APPLY_SYMBOL "pop_policy_ldap_apply"
#define POP_POLICY_LDAP_WRITE_SYMBOL "pop_policy_ldap_write"

extern const char *pop_policy_ldap_version;

void pop_policy_ldap_init(struct module *module);
void pop_policy_ldap_deinit(void);
pop_policy_ldap_apply_func_t pop_policy_ldap_apply;
pop_policy_ldap_write_func_t pop_policy_ldap_write;

#endif
