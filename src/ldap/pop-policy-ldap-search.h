#ifndef POP_POLICY_LDAP_SEARCH_H
#define POP_POLICY_LDAP_SEARCH_H

#include "pop-policy-ldap-request.h"

struct pop_policy_ldap_connection;

/* Search for the account of the request, see pop_policy_ldap_lookup(), and
   change it if it says so, see pop_policy_ldap_modify(). After
   POP_POLICY_LDAP_FAILED the connection cannot be used again. */
enum pop_policy_ldap_result
pop_policy_ldap_search(struct pop_policy_ldap_connection *conn,
		       const struct pop_policy_ldap_request *request,
		       pool_t pool, const char **values_r,
		       const char **error_r);

#endif
