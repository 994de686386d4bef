#ifndef POP_POLICY_LDAP_INTERFACE_H
#define POP_POLICY_LDAP_INTERFACE_H

/* The interface between the plugin and the LDAP module, which
   pop-policy-ldap-loader.h loads when it is needed. */

struct module;
struct event;
struct pop_policy_layers;

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
	/* Append what a variable, such as %{user}, is for this user. Returns 0,
	   or -1 with error_r. */
	int (*expand)(void *context, const char *variable, string_t *dest,
		      const char **error_r);
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

/* The symbols that Dovecot and the plugin look up by name */
#define POP_POLICY_LDAP_APPLY_SYMBOL "pop_policy_ldap_apply"

extern const char *pop_policy_ldap_version;

void pop_policy_ldap_init(struct module *module);
void pop_policy_ldap_deinit(void);
pop_policy_ldap_apply_func_t pop_policy_ldap_apply;

#endif
