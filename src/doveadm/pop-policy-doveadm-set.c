/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "module-dir.h"
#include "mail-user.h"
#include "mail-storage-settings.h"
#include "doveadm-print.h"
#include "pop-policy-ldap-config.h"
#include "pop-policy-ldap-encode.h"
#include "pop-policy-ldap-interface.h"
#include "pop-policy-ldap-loader.h"
#include "pop-policy-log.h"
#include "pop-policy-settings-get.h"
#include "pop-policy-storage-compat.h"
#include "pop-policy-doveadm-arg.h"
#include "pop-policy-doveadm-cmd.h"
#include "pop-policy-doveadm-run.h"
#include "pop-policy-doveadm-user.h"

#include <time.h>

/* How much is shown of a value */
#define VALUE_MAX_LEN 1000

/* Arguments */

/* Returns 0, or -1 with the reason logged. */
static int arg_parse(struct pop_policy_cmd *cmd, const char *arg)
{
	const char *error, *value;
	enum pop_policy_setting setting;

	if (pop_policy_arg_split(arg, &setting, &value, &error) < 0) {
		i_error("%s", error);
		return -1;
	}
	if (cmd->values[setting] != NULL) {
		i_error("%s: Named twice",
			pop_policy_setting_infos[setting].key);
		return -1;
	}
	if (pop_policy_arg_check(setting, value, time(NULL), &value,
				 &error) < 0) {
		i_error("%s", error);
		pop_policy_cmd_failed(cmd, EX_DATAERR);
		return -1;
	}
	cmd->values[setting] = p_strdup(cmd->ctx.pool, value);
	return 0;
}

static int cmd_set_init(struct pop_policy_cmd *cmd)
{
	if (cmd->args[0] == NULL) {
		i_error("What is to be set? SETTING=VALUE is missing");
		return -1;
	}
	cmd->values = p_new(cmd->ctx.pool, const char *,
			    POP_POLICY_SETTING_COUNT);
	for (const char *const *arg = cmd->args; *arg != NULL; arg++) {
		if (arg_parse(cmd, *arg) < 0)
			return -1;
	}
	doveadm_print_header_simple("setting");
	doveadm_print_header_simple("attribute");
	doveadm_print_header_simple("old");
	doveadm_print_header_simple("new");
	return 0;
}

/* The directory */

/* What doveadm has, or else the service pop3: a site whose logins need no
   lookup by the plugin tells doveadm alone where the directory is. */
static int
ldap_settings_get(struct pop_policy_cmd *cmd, struct mail_user *user,
		  struct pop_policy_settings *set_r, const char **error_r)
{
	struct mail_user *doveadm_user = cmd->ctx.cur_mail_user;

	if (doveadm_user != NULL) {
		if (pop_policy_settings_get(doveadm_user, user->pool, set_r,
					    error_r) < 0)
			return -1;
		if (*set_r->pop_policy_ldap_uris != '\0')
			return 0;
	}
	return pop_policy_settings_get(user, user->pool, set_r, error_r);
}

static int expand(void *context, const char *variable, string_t *dest,
		  const char **error_r)
{
	return pop_policy_user_expand(context, variable, dest, error_r);
}

static enum pop_policy_ldap_result
ldap_write(struct mail_user *user, const struct pop_policy_settings *set,
	   struct pop_policy_ldap_write *write, const char **error_r)
{
	const struct pop_policy_ldap_user ldap_user = {
		.event = user->event,
		.base_dir = user->set->base_dir,
		.expand = expand,
		.context = user,
		.keep_connection = TRUE,
	};
	pop_policy_ldap_write_func_t *func;
	const char *error;
	void *symbol;

	if (pop_policy_ldap_loader_get(user->set->mail_plugin_dir,
				       POP_POLICY_LDAP_WRITE_SYMBOL, &symbol,
				       &error) < 0) {
		*error_r = t_strdup_printf(
			"The LDAP module cannot be loaded: %s", error);
		return POP_POLICY_LDAP_FAILED;
	}
	func = symbol;
	return func(&ldap_user, user->pool, set, write, error_r);
}

