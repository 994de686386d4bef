/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "write-full.h"
#include "test-common.h"
#include "pop-policy-maildir-uidlist.h"
#include "maildir-line.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define GUID "0123456789abcdef0123456789ABCDEF"
#define HEADER "3 V1767225600 N9 G"GUID"\n"

static const char *path;

static void write_file(const void *data, size_t size)
{
	int fd;

	i_unlink_if_exists(path);
	fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
	if (fd == -1 || write_full(fd, data, size) < 0 || close(fd) < 0)
		i_fatal("Cannot write %s: %m", path);
}

static struct pop_policy_maildir_uidlist *
open_text(const char *header, const char *records)
{
	const char *text = t_strconcat(header, records, NULL);

	write_file(text, strlen(text));
	return pop_policy_maildir_uidlist_open(path);
}

/* Whether a file with these records has the mail */
static bool text_has(const char *records, uint32_t uid)
{
	struct pop_policy_maildir_uidlist *uidlist;
	struct pop_policy_maildir_record record;
	bool found;

	uidlist = open_text(HEADER, records);
	found = uidlist != NULL &&
		pop_policy_maildir_uidlist_find(uidlist, uid, &record);
	i_assert(!found || record.uid == uid);
	pop_policy_maildir_uidlist_close(&uidlist);
	i_assert(uidlist == NULL);
	return found;
}

static void test_open(void)
{
	struct pop_policy_maildir_uidlist *uidlist;
	const struct pop_policy_maildir_header *hdr;

	test_begin("open");
	uidlist = open_text(HEADER, "1 :a\n");
	hdr = pop_policy_maildir_uidlist_get_header(uidlist);
	test_assert(hdr->uid_validity == 1767225600);
	test_assert(strcasecmp(guid_128_to_string(hdr->guid), GUID) == 0);
	pop_policy_maildir_uidlist_close(&uidlist);

	/* of Dovecot 1.0 and Courier, not complete, empty, not there */
	test_assert(open_text("1 1767225600 9\n", "1 a\n") == NULL);
	test_assert(open_text("3 V1767225600 N9\n", "1 :a\n") == NULL);
	test_assert(open_text("3 V1767225600 N9 G"GUID, "") == NULL);
	test_assert(open_text("", "") == NULL);
	i_unlink(path);
	test_assert(pop_policy_maildir_uidlist_open(path) == NULL);
	test_assert(pop_policy_maildir_uidlist_open(".") == NULL);
	test_end();
}

static void test_doubt(void)
{
	static const struct {
		const char *records;
		/* which of the mails 1 to 9 are found */
		const char *uids;
	} tests[] = {
		{ "", "" },
		{ "2 :a\n", "2" },
		{ "2 :a\n3 :b\n9 :c\n", "239" },
		/* what is being written, or was cut off */
		{ "2 :a\n3 :b\n4", "23" },
		{ "2 :a\n3 :b\n4 :c", "23" },
		{ "2 :a", "" },
		/* behind a mail */
		{ "2 :a\nx\n4 :b\n", "" },
		{ "2 :a\n\n4 :b\n", "" },
		{ "2 :a\n3 :b\n3 :c\n4 :d\n", "4" },
		{ "2 :a\n3 :b/c\n4 :d\n", "4" },
		{ "2 :a\n3 w :b\n4 :d\n", "4" },
		{ "5 :a\n4 :b\n9 :c\n", "9" },
		/* a file twice: the later one is Dovecot's */
		{ "2 :a\n3 :b\n4 :a\n5 :c\n", "345" },
		{ "2 :a\n4 Px :a\n", "4" },
		{ "2 :a,S=1\n4 :a,S=2\n", "24" },
		{ "2 :a\r\n4 :b\n", "" },
	};

	test_begin("doubt");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		for (uint32_t uid = 1; uid <= 9; uid++) {
			test_assert_idx(text_has(tests[i].records, uid) ==
				(strchr(tests[i].uids, '0' + uid) != NULL),
				i * 10 + uid);
		}
	} T_END;
	test_end();
}

static void test_odd_bytes(void)
{
	static const char nul[] = HEADER"1 :a\n2 :b\0c\n3 :d\n";
	struct pop_policy_maildir_uidlist *uidlist;
	struct pop_policy_maildir_record record;
	string_t *text = t_str_new(32768);

	test_begin("odd bytes");
	write_file(nul, sizeof(nul) - 1);
	test_assert(pop_policy_maildir_uidlist_open(path) == NULL);

	/* a line is too long to be read as a whole */
	str_append(text, "2 :a\n3 :");
	for (unsigned int i = 0; i < 16384; i++)
		str_append_c(text, 'b');
	str_append(text, "\n4 :c\n");
	test_assert(!text_has(str_c(text), 2));
	test_assert(!text_has(str_c(text), 3));
	test_assert(!text_has(str_c(text), 4));

	/* once in doubt, always in doubt */
	uidlist = open_text(HEADER, "2 :a\n3 :b\nx\n");
	test_assert(!pop_policy_maildir_uidlist_find(uidlist, 3, &record));
	test_assert(!pop_policy_maildir_uidlist_find(uidlist, 2, &record));
	pop_policy_maildir_uidlist_close(&uidlist);
	test_end();
}

