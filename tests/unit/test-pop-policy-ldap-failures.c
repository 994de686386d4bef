/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "pop-policy-ldap-failures.h"

#define NOW 1000000
#define HAVE(server, time) pop_policy_ldap_failures_have(&failures, server, time)

static struct pop_policy_ldap_failures failures;

static void test_failures_are_forgotten(void)
{
	test_begin("failures are forgotten");
	test_assert(!HAVE("a", NOW));
	pop_policy_ldap_failures_add(&failures, "a", NOW);
	pop_policy_ldap_failures_add(&failures, "b", NOW + 1);
	test_assert(HAVE("a", NOW) && HAVE("b", NOW + 1) && !HAVE("c", NOW));
	test_assert(HAVE("a", NOW + POP_POLICY_LDAP_FAILURE_MSECS - 1));
	test_assert(!HAVE("a", NOW + POP_POLICY_LDAP_FAILURE_MSECS));
	test_assert(HAVE("b", NOW + POP_POLICY_LDAP_FAILURE_MSECS));

	/* once more */
	pop_policy_ldap_failures_add(&failures, "a", NOW + 5);
	test_assert(HAVE("a", NOW + POP_POLICY_LDAP_FAILURE_MSECS));
	/* it has answered */
	pop_policy_ldap_failures_remove(&failures, "a");
	pop_policy_ldap_failures_remove(&failures, "c");
	test_assert(!HAVE("a", NOW + 5) && HAVE("b", NOW + 5));
	pop_policy_ldap_failures_clear(&failures);
	test_assert(!HAVE("b", NOW + 5));
	test_end();
}

static void test_failures_are_bounded(void)
{
	const unsigned int count = POP_POLICY_LDAP_MAX_FAILURES;

	test_begin("failures are bounded");
	for (unsigned int i = 0; i < 3 * count; i++) {
		pop_policy_ldap_failures_add(&failures, dec2str(i), NOW + i);
	}
	for (unsigned int i = 0; i < 3 * count; i++) {
		test_assert_idx(HAVE(dec2str(i), NOW + 3 * count) ==
				(i >= 2 * count), i);
	}
	pop_policy_ldap_failures_clear(&failures);
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_failures_are_forgotten,
		test_failures_are_bounded,
		NULL
	};
	return test_run(test_functions);
}
