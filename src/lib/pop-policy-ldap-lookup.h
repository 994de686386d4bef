#ifndef POP_POLICY_LDAP_LOOKUP_H
#define POP_POLICY_LDAP_LOOKUP_H

/* The interface between the plugin and the module that uses libldap, which
   pop-policy-ldap-loader.h loads when it is needed. */

struct module;
struct event;
struct pop_policy_ldap_config;

#define POP_POLICY_LDAP_MODULE_NAME "pop_policy_ldap"

enum pop_policy_ldap_result {
	/* The directory did not give an answer. */
	POP_POLICY_LDAP_FAILED,
	/* The answer is not valid: several entries or values, or an entry or a
	   filter that cannot be used. */
	POP_POLICY_LDAP_INVALID,
	POP_POLICY_LDAP_NO_ENTRY,
	POP_POLICY_LDAP_FOUND,
};

struct pop_policy_ldap_request {
	struct event *event;
	/* where Dovecot's dns-client is */
	const char *base_dir;
	const struct pop_policy_ldap_config *config;

	/* expanded and escaped */
	const char *base;
	const char *filter;
	/* The part of the base without the account: if this part exists and
	   the rest does not, the account has no entry. NULL if the base cannot
	   be split like that. */
	const char *base_fixed;
	/* NULL-terminated */
	const char *const *attributes;
	/* They may be other names for what the directory calls otherwise, which
	   would look as if they were absent. */
	bool names_are_foreign;
	/* There may be another lookup in this process. */
	bool keep_connection;
};

/* Ask the directory. Returns within twice the timeout, whatever happens.
   If FOUND, values_r has a value for each attribute, or NULL where that is
   absent, allocated from the pool. If FAILED or INVALID, error_r has a text
   for the log without any password. */
typedef enum pop_policy_ldap_result
pop_policy_ldap_lookup_func_t(const struct pop_policy_ldap_request *request,
			      pool_t pool, const char **values_r,
			      const char **error_r);

/* The symbols that Dovecot and the plugin look up by name */
#define POP_POLICY_LDAP_LOOKUP_SYMBOL "pop_policy_ldap_lookup"

extern const char *pop_policy_ldap_version;

void pop_policy_ldap_init(struct module *module);
void pop_policy_ldap_deinit(void);
pop_policy_ldap_lookup_func_t pop_policy_ldap_lookup;

#endif
