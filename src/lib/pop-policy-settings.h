#ifndef POP_POLICY_SETTINGS_H
#define POP_POLICY_SETTINGS_H

/* The settings, all of them, and their text. Empty text means not set, in
   every layer.

   One line per setting: key, field, default, kind, type. From these tables
   come struct pop_policy_settings, struct pop_policy, the defaults, what
   Dovecot is told of the settings, and the parsing: the parser of "type"
   writes "field" of struct pop_policy or struct pop_policy_ldap_config, so
   that a type without parser or C type does not compile.

   All settings are strings, since Dovecot 2.3 and 2.4 read booleans and words
   differently from each other and from LDAP. The kind is STR, or TEMPLATE if
   Dovecot must leave variables alone: the plugin expands and escapes them.

   The type names the parser: pop_policy_value_TYPE() for the first table,
   pop_policy_ldap_value_TYPE() for the second. */
#define POP_POLICY_SETTINGS_OF_POLICY(SETTING) \
	SETTING(pop_policy_available, available, "yes", STR, bool) \
	SETTING(pop_policy_enabled, enabled, "yes", STR, bool) \
	SETTING(pop_policy_since, since, "", STR, since) \
	SETTING(pop_policy_spam, spam, "exclude", STR, spam) \
	SETTING(pop_policy_delete, delete_action, "default", STR, delete) \
	SETTING(pop_policy_retrieve, retrieve_action, "none", STR, retrieve) \
	SETTING(pop_policy_spam_mailbox, spam_mailbox, "", STR, mailbox) \
	SETTING(pop_policy_archive_mailbox, archive_mailbox, "", STR, mailbox) \
	SETTING(pop_policy_trash_mailbox, trash_mailbox, "", STR, mailbox) \
	SETTING(pop_policy_keyword, keyword, "", STR, keyword) \
	SETTING(pop_policy_unavailable_text, unavailable_text, \
		"POP access is not part of this account's plan.", STR, text) \
	SETTING(pop_policy_disabled_text, disabled_text, \
		"POP access is disabled for this account.", STR, text) \
	SETTING(pop_policy_extra_mailboxes, extra_mailboxes, "", \
		STR, mailboxes) \
	SETTING(pop_policy_mailbox_header, mailbox_header, "", STR, header) \
	SETTING(pop_policy_keep_for, keep_for, "", STR, keep_for) \
	SETTING(pop_policy_recent, recent, "", STR, recent)

#define POP_POLICY_SETTINGS_OF_LDAP(SETTING) \
	SETTING(pop_policy_ldap_uris, uris, "", STR, uris) \
	SETTING(pop_policy_ldap_starttls, starttls, "no", STR, bool) \
	SETTING(pop_policy_ldap_tls_ca_file, tls_ca_file, "", STR, string) \
	SETTING(pop_policy_ldap_auth_dn, auth_dn, "", STR, string) \
	SETTING(pop_policy_ldap_auth_dn_password, auth_dn_password, "", \
		STR, string) \
	SETTING(pop_policy_ldap_sasl_mechanism, sasl_external, "", \
		STR, sasl_mechanism) \
	SETTING(pop_policy_ldap_base, base, "", TEMPLATE, string) \
	SETTING(pop_policy_ldap_filter, filter, "", TEMPLATE, filter) \
	SETTING(pop_policy_ldap_scope, scope, "subtree", STR, scope) \
	SETTING(pop_policy_ldap_timeout, timeout_msecs, "5s", STR, timeout) \
	SETTING(pop_policy_ldap_schema, schema, "pop-policy", STR, schema) \
	SETTING(pop_policy_ldap_attributes, attributes, "", STR, attributes) \
	SETTING(pop_policy_ldap_require_entry, require_entry, "no", STR, bool) \
	SETTING(pop_policy_ldap_write_dn, write_dn, "", STR, string) \
	SETTING(pop_policy_ldap_write_dn_password, write_dn_password, "", \
		STR, string) \
	SETTING(pop_policy_ldap_write_filter, write_filter, "(mail=%{user})", \
		TEMPLATE, filter)

#define POP_POLICY_SETTINGS(SETTING) \
	POP_POLICY_SETTINGS_OF_POLICY(SETTING) \
	POP_POLICY_SETTINGS_OF_LDAP(SETTING)

#define POP_POLICY_SETTING_MEMBER(key, ...) const char *key;
struct pop_policy_settings {
	pool_t pool;
	POP_POLICY_SETTINGS(POP_POLICY_SETTING_MEMBER)
};

/* POP_POLICY_SETTING_pop_policy_since, ... */
#define POP_POLICY_SETTING_ENUMERATOR(key, ...) POP_POLICY_SETTING_##key,
enum pop_policy_setting {
	POP_POLICY_SETTINGS(POP_POLICY_SETTING_ENUMERATOR)
	POP_POLICY_SETTING_COUNT
};

enum pop_policy_setting_kind {
	POP_POLICY_SETTING_KIND_STR,
	POP_POLICY_SETTING_KIND_TEMPLATE,
};

struct pop_policy_setting_info {
	const char *key;
	/* in struct pop_policy_settings */
	size_t offset;
	enum pop_policy_setting_kind kind;
};

extern const struct pop_policy_setting_info
	pop_policy_setting_infos[POP_POLICY_SETTING_COUNT];
extern const struct pop_policy_settings pop_policy_default_settings;

/* A user's settings with all layers applied. */
struct pop_policy_layers {
	struct pop_policy_settings set;
	/* The LDAP attribute that gave a setting its value. NULL = none: the
	   value is a userdb field's, the configuration's or the default. */
	const char *attributes[POP_POLICY_SETTING_COUNT];
};

/* Returns the setting's place in set. */
const char **
pop_policy_settings_get_value(struct pop_policy_settings *set,
			      enum pop_policy_setting setting);

/* TRUE if the name begins as those of settings do, and is neither a setting's
   nor one of those that are free for sites. */
bool pop_policy_settings_is_unknown(const char *name);

/* TRUE if all settings have their default values. */
bool pop_policy_settings_is_default(const struct pop_policy_settings *set);

#endif
