/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-ldap-failures.h"

static bool
is_at(const struct pop_policy_ldap_failures *failures, unsigned int i,
      const char *server)
{
	return failures->list[i].server != NULL &&
		strcmp(failures->list[i].server, server) == 0;
}

/* Returns where the server is, or else where it can be put. */
static unsigned int
find(const struct pop_policy_ldap_failures *failures, const char *server)
{
	unsigned int i, best = 0;

	for (i = 0; i < POP_POLICY_LDAP_MAX_FAILURES; i++) {
		if (is_at(failures, i, server))
			return i;
	}
	for (i = 0; i < POP_POLICY_LDAP_MAX_FAILURES; i++) {
		if (failures->list[i].server == NULL)
			return i;
		if (failures->list[i].time < failures->list[best].time)
			best = i;
	}
	return best;
}

void pop_policy_ldap_failures_add(struct pop_policy_ldap_failures *failures,
				  const char *server, uint64_t now)
{
	unsigned int i = find(failures, server);

	i_free(failures->list[i].server);
	failures->list[i].server = i_strdup(server);
	failures->list[i].time = now;
}

void pop_policy_ldap_failures_remove(struct pop_policy_ldap_failures *failures,
				     const char *server)
{
	unsigned int i = find(failures, server);

	if (is_at(failures, i, server))
		i_free(failures->list[i].server);
}

void pop_policy_ldap_failures_clear(struct pop_policy_ldap_failures *failures)
{
	for (unsigned int i = 0; i < POP_POLICY_LDAP_MAX_FAILURES; i++)
		i_free(failures->list[i].server);
}

bool pop_policy_ldap_failures_have(const struct pop_policy_ldap_failures *failures,
				   const char *server, uint64_t now)
{
	unsigned int i = find(failures, server);

	return is_at(failures, i, server) &&
		now - failures->list[i].time < POP_POLICY_LDAP_FAILURE_MSECS;
}