static void test_changes(void)
{
	struct pop_policy_maildir_uidlist *uidlist;
	struct pop_policy_maildir_record record;
	int fd;

	test_begin("changes");
	uidlist = open_text(HEADER, "1 :a\n2 :b\n");
	fd = open(path, O_WRONLY | O_APPEND);
	test_assert(write_full(fd, "3 :c\n", 5) == 0);
	test_assert(pop_policy_maildir_uidlist_find(uidlist, 1, &record));
	test_assert_strcmp(record.filename, "a");
	test_assert(!pop_policy_maildir_uidlist_find(uidlist, 3, &record));

	/* another file in its place */
	write_file(HEADER"1 :x\n2 :y\n", strlen(HEADER"1 :x\n2 :y\n"));
	test_assert(pop_policy_maildir_uidlist_find(uidlist, 2, &record));
	test_assert_strcmp(record.filename, "b");
	pop_policy_maildir_uidlist_close(&uidlist);

	/* which nobody does: it becomes shorter */
	uidlist = open_text(HEADER, "1 :a\n2 :b\n");
	test_assert(ftruncate(fd, 0) == 0 && truncate(path, 60) == 0);
	test_assert(!pop_policy_maildir_uidlist_find(uidlist, 2, &record));
	pop_policy_maildir_uidlist_close(&uidlist);
	i_close_fd(&fd);
	test_end();
}

/* Files of many lengths, in which mails are looked up in any order */

struct mail {
	uint32_t uid;
	const char *line;
};

static unsigned int mails_make(struct mail *mails, unsigned int max,
			       string_t *text)
{
	unsigned int count = i_rand_limit(max + 1), longest = i_rand_limit(400);
	uint32_t uid = i_rand_limit(1000);

	for (unsigned int i = 0; i < count; i++) {
		uid += 1 + (i_rand_limit(4) == 0 ? i_rand_limit(1000) : 0);
		mails[i].uid = uid;
		mails[i].line = t_strdup_printf("%u%s%s :%u.M%uP%0*u,W=%u", uid,
			i_rand_limit(9) == 0 ? " O1" : "",
			i_rand_limit(9) == 0 ? " Pa/b:c" : "", 1700000000 + i,
			uid, 1 + i_rand_limit(longest + 1), i, i);
		str_append(text, mails[i].line);
		str_append_c(text, '\n');
	}
	return count;
}

static void mails_check(struct pop_policy_maildir_uidlist *uidlist,
			const struct mail *mails, unsigned int count)
{
	struct pop_policy_maildir_record record;
	unsigned int idx = 0, chosen = i_rand_limit(5);
	uint32_t step = 1 + i_rand_limit(chosen == 0 ? 1 : 20 + count / 5);

	for (unsigned int i = 0; i < count; i++) T_BEGIN {
		/* in ascending order, or anyhow */
		idx = chosen < 4 ? idx + step : i_rand_limit(count);
		if (idx < count) {
			test_assert(pop_policy_maildir_uidlist_find(uidlist,
					mails[idx].uid, &record));
			test_assert_strcmp(line_show(mails[idx].line),
				t_strdup_printf("%u %s P=%s O=%s G=%s W=%s",
					record.uid, record.filename,
					value_show(record.pop3_uidl),
					value_show(record.pop3_order),
					value_show(record.guid),
					value_show(record.virtual_size)));
			test_assert(pop_policy_maildir_uidlist_find(uidlist,
				mails[idx].uid + 1, &record) ==
				(idx + 1 < count &&
				 mails[idx + 1].uid == mails[idx].uid + 1));
		}
	} T_END;
}

static void random_files(struct mail *mails, unsigned int max,
			 unsigned int files)
{
	for (unsigned int i = 0; i < files; i++) T_BEGIN {
		struct pop_policy_maildir_uidlist *uidlist;
		string_t *text = t_str_new(1 << 16);
		unsigned int count = mails_make(mails, max, text);

		uidlist = open_text(HEADER, str_c(text));
		test_assert(uidlist != NULL);
		mails_check(uidlist, mails, count);
		pop_policy_maildir_uidlist_close(&uidlist);
	} T_END;
}

static void test_random(void)
{
	static struct mail mails[9000];

	test_begin("random");
	random_files(mails, 1000, 200);
	/* in which mails are looked for one by one, as long as they are few */
	random_files(mails, N_ELEMENTS(mails), 6);
	test_end();
}

/* Large files */

