/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-ldap-loader.h"
#include "pop-policy-doveadm-cmd.h"
#include "pop-policy-doveadm-user.h"
#include "pop-policy-doveadm-plugin.h"

const char *doveadm_pop_policy_plugin_version = DOVECOT_ABI_VERSION;

static struct doveadm_cmd_ver2 *const commands[] = {
	&pop_policy_cmd_get,
	&pop_policy_cmd_status,
	&pop_policy_cmd_list,
	&pop_policy_cmd_requeue,
	&pop_policy_cmd_dequeue,
	&pop_policy_cmd_expire,
	&pop_policy_cmd_set,
};

void doveadm_pop_policy_plugin_init(struct module *module)
{
	pop_policy_doveadm_users_init(module);
	for (unsigned int i = 0; i < N_ELEMENTS(commands); i++)
		doveadm_cmd_register_ver2(commands[i]);
}

void doveadm_pop_policy_plugin_deinit(void)
{
	pop_policy_ldap_loader_deinit();
}
