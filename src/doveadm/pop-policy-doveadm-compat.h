#ifndef POP_POLICY_DOVEADM_COMPAT_H
#define POP_POLICY_DOVEADM_COMPAT_H

/* Differences between Dovecot's versions in doveadm and pop3. Implemented in
   pop-policy-doveadm-compat-23.c and -24.c. (The settings of service pop3 have
   files of their own.) */

#include "mail-storage.h"
#include "pop-policy-uidl.h"

struct mail_user;
struct doveadm_mail_cmd_context;

/* Make doveadm call init() of struct pop_policy_cmd. */
void pop_policy_doveadm_set_init(struct doveadm_mail_cmd_context *ctx);

/* Returns the flags that make a sync write its changes to the mailbox itself. */
enum mailbox_sync_flags pop_policy_doveadm_write_flags(struct mailbox *box);

/* Returns pop3_uidl_format. */
const char *pop_policy_doveadm_uidl_format(struct mail_user *user);
/* Returns what the format uses, 0 if it is invalid. */
enum uidl_keys pop_policy_doveadm_uidl_keys(const char *format);

#endif
