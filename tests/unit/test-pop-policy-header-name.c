/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "pop-policy-header-name.h"

static void test_pop_policy_value_header(void)
{
	static const char *const names[] = {
		"X-Mailbox", "x-folder", "X-POP-Mailbox", "Mailbox", "Folder",
		"X", "X_1", "!#$%&'*+-.^_`{|}~", "X-Received", "Tom", "Fromm",
		"Contents", "Dated", "Listed", "X-Content-Folder",
		/* 50 octets */
		"X-23456789-123456789-123456789-123456789-123456789",
	};
	const char *name, *error;

	test_begin("pop_policy_value_header()");
	for (unsigned int i = 0; i < N_ELEMENTS(names); i++) {
		test_assert_idx(pop_policy_value_header(names[i], &name,
							&error) == 0, i);
		test_assert_strcmp_idx(name, names[i], i);
	}
	test_assert(pop_policy_value_header("", &name, &error) == 0 &&
		    name == NULL);
	test_assert(pop_policy_value_header("NONE", &name, &error) == 0 &&
		    name == NULL);
	test_end();
}

static void test_pop_policy_value_header_invalid(void)
{
	static const struct {
		const char *name, *error;
	} tests[] = {
		{ "X-Mailbox:", "not the name" },
		{ "X Mailbox", "not the name" },
		{ " X-Mailbox", "not the name" },
		{ "X-Mailbox\r\nBcc", "not the name" },
		{ "X-Mailb\xc3\xb6x", "not the name" },
		{ "X-Mailbox\x7f", "not the name" },
		{ "X-23456789-123456789-123456789-123456789-123456789-",
		  "longer" },
		{ "Received", "a meaning already" },
		{ "received", "a meaning already" },
		{ "From", "a meaning already" },
		{ "TO", "a meaning already" },
		{ "Subject", "a meaning already" },
		{ "Date", "a meaning already" },
		{ "Message-Id", "a meaning already" },
		{ "Return-Path", "a meaning already" },
		{ "DKIM-Signature", "a meaning already" },
		{ "ARC-Seal", "a meaning already" },
		{ "Authentication-Results", "a meaning already" },
		{ "MIME-Version", "a meaning already" },
		{ "Content-Type", "a meaning already" },
		{ "content-anything", "a meaning already" },
		{ "Resent-From", "a meaning already" },
		{ "List-Unsubscribe", "a meaning already" },
		{ "Disposition-Notification-To", "a meaning already" },
		{ "Delivered-To", "a meaning already" },
		{ "X-UIDL", "a meaning already" },
		{ "Status", "a meaning already" },
		{ "X-Mozilla-Status", "a meaning already" },
	};
	const char *name, *error;

	test_begin("pop_policy_value_header(): invalid");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		error = NULL;
		test_assert_idx(pop_policy_value_header(tests[i].name, &name,
							&error) == -1, i);
		test_assert_idx(name == NULL && error != NULL &&
				strstr(error, tests[i].error) != NULL, i);
	}
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_pop_policy_value_header,
		test_pop_policy_value_header_invalid,
		NULL
	};
	return test_run(test_functions);
}
