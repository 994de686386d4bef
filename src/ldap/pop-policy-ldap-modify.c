/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "strfuncs.h"
#include "pop-policy-log.h"
#include "pop-policy-ldap-config.h"
#include "pop-policy-ldap-schema.h"
#include "pop-policy-ldap-connection.h"
#include "pop-policy-ldap-modify.h"

#define OBJECT_CLASS "objectClass"

struct modification {
	LDAPMod mod;
	/* NULL-terminated */
	char *values[2];
};

const char *const *
pop_policy_ldap_modify_get_names(const struct pop_policy_ldap_schema *schema)
{
	const char *const *names = pop_policy_ldap_schema_get_names(schema);
	const char *object_class = OBJECT_CLASS;
	ARRAY_TYPE(const_string) all;

	t_array_init(&all, POP_POLICY_SETTING_COUNT + 2);
	array_append(&all, names, str_array_length(names));
	array_push_back(&all, &object_class);
	array_append_zero(&all);
	return array_front(&all);
}

/* The array keeps pointers: it must not grow. */
static void
modification_init(struct modification *m, int op, const char *attribute,
		  const char *value)
{
	m->values[0] = *value == '\0' ? NULL : (char *)value;
	m->mod.mod_op = op;
	m->mod.mod_type = (char *)attribute;
	/* to replace by nothing removes the attribute, if there is one */
	m->mod.mod_values = m->values;
}

/* Returns what is changed, NULL-terminated, and notes it in write. */
static LDAPMod **
modifications_build(const struct pop_policy_ldap_schema *schema,
		    struct pop_policy_ldap_write *write, pool_t pool,
		    const char *const *values)
{
	struct modification *m = t_new(struct modification,
				       POP_POLICY_SETTING_COUNT + 1);
	LDAPMod **mods = t_new(LDAPMod *, POP_POLICY_SETTING_COUNT + 2);
	LDAPMod **mod = mods;
	const char *object_class = NULL;

	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		const char *name = schema->attributes[i].name;

		if (name == NULL)
			continue;
		write->attributes[i] = p_strdup(pool, name);
		write->old_values[i] = *values++;
		if (write->values[i] == NULL)
			continue;
		modification_init(m, LDAP_MOD_REPLACE, name, write->values[i]);
		*mod++ = &m++->mod;
		if (*write->values[i] != '\0' &&
		    pop_policy_ldap_schema_is_own(schema, i))
			object_class = POP_POLICY_LDAP_OBJECT_CLASS;
	}
	if (object_class != NULL &&
	    (*values == NULL ||
	     !str_array_icase_find(t_strsplit(*values, "\n"), object_class))) {
		modification_init(m, LDAP_MOD_ADD, OBJECT_CLASS, object_class);
		*mod++ = &m->mod;
	}
	return mods;
}

/* The server itself may be able to do it later, or another one may. */
static bool result_is_temporary(int result)
{
	switch (result) {
	case LDAP_BUSY:
	case LDAP_UNAVAILABLE:
	case LDAP_REFERRAL:
	case LDAP_TIMELIMIT_EXCEEDED:
	case LDAP_ADMINLIMIT_EXCEEDED:
	case LDAP_OTHER:
		return TRUE;
	default:
		/* libldap's own are negative */
		return result < 0;
	}
}

static int
modify_wait(struct pop_policy_ldap_connection *conn, int msgid, int *result_r,
	    const char **error_r)
{
	LDAPMessage *msg = NULL;
	char *text = NULL;
	int ret, type;

	type = pop_policy_ldap_connection_wait(conn, msgid, &msg, error_r);
	if (type == LDAP_RES_MODIFY) {
		ret = ldap_parse_result(conn->ld, msg, result_r, NULL, &text,
					NULL, NULL, 0);
		if (ret != LDAP_SUCCESS)
			*result_r = ret;
		*error_r = pop_policy_ldap_connection_error(conn, *result_r,
							    text);
		ldap_memfree(text);
	} else if (type > 0)
		*error_r = "The server's answer is not one to a change";
	if (msg != NULL)
		ldap_msgfree(msg);
	return type == LDAP_RES_MODIFY ? 0 : -1;
}

enum pop_policy_ldap_result
pop_policy_ldap_modify(struct pop_policy_ldap_connection *conn,
		       const struct pop_policy_ldap_request *request,
		       const char *dn, const char *const *values,
		       const char **error_r)
{
	struct pop_policy_ldap_write *write = request->write;
	LDAPMod **mods = modifications_build(request->config->schema, write,
					     request->write_pool, values);
	int ret, msgid, result = LDAP_OTHER;

	if (write->dry_run || *mods == NULL)
		return POP_POLICY_LDAP_FOUND;
	ret = ldap_modify_ext(conn->ld, dn, mods, NULL, NULL, &msgid);
	if (ret != LDAP_SUCCESS) {
		*error_r = pop_policy_ldap_connection_error(conn, ret, NULL);
		return POP_POLICY_LDAP_FAILED;
	}
	if (modify_wait(conn, msgid, &result, error_r) < 0)
		return POP_POLICY_LDAP_FAILED;
	if (result == LDAP_SUCCESS)
		return POP_POLICY_LDAP_FOUND;
	if (result_is_temporary(result))
		return POP_POLICY_LDAP_FAILED;
	write->refused = TRUE;
	*error_r = t_strdup_printf("The directory refuses to change %s: %s",
				   pop_policy_log_value(dn), *error_r);
	return POP_POLICY_LDAP_INVALID;
}
