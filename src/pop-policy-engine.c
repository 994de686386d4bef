/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-storage.h"
#include "pop-policy-source.h"
#include "pop-policy-login.h"
#include "pop-policy-filter.h"
#include "pop-policy-ldap.h"
#include "pop-policy-engine.h"

const char *pop_policy_engine_version = DOVECOT_ABI_VERSION;

const struct pop_policy_engine pop_policy_engine = {
	.interface = POP_POLICY_ENGINE_INTERFACE,
	.client_created = pop_policy_login,
	.storage_created = pop_policy_source_storage_created,
	.mailbox_allocated = pop_policy_mailbox_allocated,
	.mail_allocated = pop_policy_mail_allocated,
	.filter_build = pop_policy_filter_build,
};

void pop_policy_engine_init(struct module *module)
{
	pop_policy_ldap_engine_init(module);
}

void pop_policy_engine_deinit(void)
{
	pop_policy_ldap_engine_deinit();
}
