/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "strfuncs.h"
#include "pop-policy.h"
#include "pop-policy-ldap-schema.h"
#include "pop-policy-ldap-encode.h"

#include <time.h>

/* Encoders for the settings' types, see pop-policy-settings.h. The value has
   been parsed. */

static const char *encode_bool(bool value, const char *text ATTR_UNUSED)
{
	return value ? "TRUE" : "FALSE";
}

static const char *encode_since(time_t value, const char *text ATTR_UNUSED)
{
	const struct tm *tm = gmtime(&value);
	char buf[64];

	if (tm == NULL || strftime(buf, sizeof(buf), "%Y%m%d%H%M%SZ", tm) == 0)
		return NULL;
	return t_strdup(buf);
}

static const char *
encode_spam(enum pop_policy_spam value, const char *text ATTR_UNUSED)
{
	switch (value) {
	case POP_POLICY_SPAM_EXCLUDE:
		return "exclude";
	case POP_POLICY_SPAM_INCLUDE:
		return "include";
	case POP_POLICY_SPAM_ONLY:
		return "only";
	}
	i_unreached();
}

static const char *
encode_delete(enum pop_policy_action value, const char *text ATTR_UNUSED)
{
	return value == POP_POLICY_ACTION_NONE ? "default" :
		pop_policy_action_infos[value].word;
}

static const char *
encode_retrieve(enum pop_policy_action value, const char *text ATTR_UNUSED)
{
	return pop_policy_action_infos[value].word;
}

static const char *
encode_text(const char *value ATTR_UNUSED, const char *text)
{
	return text;
}

/* (as it was written: 12 weeks, not so many seconds) */
static const char *
encode_interval(unsigned int value ATTR_UNUSED, const char *text)
{
	return text;
}

#define encode_mailbox encode_text
#define encode_keyword encode_text
#define encode_mailboxes encode_text
#define encode_header encode_text
#define encode_keep_for encode_interval
#define encode_recent encode_interval

#define CASE_ENCODE(key, field, value, kind, type) \
	case POP_POLICY_SETTING_##key: \
		if (pop_policy_value_##type(text, &policy.field, \
					    error_r) < 0) \
			return NULL; \
		return encode_##type(policy.field, text);

static const char *
encode(enum pop_policy_setting setting, const char *text, const char **error_r)
{
	struct pop_policy policy;

	*error_r = "not a setting of a policy";
	switch (setting) {
	POP_POLICY_SETTINGS_OF_POLICY(CASE_ENCODE)
	default:
		return NULL;
	}
}

/* Some schemas have a boolean where the setting has words. */
static const char *
encode_for_words(const char *const *words, const char *encoded)
{
	if (!str_array_icase_find(words, "TRUE"))
		return encoded;
	if (strcmp(encoded, "include") == 0)
		return "TRUE";
	return strcmp(encoded, "exclude") == 0 ? "FALSE" : encoded;
}

int pop_policy_ldap_encode(const struct pop_policy_ldap_schema *schema,
			   enum pop_policy_setting setting, const char *value,
			   const char **encoded_r, const char **error_r)
{
	const struct pop_policy_ldap_attribute *attr =
		&schema->attributes[setting];
	const char *key = pop_policy_setting_infos[setting].key;
	const char *const *words, *reason;

	if (attr->name == NULL) {
		*error_r = t_strdup_printf("%s: The LDAP schema %s has no "
			"attribute for it", key, schema->name);
		return -1;
	}
	*encoded_r = value;
	if (*value == '\0')
		return 0;
	*encoded_r = encode(setting, value, &reason);
	if (*encoded_r == NULL)
		return pop_policy_value_bad(key, value, reason, error_r);
	if (attr->words == NULL)
		return 0;
	words = t_strsplit(attr->words, " ");
	*encoded_r = encode_for_words(words, *encoded_r);
	if (str_array_icase_find(words, *encoded_r))
		return 0;
	return pop_policy_value_bad(key, value, t_strdup_printf(
		"LDAP attribute %s takes only: %s", attr->name, attr->words),
		error_r);
}
