#ifndef POP_POLICY_SETTINGS_UNKNOWN_H
#define POP_POLICY_SETTINGS_UNKNOWN_H

struct mail_user;

/* Returns a name among the user's settings that looks like one of ours and is
   none, or NULL. In doubt it is a mistyped one. Implemented in
   pop-policy-settings-unknown-23.c and -24.c. */
const char *pop_policy_settings_find_unknown(struct mail_user *user);

#endif
