#ifndef POP_POLICY_H
#define POP_POLICY_H

#include "pop-policy-settings.h"
#include "pop-policy-values.h"
#include "pop-policy-name-list.h"
#include "pop-policy-header-name.h"

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

/* The C types of the settings' types */
#define POP_POLICY_TYPE_bool bool
#define POP_POLICY_TYPE_since time_t
#define POP_POLICY_TYPE_spam enum pop_policy_spam
#define POP_POLICY_TYPE_delete enum pop_policy_action
#define POP_POLICY_TYPE_retrieve enum pop_policy_action
#define POP_POLICY_TYPE_mailbox const char *
#define POP_POLICY_TYPE_keyword const char *
#define POP_POLICY_TYPE_text const char *
#define POP_POLICY_TYPE_mailboxes const char *
#define POP_POLICY_TYPE_header const char *
#define POP_POLICY_TYPE_keep_for unsigned int
#define POP_POLICY_TYPE_recent unsigned int

/* The POP settings in force for one user in one session: a field for each line
   of POP_POLICY_SETTINGS_OF_POLICY. since: only mail received at this second
   (UTC) or later is listed, 0 = all mail. delete_action: NONE = "default",
   DELE does what pop3_delete_type says. keep_for: expunge what has been
   dequeued for so many seconds, 0 = never. recent: list what arrived within so
   many seconds, dequeued or not, 0 = not set. Names of mailboxes, of the keyword
   and of the header field, and lists of names (pop-policy-name-list.h), are NULL
   if they are not set. */
#define POP_POLICY_MEMBER(key, field, value, kind, type) \
	POP_POLICY_TYPE_##type field;
struct pop_policy {
	POP_POLICY_SETTINGS_OF_POLICY(POP_POLICY_MEMBER)
};

/* Parse the settings. The strings of layers must outlive policy_r. Returns 0,
   or -1 with error_r naming the setting or the LDAP attribute, its value
   (bounded and escaped) and what is wrong with it, and setting_r naming the
   setting. */
int pop_policy_init(const struct pop_policy_layers *layers,
		    struct pop_policy *policy_r, const char **setting_r,
		    const char **error_r);

/* Parse one of the settings, for its error. LDAP settings are not parsed. */
int pop_policy_check(const struct pop_policy_layers *layers,
		     enum pop_policy_setting setting, const char **error_r);

/* If the policy refuses POP, returns TRUE with the text for the client and the
   reason for the log. */
bool pop_policy_refuses(const struct pop_policy *policy, const char **text_r,
			const char **reason_r);

/* Returns the time (UTC) since when mail is listed in a session that begins
   now: the later one of since and recent. 0 = all mail. */
time_t pop_policy_get_cutoff(const struct pop_policy *policy, time_t now);

/* TRUE if the policy names a mailbox. */
bool pop_policy_names_mailboxes(const struct pop_policy *policy);

/* Returns the mailbox that the policy names for the special use, or NULL. */
const char *
pop_policy_get_mailbox_name(const struct pop_policy *policy,
			    enum pop_policy_special_use special_use);

#endif
