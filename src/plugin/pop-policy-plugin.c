/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-storage-hooks.h"
#include "pop-policy-ldap-loader.h"
#include "pop-policy-storage.h"
#include "pop-policy-mailbox.h"
#include "pop-policy-mail.h"
#include "pop-policy-login.h"
#include "pop-policy-plugin.h"

const char *pop_policy_plugin_version = DOVECOT_ABI_VERSION;

static struct mail_storage_hooks pop_policy_mail_storage_hooks = {
	.mail_namespaces_created = pop_policy_login_namespaces_created,
	.mail_storage_created = pop_policy_storage_created,
	.mailbox_allocated = pop_policy_mailbox_allocated,
	.mail_allocated = pop_policy_mail_allocated,
};

void pop_policy_plugin_init(struct module *module)
{
	mail_storage_hooks_add(module, &pop_policy_mail_storage_hooks);
	pop_policy_login_init(module);
}

void pop_policy_plugin_deinit(void)
{
	pop_policy_login_deinit();
	pop_policy_ldap_loader_deinit();
	mail_storage_hooks_remove(&pop_policy_mail_storage_hooks);
}
