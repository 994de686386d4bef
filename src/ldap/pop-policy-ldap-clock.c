/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-ldap-clock.h"

#include <time.h>

uint64_t pop_policy_ldap_now(void)
{
	struct timespec ts;

	/* This clock exists on every system that Dovecot runs on. */
	if (clock_gettime(CLOCK_MONOTONIC, &ts) < 0)
		i_unreached();
	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
