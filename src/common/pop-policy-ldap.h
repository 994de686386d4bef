#ifndef POP_POLICY_LDAP_H
#define POP_POLICY_LDAP_H

/* The policy from a directory, layered over the settings. */

#include "pop-policy-ldap-interface.h"

struct mail_user;
struct pop_policy_layers;

/* Replace settings of the user by what the directory has, if one is
   configured. The values live as long as the user. Returns
   POP_POLICY_LDAP_NO_ENTRY or POP_POLICY_LDAP_FOUND if the settings can be
   used, else error_r is for the log. */
enum pop_policy_ldap_result
pop_policy_ldap_lookup_user(struct mail_user *user,
			    struct pop_policy_layers *layers,
			    const char **error_r);

#endif
