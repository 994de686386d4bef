/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Dovecot 2.3: doveadm run from a shell has the settings of service doveadm in
   its environment, and no others. So this asks the config process, as the
   service pop3 does. doveadm's server has the config process anyway. */

#include "lib.h"
#include "env-util.h"
#include "settings-parser.h"
#include "mail-user.h"
#include "mail-storage-service.h"
#include "master-service-private.h"
#include "master-service-settings.h"
#include "pop-policy-doveadm-cmd.h"
#include "pop-policy-doveadm-user.h"

#define POP3 "pop3"
#define CONFIG_SOCKET "config"
/* Set if the environment has the settings */
#define ENV_SETTINGS "DOVECONF_ENV"

struct pop_policy_doveadm_settings {
	/* what the process had before */
	char *env;
	char *name, *config_path;
	bool config_path_from_master, config_path_changed_with_param;
	int config_fd;
	enum master_service_flags flags;
	pool_t set_pool;
	const struct master_service_settings *set;
	struct setting_parser_context *set_parser;
};

#undef DEF
#define DEF(type, name) \
	SETTING_DEFINE_STRUCT_##type(#name, name, struct pop3_settings)

/* pop3's own, which only the pop3 process has. */
static const struct setting_define pop3_defines[] = {
	DEF(BOOL, pop3_no_flag_updates),
	DEF(BOOL, pop3_reuse_xuidl),
	DEF(BOOL, pop3_save_uidl),
	DEF(BOOL, pop3_fast_size_lookups),
	DEF(ENUM, pop3_uidl_duplicates),
	DEF(STR, pop3_deleted_flag),
	DEF(ENUM, pop3_delete_type),
	SETTING_DEFINE_LIST_END
};

static const struct pop3_settings pop3_defaults = {
	.pop3_uidl_duplicates = "allow:rename",
	.pop3_deleted_flag = "",
	.pop3_delete_type = "default:expunge:flag",
};

static const struct setting_parser_info pop3_info = {
	.module_name = POP3,
	.defines = pop3_defines,
	.defaults = &pop3_defaults,
	.type_offset = SIZE_MAX,
	.struct_size = sizeof(struct pop3_settings),
	.parent_offset = SIZE_MAX,
};

int pop_policy_doveadm_settings_enter(struct pop_policy_cmd *cmd,
				      const char **error_r ATTR_UNUSED)
{
	struct master_service *service = master_service;
	struct pop_policy_doveadm_settings *saved;

	saved = i_new(struct pop_policy_doveadm_settings, 1);
	cmd->settings = saved;
	/* The variables of settings have it (%s). */
	saved->name = service->name;
	service->name = i_strdup(POP3);
	/* doveadm still needs what is here, and reading settings frees it. */
	saved->set_pool = service->set_pool;
	saved->set_parser = service->set_parser;
	saved->set = service->set;
	service->set_pool = NULL;
	service->set_parser = NULL;

	saved->env = i_strdup(getenv(ENV_SETTINGS));
	if (saved->env == NULL)
		return 0;
	env_remove(ENV_SETTINGS);
	saved->config_path = service->config_path;
	saved->config_path_from_master = service->config_path_from_master;
	saved->config_path_changed_with_param =
		service->config_path_changed_with_param;
	service->config_path = i_strconcat(doveadm_settings->base_dir,
					   "/"CONFIG_SOCKET, NULL);
	service->config_path_from_master = TRUE;
	service->config_path_changed_with_param = FALSE;
	/* The first who asks is root, later the mail user may not connect. */
	saved->config_fd = service->config_fd;
	service->config_fd = -1;
	saved->flags = service->flags;
	service->flags |= MASTER_SERVICE_FLAG_KEEP_CONFIG_OPEN;
	return 0;
}

void pop_policy_doveadm_settings_leave(struct pop_policy_cmd *cmd)
{
	struct master_service *service = master_service;
	struct pop_policy_doveadm_settings *saved = cmd->settings;

	cmd->settings = NULL;
	if (saved == NULL)
		return;
	if (service->set_parser != NULL)
		settings_parser_deinit(&service->set_parser);
	pool_unref(&service->set_pool);
	service->set_pool = saved->set_pool;
	service->set_parser = saved->set_parser;
	service->set = saved->set;
	i_free(service->name);
	service->name = saved->name;

	if (saved->env != NULL) {
		env_put(ENV_SETTINGS, saved->env);
		i_free(service->config_path);
		service->config_path = saved->config_path;
		service->config_path_from_master =
			saved->config_path_from_master;
		service->config_path_changed_with_param =
			saved->config_path_changed_with_param;
		i_close_fd(&service->config_fd);
		service->config_fd = saved->config_fd;
		service->flags = saved->flags;
	}
	i_free(saved->env);
	i_free(saved);
}

void pop_policy_doveadm_settings_free(struct pop_policy_cmd *cmd ATTR_UNUSED)
{
}

/* As mail_storage_service_lookup() does it for its own settings. */
static void
userdb_apply(struct setting_parser_context *parser, struct mail_user *user)
{
	const char *const *fields = user->userdb_fields;

	for (; fields != NULL && *fields != NULL; fields++) {
		if (strncmp(*fields, "pop3_", 5) == 0 &&
		    strchr(*fields, '=') != NULL)
			(void)settings_parse_line(parser, *fields);
	}
}

static int
pop3_settings_get(struct pop_policy_cmd *cmd, struct mail_user *user,
		  const struct pop3_settings **set_r, const char **error_r)
{
	const struct setting_parser_info *const roots[] = {
		&pop3_info, NULL
	};
	const struct master_service_settings_input input = {
		.roots = roots,
		.module = POP3,
		.service = POP3,
		.username = user->username,
		.local_ip = cmd->local_ip,
		.remote_ip = cmd->remote_ip,
		.preserve_user = TRUE,
		.preserve_home = TRUE,
		.never_exec = TRUE,
	};
	struct master_service_settings_output output;
	void *set;

	if (master_service_settings_read(master_service, &input, &output,
					 error_r) < 0)
		return -1;
	userdb_apply(master_service->set_parser, user);
	set = master_service_settings_get_others(master_service)[0];
	*set_r = settings_dup(&pop3_info, set, user->pool);
	return 0;
}

int pop_policy_doveadm_settings_lookup(struct pop_policy_cmd *cmd,
				       const char *username,
				       struct pop_policy_doveadm_user *user_r,
				       const char **error_r)
{
	struct mail_storage_service_input input;
	int ret;

	i_zero(&input);
	input.module = POP3;
	input.username = username;
	ret = pop_policy_doveadm_user_lookup(cmd, &input, user_r, error_r);
	if (ret <= 0)
		return ret;
	return pop3_settings_get(cmd, user_r->user, &user_r->pop3_set,
				 error_r) < 0 ? -1 : 1;
}
