/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "message-header-encode.h"
#include "mail-storage-private.h"
#include "pop-policy.h"
#include "pop-policy-mailbox-header.h"

/* RFC 5322 allows 998 octets for a line. */
#define MAX_PLAIN_LEN 900

/* What would be read as something else, or does not fit into a line */
static bool name_needs_encoding(const char *name)
{
	const char *p;

	for (p = name; *p != '\0'; p++) {
		if (*p < 0x20 || *p > 0x7e)
			return TRUE;
	}
	return p - name > MAX_PLAIN_LEN || strstr(name, "=?") != NULL;
}

const char *pop_policy_mailbox_header(const struct pop_policy *policy,
				      const struct mailbox *box)
{
	const char *name = box->vname, *p;
	string_t *encoded, *line;

	if (policy->mailbox_header == NULL || box->inbox_user)
		return "";
	line = t_str_new(128);
	str_append(line, policy->mailbox_header);
	str_append(line, ": ");
	if (name_needs_encoding(name)) {
		encoded = t_str_new(256);
		message_header_encode_q((const unsigned char *)name,
					strlen(name), encoded, str_len(line));
		name = str_c(encoded);
	}
	while ((p = strchr(name, '\n')) != NULL) {
		/* folded */
		str_append_data(line, name, p - name);
		str_append(line, "\r\n");
		name = p + 1;
	}
	str_append(line, name);
	str_append(line, "\r\n");
	return str_c(line);
}
