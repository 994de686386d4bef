/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-settings.h"

const struct pop_policy_settings pop_policy_default_settings = {
	.pop_policy_available = "yes",
	.pop_policy_enabled = "yes",
	.pop_policy_since = "",
	.pop_policy_spam = "exclude",
	.pop_policy_delete = "default",
	.pop_policy_retrieve = "none",
	.pop_policy_spam_mailbox = "",
	.pop_policy_archive_mailbox = "",
	.pop_policy_trash_mailbox = "",
	.pop_policy_keyword = "",
	.pop_policy_unavailable_text =
		"POP access is not part of this account's plan.",
	.pop_policy_disabled_text =
		"POP access is disabled for this account.",
	.pop_policy_ldap_uris = "",
	.pop_policy_ldap_starttls = "no",
	.pop_policy_ldap_tls_ca_file = "",
	.pop_policy_ldap_auth_dn = "",
	.pop_policy_ldap_auth_dn_password = "",
	.pop_policy_ldap_sasl_mechanism = "",
	.pop_policy_ldap_base = "",
	.pop_policy_ldap_filter =
		"(&(objectClass=popPolicyAccount)(mail=%{user}))",
	.pop_policy_ldap_scope = "subtree",
	.pop_policy_ldap_timeout = "5s",
	.pop_policy_ldap_schema = "pop-policy",
};

#define RETURN_IF_NOT_DEFAULT(name) \
	if (strcmp(set->name, pop_policy_default_settings.name) != 0) \
		return FALSE;

bool pop_policy_settings_is_default(const struct pop_policy_settings *set)
{
	POP_POLICY_SETTINGS(RETURN_IF_NOT_DEFAULT, RETURN_IF_NOT_DEFAULT)
	return TRUE;
}
