/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "imap-arg.h"
#include "unichar.h"
#include "pop-policy-compat.h"
#include "pop-policy-log.h"
#include "pop-policy-time.h"
#include "pop-policy-values.h"

/* RFC 2449 allows 512 octets for a whole reply line */
#define POP_POLICY_TEXT_MAX_LEN 400
/* Dovecot's default mail_max_keyword_length */
#define POP_POLICY_KEYWORD_MAX_LEN 50
#define POP_POLICY_MAILBOX_MAX_LEN 1000
/* 9999-12-31T23:59:59Z: no mail arrives later, and a directory has no more than
   four digits for a year (RFC 4517). */
#define POP_POLICY_SINCE_MAX 253402300799LL

struct pop_policy_word {
	const char *name;
	unsigned int value;
};

static const struct pop_policy_word bool_words[] = {
	{ "yes", TRUE }, { "true", TRUE }, { "y", TRUE }, { "1", TRUE },
	{ "t", TRUE },
	{ "no", FALSE }, { "false", FALSE }, { "n", FALSE }, { "0", FALSE },
	{ "f", FALSE },
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
		pop_policy_log_value(value), reason);
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

/* The last second that fits into a signed integer of that size */
static int64_t max_time(size_t size)
{
	return ((1ULL << (size * 8 - 1)) - 1);
}

int pop_policy_value_since_sized(const char *value, size_t size,
				 int64_t *since_r, const char **error_r)
{
	*since_r = 0;
	if (*value == '\0' || strcasecmp(value, "all") == 0)
		return 0;
	if (pop_policy_time_parse(value, since_r) < 0) {
		*error_r = "not a time with zone, such as 20260101000000Z or "
			"2026-01-01T00:00:00Z, or all";
		return -1;
	}
	if (*since_r > max_time(size)) {
		*error_r = "later than this system can count";
		return -1;
	}
	if (*since_r < 0)
		*since_r = 0;
	if (*since_r > POP_POLICY_SINCE_MAX)
		*since_r = POP_POLICY_SINCE_MAX;
	return 0;
}

int pop_policy_value_since(const char *value, time_t *since_r,
			   const char **error_r)
{
	int64_t since;

	if (pop_policy_value_since_sized(value, sizeof(*since_r), &since,
					 error_r) < 0)
		return -1;
	*since_r = since;
	return 0;
}

/* no_limit: the word for "not set", whatever a lower layer says */
static int
value_interval(const char *value, const char *no_limit, unsigned int *secs_r,
	       const char **error_r)
{
	const char *error;

	*secs_r = 0;
	if (*value == '\0' || strcasecmp(value, no_limit) == 0)
		return 0;
	if (pop_policy_parse_interval(value, secs_r, &error) < 0) {
		*error_r = t_strconcat("not a time interval with its unit, "
				       "such as 30d, or ", no_limit, NULL);
		return -1;
	}
	if (*secs_r == 0) {
		*error_r = "zero";
		return -1;
	}
	return 0;
}

int pop_policy_value_keep_for(const char *value, unsigned int *secs_r,
			      const char **error_r)
{
	return value_interval(value, "infinite", secs_r, error_r);
}

int pop_policy_value_recent(const char *value, unsigned int *secs_r,
			    const char **error_r)
{
	return value_interval(value, "no", secs_r, error_r);
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
