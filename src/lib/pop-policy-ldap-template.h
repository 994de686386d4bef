#ifndef POP_POLICY_LDAP_TEMPLATE_H
#define POP_POLICY_LDAP_TEMPLATE_H

/* Search base and filter with variables. */

/* Escape the value of a variable. All but letters, digits and a few others
   become hex pairs, which mean the same in a filter's assertion value (RFC
   4515 section 3) as in a DN's attribute value (RFC 4514 section 2.4).
   Whatever a value holds, it stays one value. Allocated from the data
   stack. */
const char *pop_policy_ldap_escape(const char *value);

/* TRUE if there is a variable in it. */
bool pop_policy_ldap_template_has_variable(const char *template);

/* Append what a variable, such as %{user}, is for a user. Returns 0, or -1 with
   error_r. */
typedef int
pop_policy_ldap_expand_func_t(void *context, const char *variable,
			      string_t *dest, const char **error_r);

/* Expand a template: each variable becomes what the function says, escaped.
   Returns 0 with result_r, or -1 with error_r if a variable cannot be expanded
   or is empty. Both are allocated from the data stack. */
int pop_policy_ldap_template_expand(const char *template,
				    pop_policy_ldap_expand_func_t *func,
				    void *context, const char **result_r,
				    const char **error_r);

/* Returns what a search base has behind the RDN with the last variable, or
   NULL if there is no variable or nothing behind it. */
const char *pop_policy_ldap_base_fixed(const char *template);

/* Check that a filter is in balanced parentheses. Returns 0, or -1 with the
   reason (a constant) in error_r. The rest of its grammar is checked when it
   is used. */
int pop_policy_ldap_filter_check(const char *template, const char **error_r);

#endif
