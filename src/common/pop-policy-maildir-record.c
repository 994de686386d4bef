/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-maildir-record.h"

/* Of the 19 digits of the largest one */
#define MAX_NUMBER 999999999999999999ULL

/* Read a number without leading zeros. Returns what is behind it, or NULL. */
static const char *number_parse(const char *p, uint64_t *number_r)
{
	uint64_t number = 0;

	if (*p < '0' || *p > '9' || (p[0] == '0' && p[1] >= '0' && p[1] <= '9'))
		return NULL;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (number > MAX_NUMBER / 10)
			return NULL;
		number = number * 10 + (*p - '0');
	}
	*number_r = number;
	return p;
}

static bool header_number_parse(const char *value, uint32_t *number_r)
{
	uint64_t number;

	value = number_parse(value, &number);
	if (value == NULL || (*value != ' ' && *value != '\0') ||
	    *number_r != 0 || number > UINT32_MAX)
		return FALSE;
	*number_r = number;
	return TRUE;
}

static bool
header_value_parse(const char *value, struct pop_policy_maildir_header *hdr,
		   uint32_t *next_uid, bool *have_guid)
{
	switch (*value++) {
	case 'V':
		return header_number_parse(value, &hdr->uid_validity);
	case 'N':
		return header_number_parse(value, next_uid);
	case 'G':
		if (*have_guid)
			return FALSE;
		*have_guid = TRUE;
		return guid_128_from_string(t_strcut(value, ' '),
					    hdr->guid) == 0;
	}
	return value[-1] >= 'A' && value[-1] <= 'Z';
}

bool pop_policy_maildir_header_parse(const char *line,
				     struct pop_policy_maildir_header *hdr_r)
{
	static const guid_128_t no_guid;
	uint32_t next_uid = 0;
	bool have_guid = FALSE;

	i_zero(hdr_r);
	if (*line++ != '3')
		return FALSE;
	for (; line != NULL && *line == ' '; line = strchr(line + 1, ' ')) {
		if (!header_value_parse(line + 1, hdr_r, &next_uid, &have_guid))
			return FALSE;
	}
	return line == NULL && hdr_r->uid_validity != 0 && next_uid != 0 &&
		memcmp(hdr_r->guid, no_guid, sizeof(no_guid)) != 0;
}

/* Returns the blank behind the UID, or NULL. */
static const char *uid_parse(const char *line, uint32_t *uid_r)
{
	uint64_t uid;

	line = number_parse(line, &uid);
	if (line == NULL || *line != ' ' || uid == 0 || uid >= UINT32_MAX)
		return NULL;
	*uid_r = uid;
	return line;
}

bool pop_policy_maildir_uid_parse(const char *line, uint32_t *uid_r)
{
	return uid_parse(line, uid_r) != NULL;
}

/* Returns where the value of this letter belongs, NULL if nobody asks for it. */
static const char **
value_get(struct pop_policy_maildir_record *record, char letter)
{
	switch (letter) {
	case 'P':
		return &record->pop3_uidl;
	case 'O':
		return &record->pop3_order;
	case 'G':
		return &record->guid;
	case 'W':
		return &record->virtual_size;
	}
	return NULL;
}

/* Read the values, from the blank on that is before them. Returns the colon of
   the file name, or NULL. */
static const char *
values_parse(const char *p, struct pop_policy_maildir_record *record)
{
	const char **value;

	while (p != NULL && p[1] != ':') {
		if (p[1] < 'A' || p[1] > 'Z')
			return NULL;
		p += 2;
		value = value_get(record, p[-1]);
		if (value != NULL) {
			if (*value != NULL)
				return NULL;
			*value = p;
		}
		p = strchr(p, ' ');
	}
	return p == NULL ? NULL : p + 1;
}

bool pop_policy_maildir_record_parse(const char *line,
				     struct pop_policy_maildir_record *record_r)
{
	const char *p;

	i_zero(record_r);
	p = uid_parse(line, &record_r->uid);
	if (p == NULL)
		return FALSE;
	p = values_parse(p, record_r);
	if (p == NULL)
		return FALSE;
	record_r->filename = ++p;
	/* A folder is never in there, and flags are not either: where Dovecot
	   compares names it does so up to them. */
	return *p != '\0' && strchr(p, ':') == NULL && strchr(p, '/') == NULL;
}

static bool size_parse(const char *value, char end, uoff_t *size_r)
{
	uint64_t size;

	value = number_parse(value, &size);
	if (value == NULL || (*value != end && *value != '\0'))
		return FALSE;
	*size_r = size;
	return TRUE;
}

bool pop_policy_maildir_record_get_virtual_size(
	const struct pop_policy_maildir_record *record, uoff_t *size_r)
{
	const char *size = strstr(record->filename, ",W=");

	if (size != NULL)
		return size_parse(size + 3, ',', size_r);
	return record->virtual_size != NULL &&
		size_parse(record->virtual_size, ' ', size_r);
}
