#ifndef POP_POLICY_LDAP_RACE_H
#define POP_POLICY_LDAP_RACE_H

#include "net.h"

/* A host has at most so many addresses that are tried. */
#define POP_POLICY_LDAP_MAX_IPS 8

/* Connect to one of the addresses, the one that answers first. They are tried
   in their order, the next one as soon as the one before has failed or has not
   answered for a while. Returns the socket, with its address in idx_r, or -1
   with errno after the deadline (as pop_policy_ldap_now()). failed_r becomes
   TRUE for the addresses that could have won, and did not. */
int pop_policy_ldap_race(const struct ip_addr *ips, unsigned int count,
			 in_port_t port, uint64_t deadline,
			 unsigned int *idx_r, bool *failed_r);

#endif
