#ifndef POP_POLICY_VALUES_H
#define POP_POLICY_VALUES_H

/* Text to value, wherever the text is from: configuration, userdb fields,
   directory attributes. Pure functions: no storage, no network.

   The parse functions return 0, or -1 with the reason in error_r (a constant
   or from the data stack), worded to stand behind the setting's name and
   value. */

#include "pop-policy-action.h"

enum pop_policy_spam {
	POP_POLICY_SPAM_EXCLUDE = 0,
	POP_POLICY_SPAM_INCLUDE,
	POP_POLICY_SPAM_ONLY,
};

/* Returns -1, with a text for the log in error_r that has what the value is
   of, the value (bounded and escaped) and the reason. */
int pop_policy_value_bad(const char *key, const char *value,
			 const char *reason, const char **error_r);

/* Dovecot's spellings, LDAP's (RFC 4517, 3.3.3) and PostgreSQL's t and f, in
   any case. */
int pop_policy_value_bool(const char *value, bool *value_r,
			  const char **error_r);
/* A time as pop_policy_time_parse() has it. 0 if it is empty, "all" or before
   1970: no mail arrived then. */
int pop_policy_value_since(const char *value, time_t *since_r,
			   const char **error_r);
/* The same for a machine whose time_t has this size: what it cannot hold is
   refused. */
int pop_policy_value_since_sized(const char *value, size_t size,
				 int64_t *since_r, const char **error_r);
/* The words, or a boolean: true = include, false = exclude. */
int pop_policy_value_spam(const char *value, enum pop_policy_spam *spam_r,
			  const char **error_r);
/* The words, or a boolean: true = delete, false = keep. NONE is "default". */
int pop_policy_value_delete(const char *value, enum pop_policy_action *action_r,
			    const char **error_r);
int pop_policy_value_retrieve(const char *value,
			      enum pop_policy_action *action_r,
			      const char **error_r);

/* A time interval as Dovecot writes it, in seconds. 0 if it is empty, or the
   word for "not set": "infinite" or "no". */
int pop_policy_value_keep_for(const char *value, unsigned int *secs_r,
			      const char **error_r);
int pop_policy_value_recent(const char *value, unsigned int *secs_r,
			    const char **error_r);

/* The rest are texts that are checked: text_r becomes the value itself. */

/* A text shown behind "-ERR [SYS/PERM] " (RFC 2449, RFC 6856) */
int pop_policy_value_text(const char *value, const char **text_r,
			  const char **error_r);
/* An IMAP keyword (RFC 9051: flag-keyword, an atom). Empty becomes NULL. */
int pop_policy_value_keyword(const char *value, const char **keyword_r,
			     const char **error_r);
/* A mailbox name, as far as that can be checked without a namespace. Empty
   becomes NULL. */
int pop_policy_value_mailbox(const char *value, const char **name_r,
			     const char **error_r);

#endif
