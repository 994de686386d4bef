/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Input: four numbers, separated by blanks: whether a mail is dequeued, the
   stamp that the index has of it, the time, pop_policy_keep_for. */

#include "lib.h"
#include "pop-policy-stamp.h"
#include "fuzz.h"

#include <stdlib.h>

void fuzz_text(const char *text)
{
	const char *const *words = t_strsplit(text, " ");
	enum pop_policy_stamp_todo todo;
	uint32_t stamp;
	int64_t now;
	unsigned int keep_for;
	bool dequeued;

	if (str_array_length(words) != 4)
		return;
	dequeued = strcmp(words[0], "0") != 0;
	stamp = strtoull(words[1], NULL, 10);
	now = strtoll(words[2], NULL, 10);
	keep_for = strtoull(words[3], NULL, 10);
	todo = pop_policy_stamp_check(dequeued, stamp, now, keep_for);
	i_assert(todo < POP_POLICY_STAMP_COUNT);
	/* In doubt mail is kept. */
	if (todo == POP_POLICY_STAMP_EXPIRE) {
		i_assert(dequeued && keep_for > 0);
		i_assert(stamp > 0 && now - (int64_t)stamp >= keep_for);
	}
	/* A stamp is the present time, and one that 32 bits can hold. */
	if (todo == POP_POLICY_STAMP_START)
		i_assert(dequeued && now > 0 && now <= UINT32_MAX);
	if (todo == POP_POLICY_STAMP_FORGET)
		i_assert(!dequeued && stamp != 0);
}
