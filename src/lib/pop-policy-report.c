/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "strescape.h"
#include "imap-util.h"
#include "pop-policy-log.h"
#include "pop-policy-report.h"

#define REPORT_IS_FULL "; ..."

/* TRUE if the name cannot be taken for another part of the line. */
static bool is_plain_name(const char *name)
{
	if (*name == '\0')
		return FALSE;
	for (; *name != '\0'; name++) {
		if (strchr(" \"\\;=()", *name) != NULL)
			return FALSE;
	}
	return TRUE;
}

static const char *mailbox_text(const char *mailbox)
{
	const char *name = pop_policy_log_value(mailbox);

	return is_plain_name(name) ? name :
		t_strconcat("\"", str_escape(name), "\"", NULL);
}

const char *pop_policy_report_uids(const ARRAY_TYPE(seq_range) *uids)
{
	string_t *str = t_str_new(128);
	const char *text;
	size_t len = POP_POLICY_REPORT_UIDS_MAX_LEN;

	imap_write_seq_range(str, uids);
	text = str_c(str);
	if (str_len(str) <= len)
		return text;
	while (text[len] != ',')
		len--;
	return t_strconcat(t_strndup(text, len), ",...", NULL);
}

static bool is_full(string_t *line)
{
	const char *end;

	if (str_len(line) < POP_POLICY_REPORT_MAX_LEN)
		return FALSE;
	end = str_c(line) + str_len(line) - strlen(REPORT_IS_FULL);
	if (strcmp(end, REPORT_IS_FULL) != 0)
		str_append(line, REPORT_IS_FULL);
	return TRUE;
}

void pop_policy_report_add_done(string_t *line, const char *done_word,
				const char *remark, const char *mailbox,
				const ARRAY_TYPE(seq_range) *uids)
{
	if (array_count(uids) == 0 || is_full(line))
		return;
	str_append(line, t_strdup_printf("%s%s %s count=%u uid=%s%s",
		str_len(line) > 0 ? "; " : "", done_word,
		mailbox_text(mailbox), seq_range_count(uids),
		pop_policy_report_uids(uids), remark));
}

void pop_policy_report_add(string_t *line, enum pop_policy_action action,
			   enum pop_policy_trigger trigger,
			   const char *mailbox,
			   const ARRAY_TYPE(seq_range) *uids)
{
	pop_policy_report_add_done(line,
		pop_policy_action_infos[action].done_word,
		trigger == POP_POLICY_TRIGGER_RETR ? " (RETR)" : "",
		mailbox, uids);
}
