/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "pop-policy-ldap-config.h"
#include "pop-policy-ldap-failures.h"
#include "pop-policy-ldap-clock.h"
#include "pop-policy-ldap-connection.h"
#include "pop-policy-ldap-race.h"
#include "pop-policy-ldap-resolve.h"
#include "pop-policy-ldap-search.h"
#include "pop-policy-ldap-server.h"

struct pop_policy_ldap_server {
	const struct pop_policy_ldap_request *request;
	const struct pop_policy_ldap_uri *uri;
	struct pop_policy_ldap_failures *failures;
	uint64_t deadline;
	pool_t pool;
	const char **values;

	/* the addresses that are left to be tried */
	struct ip_addr ips[POP_POLICY_LDAP_MAX_IPS];
	unsigned int count;
	/* there was more than one */
	bool several;
	string_t *errors;
};

static enum pop_policy_ldap_result
lookup_connected(struct pop_policy_ldap_server *server, int fd,
		 uint64_t deadline, struct pop_policy_ldap_connection **conn_r,
		 const char **error_r)
{
	const struct pop_policy_ldap_request *request = server->request;
	enum pop_policy_ldap_result result;

	if (pop_policy_ldap_connection_open(request, server->uri, fd, deadline,
					    conn_r, error_r) < 0)
		return POP_POLICY_LDAP_FAILED;
	result = pop_policy_ldap_search(*conn_r, request, server->pool,
					server->values, error_r);
	if (result == POP_POLICY_LDAP_FAILED)
		pop_policy_ldap_connection_close(conn_r);
	return result;
}

static enum pop_policy_ldap_result
lookup_unix(struct pop_policy_ldap_server *server,
	    struct pop_policy_ldap_connection **conn_r, const char **error_r)
{
	int fd = pop_policy_ldap_connect_unix(server->uri->host,
					      server->deadline);

	if (fd == -1) {
		*error_r = t_strdup_printf("Cannot connect: %m");
		return POP_POLICY_LDAP_FAILED;
	}
	return lookup_connected(server, fd, server->deadline, conn_r, error_r);
}

static const char *
address(const struct pop_policy_ldap_server *server, const struct ip_addr *ip)
{
	return t_strdup_printf("%s port %u", net_ip2addr(ip),
			       server->uri->port);
}

static void
remember(struct pop_policy_ldap_server *server, const struct ip_addr *ip,
	 bool failed)
{
	/* if it is the only one there is nothing to choose */
	if (!server->several)
		return;
	if (failed) {
		pop_policy_ldap_failures_add(server->failures,
			address(server, ip), pop_policy_ldap_now());
	} else {
		pop_policy_ldap_failures_remove(server->failures,
						address(server, ip));
	}
}

static void
add_error(struct pop_policy_ldap_server *server, const struct ip_addr *ip,
	  const char *error)
{
	if (str_len(server->errors) > 0)
		str_append(server->errors, ", ");
	if (ip != NULL && server->several)
		str_printfa(server->errors, "%s: ", net_ip2addr(ip));
	str_append(server->errors, error);
}

/* Those that have failed come last. */
static int
find_addresses(struct pop_policy_ldap_server *server, const char **error_r)
{
	uint64_t now = pop_policy_ldap_now();
	const struct ip_addr *ips;
	unsigned int i, count;

	if (pop_policy_ldap_resolve(server->request, server->uri->host,
				    server->deadline, &ips, &count,
				    error_r) < 0)
		return -1;
	for (unsigned int failed = 0; failed <= 1; failed++) {
		for (i = 0; i < count; i++) {
			if (pop_policy_ldap_failures_have(server->failures,
				address(server, &ips[i]), now) == (failed != 0))
				server->ips[server->count++] = ips[i];
		}
	}
	server->several = server->count > 1;
	return 0;
}

/* Connect to one of the addresses, and take it off the list. */
static int connect_one(struct pop_policy_ldap_server *server,
		       struct ip_addr *ip_r)
{
	bool failed[POP_POLICY_LDAP_MAX_IPS];
	unsigned int i, winner;
	int fd;

	fd = pop_policy_ldap_race(server->ips, server->count,
				  server->uri->port, server->deadline,
				  &winner, failed);
	if (fd == -1)
		add_error(server, NULL, t_strdup_printf("Cannot connect: %m"));
	for (i = 0; i < server->count; i++) {
		if (failed[i])
			remember(server, &server->ips[i], TRUE);
	}
	if (fd == -1)
		return -1;
	pop_policy_ldap_socket_tune(fd,
		server->request->config->timeout_msecs / 2);
	*ip_r = server->ips[winner];
	server->count--;
	memmove(&server->ips[winner], &server->ips[winner + 1],
		(server->count - winner) * sizeof(*server->ips));
	return fd;
}

/* An address that connects and says no more leaves half of the time to the
   others. */
static enum pop_policy_ldap_result
lookup_host(struct pop_policy_ldap_server *server,
	    struct pop_policy_ldap_connection **conn_r, const char **error_r)
{
	enum pop_policy_ldap_result result = POP_POLICY_LDAP_FAILED;
	struct ip_addr ip;
	uint64_t now, deadline;
	int fd;

	if (find_addresses(server, error_r) < 0)
		return POP_POLICY_LDAP_FAILED;
	while (result == POP_POLICY_LDAP_FAILED && server->count > 0) {
		if ((fd = connect_one(server, &ip)) == -1)
			break;
		now = pop_policy_ldap_now();
		deadline = server->deadline;
		if (server->count > 0 && now < deadline)
			deadline = now + (deadline - now) / 2;
		result = lookup_connected(server, fd, deadline, conn_r,
					  error_r);
		remember(server, &ip, result == POP_POLICY_LDAP_FAILED);
		if (result == POP_POLICY_LDAP_FAILED)
			add_error(server, &ip, *error_r);
		else if (server->several)
			(*conn_r)->address = i_strdup(address(server, &ip));
	}
	if (result == POP_POLICY_LDAP_FAILED)
		*error_r = str_c(server->errors);
	return result;
}

enum pop_policy_ldap_result
pop_policy_ldap_server_lookup(const struct pop_policy_ldap_request *request,
			      const struct pop_policy_ldap_uri *uri,
			      struct pop_policy_ldap_failures *failures,
			      uint64_t deadline, pool_t pool,
			      const char **values_r,
			      struct pop_policy_ldap_connection **conn_r,
			      const char **error_r)
{
	struct pop_policy_ldap_server server = {
		.request = request,
		.uri = uri,
		.failures = failures,
		.deadline = deadline,
		.pool = pool,
		.values = values_r,
		.errors = t_str_new(128),
	};

	if (uri->scheme == POP_POLICY_LDAP_SCHEME_LDAPI)
		return lookup_unix(&server, conn_r, error_r);
	return lookup_host(&server, conn_r, error_r);
}
