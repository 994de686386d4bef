#ifndef POP_POLICY_COMPAT_TEXT_H
#define POP_POLICY_COMPAT_TEXT_H

/* Differences between Dovecot's versions in parsing texts, for LDAP settings.
   Implemented in pop-policy-compat-text-23.c and -24.c. */

/* Parse a time interval with its unit, such as 5s. Returns 0, or -1 with
   error_r. */
int pop_policy_parse_msecs(const char *str, unsigned int *msecs_r,
			   const char **error_r);

/* Variables in a template: p points to a "%". Returns TRUE if a variable
   begins there. *len_r is the variable's length, or that of the text that
   stands for itself. */
bool pop_policy_var_is(const char *p, size_t *len_r);

#endif
