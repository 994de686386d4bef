#ifndef POP_POLICY_DOVEADM_CMD_H
#define POP_POLICY_DOVEADM_CMD_H

/* What all commands are made of: they do something for users as the service
   pop3 knows them, not as doveadm does. */

#include "doveadm-mail.h"

struct pop_policy_cmd;
struct pop_policy_doveadm_settings;
struct pop_policy_doveadm_user;

struct pop_policy_cmd_vfuncs {
	/* Look at the arguments and name the columns. Returns 0, or -1 if an
	   argument is wrong, with its reason logged. */
	int (*init)(struct pop_policy_cmd *cmd);
	/* Do it for one user. What fails calls pop_policy_cmd_failed(). */
	void (*run)(struct pop_policy_cmd *cmd,
		    struct pop_policy_doveadm_user *user);
};

struct pop_policy_cmd {
	struct doveadm_mail_cmd_context ctx;
	const struct pop_policy_cmd_vfuncs *v;
	/* called when the command begins */
	void (*init)(struct pop_policy_cmd *cmd);

	/* positional arguments, NULL-terminated */
	const char *const *args;
	/* The login that is asked about; a family of 0 = not known. */
	struct ip_addr local_ip, remote_ip;
	/* -a, -n */
	bool all, dry_run;
	bool usage_failed;
	/* set: the new value of each setting, NULL = leave it alone */
	const char **values;

	/* pop-policy-doveadm-user.h's, NULL until it has been needed */
	struct pop_policy_doveadm_settings *settings;

	/* doveadm's own */
	int (*super_get_next_user)(struct doveadm_mail_cmd_context *ctx,
				   const char **username_r);
	/* The user that doveadm was told to take next, and has not. */
	char *pending_user;
};

extern struct doveadm_cmd_ver2 pop_policy_cmd_get;
extern struct doveadm_cmd_ver2 pop_policy_cmd_status;
extern struct doveadm_cmd_ver2 pop_policy_cmd_list;
extern struct doveadm_cmd_ver2 pop_policy_cmd_requeue;
extern struct doveadm_cmd_ver2 pop_policy_cmd_dequeue;
extern struct doveadm_cmd_ver2 pop_policy_cmd_expire;
extern struct doveadm_cmd_ver2 pop_policy_cmd_set;

/* The exit code, if there was no worse failure: EX_TEMPFAIL wins, otherwise the
   first. */
void pop_policy_cmd_failed(struct pop_policy_cmd *cmd, int exit_code);

#endif
