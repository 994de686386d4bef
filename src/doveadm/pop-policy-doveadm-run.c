/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "net.h"
#include "wildcard-match.h"
#include "mail-user.h"
#include "doveadm-print.h"
#include "pop-policy-doveadm-cmd.h"
#include "pop-policy-doveadm-compat.h"
#include "pop-policy-doveadm-user.h"
#include "pop-policy-doveadm-run.h"

static void cmd_run_user(struct pop_policy_cmd *cmd, const char *username)
{
	struct pop_policy_doveadm_user user;
	const char *error;
	int ret;

	ret = pop_policy_doveadm_user_open(cmd, username, &user, &error);
	if (ret > 0) {
		cmd->v->run(cmd, &user);
		pop_policy_doveadm_user_close(cmd, &user);
	} else if (ret < 0) {
		i_error("User lookup failed: %s", error);
		pop_policy_cmd_failed(cmd, EX_TEMPFAIL);
	} else if (cmd->ctx.iterate_single_user) {
		i_error("User doesn't exist");
		pop_policy_cmd_failed(cmd, EX_NOUSER);
	}
}

static int
cmd_run(struct doveadm_mail_cmd_context *ctx,
	struct mail_user *mail_user ATTR_UNUSED)
{
	struct pop_policy_cmd *cmd =
		container_of(ctx, struct pop_policy_cmd, ctx);

	i_free(cmd->pending_user);
	if (cmd->usage_failed)
		return -1;
	cmd_run_user(cmd, ctx->cctx->username);
	/* (doveadm has a user of its own, for whom all went well) */
	return 0;
}

/* TRUE if another doveadm may be asked to do the work. */
static bool cmd_may_be_remote(struct pop_policy_cmd *cmd)
{
	return !doveadm_server && (cmd->ctx.set->doveadm_worker_count > 0 ||
				   cmd->ctx.set->doveadm_port != 0);
}

/* doveadm goes on to the next user if it cannot find one, and says success in
   the end. But the service pop3 may know the user, or it was an error. */
static void cmd_run_pending(struct pop_policy_cmd *cmd)
{
	char *username = cmd->pending_user;

	cmd->pending_user = NULL;
	if (username == NULL)
		return;
	doveadm_print_sticky("username", username);
	T_BEGIN {
		cmd_run_user(cmd, username);
	} T_END;
	i_free(username);
}

static int
cmd_get_next_user(struct doveadm_mail_cmd_context *ctx,
		  const char **username_r)
{
	struct pop_policy_cmd *cmd =
		container_of(ctx, struct pop_policy_cmd, ctx);
	const char *mask;
	int ret;

	if (cmd->usage_failed)
		return 0;
	cmd_run_pending(cmd);
	ret = cmd->super_get_next_user(ctx, username_r);
	if (ret > 0 && !cmd_may_be_remote(cmd) &&
	    (!doveadm_cmd_param_str(ctx->cctx, "user", &mask) ||
	     wildcard_match_icase(*username_r, mask)))
		cmd->pending_user = i_strdup(*username_r);
	return ret;
}

static void cmd_preinit(struct doveadm_mail_cmd_context *ctx)
{
	struct pop_policy_cmd *cmd =
		container_of(ctx, struct pop_policy_cmd, ctx);

	cmd->super_get_next_user = ctx->v.get_next_user;
	ctx->v.get_next_user = cmd_get_next_user;
	/* The user that doveadm looks up is not the one that counts. This one
	   needs no rights, and one that exists for pop3 alone needs no userdb.
	   (For several users doveadm asks the userdb all the same.) */
	ctx->service_flags &=
		ENUM_NEGATE(MAIL_STORAGE_SERVICE_FLAG_USERDB_LOOKUP);
	ctx->service_flags |= MAIL_STORAGE_SERVICE_FLAG_TEMP_PRIV_DROP |
		MAIL_STORAGE_SERVICE_FLAG_NO_RESTRICT_ACCESS |
		MAIL_STORAGE_SERVICE_FLAG_NO_NAMESPACES |
		MAIL_STORAGE_SERVICE_FLAG_NO_CHDIR;
}

static int
param_ip(struct pop_policy_cmd *cmd, const char *name, struct ip_addr *ip_r)
{
	const char *value;

	if (!doveadm_cmd_param_str(cmd->ctx.cctx, name, &value) ||
	    net_addr2ip(value, ip_r) == 0)
		return 0;
	i_error("%s: Not an IP address: %s", name, value);
	return -1;
}

static void cmd_init(struct pop_policy_cmd *cmd)
{
	static const char *const no_args[] = { NULL };
	struct doveadm_cmd_context *cctx = cmd->ctx.cctx;

	if (!doveadm_cmd_param_array(cctx, "setting", &cmd->args) &&
	    !doveadm_cmd_param_array(cctx, "query", &cmd->args))
		cmd->args = no_args;
	(void)doveadm_cmd_param_bool(cctx, "all", &cmd->all);
	(void)doveadm_cmd_param_bool(cctx, "dry-run", &cmd->dry_run);
	if (param_ip(cmd, "rip", &cmd->remote_ip) < 0 ||
	    param_ip(cmd, "lip", &cmd->local_ip) < 0 ||
	    cmd->v->init(cmd) < 0) {
		cmd->usage_failed = TRUE;
		pop_policy_cmd_failed(cmd, EX_USAGE);
	}
}

static void cmd_deinit(struct doveadm_mail_cmd_context *ctx)
{
	struct pop_policy_cmd *cmd =
		container_of(ctx, struct pop_policy_cmd, ctx);

	i_free(cmd->pending_user);
	pop_policy_doveadm_settings_free(cmd);
}

struct doveadm_mail_cmd_context *
pop_policy_cmd_alloc(const struct pop_policy_cmd_vfuncs *v)
{
	struct pop_policy_cmd *cmd =
		doveadm_mail_cmd_alloc(struct pop_policy_cmd);

	cmd->v = v;
	cmd->init = cmd_init;
	cmd->ctx.v.preinit = cmd_preinit;
	cmd->ctx.v.run = cmd_run;
	cmd->ctx.v.deinit = cmd_deinit;
	pop_policy_doveadm_set_init(&cmd->ctx);
	/* doveadm wants to know it now */
	doveadm_print_init(DOVEADM_PRINT_TYPE_TABLE);
	return &cmd->ctx;
}
