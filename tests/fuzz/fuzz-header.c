/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Input: a line with the name of a header field, then the name of a mailbox,
   which is its owner's to choose. */

#include "lib.h"
#include "buffer.h"
#include "str.h"
#include "unichar.h"
#include "message-header-decode.h"
#include "mail-storage-private.h"
#include "pop-policy.h"
#include "pop-policy-mailbox-header.h"
#include "fuzz.h"

/* RFC 5322, 2.1.1 */
#define MAX_LINE_LEN 998

static bool name_is_plain(const char *name)
{
	for (; *name != '\0'; name++) {
		if (*name < 33 || *name > 126 || *name == ':')
			return FALSE;
	}
	return TRUE;
}

/* One field, however the mailbox is called. Returns it without line breaks. */
static const char *field_unfold(const char *field)
{
	string_t *str = t_str_new(256);
	const char *end;

	while (*field != '\0') {
		end = strstr(field, "\r\n");
		i_assert(end != NULL && end > field &&
			 end - field <= MAX_LINE_LEN);
		str_append_data(str, field, end - field);
		field = end + 2;
		i_assert(*field == '\0' || *field == ' ' || *field == '\t');
	}
	for (const char *p = str_c(str); *p != '\0'; p++)
		i_assert(*p == '\t' || (*p >= 0x20 && *p <= 0x7e));
	return str_c(str);
}

static void
check_field(const char *field, const char *name, const char *mailbox)
{
	string_t *decoded = t_str_new(256);

	field = field_unfold(field);
	i_assert(strncmp(field, name, strlen(name)) == 0);
	field += strlen(name);
	i_assert(strncmp(field, ": ", 2) == 0);
	field += 2;
	message_header_decode_utf8((const unsigned char *)field, strlen(field),
				   decoded, NULL);
	i_assert(!uni_utf8_str_is_valid(mailbox) ||
		 strcmp(str_c(decoded), mailbox) == 0);
}

void fuzz_text(const char *text)
{
	const char *value = fuzz_next_line(&text), *error, *field;
	struct pop_policy policy;
	struct mailbox box;

	i_zero(&policy);
	i_zero(&box);
	box.vname = fuzz_copy(text, strlen(text));
	if (pop_policy_value_header(value, &policy.mailbox_header,
				    &error) < 0) {
		fuzz_check_error(error);
		return;
	}
	field = pop_policy_mailbox_header(&policy, &box);
	if (policy.mailbox_header == NULL) {
		i_assert(*value == '\0' || strcasecmp(value, "none") == 0);
		i_assert(*field == '\0');
		return;
	}
	i_assert(policy.mailbox_header == value && strlen(value) <= 50);
	i_assert(name_is_plain(value));
	if (*box.vname != '\0')
		check_field(field, value, box.vname);
	box.inbox_user = TRUE;
	i_assert(*pop_policy_mailbox_header(&policy, &box) == '\0');
}
