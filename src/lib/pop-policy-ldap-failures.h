#ifndef POP_POLICY_LDAP_FAILURES_H
#define POP_POLICY_LDAP_FAILURES_H

/* Which servers have just failed: they are tried last. A server is whatever
   text names it. Times are milliseconds of any clock. */

#define POP_POLICY_LDAP_FAILURE_MSECS (60*1000)
/* If more have failed, the longest ago is forgotten. */
#define POP_POLICY_LDAP_MAX_FAILURES 64

struct pop_policy_ldap_failures {
	struct {
		/* NULL = unused */
		char *server;
		uint64_t time;
	} list[POP_POLICY_LDAP_MAX_FAILURES];
};

void pop_policy_ldap_failures_add(struct pop_policy_ldap_failures *failures,
				  const char *server, uint64_t now);
/* It has not failed, or is no longer to count. */
void pop_policy_ldap_failures_remove(struct pop_policy_ldap_failures *failures,
				     const char *server);
void pop_policy_ldap_failures_clear(struct pop_policy_ldap_failures *failures);

/* TRUE if it has failed within POP_POLICY_LDAP_FAILURE_MSECS. */
bool pop_policy_ldap_failures_have(const struct pop_policy_ldap_failures *failures,
				   const char *server, uint64_t now);

#endif
