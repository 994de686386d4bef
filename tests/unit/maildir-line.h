#ifndef MAILDIR_LINE_H
#define MAILDIR_LINE_H

/* A record of dovecot-uidlist as text, for the tests of what reads it. */

#include "pop-policy-maildir-record.h"

static const char *value_show(const char *value)
{
	return value == NULL ? "-" : t_strcut(value, ' ');
}

/* Returns what is in a line, "" if it is in doubt. */
static const char *line_show(const char *line)
{
	struct pop_policy_maildir_record record;

	if (!pop_policy_maildir_record_parse(line, &record))
		return "";
	return t_strdup_printf("%u %s P=%s O=%s G=%s W=%s", record.uid,
		record.filename, value_show(record.pop3_uidl),
		value_show(record.pop3_order), value_show(record.guid),
		value_show(record.virtual_size));
}

#endif
