/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "pop-policy-log.h"
#include "pop-policy-ldap-config.h"
#include "pop-policy-ldap-connection.h"
#include "pop-policy-ldap-modify.h"
#include "pop-policy-ldap-search.h"

/* Longer than any valid value */
#define POP_POLICY_LDAP_MAX_VALUE_LEN 1024

struct pop_policy_ldap_search {
	struct pop_policy_ldap_connection *conn;
	const struct pop_policy_ldap_request *request;
	pool_t pool;
	const char **values;

	/* of the entry, if it is to be changed */
	const char *dn;
	/* how much of the search base exists, if not all of it: so many
	   RDNs */
	unsigned int matched_depth;
	unsigned int entries;
	/* What is invalid about the entry. It counts only if the server
	   reports success for the whole search. */
	const char *invalid;
};

static void
entry_invalid(struct pop_policy_ldap_search *search, const struct berval *dn,
	      const char *attribute, const char *value, const char *reason)
{
	if (search->invalid != NULL)
		return;
	search->invalid = p_strdup_printf(search->pool,
		"LDAP attribute %s: Invalid value '%s': %s (entry %s)",
		pop_policy_log_value(attribute),
		pop_policy_log_value(value), reason,
		pop_policy_log_value(t_strndup(dn->bv_val, dn->bv_len)));
}

/* Returns the index of the attribute that was asked for, or -1. The name may
   have options behind it (RFC 4512, 2.5). */
static int
find_attribute(const char *const *attributes, const char *name, size_t len)
{
	for (int i = 0; attributes[i] != NULL; i++) {
		if (strlen(attributes[i]) == len &&
		    strncasecmp(attributes[i], name, len) == 0)
			return i;
	}
	return -1;
}

/* What is about to be replaced need not be valid. */
static void
entry_join_values(struct pop_policy_ldap_search *search, int i,
		  const struct berval *values)
{
	string_t *str = t_str_new(128);

	for (; values != NULL && values->bv_val != NULL; values++) {
		if (str_len(str) > 0)
			str_append_c(str, '\n');
		str_append_data(str, values->bv_val, values->bv_len);
	}
	search->values[i] = p_strdup(search->pool, str_c(str));
}

static void
entry_add_value(struct pop_policy_ldap_search *search, const struct berval *dn,
		const struct berval *name, const struct berval *values)
{
	const char *attribute = t_strndup(name->bv_val, name->bv_len);
	const char *value = "", *reason = NULL;
	size_t len = strcspn(attribute, ";");
	int i = find_attribute(search->request->attributes, attribute, len);

	if (i < 0 && !search->request->names_are_foreign)
		return;
	if (values != NULL && values[0].bv_val != NULL)
		value = t_strndup(values[0].bv_val, values[0].bv_len);

	if (i < 0) {
		reason = "pop_policy_ldap_attributes has another name for this "
			"attribute";
	} else if (attribute[len] != '\0')
		reason = "the attribute has options";
	else if (search->request->write != NULL) {
		entry_join_values(search, i, values);
		return;
	} else if (values == NULL || values[0].bv_val == NULL)
		reason = "there is no value";
	else if (values[1].bv_val != NULL || search->values[i] != NULL)
		reason = "there is more than one value";
	else if (values[0].bv_len > POP_POLICY_LDAP_MAX_VALUE_LEN)
		reason = "too long";
	else if (memchr(values[0].bv_val, '\0', values[0].bv_len) != NULL)
		reason = "has a NUL character";

	if (reason != NULL)
		entry_invalid(search, dn, attribute, value, reason);
	else
		search->values[i] = p_strdup(search->pool, value);
}

static int
search_entry(struct pop_policy_ldap_search *search, LDAPMessage *msg,
	     const char **error_r)
{
	LDAP *ld = search->conn->ld;
	BerElement *ber = NULL;
	struct berval dn, name, *values;
	int ret;

	ret = ldap_get_dn_ber(ld, msg, &ber, &dn);
	if (ret == LDAP_SUCCESS && search->request->write != NULL)
		search->dn = p_strndup(search->pool, dn.bv_val, dn.bv_len);
	while (ret == LDAP_SUCCESS) {
		values = NULL;
		ret = ldap_get_attribute_ber(ld, msg, ber, &name, &values);
		if (ret != LDAP_SUCCESS || name.bv_val == NULL)
			break;
		T_BEGIN {
			entry_add_value(search, &dn, &name, values);
		} T_END;
		ber_memfree(values);
	}
	ber_free(ber, 0);
	if (ret == LDAP_SUCCESS)
		return 0;
	*error_r = pop_policy_ldap_connection_error(search->conn, ret, NULL);
	return -1;
}

