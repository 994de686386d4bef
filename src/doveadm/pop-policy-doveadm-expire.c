/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-user.h"
#include "doveadm-print.h"
#include "pop-policy-expire.h"
#include "pop-policy-doveadm-cmd.h"
#include "pop-policy-doveadm-maker.h"
#include "pop-policy-doveadm-policy.h"
#include "pop-policy-doveadm-run.h"
#include "pop-policy-doveadm-user.h"

/* How long to wait for a process that expunges the user's mails just now */
#define EXPIRE_LOCK_SECS 30

static int
user_expire(struct pop_policy_cmd *cmd, struct pop_policy_doveadm_user *user,
	    const struct pop_policy_doveadm_policy *policy, const char **error_r)
{
	struct pop_policy_uidl_maker maker;
	const struct pop_policy_expire expire = {
		.user = user->user,
		.policy = &policy->policy,
		.keyword = policy->keyword,
		.maker = &maker,
		.dry_run = cmd->dry_run,
		.lock_secs = EXPIRE_LOCK_SECS,
	};
	ARRAY_TYPE(pop_policy_expired_mail) mails;
	const struct pop_policy_expired_mail *mail;
	pool_t pool;
	int ret;

	pool = pool_alloconly_create("pop_policy expire", 1024*16);
	p_array_init(&mails, pool, 64);
	pop_policy_doveadm_uidl_maker_init(user, &maker);
	ret = pop_policy_expire(&expire, pool, &mails, error_r);
	if (ret < 0)
		*error_r = t_strdup(*error_r);
	pop_policy_uidl_maker_deinit(&maker);
	array_foreach(&mails, mail) {
		doveadm_print(mail->mailbox);
		doveadm_print_num(mail->uid);
		doveadm_print(mail->uidl == NULL ? "" : mail->uidl);
		doveadm_print_num(mail->size);
	}
	pool_unref(&pool);
	return ret;
}

static void
cmd_expire_run(struct pop_policy_cmd *cmd, struct pop_policy_doveadm_user *user)
{
	struct pop_policy_doveadm_policy policy;
	int exit_code;

	pop_policy_doveadm_policy_get(user, &policy);
	/* POP may be switched off, but what is dequeued must be certain. */
	if (policy.error == NULL &&
	    user_expire(cmd, user, &policy, &policy.error) == 0)
		return;
	i_error("%s", policy.error);
	exit_code = pop_policy_doveadm_policy_exit_code(&policy);
	pop_policy_cmd_failed(cmd, exit_code != 0 ? exit_code : EX_TEMPFAIL);
}

static int cmd_expire_init(struct pop_policy_cmd *cmd ATTR_UNUSED)
{
	doveadm_print_header_simple("mailbox");
	doveadm_print_header("uid", "uid",
			     DOVEADM_PRINT_HEADER_FLAG_RIGHT_JUSTIFY |
			     DOVEADM_PRINT_HEADER_FLAG_NUMBER);
	doveadm_print_header_simple("uidl");
	doveadm_print_header("size", "size",
			     DOVEADM_PRINT_HEADER_FLAG_RIGHT_JUSTIFY |
			     DOVEADM_PRINT_HEADER_FLAG_NUMBER);
	return 0;
}

static struct doveadm_mail_cmd_context *cmd_expire_alloc(void)
{
	static const struct pop_policy_cmd_vfuncs v = {
		.init = cmd_expire_init,
		.run = cmd_expire_run,
	};

	return pop_policy_cmd_alloc(&v);
}

struct doveadm_cmd_ver2 pop_policy_cmd_expire = {
	.name = "pop-policy expire",
	.usage = DOVEADM_CMD_MAIL_USAGE_PREFIX "[-n]",
	.mail_cmd = cmd_expire_alloc,
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_MAIL_COMMON
DOVEADM_CMD_PARAM('n', "dry-run", CMD_PARAM_BOOL, 0)
DOVEADM_CMD_PARAMS_END
};
