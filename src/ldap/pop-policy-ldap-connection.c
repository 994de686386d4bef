/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "net.h"
#include "env-util.h"
#include "safe-memset.h"
#include "pop-policy-log.h"
#include "pop-policy-ldap-config.h"
#include "pop-policy-ldap-request.h"
#include "pop-policy-ldap-clock.h"
#include "pop-policy-ldap-tls.h"
#include "pop-policy-ldap-connection.h"

#include <openldap.h>
#include <resolv.h>
#include <unistd.h>

/* Valid answers are much smaller. */
#define POP_POLICY_LDAP_MAX_INCOMING (64*1024)
/* How much of a server's text the log shows */
#define POP_POLICY_LDAP_LOG_TEXT_MAX_LEN 200

#define LDAPNOINIT "LDAPNOINIT"

void pop_policy_ldap_library_init(void)
{
	bool have_env = getenv(LDAPNOINIT) != NULL;
	int version, count = 0;

	if (!have_env)
		env_put(LDAPNOINIT, "1");
	if (res_init() == 0) {
		count = _res.nscount;
		_res.nscount = 0;
	}
	(void)ldap_get_option(NULL, LDAP_OPT_PROTOCOL_VERSION, &version);
	if (count > 0)
		_res.nscount = count;
	if (!have_env)
		env_remove(LDAPNOINIT);
}

const char *
pop_policy_ldap_connection_error(const struct pop_policy_ldap_connection *conn,
				 int result, const char *text)
{
	if (conn->socket.timed_out || result == LDAP_TIMEOUT)
		return "Timed out";
	if (text == NULL || *text == '\0')
		return ldap_err2string(result);
	return t_strdup_printf("%s (%s)", ldap_err2string(result),
		pop_policy_log_text(text, POP_POLICY_LDAP_LOG_TEXT_MAX_LEN));
}

/* The error of the last call, with what libldap knows about it. */
static const char *
connection_last_error(const struct pop_policy_ldap_connection *conn, int result)
{
	const char *error;
	char *text = NULL;

	(void)ldap_get_option(conn->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text);
	error = pop_policy_ldap_connection_error(conn, result, text);
	ldap_memfree(text);
	return error;
}

static const char *
connection_identity(const struct pop_policy_ldap_request *request)
{
	const struct pop_policy_ldap_config *config = request->config;
	string_t *str = t_str_new(256);

	/* the user id is who we are on a UNIX socket */
	str_printfa(str, "%s\1%s\1%s\1%s\1%s\1%s",
		    dec2str(geteuid()), config->starttls ? "starttls" : "",
		    config->tls_ca_file, config->auth_dn,
		    config->auth_dn_password,
		    config->sasl_external ? "EXTERNAL" : "");
	for (unsigned int i = 0; i < config->uris.count; i++)
		str_printfa(str, "\1%s", config->uris.list[i].text);
	return str_c(str);
}

/* Options */

struct int_option {
	int option, value;
};

/* The library's defaults may be those of ldap.conf, if another plugin of this
   process has let it read that. */
static const struct int_option int_options[] = {
	{ LDAP_OPT_PROTOCOL_VERSION, LDAP_VERSION3 },
	{ LDAP_OPT_DEREF, LDAP_DEREF_NEVER },
	{ LDAP_OPT_SIZELIMIT, 0 },
	{ LDAP_OPT_TIMELIMIT, 0 },
};
static const int off_options[] = {
	LDAP_OPT_REFERRALS,
	LDAP_OPT_RESTART,
	LDAP_OPT_CONNECT_ASYNC,
};

static int set_options(LDAP *ld, const char **error_r)
{
	/* none: the socket has the deadline */
	const struct timeval timeout = { .tv_sec = -1 };
	unsigned int i;
	int ret = 0;

	if (ldap_set_option(ld, LDAP_OPT_TIMEOUT, &timeout) != 0 ||
	    ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &timeout) != 0)
		ret = -1;
	for (i = 0; i < N_ELEMENTS(int_options) && ret == 0; i++) {
		ret = ldap_set_option(ld, int_options[i].option,
				      &int_options[i].value);
	}
	for (i = 0; i < N_ELEMENTS(off_options) && ret == 0; i++)
		ret = ldap_set_option(ld, off_options[i], LDAP_OPT_OFF);
	if (ret != 0)
		*error_r = "libldap refuses an option";
	return ret == 0 ? 0 : -1;
}

