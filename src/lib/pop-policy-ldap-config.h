#ifndef POP_POLICY_LDAP_CONFIG_H
#define POP_POLICY_LDAP_CONFIG_H

/* The pop_policy_ldap_* settings, checked. Pure: needs no libldap, so that
   doveconf can use it. */

#include "net.h"

struct pop_policy_settings;
struct pop_policy_ldap_schema;

enum pop_policy_ldap_scheme {
	POP_POLICY_LDAP_SCHEME_LDAP,
	/* TLS from the first byte on */
	POP_POLICY_LDAP_SCHEME_LDAPS,
	/* a UNIX socket */
	POP_POLICY_LDAP_SCHEME_LDAPI,
};

enum pop_policy_ldap_scope {
	POP_POLICY_LDAP_SCOPE_SUBTREE,
	POP_POLICY_LDAP_SCOPE_ONELEVEL,
	POP_POLICY_LDAP_SCOPE_BASE,
};

struct pop_policy_ldap_uri {
	enum pop_policy_ldap_scheme scheme;
	/* as it is written, for people */
	const char *text;
	/* name or address (IPv6 without brackets); ldapi: path of the
	   socket */
	const char *host;
	in_port_t port;
	/* What is sent there does not leave this machine, as far as that can be
	   told without asking a name server. */
	bool is_local;
};

struct pop_policy_ldap_uris {
	const struct pop_policy_ldap_uri *list;
	unsigned int count;
};

/* The fields that POP_POLICY_SETTINGS_OF_LDAP names. Strings are never
   NULL. */
struct pop_policy_ldap_config {
	struct pop_policy_ldap_uris uris;

	bool starttls;
	/* empty: the system's */
	const char *tls_ca_file;

	/* empty: anonymous */
	const char *auth_dn;
	const char *auth_dn_password;
	/* SASL EXTERNAL instead of a simple bind */
	bool sasl_external;

	/* with variables */
	const char *base;
	const char *filter;
	enum pop_policy_ldap_scope scope;
	unsigned int timeout_msecs;
	/* as pop_policy_ldap_attributes changes it */
	const struct pop_policy_ldap_schema *schema;
	const char *attributes;
	/* An account without an entry is invalid. */
	bool require_entry;

	/* For doveadm, see pop_policy_ldap_config_for_write(). Empty: as for
	   reading */
	const char *write_dn;
	const char *write_dn_password;
	/* with variables */
	const char *write_filter;
};

/* Parse the settings. config_r refers to the strings of set, the
   rest of it is allocated from the data stack. Returns 0, or -1 with error_r
   naming the setting, its value (bounded and escaped, no password) and what is
   wrong with it. */
int pop_policy_ldap_config_init(const struct pop_policy_settings *set,
				struct pop_policy_ldap_config *config_r,
				const char **error_r);
/* Change what is used to read into what is used to write. Returns 0, or -1 with
   error_r if that cannot be used. */
int pop_policy_ldap_config_for_write(struct pop_policy_ldap_config *config,
				     const char **error_r);

#endif
