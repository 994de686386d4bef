/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-settings.h"
#include "pop-policy.h"

static int
setting_bad(const struct pop_policy_layers *layers,
	    enum pop_policy_setting setting, const char *value,
	    const char *reason, const char **error_r)
{
	const char *attribute = layers->attributes[setting];

	return pop_policy_value_bad(attribute == NULL ?
		pop_policy_setting_infos[setting].key :
		t_strconcat("LDAP attribute ", attribute, NULL),
		value, reason, error_r);
}

#define PARSE(key, field, value, kind, type) \
	if (pop_policy_value_##type(layers->set.key, &policy_r->field, \
				    &reason) < 0) { \
		*setting_r = #key; \
		return setting_bad(layers, POP_POLICY_SETTING_##key, \
				   layers->set.key, reason, error_r); \
	}

int pop_policy_init(const struct pop_policy_layers *layers,
		    struct pop_policy *policy_r, const char **setting_r,
		    const char **error_r)
{
	const char *reason;

	i_zero(policy_r);
	POP_POLICY_SETTINGS_OF_POLICY(PARSE)
	return 0;
}

/* (not by PARSE: bool may be a macro, which another one would expand) */
#define CASE_CHECK(key, field, value, kind, type) \
	case POP_POLICY_SETTING_##key: \
		if (pop_policy_value_##type(layers->set.key, &policy.field, \
					    &reason) < 0) { \
			return setting_bad(layers, setting, layers->set.key, \
					   reason, error_r); \
		} \
		break;

int pop_policy_check(const struct pop_policy_layers *layers,
		     enum pop_policy_setting setting, const char **error_r)
{
	struct pop_policy policy;
	const char *reason;

	switch (setting) {
	POP_POLICY_SETTINGS_OF_POLICY(CASE_CHECK)
	default:
		break;
	}
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

time_t pop_policy_get_cutoff(const struct pop_policy *policy, time_t now)
{
	int64_t recent = (int64_t)now - policy->recent;

	return policy->recent == 0 || recent <= policy->since ?
		policy->since : (time_t)recent;
}

#define RETURN_IF_SET(name, special_use, usual_name, field) \
	if (policy->field != NULL) \
		return TRUE;

bool pop_policy_names_mailboxes(const struct pop_policy *policy)
{
	POP_POLICY_SPECIAL_USES(RETURN_IF_SET)
	return FALSE;
}

#define CASE(name, special_use, usual_name, field) \
	case POP_POLICY_SPECIAL_USE_##name: \
		return policy->field;

const char *
pop_policy_get_mailbox_name(const struct pop_policy *policy,
			    enum pop_policy_special_use special_use)
{
	switch (special_use) {
	POP_POLICY_SPECIAL_USES(CASE)
	case POP_POLICY_SPECIAL_USE_NONE:
	case POP_POLICY_SPECIAL_USE_COUNT:
		break;
	}
	i_unreached();
}
