#ifndef POP_POLICY_LDAP_REQUEST_H
#define POP_POLICY_LDAP_REQUEST_H

#include "pop-policy-ldap-interface.h"

struct event;
struct pop_policy_ldap_config;

/* What is asked of a directory */
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

	/* NULL, or change the entry that is found, whatever it has: several
	   values of an attribute are one, separated by line feeds. */
	struct pop_policy_ldap_write *write;
	pool_t write_pool;
};

#endif
