#ifndef POP_POLICY_DOVEADM_ARG_H
#define POP_POLICY_DOVEADM_ARG_H

/* SETTING=VALUE, as "set" takes it. Pure: what comes over doveadm's HTTP API is
   looked at here first. */

#include "pop-policy-settings.h"

/* Find the setting, and the value in arg. Returns 0, or -1 with error_r if it
   is no setting of a policy. */
int pop_policy_arg_split(const char *arg, enum pop_policy_setting *setting_r,
			 const char **value_r, const char **error_r);

/* Check the value, which may be empty. value_r is the value itself or, for a
   time that is "now", allocated from the data stack. Returns 0, or -1 with
   error_r. */
int pop_policy_arg_check(enum pop_policy_setting setting, const char *value,
			 time_t now, const char **value_r,
			 const char **error_r);

#endif
