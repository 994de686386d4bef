/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "strfuncs.h"
#include "pop-policy-values.h"
#include "pop-policy-ldap-schema.h"

#define ATTRIBUTE(setting, ...) \
	[POP_POLICY_SETTING_##setting] = { __VA_ARGS__ }

/* The first one is our own. */
static const struct pop_policy_ldap_schema pop_policy_ldap_schemas[] = {
	{ .name = "pop-policy",
	  .filter = "(&(objectClass="POP_POLICY_LDAP_OBJECT_CLASS")"
		"(mail=%{user}))",
	  .attributes = {
		ATTRIBUTE(pop_policy_available, "popPolicyAvailable", NULL),
		ATTRIBUTE(pop_policy_enabled, "popPolicyEnabled", NULL),
		ATTRIBUTE(pop_policy_since, "popPolicySince", NULL),
		ATTRIBUTE(pop_policy_spam, "popPolicySpam", NULL),
		ATTRIBUTE(pop_policy_delete, "popPolicyDelete", NULL),
		ATTRIBUTE(pop_policy_retrieve, "popPolicyRetrieve", NULL),
		ATTRIBUTE(pop_policy_extra_mailboxes,
			  "popPolicyExtraMailboxes", NULL),
		ATTRIBUTE(pop_policy_keep_for, "popPolicyKeepFor", NULL),
	} },
	{ .name = "zimbra",
	  .filter = "(&(objectClass=zimbraAccount)(mail=%{user}))",
	  .attributes = {
		ATTRIBUTE(pop_policy_available, "zimbraPop3Enabled", NULL),
		ATTRIBUTE(pop_policy_enabled, "zimbraPrefPop3Enabled", NULL),
		ATTRIBUTE(pop_policy_since, "zimbraPrefPop3DownloadSince",
			  NULL),
		ATTRIBUTE(pop_policy_spam, "zimbraPrefPop3IncludeSpam",
			  "TRUE FALSE YES NO Y N 1 0"),
		ATTRIBUTE(pop_policy_delete, "zimbraPrefPop3DeleteOption",
			  "keep read trash delete"),
	} },
};

const struct pop_policy_ldap_schema *
pop_policy_ldap_schema_find(const char *name)
{
	for (unsigned int i = 0; i < N_ELEMENTS(pop_policy_ldap_schemas); i++) {
		if (strcasecmp(pop_policy_ldap_schemas[i].name, name) == 0)
			return &pop_policy_ldap_schemas[i];
	}
	return NULL;
}

const char *pop_policy_ldap_schema_get_all(void)
{
	string_t *str = t_str_new(64);

	for (unsigned int i = 0; i < N_ELEMENTS(pop_policy_ldap_schemas); i++) {
		if (i > 0)
			str_append(str, ", ");
		str_append(str, pop_policy_ldap_schemas[i].name);
	}
	return str_c(str);
}

bool pop_policy_ldap_schema_is_own(const struct pop_policy_ldap_schema *schema,
				   enum pop_policy_setting setting)
{
	const char *name = schema->attributes[setting].name;
	const char *own = pop_policy_ldap_schemas[0].attributes[setting].name;

	return name != NULL && own != NULL && strcasecmp(name, own) == 0;
}

const char *const *
pop_policy_ldap_schema_get_names(const struct pop_policy_ldap_schema *schema)
{
	ARRAY_TYPE(const_string) names;

	t_array_init(&names, POP_POLICY_SETTING_COUNT + 1);
	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		if (schema->attributes[i].name != NULL)
			array_push_back(&names, &schema->attributes[i].name);
	}
	array_append_zero(&names);
	return array_front(&names);
}

static int
attribute_check(const struct pop_policy_ldap_attribute *attr,
		const char *value, const char **error_r)
{
	if (attr->words == NULL ||
	    str_array_icase_find(t_strsplit(attr->words, " "), value))
		return 0;
	return pop_policy_value_bad(
		t_strconcat("LDAP attribute ", attr->name, NULL), value,
		t_strconcat("not one of: ", attr->words, NULL), error_r);
}

int pop_policy_ldap_schema_apply(const struct pop_policy_ldap_schema *schema,
				 const char *const *values,
				 struct pop_policy_layers *layers,
				 const char **error_r)
{
	const struct pop_policy_ldap_attribute *attr;
	const char *value;

	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		attr = &schema->attributes[i];
		if (attr->name == NULL)
			continue;
		value = *values++;
		if (value == NULL || *value == '\0')
			continue;
		if (attribute_check(attr, value, error_r) < 0)
			return -1;
		*pop_policy_settings_get_value(&layers->set, i) = value;
		layers->attributes[i] = attr->name;
	}
	return 0;
}
