#ifndef POP_POLICY_LDAP_RESOLVE_H
#define POP_POLICY_LDAP_RESOLVE_H

struct ip_addr;
struct pop_policy_ldap_request;

/* Find the addresses of a host, within the deadline (as
   pop_policy_ldap_now()). The resolver's own functions have none, so this asks
   Dovecot's dns-client, which knows what the system does, /etc/hosts included.
   Returns 0 with at least one address, allocated from the data stack, or -1
   with error_r. */
int pop_policy_ldap_resolve(const struct pop_policy_ldap_request *request,
			    const char *host, uint64_t deadline,
			    const struct ip_addr **ips_r, unsigned int *count_r,
			    const char **error_r);

#endif
