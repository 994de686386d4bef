/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str-sanitize.h"
#include "pop-policy-log.h"

const char *pop_policy_log_text(const char *text, size_t max_len)
{
	char *str = p_strdup(pool_datastack_create(),
			     str_sanitize(text, max_len));
	unsigned char *p;

	/* what str_sanitize() leaves: DEL, and U+0080 to U+009F in UTF-8 */
	for (p = (unsigned char *)str; *p != '\0'; p++) {
		if (*p == 0x7f)
			*p = '?';
		else if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)
			p[0] = p[1] = '?';
	}
	return str;
}

const char *pop_policy_log_value(const char *value)
{
	return pop_policy_log_text(value, POP_POLICY_LOG_VALUE_MAX_LEN);
}
