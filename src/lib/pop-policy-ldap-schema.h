#ifndef POP_POLICY_LDAP_SCHEMA_H
#define POP_POLICY_LDAP_SCHEMA_H

/* Which directory attribute gives which setting its value. */

#include "pop-policy-settings.h"

struct pop_policy_ldap_attribute {
	/* NULL = the schema has no attribute for this setting */
	const char *name;
	/* The attribute takes only these of the setting's words, which are
	   separated by spaces. NULL = all of them. */
	const char *words;
};

struct pop_policy_ldap_schema {
	const char *name;
	/* used where pop_policy_ldap_filter is empty */
	const char *filter;
	struct pop_policy_ldap_attribute attributes[POP_POLICY_SETTING_COUNT];
	/* some of the names are the site's */
	bool replaced;
};

/* Returns NULL if there is none of this name. */
const struct pop_policy_ldap_schema *
pop_policy_ldap_schema_find(const char *name);
/* Returns the names of all schemas, separated by ", ". */
const char *pop_policy_ldap_schema_get_all(void);

/* Parse pop_policy_ldap_attributes: pairs of a setting and an attribute that
   replace those of the schema, and take all of the setting's words. Returns 0
   with the schema that they make (the one given if there are no pairs, else
   allocated from the data stack), or -1 with error_r. */
int pop_policy_ldap_schema_replace(const struct pop_policy_ldap_schema *schema,
				   const char *pairs,
				   const struct pop_policy_ldap_schema **schema_r,
				   const char **error_r);

/* The auxiliary class that our own attributes belong to */
#define POP_POLICY_LDAP_OBJECT_CLASS "popPolicyAccount"
/* TRUE if the setting's attribute is ours: an entry that has it must have the
   class. */
bool pop_policy_ldap_schema_is_own(const struct pop_policy_ldap_schema *schema,
				   enum pop_policy_setting setting);

/* Returns the attributes' names, NULL-terminated, allocated from the data
   stack. */
const char *const *
pop_policy_ldap_schema_get_names(const struct pop_policy_ldap_schema *schema);

/* Put values into the layers, which share their memory: one for each name of
   pop_policy_ldap_schema_get_names(), NULL where the attribute is absent. An
   empty one is as an absent one. They are not parsed, for pop_policy_init()
   does that. Returns 0, or -1 with error_r if the schema does not allow a
   value. */
int pop_policy_ldap_schema_apply(const struct pop_policy_ldap_schema *schema,
				 const char *const *values,
				 struct pop_policy_layers *layers,
				 const char **error_r);

#endif
