#ifndef POP_POLICY_LDAP_ENCODE_H
#define POP_POLICY_LDAP_ENCODE_H

/* Values for a directory: whatever spelling a setting takes becomes the one
   that the attribute's LDAP syntax has. */

#include "pop-policy-settings.h"

struct pop_policy_ldap_schema;

/* Returns 0 with what to write for the setting's value, or -1 with error_r,
   which names both, if it is invalid, or if the schema cannot have it. "" stays
   "". *encoded_r is a constant, value itself or allocated from the data
   stack. */
int pop_policy_ldap_encode(const struct pop_policy_ldap_schema *schema,
			   enum pop_policy_setting setting, const char *value,
			   const char **encoded_r, const char **error_r);

#endif
