/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "pop-policy-log.h"
#include "pop-policy-ldap-config.h"
#include "pop-policy-ldap-clock.h"
#include "pop-policy-ldap-connection.h"
#include "pop-policy-ldap-search.h"
#include "pop-policy-ldap-lookup.h"

const char *pop_policy_ldap_version = DOVECOT_ABI_VERSION;

/* Left by the last lookup for the next one. It belongs to no user: every
   lookup is a separate search. */
static struct pop_policy_ldap_connection *kept_connection = NULL;

void pop_policy_ldap_init(struct module *module ATTR_UNUSED)
{
	pop_policy_ldap_library_init();
}

void pop_policy_ldap_deinit(void)
{
	if (kept_connection != NULL)
		pop_policy_ldap_connection_close(&kept_connection);
}

/* Search, and keep the connection or not. */
static enum pop_policy_ldap_result
lookup_on(struct pop_policy_ldap_connection *conn,
	  const struct pop_policy_ldap_request *request, pool_t pool,
	  const char **values_r, const char **error_r)
{
	enum pop_policy_ldap_result result;

	result = pop_policy_ldap_search(conn, request, pool, values_r, error_r);
	if (result == POP_POLICY_LDAP_FAILED || !request->keep_connection)
		pop_policy_ldap_connection_close(&conn);
	else
		kept_connection = conn;
	return result;
}

/* A dead connection may show only at the search. Then the caller opens another
   one in what is left of the same time. */
static enum pop_policy_ldap_result
lookup_kept(const struct pop_policy_ldap_request *request, uint64_t deadline,
	    pool_t pool, const char **values_r, unsigned int *uri_idx_r,
	    const char **error_r)
{
	struct pop_policy_ldap_connection *conn = kept_connection;

	*error_r = NULL;
	kept_connection = NULL;
	if (conn == NULL)
		return POP_POLICY_LDAP_FAILED;
	if (!pop_policy_ldap_connection_fits(conn, request)) {
		pop_policy_ldap_connection_close(&conn);
		return POP_POLICY_LDAP_FAILED;
	}
	conn->socket.deadline = deadline;
	*uri_idx_r = conn->uri_idx;
	return lookup_on(conn, request, pool, values_r, error_r);
}

static enum pop_policy_ldap_result
lookup_uri(const struct pop_policy_ldap_request *request,
	   const struct pop_policy_ldap_uri *uri, uint64_t deadline,
	   pool_t pool, const char **values_r, const char **error_r)
{
	struct pop_policy_ldap_connection *conn;

	if (pop_policy_ldap_now() >= deadline) {
		if (*error_r == NULL)
			*error_r = "No time left";
		return POP_POLICY_LDAP_FAILED;
	}
	if (pop_policy_ldap_connection_open(request, uri, deadline,
					    &conn, error_r) < 0)
		return POP_POLICY_LDAP_FAILED;
	return lookup_on(conn, request, pool, values_r, error_r);
}

static void
forget_values(const struct pop_policy_ldap_request *request,
	      const char **values)
{
	for (unsigned int i = 0; request->attributes[i] != NULL; i++)
		values[i] = NULL;
}

enum pop_policy_ldap_result
pop_policy_ldap_lookup(const struct pop_policy_ldap_request *request,
		       pool_t pool, const char **values_r,
		       const char **error_r)
{
	const struct pop_policy_ldap_config *config = request->config;
	uint64_t start = pop_policy_ldap_now();
	uint64_t deadline = start + config->timeout_msecs;
	enum pop_policy_ldap_result result;
	unsigned int i, spent = UINT_MAX;
	string_t *errors = t_str_new(128);

	forget_values(request, values_r);
	result = lookup_kept(request, deadline, pool, values_r, &spent, error_r);
	if (result != POP_POLICY_LDAP_FAILED ||
	    pop_policy_ldap_now() < deadline)
		spent = UINT_MAX;
	if (spent != UINT_MAX) {
		/* this server has used up its time, the others have not */
		str_printfa(errors, "%s: %s", pop_policy_log_value(
				config->uris.list[spent].text), *error_r);
		deadline = start + 2 * config->timeout_msecs;
	}
	for (i = 0; i < config->uris.count &&
	     result == POP_POLICY_LDAP_FAILED; i++) {
		if (i == spent)
			continue;
		forget_values(request, values_r);
		result = lookup_uri(request, &config->uris.list[i], deadline,
				    pool, values_r, error_r);
		if (result == POP_POLICY_LDAP_FAILED) {
			str_printfa(errors, "%s%s: %s",
				    str_len(errors) > 0 ? "; " : "",
				    pop_policy_log_value(
					config->uris.list[i].text), *error_r);
			*error_r = NULL;
		}
		/* all servers together have twice the time of one */
		deadline = I_MIN(pop_policy_ldap_now() + config->timeout_msecs,
				 start + 2 * config->timeout_msecs);
	}
	if (result == POP_POLICY_LDAP_FAILED)
		*error_r = str_c(errors);
	return result;
}
