/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "strfuncs.h"
#include "mail-user.h"
#include "doveadm-print.h"
#include "pop-policy-log.h"
#include "pop-policy-doveadm-cmd.h"
#include "pop-policy-doveadm-names.h"
#include "pop-policy-doveadm-policy.h"
#include "pop-policy-doveadm-source.h"
#include "pop-policy-doveadm-run.h"
#include "pop-policy-doveadm-user.h"

#define PREFIX "pop_policy_"
/* the row that is no setting */
#define LOGIN "login"
/* How much is shown of a value */
#define VALUE_MAX_LEN 1000

/* TRUE if the row is one of those that are asked for, with or without the
   prefix of settings. */
static bool
row_is_wanted(const struct pop_policy_cmd *cmd, const char *name)
{
	const char *const *args = cmd->args;

	if (*args == NULL || str_array_find(args, name))
		return TRUE;
	return strncmp(name, PREFIX, strlen(PREFIX)) == 0 &&
		str_array_find(args, name + strlen(PREFIX));
}

static int cmd_get_init(struct pop_policy_cmd *cmd)
{
	enum pop_policy_setting setting;

	for (const char *const *arg = cmd->args; *arg != NULL; arg++) {
		if (strcmp(*arg, LOGIN) != 0 &&
		    !pop_policy_names_find(*arg, &setting)) {
			i_error("%s: No setting of a policy",
				pop_policy_log_value(*arg));
			return -1;
		}
	}
	doveadm_print_header_simple("setting");
	doveadm_print_header("value", "value", DOVEADM_PRINT_HEADER_FLAG_EXPAND);
	doveadm_print_header_simple("source");
	doveadm_print_header("error", "error", DOVEADM_PRINT_HEADER_FLAG_EXPAND);
	return 0;
}

static void
row_print(const char *name, const char *value, const char *source,
	  const char *error)
{
	doveadm_print(name);
	doveadm_print(pop_policy_log_text(value, VALUE_MAX_LEN));
	doveadm_print(source);
	doveadm_print(error == NULL ? "" :
		      pop_policy_log_text(error, POP_POLICY_LOG_ERROR_MAX_LEN));
}

static void
setting_print(struct pop_policy_doveadm_policy *policy,
	      const char *const *sources, enum pop_policy_setting setting)
{
	const char *key = pop_policy_setting_infos[setting].key;
	const char *source, *error = NULL;

	if (!policy->has_layers) {
		/* no layer is certain */
		row_print(key, "", "", policy->error);
		return;
	}
	(void)pop_policy_check(&policy->layers, setting, &error);
	source = policy->layers.attributes[setting] == NULL ? sources[setting] :
		t_strconcat("ldap ", policy->layers.attributes[setting], NULL);
	row_print(key, *pop_policy_settings_get_value(&policy->layers.set,
						      setting), source, error);
}

static void
policy_print(struct pop_policy_cmd *cmd,
	     struct pop_policy_doveadm_policy *policy,
	     const char *const *sources)
{
	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		if (pop_policy_names_is_of_policy(i) &&
		    row_is_wanted(cmd, pop_policy_setting_infos[i].key)) T_BEGIN {
			setting_print(policy, sources, i);
		} T_END;
	}
	if (row_is_wanted(cmd, LOGIN)) {
		row_print(LOGIN, policy->refusal == NULL ? "allowed" :
			  policy->refusal, "", policy->error);
	}
}

static void
cmd_get_run(struct pop_policy_cmd *cmd, struct pop_policy_doveadm_user *user)
{
	struct pop_policy_doveadm_policy policy;
	const char *sources[POP_POLICY_SETTING_COUNT];
	const char *error;
	int exit_code;

	pop_policy_doveadm_policy_get(user, &policy);
	if (policy.has_layers &&
	    pop_policy_doveadm_sources_get(user->user, &policy.layers.set,
					   sources, &error) < 0) {
		i_error("Cannot get settings: %s", error);
		pop_policy_cmd_failed(cmd, EX_TEMPFAIL);
		return;
	}
	policy_print(cmd, &policy, sources);
	/* Over HTTP there would be an exit code or an answer. */
	exit_code = pop_policy_doveadm_policy_exit_code(&policy);
	if (exit_code != 0 &&
	    cmd->ctx.cctx->conn_type != DOVEADM_CONNECTION_TYPE_HTTP)
		pop_policy_cmd_failed(cmd, exit_code);
}

static const struct pop_policy_cmd_vfuncs cmd_get_vfuncs = {
	.init = cmd_get_init,
	.run = cmd_get_run,
};

static struct doveadm_mail_cmd_context *cmd_get_alloc(void)
{
	return pop_policy_cmd_alloc(&cmd_get_vfuncs);
}

struct doveadm_cmd_ver2 pop_policy_cmd_get = {
	.name = "pop-policy get",
	.usage = DOVEADM_CMD_MAIL_USAGE_PREFIX
		"[-r <remote IP>] [-l <local IP>] [<setting> [...]]",
	.mail_cmd = cmd_get_alloc,
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_MAIL_COMMON
DOVEADM_CMD_PARAM('r', "rip", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('l', "lip", CMD_PARAM_STR, 0)
DOVEADM_CMD_PARAM('\0', "setting", CMD_PARAM_ARRAY, CMD_PARAM_FLAG_POSITIONAL)
DOVEADM_CMD_PARAMS_END
};