/* Opening */

static int
connection_init(struct pop_policy_ldap_connection *conn,
		const struct pop_policy_ldap_uri *uri, const char **error_r)
{
	ber_len_t max_incoming = POP_POLICY_LDAP_MAX_INCOMING;
	/* libldap takes from it the name that a certificate must have */
	const char *text = uri->scheme == POP_POLICY_LDAP_SCHEME_LDAPI ?
		"ldapi:///" : uri->text;
	Sockbuf *sb;
	int ret;

	ret = ldap_init_fd(conn->socket.fd, LDAP_PROTO_EXT, text, &conn->ld);
	if (ret != LDAP_SUCCESS) {
		*error_r = t_strdup_printf("ldap_init_fd() failed: %s",
					   ldap_err2string(ret));
		net_disconnect(conn->socket.fd);
		return -1;
	}
	if (ldap_get_option(conn->ld, LDAP_OPT_SOCKBUF, &sb) != 0 ||
	    ber_sockbuf_add_io(sb, &pop_policy_ldap_socket_io,
			       LBER_SBIOD_LEVEL_PROVIDER, &conn->socket) < 0) {
		*error_r = "libldap has no socket";
		return -1;
	}
	(void)ber_sockbuf_ctrl(sb, LBER_SB_OPT_SET_MAX_INCOMING, &max_incoming);
	return set_options(conn->ld, error_r);
}

/* Wait for the answer to an operation that has one result and nothing else.
   Returns 0 if it says success. */
static int
connection_get_result(struct pop_policy_ldap_connection *conn, int ret, int msgid,
		  int type, const char *operation, const char **error_r)
{
	LDAPMessage *msg;
	char *text = NULL;
	int result = LDAP_OTHER;

	if (ret != LDAP_SUCCESS) {
		*error_r = t_strdup_printf("%s failed: %s", operation,
					   connection_last_error(conn, ret));
		return -1;
	}
	if (pop_policy_ldap_connection_wait(conn, msgid, &msg, error_r) < 0) {
		*error_r = t_strdup_printf("%s failed: %s", operation, *error_r);
		return -1;
	}
	if (ldap_msgtype(msg) != type) {
		*error_r = t_strconcat(operation,
			" failed: The server answered something else", NULL);
		ldap_msgfree(msg);
		return -1;
	}
	ret = ldap_parse_result(conn->ld, msg, &result, NULL, &text, NULL,
				NULL, 1);
	if (ret != LDAP_SUCCESS)
		result = ret;
	if (result != LDAP_SUCCESS) {
		*error_r = t_strdup_printf("%s failed: %s", operation,
			pop_policy_ldap_connection_error(conn, result, text));
	}
	ldap_memfree(text);
	return result == LDAP_SUCCESS ? 0 : -1;
}

static int
connection_start_tls(struct pop_policy_ldap_connection *conn,
		     const struct pop_policy_ldap_config *config,
		     const struct pop_policy_ldap_uri *uri,
		     const char **error_r)
{
	const char *reason;
	int ret, msgid = -1;

	if (uri->scheme != POP_POLICY_LDAP_SCHEME_LDAPS && !config->starttls)
		return 0;
	if (pop_policy_ldap_tls_init(conn->ld, config, error_r) < 0)
		return -1;
	if (config->starttls) {
		ret = ldap_start_tls(conn->ld, NULL, NULL, &msgid);
		if (connection_get_result(conn, ret, msgid, LDAP_RES_EXTENDED,
				      "StartTLS", error_r) < 0)
			return -1;
	}
	ret = pop_policy_ldap_tls_start(conn->ld, &reason);
	if (ret == LDAP_SUCCESS)
		return 0;
	*error_r = t_strdup_printf("TLS failed: %s", reason != NULL ?
		pop_policy_ldap_connection_error(conn, ret, reason) :
		connection_last_error(conn, ret));
	return -1;
}

