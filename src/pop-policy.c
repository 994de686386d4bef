/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-settings.h"
#include "pop-policy.h"

/* Parse set->name with func into *dest_r. */
#define PARSE(func, set, name, dest_r, error_r) \
	(func((set)->name, dest_r, error_r) == 0 ? 0 : \
	 pop_policy_value_bad(#name, (set)->name, *(error_r), error_r))
#define CHECK(func, set, name, error_r) \
	(func((set)->name, error_r) == 0 ? 0 : \
	 pop_policy_value_bad(#name, (set)->name, *(error_r), error_r))

static int
parse_access(const struct pop_policy_settings *set,
	     struct pop_policy *policy, const char **error_r)
{
	if (PARSE(pop_policy_value_bool, set, pop_policy_available,
		  &policy->available, error_r) < 0 ||
	    PARSE(pop_policy_value_bool, set, pop_policy_enabled,
		  &policy->enabled, error_r) < 0 ||
	    CHECK(pop_policy_value_text, set, pop_policy_unavailable_text,
		  error_r) < 0 ||
	    CHECK(pop_policy_value_text, set, pop_policy_disabled_text,
		  error_r) < 0)
		return -1;
	policy->unavailable_text = set->pop_policy_unavailable_text;
	policy->disabled_text = set->pop_policy_disabled_text;
	return 0;
}

static int
parse_queue(const struct pop_policy_settings *set,
	    struct pop_policy *policy, const char **error_r)
{
	if (*set->pop_policy_since != '\0' &&
	    PARSE(pop_policy_value_time, set, pop_policy_since,
		  &policy->since, error_r) < 0)
		return -1;
	/* no mail was received before 1970 */
	if (policy->since < 0)
		policy->since = 0;
	return PARSE(pop_policy_value_spam, set, pop_policy_spam,
		     &policy->spam, error_r);
}

static int
parse_actions(const struct pop_policy_settings *set,
	      struct pop_policy *policy, const char **error_r)
{
	if (strcasecmp(set->pop_policy_delete, "default") != 0 &&
	    PARSE(pop_policy_value_delete, set, pop_policy_delete,
		  &policy->delete_action, error_r) < 0)
		return -1;
	return PARSE(pop_policy_value_retrieve, set, pop_policy_retrieve,
		     &policy->retrieve_action, error_r);
}

/* An empty name stands for the default. */
static int
parse_name(int (*check)(const char *value, const char **error_r),
	   const char *key, const char *value, const char **name_r,
	   const char **error_r)
{
	const char *reason;

	if (*value == '\0')
		return 0;
	if (check(value, &reason) < 0)
		return pop_policy_value_bad(key, value, reason, error_r);
	*name_r = value;
	return 0;
}

static int
parse_names(const struct pop_policy_settings *set,
	    struct pop_policy *policy, const char **error_r)
{
	if (parse_name(pop_policy_value_mailbox, "pop_policy_spam_mailbox",
		       set->pop_policy_spam_mailbox,
		       &policy->spam_mailbox, error_r) < 0 ||
	    parse_name(pop_policy_value_mailbox, "pop_policy_archive_mailbox",
		       set->pop_policy_archive_mailbox,
		       &policy->archive_mailbox, error_r) < 0 ||
	    parse_name(pop_policy_value_mailbox, "pop_policy_trash_mailbox",
		       set->pop_policy_trash_mailbox,
		       &policy->trash_mailbox, error_r) < 0)
		return -1;
	return parse_name(pop_policy_value_keyword, "pop_policy_keyword",
			  set->pop_policy_keyword, &policy->keyword, error_r);
}

int pop_policy_init(const struct pop_policy_settings *set,
		    struct pop_policy *policy_r, const char **error_r)
{
	i_zero(policy_r);
	if (parse_access(set, policy_r, error_r) < 0 ||
	    parse_queue(set, policy_r, error_r) < 0 ||
	    parse_actions(set, policy_r, error_r) < 0 ||
	    parse_names(set, policy_r, error_r) < 0)
		return -1;
	return 0;
}

bool pop_policy_refuses(const struct pop_policy *policy, const char **text_r,
			const char **reason_r)
{
	if (!policy->available) {
		*text_r = policy->unavailable_text;
		*reason_r = "POP is not available (pop_policy_available=no)";
		return TRUE;
	}
	if (!policy->enabled) {
		*text_r = policy->disabled_text;
		*reason_r = "POP is not enabled (pop_policy_enabled=no)";
		return TRUE;
	}
	return FALSE;
}

bool pop_policy_has_disposition(const struct pop_policy *policy)
{
	return policy->delete_action != POP_POLICY_ACTION_NONE ||
		policy->retrieve_action != POP_POLICY_ACTION_NONE ||
		/* mails of two mailboxes, one after the other */
		policy->spam == POP_POLICY_SPAM_INCLUDE;
}
