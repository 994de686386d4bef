/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Input: a text of somebody else, such as the name of a mailbox, that gets into
   the log. */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "strescape.h"
#include "pop-policy-log.h"
#include "pop-policy-report.h"
#include "fuzz.h"

#define ENTRY_MAX_LEN (POP_POLICY_REPORT_UIDS_MAX_LEN + 400)

static void check_cut(const char *text)
{
	static const size_t lengths[] = { 0, 1, 2, 3, 4, 5, 10, 80, 1000 };
	const char *cut;

	for (unsigned int i = 0; i < N_ELEMENTS(lengths); i++) {
		cut = pop_policy_log_text(text, lengths[i]);
		fuzz_check_line(cut, I_MAX(lengths[i], 3));
		i_assert(strcmp(pop_policy_log_text(cut, 2000), cut) == 0);
	}
}

/* The mailbox that an entry names */
static const char *entry_mailbox(const char *entry, const char *word)
{
	const char *mailbox;

	i_assert(strncmp(entry, word, strlen(word)) == 0);
	entry += strlen(word);
	i_assert(*entry++ == ' ');
	if (*entry != '"')
		return t_strcut(entry, ' ');
	entry++;
	i_assert(str_unescape_next(&entry, &mailbox) == 0);
	i_assert(*entry == ' ');
	return mailbox;
}

void fuzz_text(const char *text)
{
	string_t *line = t_str_new(128);
	ARRAY_TYPE(seq_range) uids;
	unsigned int entries;

	check_cut(text);
	t_array_init(&uids, 8);
	pop_policy_report_add(line, POP_POLICY_ACTION_KEEP,
			      POP_POLICY_TRIGGER_DELE, text, &uids);
	i_assert(str_len(line) == 0);

	/* as many UIDs as the text is long, none beside another */
	for (unsigned int i = 0; i <= strlen(text); i++)
		seq_range_array_add(&uids, i * 1000 + 1);
	for (entries = 0; entries < 50; entries++) {
		pop_policy_report_add(line, POP_POLICY_ACTION_KEEP,
				      entries % 2 == 0 ?
				      POP_POLICY_TRIGGER_DELE :
				      POP_POLICY_TRIGGER_RETR, text, &uids);
	}
	fuzz_check_line(str_c(line), POP_POLICY_REPORT_MAX_LEN + ENTRY_MAX_LEN);
	i_assert(strcmp(entry_mailbox(str_c(line), "kept"),
			pop_policy_log_value(text)) == 0);
}
