#ifndef POP_POLICY_DOVEADM_SOURCE_H
#define POP_POLICY_DOVEADM_SOURCE_H

/* Where a setting's value is from, unless it is from a directory. */

#include "pop-policy-settings.h"

struct mail_user;

/* Set sources_r to "default", "config" or "userdb", one for each setting. set
   is what pop_policy_settings_get() gives. Returns 0, or -1 with error_r.
   Implemented in pop-policy-doveadm-source-23.c and -24.c. */
int pop_policy_doveadm_sources_get(struct mail_user *user,
				   struct pop_policy_settings *set,
				   const char **sources_r,
				   const char **error_r);

#endif
