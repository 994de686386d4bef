#ifndef POP_POLICY_LDAP_CLOCK_H
#define POP_POLICY_LDAP_CLOCK_H

/* Returns milliseconds of a clock that nobody sets. Deadlines are times of
   it. */
uint64_t pop_policy_ldap_now(void);

#endif
