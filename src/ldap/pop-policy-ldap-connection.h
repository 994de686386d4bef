#ifndef POP_POLICY_LDAP_CONNECTION_H
#define POP_POLICY_LDAP_CONNECTION_H

/* One authenticated connection to one server. Nothing in here waits for longer
   than the deadline, which is as pop_policy_ldap_now() has it. */

#include "pop-policy-ldap-socket.h"

struct pop_policy_ldap_request;
struct pop_policy_ldap_uri;

struct pop_policy_ldap_connection {
	LDAP *ld;
	struct pop_policy_ldap_socket socket;
	/* of the request's URIs */
	unsigned int uri_idx;
	/* NULL = the server has no other */
	char *address;
	/* all that makes it differ from a connection of another kind */
	char *identity;
};

/* Must be called before anything else of libldap. The first call into libldap
   reads ldap.conf, the ldaprc in the user's home and the environment, unless
   told otherwise, and looks up the name of this machine, which may take long
   if the name servers do not answer: this finds it in /etc/hosts or not at
   all. */
void pop_policy_ldap_library_init(void);

/* Start TLS on a connected socket where that is configured, and bind. The socket
   is closed with the connection. Returns 0, or -1 with error_r. */
int pop_policy_ldap_connection_open(const struct pop_policy_ldap_request *request,
				    const struct pop_policy_ldap_uri *uri,
				    int fd, uint64_t deadline,
				    struct pop_policy_ldap_connection **conn_r,
				    const char **error_r);
/* Close it, without waiting for anything. */
void pop_policy_ldap_connection_close(struct pop_policy_ldap_connection **conn);

/* TRUE if an unused connection seems to be alive and is what the request would
   open. If not, it must be closed. */
bool pop_policy_ldap_connection_fits(const struct pop_policy_ldap_connection *conn,
				     const struct pop_policy_ldap_request *request);

/* Wait for the next message that answers msgid. Returns its type with the
   message, which the caller must free, or -1 with error_r. */
int pop_policy_ldap_connection_wait(struct pop_policy_ldap_connection *conn,
				    int msgid, LDAPMessage **msg_r,
				    const char **error_r);
/* What went wrong with this result code. text, which may be NULL, is the
   server's. */
const char *
pop_policy_ldap_connection_error(const struct pop_policy_ldap_connection *conn,
				 int result, const char *text);

#endif
