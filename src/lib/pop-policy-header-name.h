#ifndef POP_POLICY_HEADER_NAME_H
#define POP_POLICY_HEADER_NAME_H

/* Parse the name of a header field that is to be put on top of messages: one of
   RFC 5322, and none that has a meaning already. name_r becomes the value
   itself, or NULL if it is empty or "none". Returns 0, or -1 with error_r as
   pop-policy-values.h has it. Pure. */
int pop_policy_value_header(const char *value, const char **name_r,
			    const char **error_r);

#endif
