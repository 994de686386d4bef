#ifndef POP_POLICY_DOVEADM_NAMES_H
#define POP_POLICY_DOVEADM_NAMES_H

/* Settings as commands name them, with or without their prefix. */

#include "pop-policy-settings.h"

/* TRUE if it is a setting of a policy, not one that says where a directory
   is. */
bool pop_policy_names_is_of_policy(enum pop_policy_setting setting);
/* Find a setting of a policy. Returns FALSE if it is none. */
bool pop_policy_names_find(const char *name, enum pop_policy_setting *setting_r);

#endif
