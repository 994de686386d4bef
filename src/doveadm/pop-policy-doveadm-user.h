#ifndef POP_POLICY_DOVEADM_USER_H
#define POP_POLICY_DOVEADM_USER_H

/* A mail user as a POP3 login has it: the settings and the userdb fields of the
   service pop3. */

#include "pop3-common.h"

struct module;
struct mail_user;
struct mail_storage_service_input;
struct mail_storage_service_user;
struct pop_policy_cmd;

struct pop_policy_doveadm_user {
	struct mail_user *user;
	/* Valid as long as the user. What pop3 parses of them is not. */
	const struct pop3_settings *pop3_set;

	struct mail_storage_service_user *service_user;
	/* what is restored when the user is closed */
	struct process_state *state;
};

/* module is this one. */
void pop_policy_doveadm_users_init(struct module *module);

/* Look up the user. Returns 1 with one that must be closed, 0 if there is none
   of this name, or -1 with error_r. */
int pop_policy_doveadm_user_open(struct pop_policy_cmd *cmd,
				 const char *username,
				 struct pop_policy_doveadm_user *user_r,
				 const char **error_r);
/* Be doveadm again, not the mail user, until the user is closed. */
void
pop_policy_doveadm_user_regain_rights(struct pop_policy_doveadm_user *user);
void pop_policy_doveadm_user_close(struct pop_policy_cmd *cmd,
				   struct pop_policy_doveadm_user *user);

/* Set what differs from doveadm's own lookup of the user, and look it up. For
   pop_policy_doveadm_settings_lookup(). */
int pop_policy_doveadm_user_lookup(struct pop_policy_cmd *cmd,
				   struct mail_storage_service_input *input,
				   struct pop_policy_doveadm_user *user_r,
				   const char **error_r);

/* What differs between Dovecot's versions, implemented in
   pop-policy-doveadm-settings-23.c and -24.c: doveadm knows the settings of
   service doveadm only. */

/* From here on settings are those of service pop3. Returns 0, or -1 with
   error_r. */
int pop_policy_doveadm_settings_enter(struct pop_policy_cmd *cmd,
				      const char **error_r);
void pop_policy_doveadm_settings_leave(struct pop_policy_cmd *cmd);
void pop_policy_doveadm_settings_free(struct pop_policy_cmd *cmd);
/* Look up user and settings, between enter and leave. Returns as
   pop_policy_doveadm_user_open() does. In any case the caller closes what
   user_r has. */
int pop_policy_doveadm_settings_lookup(struct pop_policy_cmd *cmd,
				       const char *username,
				       struct pop_policy_doveadm_user *user_r,
				       const char **error_r);

#endif
