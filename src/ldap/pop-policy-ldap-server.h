#ifndef POP_POLICY_LDAP_SERVER_H
#define POP_POLICY_LDAP_SERVER_H

/* A lookup at the server that a URI names, which may have several addresses. */

#include "pop-policy-ldap-request.h"

struct pop_policy_ldap_uri;
struct pop_policy_ldap_connection;
struct pop_policy_ldap_failures;

/* See pop_policy_ldap_lookup(). Connects and searches before the deadline (as
   pop_policy_ldap_now()). The addresses that have failed are tried last, and
   failures is brought up to date. Unless the result is FAILED, conn_r is an
   unused connection that the caller must close. */
enum pop_policy_ldap_result
pop_policy_ldap_server_lookup(const struct pop_policy_ldap_request *request,
			      const struct pop_policy_ldap_uri *uri,
			      struct pop_policy_ldap_failures *failures,
			      uint64_t deadline, pool_t pool,
			      const char **values_r,
			      struct pop_policy_ldap_connection **conn_r,
			      const char **error_r);

#endif
