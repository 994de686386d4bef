/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "mail-user.h"
#include "mail-storage-private.h"
#include "mail-storage-hooks.h"
#include "mail-storage-service.h"
#include "pop-policy-special-mailbox.h"
#include "pop-policy-doveadm-cmd.h"
#include "pop-policy-doveadm-user.h"

#include <unistd.h>

static struct module *doveadm_module;

/* Not those of plugins: they are in force while one of our users is open. */
static const struct mail_storage_hooks doveadm_hooks = {
	.mailbox_allocated = pop_policy_special_mailbox_allocated,
};

/* What a lookup changes in the process, and doveadm does not expect */
struct process_state {
	struct ioloop_context *ioloop_ctx;
	uid_t euid;
	gid_t egid;
};

void pop_policy_doveadm_users_init(struct module *module)
{
	doveadm_module = module;
}

static void state_save(struct process_state *state_r)
{
	state_r->ioloop_ctx = io_loop_get_current_context(current_ioloop);
	state_r->euid = geteuid();
	state_r->egid = getegid();
}

static void rights_restore(const struct process_state *state)
{
	if (geteuid() != state->euid && seteuid(state->euid) < 0)
		i_fatal("seteuid(%s) failed: %m", dec2str(state->euid));
	if (getegid() != state->egid && setegid(state->egid) < 0)
		i_fatal("setegid(%s) failed: %m", dec2str(state->egid));
}

static void state_restore(const struct process_state *state)
{
	struct ioloop_context *ctx =
		io_loop_get_current_context(current_ioloop);

	/* The present one may be gone already. */
	if (ctx != state->ioloop_ctx) {
		if (state->ioloop_ctx != NULL)
			io_loop_context_switch(state->ioloop_ctx);
		else
			io_loop_context_deactivate(ctx);
	}
	rights_restore(state);
}

void
pop_policy_doveadm_user_regain_rights(struct pop_policy_doveadm_user *user)
{
	rights_restore(user->state);
}

int pop_policy_doveadm_user_lookup(struct pop_policy_cmd *cmd,
				   struct mail_storage_service_input *input,
				   struct pop_policy_doveadm_user *user_r,
				   const char **error_r)
{
	struct mail_storage_service_ctx *service = cmd->ctx.storage_service;
	int ret;

	input->service = "pop3";
	input->local_ip = cmd->local_ip;
	input->remote_ip = cmd->remote_ip;
	/* the log stays doveadm's */
	input->flags_override_add = MAIL_STORAGE_SERVICE_FLAG_USERDB_LOOKUP |
		MAIL_STORAGE_SERVICE_FLAG_NO_LOG_INIT;
	input->flags_override_remove =
		MAIL_STORAGE_SERVICE_FLAG_NO_RESTRICT_ACCESS |
		MAIL_STORAGE_SERVICE_FLAG_NO_NAMESPACES;
	ret = mail_storage_service_lookup(service, input,
					  &user_r->service_user, error_r);
	if (ret <= 0)
		return ret < 0 ? -1 : 0;
	return mail_storage_service_next(service, user_r->service_user,
					 &user_r->user, error_r) < 0 ? -1 : 1;
}

int pop_policy_doveadm_user_open(struct pop_policy_cmd *cmd,
				 const char *username,
				 struct pop_policy_doveadm_user *user_r,
				 const char **error_r)
{
	int ret;

	i_zero(user_r);
	user_r->state = i_new(struct process_state, 1);
	state_save(user_r->state);
	if (pop_policy_doveadm_settings_enter(cmd, error_r) < 0) {
		i_free(user_r->state);
		return -1;
	}
	mail_storage_hooks_add_forced(doveadm_module, &doveadm_hooks);
	ret = pop_policy_doveadm_settings_lookup(cmd, username, user_r,
						 error_r);
	if (ret <= 0)
		pop_policy_doveadm_user_close(cmd, user_r);
	return ret;
}

void pop_policy_doveadm_user_close(struct pop_policy_cmd *cmd,
				   struct pop_policy_doveadm_user *user)
{
	if (user->user != NULL)
		mail_user_deinit(&user->user);
	if (user->service_user != NULL)
		mail_storage_service_user_unref(&user->service_user);
	mail_storage_hooks_remove(&doveadm_hooks);
	state_restore(user->state);
	pop_policy_doveadm_settings_leave(cmd);
	i_free(user->state);
}
