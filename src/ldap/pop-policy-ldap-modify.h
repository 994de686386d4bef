#ifndef POP_POLICY_LDAP_MODIFY_H
#define POP_POLICY_LDAP_MODIFY_H

/* The change of an account's entry that a search has found. */

#include "pop-policy-ldap-request.h"

struct pop_policy_ldap_connection;

/* Returns the attributes to ask for: those of the schema and the entry's object
   classes. NULL-terminated, allocated from the data stack. */
const char *const *
pop_policy_ldap_modify_get_names(const struct pop_policy_ldap_schema *schema);

/* Change the entry with this DN, in one operation: values has what the search
   found for pop_policy_ldap_modify_get_names(). Returns FOUND, or as
   pop_policy_ldap_write_func_t does. After FAILED the connection cannot be used
   again. */
enum pop_policy_ldap_result
pop_policy_ldap_modify(struct pop_policy_ldap_connection *conn,
		       const struct pop_policy_ldap_request *request,
		       const char *dn, const char *const *values,
		       const char **error_r);

#endif
