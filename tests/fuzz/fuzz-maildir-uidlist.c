/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Input: dovecot-uidlist, with \1 in place of NUL. The plugin reads it here
   through a small window, so that short inputs are several of them. */

#include "lib.h"
#include "array.h"
#include "write-full.h"
#include "pop-policy-maildir-lines.h"
#include "pop-policy-maildir-names.h"
#include "pop-policy-maildir-uidlist.h"
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

/* What a plain reading of the file finds */
struct plain {
	ARRAY(struct pop_policy_maildir_record) records;
	/* as Dovecot writes it, and with no line that is long */
	bool sound;
};

static int file_create(const char *text)
{
	char *data = t_strdup_noconst(text);
	size_t size = strlen(text);
	int fd = memfd_create("uidlist", 0);

	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\1')
			data[i] = '\0';
	}
	if (fd == -1 || write_full(fd, data, size) < 0)
		i_fatal("Cannot write to memory: %m");
	return fd;
}

static void plain_add(struct plain *plain, const char *line)
{
	struct pop_policy_maildir_record record, *other;

	if (strlen(line) >= POP_POLICY_MAILDIR_WINDOW_SIZE / 2)
		plain->sound = FALSE;
	if (!pop_policy_maildir_record_parse(line, &record)) {
		plain->sound = FALSE;
		return;
	}
	array_foreach_modifiable(&plain->records, other) {
		if (other->uid >= record.uid ||
		    strcmp(other->filename, record.filename) == 0)
			plain->sound = FALSE;
	}
	array_push_back(&plain->records, &record);
}

static void plain_read(struct plain *plain, const char *text)
{
	const char *end;

	t_array_init(&plain->records, 16);
	plain->sound = strpbrk(text, "\1\r") == NULL;
	/* the header */
	end = strchr(text, '\n');
	i_assert(end != NULL);
	for (text = end + 1; (end = strchr(text, '\n')) != NULL;
	     text = end + 1)
		plain_add(plain, t_strdup_until(text, end));
	/* a last line that is being written */
	if (strlen(text) >= POP_POLICY_MAILDIR_WINDOW_SIZE / 2)
		plain->sound = FALSE;
}

static bool value_equals(const char *value1, const char *value2)
{
	if (value1 == NULL || value2 == NULL)
		return value1 == value2;
	return strcmp(t_strcut(value1, ' '), t_strcut(value2, ' ')) == 0;
}

/* What is found is what is there. */
static bool is_known(const struct plain *plain,
		     const struct pop_policy_maildir_record *record)
{
	const struct pop_policy_maildir_record *known;

	array_foreach(&plain->records, known) {
		if (known->uid == record->uid &&
		    strcmp(known->filename, record->filename) == 0 &&
		    value_equals(known->pop3_uidl, record->pop3_uidl) &&
		    value_equals(known->virtual_size,
				 record->virtual_size))
			return TRUE;
	}
	return FALSE;
}

static bool uid_is_known(const struct plain *plain, uint32_t uid)
{
	const struct pop_policy_maildir_record *known;

	array_foreach(&plain->records, known) {
		if (known->uid == uid)
			return TRUE;
	}
	return FALSE;
}

static void
check_find(struct pop_policy_maildir_uidlist *uidlist,
	   const struct plain *plain, uint32_t uid)
{
	struct pop_policy_maildir_record record;
	bool found;

	found = pop_policy_maildir_uidlist_find(uidlist, uid, &record);
	i_assert(!found || (record.uid == uid && is_known(plain, &record)));
	i_assert(!plain->sound || found == uid_is_known(plain, uid));
}

/* Ask for every mail, from the one at the index on, then for all of them */
static void
check_from(const char *path, const struct plain *plain, unsigned int first)
{
	struct pop_policy_maildir_uidlist *uidlist;
	const struct pop_policy_maildir_record *known;
	unsigned int count;

	uidlist = pop_policy_maildir_uidlist_open(path);
	i_assert(uidlist != NULL);
	known = array_get(&plain->records, &count);
	for (unsigned int i = first; i < count; i++) {
		check_find(uidlist, plain, known[i].uid);
		check_find(uidlist, plain, known[i].uid + 1);
	}
	for (unsigned int i = count; i > 0; i--)
		check_find(uidlist, plain, known[i-1].uid);
	check_find(uidlist, plain, UINT32_MAX - 1);
	pop_policy_maildir_uidlist_close(&uidlist);
}

static void check_names(const struct plain *plain)
{
	struct pop_policy_maildir_names names;
	const struct pop_policy_maildir_record *known;

	pop_policy_maildir_names_init(&names);
	array_foreach(&plain->records, known) {
		const char *name = known->filename;

		(void)pop_policy_maildir_names_add(&names, name, strlen(name));
		i_assert(!pop_policy_maildir_names_add(&names, name,
						       strlen(name)));
	}
	pop_policy_maildir_names_deinit(&names);
}

void fuzz_text(const char *text)
{
	struct pop_policy_maildir_uidlist *uidlist;
	struct plain plain;
	int fd = file_create(text);
	const char *path = t_strdup_printf("/proc/self/fd/%d", fd);

	uidlist = pop_policy_maildir_uidlist_open(path);
	if (uidlist != NULL) {
		i_assert(pop_policy_maildir_uidlist_get_header(uidlist)->
			 uid_validity != 0);
		plain_read(&plain, text);
		check_find(uidlist, &plain, 1);
		for (unsigned int i = 0; i < 3; i++)
			check_from(path, &plain,
				   i * array_count(&plain.records) / 3);
		check_names(&plain);
	}
	pop_policy_maildir_uidlist_close(&uidlist);
	i_close_fd(&fd);
}