/* Returns 0, or the exit code with error_r. */
static int
values_encode(struct pop_policy_cmd *cmd, struct pop_policy_settings *set,
	      struct pop_policy_ldap_write *write, const char **error_r)
{
	struct pop_policy_ldap_config config;

	if (*set->pop_policy_ldap_uris == '\0') {
		*error_r = "pop_policy_ldap_uris is empty: "
			"There is no directory to write to";
		return EX_DATAERR;
	}
	if (pop_policy_ldap_config_init(set, &config, error_r) < 0)
		return EX_DATAERR;
	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		if (cmd->values[i] != NULL &&
		    pop_policy_ldap_encode(config.schema, i, cmd->values[i],
					   &write->values[i], error_r) < 0)
			return EX_DATAERR;
	}
	return 0;
}

/* Returns 0, or the exit code with error_r. */
static int
policy_write(struct pop_policy_cmd *cmd, struct pop_policy_doveadm_user *user,
	     struct pop_policy_ldap_write *write, const char **error_r)
{
	struct pop_policy_settings set;
	enum pop_policy_ldap_result result;
	const char *error;
	int ret;

	if (ldap_settings_get(cmd, user->user, &set, &error) < 0) {
		*error_r = t_strconcat("Cannot get settings: ", error, NULL);
		return EX_TEMPFAIL;
	}
	ret = values_encode(cmd, &set, write, error_r);
	if (ret != 0)
		return ret;
	/* It is not the mail user who writes. */
	pop_policy_doveadm_user_regain_rights(user);
	result = ldap_write(user->user, &set, write, error_r);
	switch (result) {
	case POP_POLICY_LDAP_FAILED:
		return EX_TEMPFAIL;
	case POP_POLICY_LDAP_INVALID:
		return write->refused ? EX_NOPERM : EX_DATAERR;
	case POP_POLICY_LDAP_NO_ENTRY:
		return DOVEADM_EX_NOTFOUND;
	case POP_POLICY_LDAP_FOUND:
		break;
	}
	return 0;
}

static void
write_print(const struct pop_policy_ldap_write *write,
	    enum pop_policy_setting setting)
{
	const char *old = write->old_values[setting];

	doveadm_print(pop_policy_setting_infos[setting].key);
	doveadm_print(write->attributes[setting]);
	doveadm_print(old == NULL ? "" :
		      pop_policy_log_text(old, VALUE_MAX_LEN));
	doveadm_print(write->values[setting]);
}

static void
cmd_set_run(struct pop_policy_cmd *cmd, struct pop_policy_doveadm_user *user)
{
	struct pop_policy_ldap_write write;
	const char *error;
	int exit_code;

	i_zero(&write);
	write.dry_run = cmd->dry_run;
	exit_code = policy_write(cmd, user, &write, &error);
	if (exit_code != 0) {
		i_error("%s", error);
		pop_policy_cmd_failed(cmd, exit_code);
		return;
	}
	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		if (write.values[i] != NULL) T_BEGIN {
			write_print(&write, i);
		} T_END;
	}
}

static struct doveadm_mail_cmd_context *cmd_set_alloc(void)
{
	static const struct pop_policy_cmd_vfuncs v = {
		.init = cmd_set_init,
		.run = cmd_set_run,
	};

	return pop_policy_cmd_alloc(&v);
}

struct doveadm_cmd_ver2 pop_policy_cmd_set = {
	.name = "pop-policy set",
	.usage = DOVEADM_CMD_MAIL_USAGE_PREFIX
		"[-n] <setting>=<value> [...]",
	.mail_cmd = cmd_set_alloc,
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_MAIL_COMMON
DOVEADM_CMD_PARAM('n', "dry-run", CMD_PARAM_BOOL, 0)
DOVEADM_CMD_PARAM('\0', "setting", CMD_PARAM_ARRAY, CMD_PARAM_FLAG_POSITIONAL)
DOVEADM_CMD_PARAMS_END
};
