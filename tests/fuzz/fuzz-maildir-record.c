/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Input: a line of dovecot-uidlist. */

#include "lib.h"
#include "str.h"
#include "pop-policy-maildir-record.h"
#include "fuzz.h"

static void value_print(string_t *str, char letter, const char *value)
{
	if (value != NULL)
		str_printfa(str, " %c%s", letter, t_strcut(value, ' '));
}

static bool value_equals(const char *value1, const char *value2)
{
	if (value1 == NULL || value2 == NULL)
		return value1 == value2;
	return strcmp(t_strcut(value1, ' '), t_strcut(value2, ' ')) == 0;
}

static void check_record(const struct pop_policy_maildir_record *record)
{
	struct pop_policy_maildir_record again;
	string_t *str = t_str_new(128);
	uoff_t size1 = 0, size2 = 0;
	bool found;

	i_assert(record->uid > 0 && record->uid < UINT32_MAX);
	i_assert(*record->filename != '\0' &&
		 strpbrk(record->filename, ":/") == NULL);
	str_printfa(str, "%u", record->uid);
	value_print(str, 'W', record->virtual_size);
	value_print(str, 'G', record->guid);
	value_print(str, 'O', record->pop3_order);
	value_print(str, 'P', record->pop3_uidl);
	str_printfa(str, " :%s", record->filename);

	i_assert(pop_policy_maildir_record_parse(str_c(str), &again));
	i_assert(again.uid == record->uid);
	i_assert(strcmp(again.filename, record->filename) == 0);
	i_assert(value_equals(again.virtual_size, record->virtual_size));
	i_assert(value_equals(again.guid, record->guid));
	i_assert(value_equals(again.pop3_order, record->pop3_order));
	i_assert(value_equals(again.pop3_uidl, record->pop3_uidl));

	found = pop_policy_maildir_record_get_virtual_size(record, &size1);
	i_assert(pop_policy_maildir_record_get_virtual_size(&again, &size2) ==
		 found);
	i_assert(size1 == size2 && size1 <= 999999999999999999ULL);
}

static void check_header(const struct pop_policy_maildir_header *hdr)
{
	static const guid_128_t no_guid;
	struct pop_policy_maildir_header again;
	const char *text = t_strdup_printf("3 V%u N1 G%s", hdr->uid_validity,
					   guid_128_to_string(hdr->guid));

	i_assert(hdr->uid_validity != 0);
	i_assert(memcmp(hdr->guid, no_guid, sizeof(no_guid)) != 0);
	i_assert(pop_policy_maildir_header_parse(text, &again));
	i_assert(memcmp(hdr, &again, sizeof(again)) == 0);
}

void fuzz_text(const char *text)
{
	struct pop_policy_maildir_record record;
	struct pop_policy_maildir_header hdr;
	uint32_t uid;

	if (pop_policy_maildir_header_parse(text, &hdr))
		check_header(&hdr);
	if (pop_policy_maildir_record_parse(text, &record)) {
		i_assert(pop_policy_maildir_uid_parse(text, &uid) &&
			 uid == record.uid);
		check_record(&record);
	}
}
