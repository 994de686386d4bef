#ifndef POP_POLICY_LDAP_TLS_H
#define POP_POLICY_LDAP_TLS_H

#include <ldap.h>

struct pop_policy_ldap_config;

/* Set all that has to do with TLS, whatever another plugin of this process or
   ldap.conf has set. Returns 0, or -1 with error_r. */
int pop_policy_ldap_tls_init(LDAP *ld,
			     const struct pop_policy_ldap_config *config,
			     const char **error_r);
/* Handshake, certificate and host name. Returns LDAP_SUCCESS, or what libldap
   says, with what its TLS library has against the certificate in reason_r, or
   NULL if libldap itself knows as much. */
int pop_policy_ldap_tls_start(LDAP *ld, const char **reason_r);

#endif
