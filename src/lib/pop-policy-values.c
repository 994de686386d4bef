/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str-sanitize.h"
#include "imap-arg.h"
#include "iso8601-date.h"
#include "unichar.h"
#include "pop-policy-values.h"

#include <ctype.h>
#include <time.h>

/* RFC 2449 allows 512 octets for a whole reply line */
#define POP_POLICY_TEXT_MAX_LEN 400
/* Longer than any valid time, with or without a fraction */
#define POP_POLICY_TIME_MAX_LEN 64
/* Dovecot's default mail_max_keyword_length */
#define POP_POLICY_KEYWORD_MAX_LEN 50
#define POP_POLICY_MAILBOX_MAX_LEN 1000

struct pop_policy_word {
	const char *name;
	unsigned int value;
};

static const struct pop_policy_word bool_words[] = {
	{ "yes", TRUE }, { "true", TRUE }, { "y", TRUE }, { "1", TRUE },
	{ "no", FALSE }, { "false", FALSE }, { "n", FALSE }, { "0", FALSE },
	{ NULL, 0 }
};

static const struct pop_policy_word spam_words[] = {
	{ "exclude", POP_POLICY_SPAM_EXCLUDE },
	{ "include", POP_POLICY_SPAM_INCLUDE },
	{ "only", POP_POLICY_SPAM_ONLY },
	{ NULL, 0 }
};

int pop_policy_value_bad(const char *key, const char *value,
			 const char *reason, const char **error_r)
{
	*error_r = t_strdup_printf("%s: Invalid value '%s': %s", key,
		str_sanitize(value, POP_POLICY_LOG_VALUE_MAX_LEN), reason);
	return -1;
}

static int word_find(const struct pop_policy_word *words, const char *value,
		     unsigned int *value_r)
{
	for (; words->name != NULL; words++) {
		if (strcasecmp(words->name, value) == 0) {
			*value_r = words->value;
			return 0;
		}
	}
	return -1;
}

int pop_policy_value_bool(const char *value, bool *value_r,
			  const char **error_r)
{
	unsigned int num;

	if (word_find(bool_words, value, &num) < 0) {
		*error_r = "not a boolean (yes or no)";
		return -1;
	}
	*value_r = num != 0;
	return 0;
}

int pop_policy_value_spam(const char *value, enum pop_policy_spam *spam_r,
			  const char **error_r)
{
	unsigned int num;
	bool include;

	if (word_find(spam_words, value, &num) == 0)
		*spam_r = num;
	else if (pop_policy_value_bool(value, &include, error_r) == 0) {
		*spam_r = include ? POP_POLICY_SPAM_INCLUDE :
			POP_POLICY_SPAM_EXCLUDE;
	} else {
		*error_r = "not one of exclude, include, only";
		return -1;
	}
	return 0;
}

int pop_policy_value_delete(const char *value, enum pop_policy_action *action_r,
			    const char **error_r)
{
	bool delete;

	if (strcasecmp(value, "default") == 0)
		*action_r = POP_POLICY_ACTION_NONE;
	else if (pop_policy_action_find(value, action_r) &&
		 *action_r != POP_POLICY_ACTION_NONE) {
		/* only retrieved mail can be left alone */
	} else if (pop_policy_value_bool(value, &delete, error_r) == 0) {
		*action_r = delete ? POP_POLICY_ACTION_DELETE :
			POP_POLICY_ACTION_KEEP;
	} else {
		*error_r = t_strconcat("not one of default, ",
			pop_policy_action_get_words(POP_POLICY_ACTION_NONE + 1),
			NULL);
		return -1;
	}
	return 0;
}

int pop_policy_value_retrieve(const char *value,
			      enum pop_policy_action *action_r,
			      const char **error_r)
{
	if (pop_policy_action_find(value, action_r))
		return 0;
	*error_r = t_strconcat("not one of ",
		pop_policy_action_get_words(POP_POLICY_ACTION_NONE), NULL);
	return -1;
}

/* Take exactly count digits. */
static int
parse_digits(const char **p, unsigned int count, int min, int max, int *num_r)
{
	int num = 0;

	for (; count > 0; count--, (*p)++) {
		if (!i_isdigit(**p))
			return -1;
		num = num * 10 + (**p - '0');
	}
	if (num < min || num > max)
		return -1;
	*num_r = num;
	return 0;
}

/* The fraction belongs to the last unit given, which is unit_secs long.
   Exact for any number of digits: rounding down at each step of Horner's rule
   equals rounding the whole down. */
static int
parse_fraction(const char **p, int unit_secs, int *secs_r)
{
	const char *start, *digit;
	int secs = 0;

	*secs_r = 0;
	if (**p != '.' && **p != ',')
		return 0;
	start = ++(*p);
	while (i_isdigit(**p))
		(*p)++;
	if (*p == start)
		return -1;
	for (digit = *p; digit > start; digit--)
		secs = (secs + (digit[-1] - '0') * unit_secs) / 10;
	*secs_r = secs;
	return 0;
}

/* g-time-zone. It is mandatory everywhere, for an account has no local
   time. */
static int parse_zone(const char **p, int *offset_secs_r)
{
	int sign, hour, min = 0;

	*offset_secs_r = 0;
	switch (*(*p)++) {
	case 'Z':
		return 0;
	case '+':
		sign = 1;
		break;
	case '-':
		sign = -1;
		break;
	default:
		return -1;
	}
	if (parse_digits(p, 2, 0, 23, &hour) < 0)
		return -1;
	if (**p != '\0' && parse_digits(p, 2, 0, 59, &min) < 0)
		return -1;
	*offset_secs_r = sign * (hour * 3600 + min * 60);
	return 0;
}

