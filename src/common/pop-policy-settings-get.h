#ifndef POP_POLICY_SETTINGS_GET_H
#define POP_POLICY_SETTINGS_GET_H

struct mail_user;
struct pop_policy_settings;

/* Get the user's settings: defaults, configuration and userdb fields, the
   later ones winning where they are not empty. Returns 0 with settings that
   are valid as long as both user and pool exist, or -1 if they are not
   available. The values are not checked. Implemented in
   pop-policy-settings-get-23.c and -24.c. */
int pop_policy_settings_get(struct mail_user *user, pool_t pool,
			    struct pop_policy_settings *set_r,
			    const char **error_r);

#endif
