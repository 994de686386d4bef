#ifndef POP_POLICY_DOVEADM_MAKER_H
#define POP_POLICY_DOVEADM_MAKER_H

/* UIDLs as pop3 makes them. */

#include "pop-policy-uidl.h"

struct mail;
struct pop_policy_doveadm_user;

/* Set what a session's maker of UIDLs has. */
void pop_policy_doveadm_uidl_maker_init(struct pop_policy_doveadm_user *user,
					struct pop_policy_uidl_maker *maker_r);
/* Returns 0 with the mail's UIDL if it was the only one in the queue, or -1 with
   error_r. */
int pop_policy_doveadm_uidl_get(struct pop_policy_uidl_maker *maker,
				struct mail *mail, const char **uidl_r,
				const char **error_r);
#endif
