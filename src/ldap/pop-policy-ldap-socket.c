/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "net.h"
#include "fd-util.h"
#include "pop-policy-ldap-clock.h"
#include "pop-policy-ldap-socket.h"

#include <poll.h>
#include <unistd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* A UNIX socket whose queue is full has nothing to wait for. */
#define POP_POLICY_LDAP_UNIX_RETRY_MSECS 10

/* Returns TRUE if the socket is ready, or FALSE with errno. */
static bool wait_until(int fd, short events, uint64_t deadline)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	uint64_t now;
	int ret;

	while ((now = pop_policy_ldap_now()) < deadline) {
		ret = poll(&pfd, 1, deadline - now);
		if (ret > 0)
			return TRUE;
		if (ret < 0 && errno != EINTR)
			return FALSE;
	}
	errno = ETIMEDOUT;
	return FALSE;
}

bool pop_policy_ldap_socket_has_input(const struct pop_policy_ldap_socket *sock)
{
	struct pollfd pfd = { .fd = sock->fd, .events = POLLIN };

	return sock->fd == -1 || poll(&pfd, 1, 0) != 0;
}

/* Connecting */

int pop_policy_ldap_connect_unix(const char *path, uint64_t deadline)
{
	int fd;

	while ((fd = net_connect_unix(path)) == -1 && errno == EAGAIN) {
		if (pop_policy_ldap_now() >= deadline) {
			errno = ETIMEDOUT;
			return -1;
		}
		(void)poll(NULL, 0, POP_POLICY_LDAP_UNIX_RETRY_MSECS);
	}
	return fd;
}

/* TCP_USER_TIMEOUT: An idle connection may have been forgotten by a firewall,
   and what is sent through it vanish. Unlike a slow answer this can be told in
   time to connect anew. */
void pop_policy_ldap_socket_tune(int fd, unsigned int msecs ATTR_UNUSED)
{
	/* libldap sends small requests and waits for the answer */
	(void)net_set_tcp_nodelay(fd, TRUE);
#ifdef TCP_USER_TIMEOUT
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
			 &msecs, sizeof(msecs));
#endif
}

void pop_policy_ldap_socket_init(struct pop_policy_ldap_socket *socket_r,
				 int fd, uint64_t deadline)
{
	fd_close_on_exec(fd, TRUE);
	i_zero(socket_r);
	socket_r->fd = fd;
	socket_r->deadline = deadline;
}

/* libldap's input and output */

static int socket_io_setup(Sockbuf_IO_Desc *desc, void *arg)
{
	desc->sbiod_pvt = arg;
	return 0;
}

static int socket_io_remove(Sockbuf_IO_Desc *desc)
{
	desc->sbiod_pvt = NULL;
	return 0;
}

static int socket_io_ctrl(Sockbuf_IO_Desc *desc ATTR_UNUSED,
			  int opt ATTR_UNUSED, void *arg ATTR_UNUSED)
{
	return 0;
}

static int socket_io_close(Sockbuf_IO_Desc *desc)
{
	struct pop_policy_ldap_socket *sock = desc->sbiod_pvt;

	if (sock->fd != -1)
		net_disconnect(sock->fd);
	sock->fd = -1;
	return 0;
}

/* Returns TRUE to try the call again. The clock is checked even when data keep
   coming, for that may never end. */
static bool
socket_io_wait(struct pop_policy_ldap_socket *sock, short events, ssize_t ret)
{
	if (ret < 0 && errno == EINTR)
		return TRUE;
	if (ret < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) &&
	    wait_until(sock->fd, events, sock->deadline))
		return TRUE;
	if (ret < 0 && errno == ETIMEDOUT)
		sock->timed_out = TRUE;
	return FALSE;
}

static bool socket_io_is_late(struct pop_policy_ldap_socket *sock)
{
	if (sock->fd == -1) {
		errno = EBADF;
		return TRUE;
	}
	if (pop_policy_ldap_now() < sock->deadline)
		return FALSE;
	sock->timed_out = TRUE;
	errno = ETIMEDOUT;
	return TRUE;
}

static ber_slen_t
socket_io_read(Sockbuf_IO_Desc *desc, void *buf, ber_len_t len)
{
	struct pop_policy_ldap_socket *sock = desc->sbiod_pvt;
	ssize_t ret;

	do {
		if (socket_io_is_late(sock))
			return -1;
		ret = recv(sock->fd, buf, len, MSG_DONTWAIT);
	} while (socket_io_wait(sock, POLLIN, ret));
	return ret;
}

static ber_slen_t
socket_io_write(Sockbuf_IO_Desc *desc, void *buf, ber_len_t len)
{
	struct pop_policy_ldap_socket *sock = desc->sbiod_pvt;
	ssize_t ret;

	do {
		if (socket_io_is_late(sock))
			return -1;
		ret = send(sock->fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (socket_io_wait(sock, POLLOUT, ret));
	return ret;
}

Sockbuf_IO pop_policy_ldap_socket_io = {
	.sbi_setup = socket_io_setup,
	.sbi_remove = socket_io_remove,
	.sbi_ctrl = socket_io_ctrl,
	.sbi_read = socket_io_read,
	.sbi_write = socket_io_write,
	.sbi_close = socket_io_close,
};