/* Once, or the log would have it with every login. */
static void
warn_about_password(const struct pop_policy_ldap_request *request,
		    const struct pop_policy_ldap_uri *uri)
{
	static bool warned = FALSE;

	if (warned || *request->config->auth_dn == '\0' ||
	    request->config->starttls || uri->is_local ||
	    uri->scheme != POP_POLICY_LDAP_SCHEME_LDAP)
		return;
	warned = TRUE;
	e_warning(request->event, "pop_policy_ldap_auth_dn_password is sent "
		  "without TLS to %s (see pop_policy_ldap_starttls)",
		  pop_policy_log_value(uri->text));
}

static int
connection_bind(struct pop_policy_ldap_connection *conn,
		const struct pop_policy_ldap_config *config,
		const char **error_r)
{
	struct berval cred = {
		.bv_val = (char *)config->auth_dn_password,
		.bv_len = strlen(config->auth_dn_password),
	};
	/* an empty one, or the server asks for it (RFC 4422, A.1) */
	struct berval authzid = { .bv_val = (char *)"", .bv_len = 0 };
	int ret, msgid = -1;

	if (config->sasl_external) {
		ret = ldap_sasl_bind(conn->ld, NULL, "EXTERNAL", &authzid,
				     NULL, NULL, &msgid);
	} else if (*config->auth_dn != '\0') {
		ret = ldap_sasl_bind(conn->ld, config->auth_dn,
				     LDAP_SASL_SIMPLE, &cred, NULL, NULL,
				     &msgid);
	} else {
		/* anonymous is what a connection begins with */
		return 0;
	}
	return connection_get_result(conn, ret, msgid, LDAP_RES_BIND, "Bind",
				 error_r);
}

int pop_policy_ldap_connection_open(const struct pop_policy_ldap_request *request,
				    const struct pop_policy_ldap_uri *uri,
				    int fd, uint64_t deadline,
				    struct pop_policy_ldap_connection **conn_r,
				    const char **error_r)
{
	struct pop_policy_ldap_connection *conn;

	conn = i_new(struct pop_policy_ldap_connection, 1);
	conn->identity = i_strdup(connection_identity(request));
	conn->uri_idx = uri - request->config->uris.list;
	warn_about_password(request, uri);
	pop_policy_ldap_socket_init(&conn->socket, fd, deadline);
	if (connection_init(conn, uri, error_r) < 0 ||
	    connection_start_tls(conn, request->config, uri, error_r) < 0 ||
	    connection_bind(conn, request->config, error_r) < 0) {
		pop_policy_ldap_connection_close(&conn);
		return -1;
	}
	*conn_r = conn;
	return 0;
}

void pop_policy_ldap_connection_close(struct pop_policy_ldap_connection **_conn)
{
	struct pop_policy_ldap_connection *conn = *_conn;

	*_conn = NULL;
	/* Do not wait for what does not fit into the socket's buffer. */
	if (conn->ld != NULL) {
		conn->socket.deadline = pop_policy_ldap_now() + 1;
		(void)ldap_unbind_ext(conn->ld, NULL, NULL);
	}
	safe_memset(conn->identity, 0, strlen(conn->identity));
	i_free(conn->identity);
	i_free(conn->address);
	i_free(conn);
}

bool pop_policy_ldap_connection_fits(const struct pop_policy_ldap_connection *conn,
				     const struct pop_policy_ldap_request *request)
{
	return strcmp(conn->identity, connection_identity(request)) == 0 &&
		!pop_policy_ldap_socket_has_input(&conn->socket);
}

int pop_policy_ldap_connection_wait(struct pop_policy_ldap_connection *conn,
				    int msgid, LDAPMessage **msg_r,
				    const char **error_r)
{
	uint64_t now = pop_policy_ldap_now();
	uint64_t msecs = now < conn->socket.deadline ?
		conn->socket.deadline - now : 0;
	struct timeval tv = {
		.tv_sec = msecs / 1000,
		.tv_usec = (msecs % 1000) * 1000,
	};
	int ret, result = LDAP_TIMEOUT;

	ret = ldap_result(conn->ld, msgid, LDAP_MSG_ONE, &tv, msg_r);
	if (ret > 0)
		return ret;
	if (ret < 0) {
		(void)ldap_get_option(conn->ld, LDAP_OPT_RESULT_CODE, &result);
		*error_r = connection_last_error(conn, result);
	} else {
		*error_r = pop_policy_ldap_connection_error(conn, result, NULL);
	}
	return -1;
}
