/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "pop-policy-values.h"

static void test_pop_policy_value_bool(void)
{
	static const struct {
		const char *value;
		int ret;
		bool result;
	} tests[] = {
		{ "yes", 0, TRUE },
		{ "Y", 0, TRUE },
		{ "true", 0, TRUE },
		{ "TRUE", 0, TRUE },
		{ "1", 0, TRUE },
		{ "no", 0, FALSE },
		{ "n", 0, FALSE },
		{ "False", 0, FALSE },
		{ "FALSE", 0, FALSE },
		{ "0", 0, FALSE },
		{ "", -1, FALSE },
		{ "yes ", -1, FALSE },
		{ "yess", -1, FALSE },
		{ "on", -1, FALSE },
		{ "2", -1, FALSE },
	};
	const char *error;
	bool result;

	test_begin("pop_policy_value_bool()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		error = NULL;
		test_assert_idx(pop_policy_value_bool(tests[i].value, &result,
						      &error) == tests[i].ret, i);
		if (tests[i].ret == 0)
			test_assert_idx(result == tests[i].result, i);
		else
			test_assert_idx(error != NULL, i);
	}
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_pop_policy_value_bool,
		NULL
	};
	return test_run(test_functions);
}