/* Mails 1 to 20000, some with other lines */
#define LARGE 20000
struct odd_line {
	uint32_t uid;
	const char *line;
};

/* Made once a test: under valgrind that takes most of its time. */
static const char *large_lines[LARGE + 1];

static void large_lines_make(void)
{
	for (uint32_t uid = 1; uid <= LARGE; uid++) {
		large_lines[uid] = t_strdup_printf("%u :%u.name,W=%u\n",
						   uid, uid, uid);
	}
}

static struct pop_policy_maildir_uidlist *
open_large(const struct odd_line *odd)
{
	struct pop_policy_maildir_uidlist *uidlist;
	string_t *text = t_str_new(1 << 20);

	for (uint32_t uid = 1; uid <= LARGE; uid++) {
		str_append(text, odd->uid == uid ?
			   (odd++)->line : large_lines[uid]);
	}
	uidlist = open_text(HEADER, str_c(text));
	test_assert(uidlist != NULL);
	return uidlist;
}

/* Which of these mails are found, in this order */
static const char *
large_finds(const struct odd_line *odd, const uint32_t *uids)
{
	struct pop_policy_maildir_uidlist *uidlist = open_large(odd);
	struct pop_policy_maildir_record record;
	string_t *found = t_str_new(64);

	for (; *uids != 0; uids++) {
		if (pop_policy_maildir_uidlist_find(uidlist, *uids, &record)) {
			i_assert(record.uid == *uids);
			str_append_c(found, 'y');
		} else {
			str_append_c(found, 'n');
		}
	}
	pop_policy_maildir_uidlist_close(&uidlist);
	return str_c(found);
}

static void test_large(void)
{
	static const uint32_t uids[] = { 7, 9000, 19990, 7, 20000, 0 };
	static const struct {
		struct odd_line odd[3];
		const char *found;
	} tests[] = {
		{ { { 0, NULL } }, "yyyyy" },
		/* between the mails: not read */
		{ { { 8000, "x\n" } }, "yyyyy" },
		{ { { 12000, "1 :x\n" } }, "yyyyy" },
		{ { { 12000, "12000 :7.name,W=7\n" } }, "yyyyy" },
		/* a mail that is not there */
		{ { { 9000, "" } }, "ynyyy" },
		/* right behind a mail, which is looked at */
		{ { { 8, "x\n" } }, "nnnnn" },
		/* what a mail itself has */
		{ { { 7, "7 w :x\n" } }, "nnnnn" },
		{ { { 9000, "9000 :a/b\n" } }, "ynnnn" },
		/* among the last ones */
		{ { { 19980, "x\n" } }, "nnnnn" },
		{ { { 19980, "19970 :x\n" } }, "nnnnn" },
		{ { { 19980, "19980 :7.name,W=7\n" } }, "nnnnn" },
		{ { { 20000, "20000 :9000.name,W=9000\n" } }, "ynnnn" },
		{ { { 20000, "20000 :19990.name,W=19990\n" } }, "nnnnn" },
		/* the file of two mails */
		{ { { 9000, "9000 :7.name,W=7\n" } }, "ynnnn" },
	};

	test_begin("large");
	large_lines_make();
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		test_assert_strcmp_idx(large_finds(tests[i].odd, uids),
				       tests[i].found, i);
	} T_END;
	test_end();
}

/* Sixty answers: so many mails are found, and then none */
static const char *sixty(unsigned int found)
{
	string_t *answers = t_str_new(64);

	for (unsigned int i = 0; i < 60; i++)
		str_append_c(answers, i < found ? 'y' : 'n');
	return str_c(answers);
}

/* Where many mails are asked for all records are read after all */
static void test_large_many(void)
{
	static const struct odd_line odd[] = { { 15000, "x\n" }, { 0, NULL } };
	static const struct odd_line before[] = { { 50, "x\n" }, { 0, NULL } };
	uint32_t uids[61];

	test_begin("large, many");
	large_lines_make();
	for (unsigned int i = 0; i < 60; i++)
		uids[i] = 100 + i * 200;
	uids[60] = 0;
	test_assert_strcmp(large_finds(odd, uids), sixty(32));

	/* what is before the first one is never read */
	test_assert_strcmp(large_finds(before, uids), sixty(60));
	/* unless it is asked for */
	uids[59] = 99;
	test_assert_strcmp(large_finds(before, uids), sixty(59));
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_open,
		test_doubt,
		test_odd_bytes,
		test_changes,
		test_random,
		test_large,
		test_large_many,
		NULL
	};
	char name[] = "/tmp/test-pop-policy-XXXXXX";
	int fd = mkstemp(name), ret;

	if (fd == -1)
		i_fatal("mkstemp(%s) failed: %m", name);
	i_close_fd(&fd);
	path = name;
	ret = test_run(test_functions);
	i_unlink_if_exists(path);
	return ret;
}
