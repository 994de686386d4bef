#ifndef POP_POLICY_LDAP_SOCKET_H
#define POP_POLICY_LDAP_SOCKET_H

/* A socket that keeps a deadline, below all that libldap does: TLS handshake,
   a server that sends byte by byte, one that never stops sending. */

#include <ldap.h>

struct pop_policy_ldap_request;
struct pop_policy_ldap_uri;

struct pop_policy_ldap_socket {
	/* -1 once libldap has closed it */
	int fd;
	/* as pop_policy_ldap_now() */
	uint64_t deadline;
	bool timed_out;
};

/* Connect, within the deadline. A peer that no longer acknowledges what is
   sent is given up after half of the configured time. Returns 0, or -1 with
   error_r. */
int pop_policy_ldap_socket_connect(const struct pop_policy_ldap_request *request,
				   const struct pop_policy_ldap_uri *uri,
				   uint64_t deadline,
				   struct pop_policy_ldap_socket *socket_r,
				   const char **error_r);
/* The layer that libldap reads and writes through. Its argument is the struct
   pop_policy_ldap_socket, which must stay until libldap has let go of it. */
extern Sockbuf_IO pop_policy_ldap_socket_io;

/* TRUE if there is something to read: the server has closed the connection, or
   says that it is about to, where nothing was asked. */
bool pop_policy_ldap_socket_has_input(const struct pop_policy_ldap_socket *sock);

#endif
