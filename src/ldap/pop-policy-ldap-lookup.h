#ifndef POP_POLICY_LDAP_LOOKUP_H
#define POP_POLICY_LDAP_LOOKUP_H

/* One lookup: which server is asked, and for how long. */

#include "pop-policy-ldap-request.h"

/* Ask the directory. Returns within twice the timeout, whatever happens. If
   FOUND, values_r has a value for each attribute, or NULL where that is absent,
   allocated from the pool. server_r is the URI that was asked last. If FAILED
   or INVALID, error_r is for the log. */
enum pop_policy_ldap_result
pop_policy_ldap_lookup(const struct pop_policy_ldap_request *request,
		       pool_t pool, const char **values_r,
		       const char **server_r, const char **error_r);
/* Close the connection that is kept, and forget which servers have failed. */
void pop_policy_ldap_lookup_deinit(void);

#endif
