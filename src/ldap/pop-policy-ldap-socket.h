#ifndef POP_POLICY_LDAP_SOCKET_H
#define POP_POLICY_LDAP_SOCKET_H

/* A socket that keeps a deadline, below all that libldap does: TLS handshake,
   a server that sends byte by byte, one that never stops sending. */

#include <ldap.h>

struct pop_policy_ldap_socket {
	/* -1 once libldap has closed it */
	int fd;
	/* as pop_policy_ldap_now() */
	uint64_t deadline;
	bool timed_out;
};

/* Connect to a UNIX socket. Returns it, or -1 with errno. */
int pop_policy_ldap_connect_unix(const char *path, uint64_t deadline);
/* Set what a TCP socket needs: a peer that has not acknowledged for so long what
   was sent is given up. */
void pop_policy_ldap_socket_tune(int fd, unsigned int msecs);

/* fd is connected. */
void pop_policy_ldap_socket_init(struct pop_policy_ldap_socket *socket_r,
				 int fd, uint64_t deadline);
/* The layer that libldap reads and writes through. Its argument is the struct
   pop_policy_ldap_socket, which must stay until libldap has let go of it. */
extern Sockbuf_IO pop_policy_ldap_socket_io;

/* TRUE if there is something to read: the server has closed the connection, or
   says that it is about to, where nothing was asked. */
bool pop_policy_ldap_socket_has_input(const struct pop_policy_ldap_socket *sock);

#endif
