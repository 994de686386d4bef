#ifndef POP_POLICY_H
#define POP_POLICY_H

#include "pop-policy-values.h"

struct pop_policy_layers;

#define POP_POLICY_DEFAULT_KEYWORD "$POPDequeued"

/* The answer to a login, behind "-ERR ", when the policy is not available.
   Programs such as fetchmail read "wait" as "the password is right". */
#define POP_POLICY_TEMPFAIL_LINE \
	"[SYS/TEMP] POP settings are not available right now. " \
	"Please wait and try again later."
/* ... and when it is invalid */
#define POP_POLICY_INVALID_LINE \
	"[SYS/PERM] POP settings of this account are invalid. " \
	"Please contact your administrator."

/* The POP settings in force for one user in one session. */
struct pop_policy {
	bool available;
	bool enabled;
	/* Only mail received at this second (UTC) or later is listed.
	   0 = all mail. */
	time_t since;
	enum pop_policy_spam spam;
	/* NONE = "default": DELE does what pop3_delete_type says */
	enum pop_policy_action delete_action;
	enum pop_policy_action retrieve_action;

	/* NULL = not set */
	const char *spam_mailbox;
	const char *archive_mailbox;
	const char *trash_mailbox;
	const char *keyword;

	const char *unavailable_text;
	const char *disabled_text;
};

/* Parse the settings. The strings of layers must outlive policy_r. Returns 0,
   or -1 with error_r naming the setting or the LDAP attribute, its value
   (bounded and escaped) and what is wrong with it. */
int pop_policy_init(const struct pop_policy_layers *layers,
		    struct pop_policy *policy_r, const char **error_r);

/* If the policy refuses POP, returns TRUE with the text for the client and the
   reason for the log. */
bool pop_policy_refuses(const struct pop_policy *policy, const char **text_r,
			const char **reason_r);

/* TRUE if the plugin must handle DELE and RETR at QUIT: the policy has an
   action for one of them. If not, DELE does what stock Dovecot does. */
bool pop_policy_has_disposition(const struct pop_policy *policy);

/* TRUE if the policy names a mailbox. */
bool pop_policy_names_mailboxes(const struct pop_policy *policy);

/* Returns the mailbox that the policy names for the special use, or NULL. */
const char *
pop_policy_get_mailbox_name(const struct pop_policy *policy,
			    enum pop_policy_special_use special_use);

#endif
