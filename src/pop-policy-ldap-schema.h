#ifndef POP_POLICY_LDAP_SCHEMA_H
#define POP_POLICY_LDAP_SCHEMA_H

/* Which directory attribute stands for which setting. */

struct pop_policy_settings;

struct pop_policy_ldap_attribute {
	const char *name;
	/* of the setting in struct pop_policy_settings */
	size_t offset;
	/* Returns 0, or -1 with the reason (a constant) in error_r. */
	int (*check)(const char *value, const char **error_r);
};

struct pop_policy_ldap_schema {
	const char *name;
	/* until the first one without name */
	const struct pop_policy_ldap_attribute *attributes;
};

/* No schema has more attributes. */
#define POP_POLICY_LDAP_MAX_ATTRIBUTES 6

/* Returns NULL if there is none of this name. */
const struct pop_policy_ldap_schema *
pop_policy_ldap_schema_find(const char *name);

/* NULL-terminated, allocated from the data stack. */
const char *const *
pop_policy_ldap_schema_get_names(const struct pop_policy_ldap_schema *schema);

/* Put the values, one for each attribute of the schema and NULL where it is
   absent, into the settings, which share their memory. Returns 0, or -1 with
   error_r naming the attribute, its value (bounded and escaped) and what is
   wrong with it. */
int pop_policy_ldap_schema_apply(const struct pop_policy_ldap_schema *schema,
				 const char *const *values,
				 struct pop_policy_settings *set,
				 const char **error_r);

#endif
