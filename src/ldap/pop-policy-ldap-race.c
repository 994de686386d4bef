/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-ldap-clock.h"
#include "pop-policy-ldap-race.h"

#include <poll.h>

/* RFC 8305, section 5: Connection Attempt Delay */
#define POP_POLICY_LDAP_HEAD_START_MSECS 250

struct race {
	const struct ip_addr *ips;
	unsigned int count;
	in_port_t port;

	/* One for each address, in their order; fd is -1 if it does not take
	   part yet, or no longer does. */
	struct pollfd fds[POP_POLICY_LDAP_MAX_IPS];
	unsigned int started, running;
	uint64_t next_start;
	int last_errno;
};

static void race_start_next(struct race *race, uint64_t now)
{
	struct pollfd *pfd = &race->fds[race->started];

	pfd->fd = net_connect_ip(&race->ips[race->started], race->port, NULL);
	pfd->events = POLLOUT;
	pfd->revents = 0;
	race->started++;
	if (pfd->fd == -1) {
		race->last_errno = errno;
		race->next_start = now;
	} else {
		race->running++;
		race->next_start = now + POP_POLICY_LDAP_HEAD_START_MSECS;
	}
}

/* Returns the first one that has connected, or -1. */
static int race_look(struct race *race)
{
	for (unsigned int i = 0; i < race->started; i++) {
		struct pollfd *pfd = &race->fds[i];

		if (pfd->fd == -1 || pfd->revents == 0)
			continue;
		race->last_errno = net_geterror(pfd->fd);
		if (race->last_errno == 0)
			return i;
		i_close_fd(&pfd->fd);
		race->running--;
		race->next_start = 0;
	}
	return -1;
}

/* Wait until one has connected, all have failed, or it is time for the next
   one. Returns the winner, or -1. */
static int race_wait(struct race *race, uint64_t now, uint64_t deadline)
{
	uint64_t until = race->started < race->count ?
		I_MIN(race->next_start, deadline) : deadline;

	if (until <= now || race->running == 0)
		return -1;
	if (poll(race->fds, race->started, until - now) <= 0)
		return -1;
	return race_look(race);
}

static int race_run(struct race *race, uint64_t deadline)
{
	uint64_t now;
	int winner = -1;

	while (winner == -1) {
		now = pop_policy_ldap_now();
		if (now >= deadline) {
			race->last_errno = ETIMEDOUT;
			break;
		}
		if (race->started < race->count &&
		    (race->running == 0 || now >= race->next_start))
			race_start_next(race, now);
		else if (race->running == 0)
			break;
		winner = race_wait(race, now, deadline);
	}
	return winner;
}

int pop_policy_ldap_race(const struct ip_addr *ips, unsigned int count,
			 in_port_t port, uint64_t deadline,
			 unsigned int *idx_r, bool *failed_r)
{
	struct race race = { .ips = ips, .count = count, .port = port };
	int winner, fd = -1;

	i_assert(count <= POP_POLICY_LDAP_MAX_IPS);
	winner = race_run(&race, deadline);
	for (unsigned int i = 0; i < count; i++) {
		failed_r[i] = winner == -1 || (int)i < winner;
		if ((int)i == winner)
			fd = race.fds[i].fd;
		else if (i < race.started)
			i_close_fd(&race.fds[i].fd);
	}
	*idx_r = winner;
	errno = race.last_errno;
	return fd;
}
