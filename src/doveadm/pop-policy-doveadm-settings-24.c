/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Dovecot 2.4: doveadm has dropped what is in protocol pop3 { } when it read
   the configuration. So this reads it once more. */

#include "lib.h"
#include "array.h"
#include "settings.h"
#include "settings-parser.h"
#include "mail-user.h"
#include "mail-storage-service.h"
#include "master-service-private.h"
#include "pop-policy-doveadm-cmd.h"
#include "pop-policy-doveadm-user.h"

#define POP3 "pop3"

struct pop_policy_doveadm_settings {
	struct settings_root *root;
};

#undef DEF
#define DEF(type, name) \
	SETTING_DEFINE_STRUCT_##type(#name, name, struct pop3_settings)

/* pop3's own, which only the pop3 process has. Dovecot finds them by the
   struct's name, and refuses to if the keys are not all there and in order. */
static const struct setting_define pop3_defines[] = {
	DEF(BOOL, verbose_proctitle),
	DEF(STR, rawlog_dir),
	DEF(BOOL, pop3_no_flag_updates),
	DEF(BOOL, pop3_enable_last),
	DEF(BOOL, pop3_reuse_xuidl),
	DEF(BOOL, pop3_save_uidl),
	DEF(BOOL, pop3_lock_session),
	DEF(BOOL, pop3_fast_size_lookups),
	DEF(BOOLLIST, pop3_client_workarounds),
	DEF(STR_NOVARS, pop3_logout_format),
	DEF(ENUM, pop3_uidl_duplicates),
	DEF(STR, pop3_deleted_flag),
	DEF(ENUM, pop3_delete_type),
	SETTING_DEFINE_LIST_END
};

static const struct pop3_settings pop3_defaults = {
	.rawlog_dir = "",
	.pop3_client_workarounds = ARRAY_INIT,
	.pop3_logout_format = "",
	.pop3_uidl_duplicates = "allow:rename",
	.pop3_deleted_flag = "",
	.pop3_delete_type = "default:expunge:flag",
};

static const struct setting_parser_info pop3_info = {
	.name = POP3,
	.defines = pop3_defines,
	.defaults = &pop3_defaults,
	.struct_size = sizeof(struct pop3_settings),
	.pool_offset1 = 1 + offsetof(struct pop3_settings, pool),
};

static void overrides_copy(struct settings_root *root)
{
	const char *override, *key, *value;

	if (!array_is_created(&master_service->config_overrides))
		return;
	array_foreach_elem(&master_service->config_overrides, override) {
		t_split_key_value_eq(override, &key, &value);
		settings_root_override(root, key, value,
				       SETTINGS_OVERRIDE_TYPE_CLI_PARAM);
	}
}

int pop_policy_doveadm_settings_enter(struct pop_policy_cmd *cmd,
				      const char **error_r)
{
	int fd = doveadm_settings_get_config_fd();
	struct settings_root *root;
	const char *const *protocols;

	if (cmd->settings != NULL)
		return 0;
	if (fd == -1) {
		*error_r = "doveadm has been told to read no configuration";
		return -1;
	}
	root = settings_root_init();
	overrides_copy(root);
	if (settings_read(root, fd, "configuration", POP3, POP3, 0,
			  &protocols, error_r) < 0) {
		settings_root_deinit(&root);
		return -1;
	}
	cmd->settings = p_new(cmd->ctx.pool,
			      struct pop_policy_doveadm_settings, 1);
	cmd->settings->root = root;
	return 0;
}

void pop_policy_doveadm_settings_leave(struct pop_policy_cmd *cmd ATTR_UNUSED)
{
}

void pop_policy_doveadm_settings_free(struct pop_policy_cmd *cmd)
{
	if (cmd->settings != NULL)
		settings_root_deinit(&cmd->settings->root);
	cmd->settings = NULL;
}

static struct event *pop3_event_create(struct pop_policy_cmd *cmd)
{
	struct event *event = event_create(NULL);

	event_set_ptr(event, SETTINGS_EVENT_ROOT, cmd->settings->root);
	event_add_str(event, "protocol", POP3);
	if (cmd->local_ip.family != 0)
		event_add_ip(event, "local_ip", &cmd->local_ip);
	if (cmd->remote_ip.family != 0)
		event_add_ip(event, "remote_ip", &cmd->remote_ip);
	return event;
}

int pop_policy_doveadm_settings_lookup(struct pop_policy_cmd *cmd,
				       const char *username,
				       struct pop_policy_doveadm_user *user_r,
				       const char **error_r)
{
	struct mail_storage_service_input input;
	const struct pop3_settings *set;
	int ret;

	i_zero(&input);
	input.event_parent = pop3_event_create(cmd);
	input.protocol = POP3;
	input.username = username;
	input.set_instance = settings_instance_new(cmd->settings->root);
	ret = pop_policy_doveadm_user_lookup(cmd, &input, user_r, error_r);
	settings_instance_free(&input.set_instance);
	event_unref(&input.event_parent);
	if (ret <= 0)
		return ret;
	if (settings_get(user_r->user->event, &pop3_info, 0, &set,
			 error_r) < 0)
		return -1;
	pool_add_external_ref(user_r->user->pool, set->pool);
	user_r->pop3_set = set;
	settings_free(set);
	return 1;
}