/* timegm() would make the 2nd of March of a 30th of February. A leap second is
   the first of the next minute. */
static int tm_to_time(const struct tm *tm, time_t *time_r)
{
	static const int month_days[] =
		{ 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year = tm->tm_year + 1900;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	struct tm copy = *tm;

	if (tm->tm_mon < 0 || tm->tm_mon > 11 || tm->tm_mday < 1 ||
	    tm->tm_mday > month_days[tm->tm_mon] +
			  (leap && tm->tm_mon == 1 ? 1 : 0) ||
	    tm->tm_hour > 23 || tm->tm_min > 59 || tm->tm_sec > 60)
		return -1;
	*time_r = timegm(&copy);
	return 0;
}

static int parse_generalized_time(const char *p, time_t *time_r)
{
	struct tm tm;
	int year, unit = 3600, fraction, offset;

	i_zero(&tm);
	if (parse_digits(&p, 4, 0, 9999, &year) < 0 ||
	    parse_digits(&p, 2, 1, 12, &tm.tm_mon) < 0 ||
	    parse_digits(&p, 2, 1, 31, &tm.tm_mday) < 0 ||
	    parse_digits(&p, 2, 0, 23, &tm.tm_hour) < 0)
		return -1;
	tm.tm_year = year - 1900;
	tm.tm_mon--;
	if (i_isdigit(*p)) {
		unit = 60;
		if (parse_digits(&p, 2, 0, 59, &tm.tm_min) < 0)
			return -1;
		if (i_isdigit(*p)) {
			unit = 1;
			if (parse_digits(&p, 2, 0, 60, &tm.tm_sec) < 0)
				return -1;
		}
	}
	if (parse_fraction(&p, unit, &fraction) < 0 ||
	    parse_zone(&p, &offset) < 0 || *p != '\0' ||
	    tm_to_time(&tm, time_r) < 0)
		return -1;
	*time_r += fraction - offset;
	return 0;
}

static int parse_rfc3339(const char *value, time_t *time_r)
{
	struct tm tm;
	int offset_mins;

	if (!iso8601_date_parse_tm((const unsigned char *)value, strlen(value),
				   &tm, &offset_mins) ||
	    tm_to_time(&tm, time_r) < 0)
		return -1;
	*time_r -= (time_t)offset_mins * 60;
	return 0;
}

int pop_policy_value_time(const char *value, time_t *time_r,
			  const char **error_r)
{
	size_t len = strlen(value);

	if (len <= POP_POLICY_TIME_MAX_LEN) {
		if (parse_generalized_time(value, time_r) == 0)
			return 0;
		if (len == strlen("YYYY-MM-DD"))
			value = t_strconcat(value, "T00:00:00Z", NULL);
		if (parse_rfc3339(value, time_r) == 0)
			return 0;
	}
	*error_r = "not a time with zone, such as 20260101000000Z or "
		"2026-01-01T00:00:00Z";
	return -1;
}

int pop_policy_value_since(const char *value, time_t *since_r,
			   const char **error_r)
{
	*since_r = 0;
	if (*value == '\0')
		return 0;
	if (pop_policy_value_time(value, since_r, error_r) < 0)
		return -1;
	if (*since_r < 0)
		*since_r = 0;
	return 0;
}

int pop_policy_value_text(const char *value, const char **text_r,
			  const char **error_r)
{
	const char *p;

	if (*value == '\0') {
		*error_r = "empty";
		return -1;
	}
	if (*value == '[') {
		*error_r = "starts with '[', which would be a response code";
		return -1;
	}
	if (strlen(value) > POP_POLICY_TEXT_MAX_LEN) {
		*error_r = "longer than 400 octets";
		return -1;
	}
	for (p = value; *p != '\0'; p++) {
		if (*p < 0x20 || *p > 0x7e) {
			*error_r = "not one line of printable ASCII";
			return -1;
		}
	}
	*text_r = value;
	return 0;
}

int pop_policy_value_keyword(const char *value, const char **keyword_r,
			     const char **error_r)
{
	const char *p;

	*keyword_r = NULL;
	if (*value == '\0')
		return 0;
	if (strlen(value) > POP_POLICY_KEYWORD_MAX_LEN) {
		*error_r = "longer than 50 octets";
		return -1;
	}
	for (p = value; *p != '\0'; p++) {
		if (!IS_ATOM_CHAR(*p)) {
			*error_r = "not an IMAP keyword";
			return -1;
		}
	}
	*keyword_r = value;
	return 0;
}

/* Names such as ../x and a//b are refused by the mailbox list as well, but by
   then the client has been told that it is logged in. */
static bool mailbox_name_has_bad_part(const char *value)
{
	const char *const *parts = t_strsplit(value, "/");

	for (; *parts != NULL; parts++) {
		if (**parts == '\0' || strcmp(*parts, ".") == 0 ||
		    strcmp(*parts, "..") == 0)
			return TRUE;
	}
	return FALSE;
}

int pop_policy_value_mailbox(const char *value, const char **name_r,
			     const char **error_r)
{
	const char *p;

	*name_r = NULL;
	if (*value == '\0')
		return 0;
	if (strcasecmp(value, "INBOX") == 0) {
		*error_r = "INBOX cannot be used here";
		return -1;
	}
	if (strlen(value) > POP_POLICY_MAILBOX_MAX_LEN) {
		*error_r = "too long";
		return -1;
	}
	for (p = value; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f) {
			*error_r = "has control characters";
			return -1;
		}
	}
	if (!uni_utf8_str_is_valid(value) || *value == '~' ||
	    mailbox_name_has_bad_part(value)) {
		*error_r = "not a mailbox name";
		return -1;
	}
	*name_r = value;
	return 0;
}
