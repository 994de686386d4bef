/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Input: a time. */

#include "lib.h"
#include "pop-policy-time.h"
#include "fuzz.h"

#include <time.h>

/* 0000-01-01T00:00:00+23:59 */
#define FIRST (-62167219200LL - (24*3600 - 60))
/* 9999-12-31T23:59:60-23:59, and what a fraction of an hour may add */
#define LAST (253402300800LL + (24*3600 - 60) + 3599)

static void check_printed(int64_t secs)
{
	time_t t = secs;
	struct tm tm;
	int64_t again;
	const char *text;

	i_assert(gmtime_r(&t, &tm) != NULL);
	if (tm.tm_year < -1900 || tm.tm_year > 9999 - 1900)
		return;
	text = t_strdup_printf("%04d%02d%02d%02d%02d%02dZ", tm.tm_year + 1900,
			       tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
			       tm.tm_min, tm.tm_sec);
	i_assert(pop_policy_time_parse(text, &again) == 0 && again == secs);
	text = t_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02d.9z",
			       tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			       tm.tm_hour, tm.tm_min, tm.tm_sec);
	i_assert(pop_policy_time_parse(text, &again) == 0 && again == secs);
}

/* The same in a zone that is east of it by an hour */
static void check_zone(const char *text, int64_t secs)
{
	size_t len = strlen(text);
	int64_t moved;

	if (text[len - 1] != 'Z' || len > 50)
		return;
	text = t_strconcat(t_strndup(text, len - 1), "+01", NULL);
	i_assert(pop_policy_time_parse(text, &moved) == 0 &&
		 moved == secs - 3600);
}

void fuzz_text(const char *text)
{
	int64_t secs;

	if (pop_policy_time_parse(text, &secs) < 0)
		return;
	i_assert(secs >= FIRST && secs <= LAST);
	i_assert(pop_policy_time_is_cacheable(secs) ==
		 ((int64_t)(uint32_t)secs == secs));
	check_printed(secs);
	check_zone(text, secs);
}
