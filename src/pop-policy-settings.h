#ifndef POP_POLICY_SETTINGS_H
#define POP_POLICY_SETTINGS_H

struct mail_user;

/* The settings as they are written: configuration and userdb fields arrive
   here already layered, and are given a meaning by pop_policy_init(). All are
   strings, since Dovecot 2.3 and 2.4 read booleans and words differently from
   each other and from LDAP. */
struct pop_policy_settings {
	pool_t pool;

	const char *pop_policy_available;
	const char *pop_policy_enabled;
	/* empty: all mail */
	const char *pop_policy_since;
	const char *pop_policy_spam;
	/* "default": what pop3_delete_type says, which is to delete */
	const char *pop_policy_delete;
	const char *pop_policy_retrieve;
	/* empty: by special use, else the usual name */
	const char *pop_policy_spam_mailbox;
	const char *pop_policy_archive_mailbox;
	const char *pop_policy_trash_mailbox;
	/* empty: pop3_deleted_flag, else $POPDequeued */
	const char *pop_policy_keyword;
	const char *pop_policy_unavailable_text;
	const char *pop_policy_disabled_text;

	/* empty: no directory is asked, and the rest is unused */
	const char *pop_policy_ldap_uris;
	const char *pop_policy_ldap_starttls;
	/* empty: the system's */
	const char *pop_policy_ldap_tls_ca_file;
	/* empty: anonymous */
	const char *pop_policy_ldap_auth_dn;
	const char *pop_policy_ldap_auth_dn_password;
	const char *pop_policy_ldap_sasl_mechanism;
	/* These two are templates: their variables are not expanded yet. */
	const char *pop_policy_ldap_base;
	const char *pop_policy_ldap_filter;
	const char *pop_policy_ldap_scope;
	const char *pop_policy_ldap_timeout;
	const char *pop_policy_ldap_schema;
};

/* All keys, for tables of them. */
#define POP_POLICY_SETTINGS(DEF, DEF_TEMPLATE) \
	DEF(pop_policy_available) \
	DEF(pop_policy_enabled) \
	DEF(pop_policy_since) \
	DEF(pop_policy_spam) \
	DEF(pop_policy_delete) \
	DEF(pop_policy_retrieve) \
	DEF(pop_policy_spam_mailbox) \
	DEF(pop_policy_archive_mailbox) \
	DEF(pop_policy_trash_mailbox) \
	DEF(pop_policy_keyword) \
	DEF(pop_policy_unavailable_text) \
	DEF(pop_policy_disabled_text) \
	DEF(pop_policy_ldap_uris) \
	DEF(pop_policy_ldap_starttls) \
	DEF(pop_policy_ldap_tls_ca_file) \
	DEF(pop_policy_ldap_auth_dn) \
	DEF(pop_policy_ldap_auth_dn_password) \
	DEF(pop_policy_ldap_sasl_mechanism) \
	DEF_TEMPLATE(pop_policy_ldap_base) \
	DEF_TEMPLATE(pop_policy_ldap_filter) \
	DEF(pop_policy_ldap_scope) \
	DEF(pop_policy_ldap_timeout) \
	DEF(pop_policy_ldap_schema)

extern const struct pop_policy_settings pop_policy_default_settings;

/* TRUE if nothing is set to anything else than its default. */
bool pop_policy_settings_is_default(const struct pop_policy_settings *set);

/* Returns 0 with the settings of this user, valid as long as both user and pool
   exist, or -1 if they can't be had. What they say isn't checked. */
int pop_policy_settings_get(struct mail_user *user, pool_t pool,
			    struct pop_policy_settings *set_r,
			    const char **error_r);

#endif
