/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "pop-policy-maildir-names.h"
#include "maildir-line.h"

#define GUID "0123456789abcdef0123456789ABCDEF"

static void test_header(void)
{
	static const struct {
		const char *line;
		bool valid;
	} tests[] = {
		{ "3 V1767225600 N9 G"GUID, TRUE },
		{ "3 G"GUID" N9 V1767225600", TRUE },
		{ "3 V1767225600 N9 G"GUID" Pxyz X", TRUE },
		{ "3 V1767225600 N4294967295 G"GUID, TRUE },
		{ "", FALSE },
		{ "3", FALSE },
		{ "3 ", FALSE },
		{ "3  V1767225600 N9 G"GUID, FALSE },
		{ "3 V1767225600 N9 G"GUID" ", FALSE },
		{ "3 V1767225600  N9 G"GUID, FALSE },
		{ "3 V1767225600 N9", FALSE },
		{ "3 V1767225600 G"GUID, FALSE },
		{ "3 N9 G"GUID, FALSE },
		{ "3 V0 N9 G"GUID, FALSE },
		{ "3 V1767225600 N0 G"GUID, FALSE },
		{ "3 V4294967296 N9 G"GUID, FALSE },
		{ "3 V99999999999999999999 N9 G"GUID, FALSE },
		{ "3 V1767225600 V1767225601 N9 G"GUID, FALSE },
		{ "3 V1767225600 N9 G"GUID" G"GUID, FALSE },
		{ "3 Vx N9 G"GUID, FALSE },
		{ "3 V N9 G"GUID, FALSE },
		{ "3 V1767225600x N9 G"GUID, FALSE },
		{ "3 V1767225600 N9 Gx", FALSE },
		{ "3 V1767225600 N9 G"GUID"0", FALSE },
		{ "3 V1767225600 N9 G00000000000000000000000000000000", FALSE },
		{ "3 v1 V1767225600 N9 G"GUID, FALSE },
		{ "33 V1767225600 N9 G"GUID, FALSE },
		{ "2 V1767225600 N9 G"GUID, FALSE },
		/* Dovecot 1.0, and Courier */
		{ "1 1767225600 9", FALSE },
	};
	struct pop_policy_maildir_header hdr;

	test_begin("header");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(pop_policy_maildir_header_parse(tests[i].line,
					&hdr) == tests[i].valid, i);
		test_assert_idx(!tests[i].valid ||
			(hdr.uid_validity == 1767225600 &&
			 strcasecmp(guid_128_to_string(hdr.guid),
				    GUID) == 0), i);
	}
	test_end();
}

static void test_record(void)
{
	static const struct {
		const char *line, *shown;
	} tests[] = {
		{ "1 :a", "1 a P=- O=- G=- W=-" },
		{ "4294967294 :a b", "4294967294 a b P=- O=- G=- W=-" },
		{ "1 W12 :a,S=1", "1 a,S=1 P=- O=- G=- W=12" },
		{ "1 Px:y/z O7 Gg W1 S2 Zz :a", "1 a P=x:y/z O=7 G=g W=1" },
		{ "1 P :a", "1 a P= O=- G=- W=-" },
		{ "1 X :a", "1 a P=- O=- G=- W=-" },
		{ "", "" },
		{ "1", "" },
		{ "1 ", "" },
		{ "1 :", "" },
		{ "1 W12", "" },
		{ "1 W12 ", "" },
		{ "1 W12:a", "" },
		{ "1:a", "" },
		{ "1x:a", "" },
		{ "1  :a", "" },
		{ "1 W1  :a", "" },
		{ " 1 :a", "" },
		{ "0 :a", "" },
		{ "01 :a", "" },
		{ "-1 :a", "" },
		{ "x :a", "" },
		{ "1x :a", "" },
		{ "4294967295 :a", "" },
		{ "4294967297 :a", "" },
		{ "18446744073709551617 :a", "" },
		{ "1 w1 :a", "" },
		{ "1 W1 W2 :a", "" },
		{ "1 P P :a", "" },
		{ "1 a", "" },
		{ "1 :/a", "" },
		{ "1 :a/b", "" },
		{ "1 :a:2,S", "" },
	};

	test_begin("record");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		test_assert_strcmp_idx(line_show(tests[i].line),
				       tests[i].shown, i);
	} T_END;
	test_end();
}

static void test_virtual_size(void)
{
	static const struct {
		const char *line;
		/* -1 if it is not known */
		int64_t size;
	} tests[] = {
		{ "1 :a,S=1,W=12", 12 },
		{ "1 :a,W=12,S=1", 12 },
		{ "1 :a,W=0", 0 },
		{ "1 W34 :a,W=12", 12 },
		{ "1 W34 :a,S=12", 34 },
		{ "1 W34 P :a", 34 },
		{ "1 W0 :a", 0 },
		{ "1 W999999999999999999 :a", 999999999999999999LL },
		{ "1 W9999999999999999999 :a", -1 },
		{ "1 :a,W=99999999999999999999", -1 },
		{ "1 :a", -1 },
		{ "1 S34 :a,S=12", -1 },
		{ "1 W :a", -1 },
		{ "1 W034 :a", -1 },
		{ "1 W34x :a", -1 },
		{ "1 W-34 :a", -1 },
		{ "1 :a,W=", -1 },
		{ "1 :a,W=,S=1", -1 },
		{ "1 :a,W=012", -1 },
		{ "1 :a,W=12x", -1 },
		{ "1 :a,W=12 ", -1 },
		{ "1 :aW=12", -1 },
		/* Dovecot does not look for a second one in the name either */
		{ "1 :a,W=x,W=12", -1 },
		/* it would take the record's, but why is the name like that? */
		{ "1 W34 :a,W=x", -1 },
	};
	struct pop_policy_maildir_record record;

	test_begin("virtual size");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		uoff_t size = 77;
		bool found;

		test_assert_idx(pop_policy_maildir_record_parse(tests[i].line,
								&record), i);
		found = pop_policy_maildir_record_get_virtual_size(&record,
								   &size);
		test_assert_idx(found == (tests[i].size >= 0), i);
		test_assert_idx(size == (found ? (uoff_t)tests[i].size : 77),
				i);
	}
	test_end();
}

static void test_names(void)
{
	struct pop_policy_maildir_names names;
	char name[32];
	size_t len;

	test_begin("names");
	pop_policy_maildir_names_init(&names);
	for (unsigned int i = 0; i < 20000; i++) {
		len = i_snprintf(name, sizeof(name), "%u", i) < 0 ? 0 :
			strlen(name);
		test_assert_idx(pop_policy_maildir_names_add(&names, name, len),
				i);
	}
	for (unsigned int i = 0; i < 20000; i += 7) {
		len = i_snprintf(name, sizeof(name), "%u", i) < 0 ? 0 :
			strlen(name);
		test_assert_idx(!pop_policy_maildir_names_add(&names, name,
							      len), i);
	}
	/* all that differs is how long they are, or one character */
	memset(name, 'a', sizeof(name));
	for (len = 0; len < sizeof(name); len++) {
		test_assert_idx(pop_policy_maildir_names_add(&names, name, len),
				len);
		name[len] = 'b';
		test_assert_idx(pop_policy_maildir_names_add(&names, name,
							     len + 1), len);
		name[len] = 'a';
	}
	pop_policy_maildir_names_deinit(&names);
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_header,
		test_record,
		test_virtual_size,
		test_names,
		NULL
	};
	return test_run(test_functions);
}
