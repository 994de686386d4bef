#ifndef POP_POLICY_NAME_LIST_H
#define POP_POLICY_NAME_LIST_H

/* Lists of mailboxes, as pop_policy_extra_mailboxes has them: names, patterns
   and special uses, separated by commas. Pure. */

enum pop_policy_name_kind {
	POP_POLICY_NAME_KIND_MAILBOX,
	/* with * or %, as IMAP LIST has them */
	POP_POLICY_NAME_KIND_PATTERN,
	/* such as \Archive */
	POP_POLICY_NAME_KIND_SPECIAL_USE,
};

struct pop_policy_name {
	enum pop_policy_name_kind kind;
	/* UTF-8 */
	const char *name;
};

/* Take the first entry off the list, which becomes NULL after the last one. An
   entry in double quotes is the name of a mailbox, whatever is in it. Returns 1
   with name_r, which is allocated from the data stack, 0 if there are no more,
   or -1 with error_r. */
int pop_policy_name_list_next(const char **list, struct pop_policy_name *name_r,
			      const char **error_r);

/* Parse a setting: list_r becomes the value itself, or NULL if it is empty or
   "none". Returns 0, or -1 with error_r as pop-policy-values.h has it. */
int pop_policy_value_mailboxes(const char *value, const char **list_r,
			       const char **error_r);

#endif
