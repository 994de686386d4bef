/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "pop-policy-log.h"
#include "pop-policy-ldap-config.h"
#include "pop-policy-ldap-failures.h"
#include "pop-policy-ldap-clock.h"
#include "pop-policy-ldap-connection.h"
#include "pop-policy-ldap-search.h"
#include "pop-policy-ldap-server.h"
#include "pop-policy-ldap-lookup.h"

/* Left by the last lookup for the next one. It belongs to no user: every
   lookup is a separate search. */
static struct pop_policy_ldap_connection *kept_connection = NULL;
/* For the order in which the next lookups ask */
static struct pop_policy_ldap_failures failures;

void pop_policy_ldap_lookup_deinit(void)
{
	if (kept_connection != NULL)
		pop_policy_ldap_connection_close(&kept_connection);
	pop_policy_ldap_failures_clear(&failures);
}

static void
keep_or_close(struct pop_policy_ldap_connection *conn,
	      const struct pop_policy_ldap_request *request)
{
	if (request->keep_connection)
		kept_connection = conn;
	else
		pop_policy_ldap_connection_close(&conn);
}

/* A dead connection may show only at the search. Then the caller opens another
   one in what is left of the same time. */
static enum pop_policy_ldap_result
lookup_kept(const struct pop_policy_ldap_request *request, uint64_t deadline,
	    pool_t pool, const char **values_r, unsigned int *uri_idx_r,
	    const char **error_r)
{
	struct pop_policy_ldap_connection *conn = kept_connection;
	enum pop_policy_ldap_result result;

	*error_r = NULL;
	kept_connection = NULL;
	if (conn == NULL)
		return POP_POLICY_LDAP_FAILED;
	if (!pop_policy_ldap_connection_fits(conn, request)) {
		pop_policy_ldap_connection_close(&conn);
		return POP_POLICY_LDAP_FAILED;
	}
	conn->socket.deadline = deadline;
	/* the server's other addresses need time as well */
	if (conn->address != NULL)
		conn->socket.deadline -= request->config->timeout_msecs / 2;
	*uri_idx_r = conn->uri_idx;
	result = pop_policy_ldap_search(conn, request, pool, values_r, error_r);
	if (result != POP_POLICY_LDAP_FAILED) {
		keep_or_close(conn, request);
		return result;
	}
	if (conn->address != NULL) {
		pop_policy_ldap_failures_add(&failures, conn->address,
					     pop_policy_ldap_now());
	}
	pop_policy_ldap_connection_close(&conn);
	return result;
}

static enum pop_policy_ldap_result
lookup_uri(const struct pop_policy_ldap_request *request,
	   const struct pop_policy_ldap_uri *uri, uint64_t deadline,
	   pool_t pool, const char **values_r, const char **error_r)
{
	struct pop_policy_ldap_connection *conn;
	enum pop_policy_ldap_result result;

	if (pop_policy_ldap_now() >= deadline) {
		*error_r = "No time left";
		return POP_POLICY_LDAP_FAILED;
	}
	result = pop_policy_ldap_server_lookup(request, uri, &failures,
					       deadline, pool, values_r, &conn,
					       error_r);
	if (result == POP_POLICY_LDAP_FAILED) {
		pop_policy_ldap_failures_add(&failures, uri->text,
					     pop_policy_ldap_now());
	} else {
		pop_policy_ldap_failures_remove(&failures, uri->text);
		keep_or_close(conn, request);
	}
	return result;
}

static void
add_error(string_t *errors, const struct pop_policy_ldap_uri *uri,
	  const char *error)
{
	str_printfa(errors, "%s%s: %s", str_len(errors) > 0 ? "; " : "",
		    pop_policy_log_value(uri->text), error);
}

/* Returns the URIs, NULL-terminated, those last that have just failed. The one
   that is spent is left out. */
static const struct pop_policy_ldap_uri **
get_order(const struct pop_policy_ldap_uris *uris, unsigned int spent)
{
	uint64_t now = pop_policy_ldap_now();
	const struct pop_policy_ldap_uri **order;
	unsigned int i, count = 0;

	order = t_new(const struct pop_policy_ldap_uri *, uris->count + 1);
	for (unsigned int failed = 0; failed <= 1; failed++) {
		for (i = 0; i < uris->count; i++) {
			if (i != spent && (failed != 0) ==
			    pop_policy_ldap_failures_have(&failures,
						uris->list[i].text, now))
				order[count++] = &uris->list[i];
		}
	}
	return order;
}

enum pop_policy_ldap_result
pop_policy_ldap_lookup(const struct pop_policy_ldap_request *request,
		       pool_t pool, const char **values_r,
		       const char **server_r, const char **error_r)
{
	const struct pop_policy_ldap_config *config = request->config;
	uint64_t start = pop_policy_ldap_now();
	uint64_t deadline = start + config->timeout_msecs;
	const struct pop_policy_ldap_uri **uris;
	enum pop_policy_ldap_result result;
	unsigned int spent = UINT_MAX;
	string_t *errors = t_str_new(128);

	result = lookup_kept(request, deadline, pool, values_r, &spent, error_r);
	*server_r = config->uris.list[spent == UINT_MAX ? 0 : spent].text;
	if (result != POP_POLICY_LDAP_FAILED ||
	    pop_policy_ldap_now() < deadline)
		spent = UINT_MAX;
	if (spent != UINT_MAX) {
		/* this server has used up its time, the others have not */
		add_error(errors, &config->uris.list[spent], *error_r);
		pop_policy_ldap_failures_add(&failures,
			config->uris.list[spent].text, pop_policy_ldap_now());
		deadline = start + 2 * config->timeout_msecs;
	}
	for (uris = get_order(&config->uris, spent);
	     *uris != NULL && result == POP_POLICY_LDAP_FAILED; uris++) {
		*server_r = (*uris)->text;
		result = lookup_uri(request, *uris, deadline, pool, values_r,
				    error_r);
		if (result == POP_POLICY_LDAP_FAILED)
			add_error(errors, *uris, *error_r);
		/* all servers together have twice the time of one */
		deadline = I_MIN(pop_policy_ldap_now() + config->timeout_msecs,
				 start + 2 * config->timeout_msecs);
	}
	if (result == POP_POLICY_LDAP_FAILED)
		*error_r = str_c(errors);
	return result;
}
