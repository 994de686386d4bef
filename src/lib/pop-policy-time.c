/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-time.h"

#include <ctype.h>

/* Longer than any valid time, with or without a fraction */
#define POP_POLICY_TIME_MAX_LEN 64

#define SECS_OF_DAY (24*3600)

struct date {
	int year, month, day;
	int hour, min, sec;
};

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

/* "Z", or an offset: +01, or with minutes behind min_sep ("" for none) +0100 or
   +01:00. A zone is mandatory, for an account has no local time. */
static int
parse_zone(const char **p, const char *min_sep, int *offset_secs_r)
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
	if (**p != '\0') {
		if (strncmp(*p, min_sep, strlen(min_sep)) != 0)
			return -1;
		*p += strlen(min_sep);
		if (parse_digits(p, 2, 0, 59, &min) < 0)
			return -1;
	}
	*offset_secs_r = sign * (hour * 3600 + min * 60);
	return 0;
}

/* Days from 1970 to the first of January, 0 to 9999: in the Gregorian calendar,
   which RFC 4517 and RFC 3339 have even where nobody used it. */
static int64_t days_to_year(int year)
{
	/* leap years before this one, the year 0 being one of them */
	int leaps = year == 0 ? 0 :
		(year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 + 1;

	return (int64_t)365 * year + leaps - 719528;
}

/* Fails on the 30th of February. A leap second is the first of the next
   minute. */
static int date_to_secs(const struct date *date, int64_t *secs_r)
{
	static const int month_days[] =
		{ 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (date->year % 4 == 0 && date->year % 100 != 0) ||
		date->year % 400 == 0;
	int64_t days = days_to_year(date->year);
	int i;

	for (i = 1; i < date->month; i++)
		days += month_days[i-1] + (leap && i == 2 ? 1 : 0);
	if (date->day > month_days[i-1] + (leap && i == 2 ? 1 : 0))
		return -1;
	*secs_r = (days + date->day - 1) * SECS_OF_DAY +
		date->hour * 3600 + date->min * 60 + date->sec;
	return 0;
}

static int parse_generalized_time(const char *p, int64_t *secs_r)
{
	struct date date;
	int unit = 3600, fraction, offset;

	i_zero(&date);
	if (parse_digits(&p, 4, 0, 9999, &date.year) < 0 ||
	    parse_digits(&p, 2, 1, 12, &date.month) < 0 ||
	    parse_digits(&p, 2, 1, 31, &date.day) < 0 ||
	    parse_digits(&p, 2, 0, 23, &date.hour) < 0)
		return -1;
	if (i_isdigit(*p)) {
		unit = 60;
		if (parse_digits(&p, 2, 0, 59, &date.min) < 0)
			return -1;
		if (i_isdigit(*p)) {
			unit = 1;
			if (parse_digits(&p, 2, 0, 60, &date.sec) < 0)
				return -1;
		}
	}
	if (parse_fraction(&p, unit, &fraction) < 0 ||
	    parse_zone(&p, "", &offset) < 0 || *p != '\0' ||
	    date_to_secs(&date, secs_r) < 0)
		return -1;
	*secs_r += fraction - offset;
	return 0;
}

static int parse_char(const char **p, const char *chars)
{
	if (**p == '\0' || strchr(chars, **p) == NULL)
		return -1;
	(*p)++;
	return 0;
}

static int
parse_rfc3339_time(const char *p, struct date *date, int *offset_r)
{
	int fraction;

	if (parse_char(&p, "Tt ") < 0 ||
	    parse_digits(&p, 2, 0, 23, &date->hour) < 0 ||
	    parse_char(&p, ":") < 0 ||
	    parse_digits(&p, 2, 0, 59, &date->min) < 0 ||
	    parse_char(&p, ":") < 0 ||
	    parse_digits(&p, 2, 0, 60, &date->sec) < 0)
		return -1;
	if (*p == '.' && parse_fraction(&p, 1, &fraction) < 0)
		return -1;
	if (strcmp(p, "z") == 0)
		return 0;
	return parse_zone(&p, ":", offset_r) == 0 && *p == '\0' ? 0 : -1;
}

static int parse_rfc3339(const char *p, int64_t *secs_r)
{
	struct date date;
	int offset = 0;

	i_zero(&date);
	if (parse_digits(&p, 4, 0, 9999, &date.year) < 0 ||
	    parse_char(&p, "-") < 0 ||
	    parse_digits(&p, 2, 1, 12, &date.month) < 0 ||
	    parse_char(&p, "-") < 0 ||
	    parse_digits(&p, 2, 1, 31, &date.day) < 0)
		return -1;
	if (*p != '\0' && parse_rfc3339_time(p, &date, &offset) < 0)
		return -1;
	if (date_to_secs(&date, secs_r) < 0)
		return -1;
	*secs_r -= offset;
	return 0;
}

int pop_policy_time_parse(const char *value, int64_t *secs_r)
{
	if (strlen(value) > POP_POLICY_TIME_MAX_LEN)
		return -1;
	if (parse_generalized_time(value, secs_r) == 0)
		return 0;
	return parse_rfc3339(value, secs_r);
}

bool pop_policy_time_is_cacheable(int64_t secs)
{
	return secs >= 0 && secs <= (int64_t)UINT32_MAX;
}