/* Number of RDNs, or UINT_MAX if it isn't a DN. */
static unsigned int dn_depth(const char *text)
{
	unsigned int depth = 0;
	LDAPDN dn;

	if (*text == '\0')
		return 0;
	if (ldap_str2dn(text, &dn, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS)
		return UINT_MAX;
	while (dn[depth] != NULL)
		depth++;
	ldap_dnfree(dn);
	return depth;
}

/* Returns the type of the message, or -1 if the search has failed. */
static int
search_next(struct pop_policy_ldap_search *search, int msgid, int *result_r,
	    const char **error_r)
{
	LDAPMessage *msg = NULL;
	char *text = NULL, *matched = NULL;
	int ret, type;

	type = pop_policy_ldap_connection_wait(search->conn, msgid, &msg,
					       error_r);
	if (type == LDAP_RES_SEARCH_ENTRY) {
		if (search->entries++ == 0 &&
		    search_entry(search, msg, error_r) < 0)
			type = -1;
	} else if (type == LDAP_RES_SEARCH_REFERENCE) {
		*error_r = "The server refers to another one";
		type = -1;
	} else if (type == LDAP_RES_SEARCH_RESULT) {
		ret = ldap_parse_result(search->conn->ld, msg, result_r,
					&matched, &text, NULL, NULL, 0);
		if (ret != LDAP_SUCCESS)
			*result_r = ret;
		*error_r = pop_policy_ldap_connection_error(search->conn,
							    *result_r, text);
		search->matched_depth = dn_depth(matched == NULL ? "" : matched);
		ldap_memfree(matched);
		ldap_memfree(text);
	}
	if (msg != NULL)
		ldap_msgfree(msg);
	return type;
}

static enum pop_policy_ldap_result
search_get_result(struct pop_policy_ldap_search *search, int result,
	      const char **error_r)
{
	if (result == LDAP_NO_SUCH_OBJECT && search->entries == 0 &&
	    search->request->base_fixed != NULL &&
	    search->matched_depth != UINT_MAX &&
	    search->matched_depth >= dn_depth(search->request->base_fixed))
		return POP_POLICY_LDAP_NO_ENTRY;
	if (search->entries > 1 &&
	    (result == LDAP_SUCCESS || result == LDAP_SIZELIMIT_EXCEEDED)) {
		*error_r = t_strdup_printf("Several LDAP entries match: %s",
			pop_policy_log_value(search->request->filter));
		return POP_POLICY_LDAP_INVALID;
	}
	if (result != LDAP_SUCCESS)
		return POP_POLICY_LDAP_FAILED;
	if (search->entries == 0)
		return POP_POLICY_LDAP_NO_ENTRY;
	if (search->invalid != NULL) {
		*error_r = search->invalid;
		return POP_POLICY_LDAP_INVALID;
	}
	return POP_POLICY_LDAP_FOUND;
}

static int scope_to_ldap(enum pop_policy_ldap_scope scope)
{
	switch (scope) {
	case POP_POLICY_LDAP_SCOPE_ONELEVEL:
		return LDAP_SCOPE_ONELEVEL;
	case POP_POLICY_LDAP_SCOPE_BASE:
		return LDAP_SCOPE_BASE;
	case POP_POLICY_LDAP_SCOPE_SUBTREE:
		break;
	}
	return LDAP_SCOPE_SUBTREE;
}

enum pop_policy_ldap_result
pop_policy_ldap_search(struct pop_policy_ldap_connection *conn,
		       const struct pop_policy_ldap_request *request,
		       pool_t pool, const char **values_r,
		       const char **error_r)
{
	struct pop_policy_ldap_search search = {
		.conn = conn,
		.request = request,
		.pool = pool,
		.values = values_r,
	};
	int ret, msgid, result = LDAP_OTHER;

	for (unsigned int i = 0; request->attributes[i] != NULL; i++)
		values_r[i] = NULL;
	/* two entries are enough to see that there is more than one */
	ret = ldap_search_ext(conn->ld, request->base,
			      scope_to_ldap(request->config->scope),
			      request->filter, (char **)request->attributes, 0,
			      NULL, NULL, NULL, 2, &msgid);
	if (ret == LDAP_FILTER_ERROR) {
		*error_r = t_strdup_printf("pop_policy_ldap_filter: "
			"Not a filter: %s", pop_policy_log_value(request->filter));
		return POP_POLICY_LDAP_INVALID;
	}
	if (ret != LDAP_SUCCESS) {
		*error_r = pop_policy_ldap_connection_error(conn, ret, NULL);
		return POP_POLICY_LDAP_FAILED;
	}
	do {
		ret = search_next(&search, msgid, &result, error_r);
		if (search.entries > 2) {
			*error_r = "The server sends more than was asked for";
			ret = -1;
		}
	} while (ret == LDAP_RES_SEARCH_ENTRY);
	if (ret != LDAP_RES_SEARCH_RESULT) {
		if (ret > 0)
			*error_r = "The server's answer is not one to a search";
		return POP_POLICY_LDAP_FAILED;
	}
	ret = search_get_result(&search, result, error_r);
	if (ret != POP_POLICY_LDAP_FOUND || request->write == NULL)
		return ret;
	return pop_policy_ldap_modify(conn, request, search.dn, values_r,
				      error_r);
}
