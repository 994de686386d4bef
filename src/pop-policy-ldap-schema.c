/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-settings.h"
#include "pop-policy-values.h"
#include "pop-policy-ldap-schema.h"

static int check_bool(const char *value, const char **error_r)
{
	bool b;

	return pop_policy_value_bool(value, &b, error_r);
}

/* No directory can hold an empty time: unlike in the configuration, it is a
   sign that something is wrong, and "all mail" too much of an answer. */
static int check_time(const char *value, const char **error_r)
{
	time_t t;

	return pop_policy_value_time(value, &t, error_r);
}

static int check_spam(const char *value, const char **error_r)
{
	enum pop_policy_spam spam;

	return pop_policy_value_spam(value, &spam, error_r);
}

static int check_delete(const char *value, const char **error_r)
{
	enum pop_policy_action action;

	return pop_policy_value_delete(value, &action, error_r);
}

static int check_retrieve(const char *value, const char **error_r)
{
	enum pop_policy_action action;

	return pop_policy_value_retrieve(value, &action, error_r);
}

static int check_zimbra_delete(const char *value, const char **error_r)
{
	if (strcasecmp(value, "keep") == 0 || strcasecmp(value, "read") == 0 ||
	    strcasecmp(value, "trash") == 0 || strcasecmp(value, "delete") == 0)
		return 0;
	*error_r = "not one of keep, read, trash, delete";
	return -1;
}

#define ATTR(_name, setting, _check) { \
	.name = _name, \
	.offset = offsetof(struct pop_policy_settings, setting), \
	.check = _check }

static const struct pop_policy_ldap_attribute pop_policy_attributes[] = {
	ATTR("popPolicyAvailable", pop_policy_available, check_bool),
	ATTR("popPolicyEnabled", pop_policy_enabled, check_bool),
	ATTR("popPolicySince", pop_policy_since, check_time),
	ATTR("popPolicySpam", pop_policy_spam, check_spam),
	ATTR("popPolicyDelete", pop_policy_delete, check_delete),
	ATTR("popPolicyRetrieve", pop_policy_retrieve, check_retrieve),
	{ .name = NULL }
};

static const struct pop_policy_ldap_attribute zimbra_attributes[] = {
	ATTR("zimbraPop3Enabled", pop_policy_available, check_bool),
	ATTR("zimbraPrefPop3Enabled", pop_policy_enabled, check_bool),
	ATTR("zimbraPrefPop3DownloadSince", pop_policy_since, check_time),
	ATTR("zimbraPrefPop3IncludeSpam", pop_policy_spam, check_bool),
	ATTR("zimbraPrefPop3DeleteOption", pop_policy_delete,
	     check_zimbra_delete),
	{ .name = NULL }
};

static const struct pop_policy_ldap_schema pop_policy_ldap_schemas[] = {
	{ "pop-policy", pop_policy_attributes },
	{ "zimbra", zimbra_attributes },
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

const char *const *
pop_policy_ldap_schema_get_names(const struct pop_policy_ldap_schema *schema)
{
	const char **names = t_new(const char *,
				   POP_POLICY_LDAP_MAX_ATTRIBUTES + 1);

	for (unsigned int i = 0; schema->attributes[i].name != NULL; i++)
		names[i] = schema->attributes[i].name;
	return names;
}

int pop_policy_ldap_schema_apply(const struct pop_policy_ldap_schema *schema,
				 const char *const *values,
				 struct pop_policy_settings *set,
				 const char **error_r)
{
	const struct pop_policy_ldap_attribute *attr;
	const char *reason;

	for (attr = schema->attributes; attr->name != NULL; attr++, values++) {
		const char **setting = PTR_OFFSET(set, attr->offset);

		if (*values == NULL)
			continue;
		if (attr->check(*values, &reason) < 0) {
			return pop_policy_value_bad(
				t_strconcat("LDAP attribute ", attr->name, NULL),
				*values, reason, error_r);
		}
		*setting = *values;
	}
	return 0;
}
