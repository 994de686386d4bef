/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy.h"
#include "pop-policy-log.h"
#include "pop-policy-doveadm-names.h"
#include "pop-policy-doveadm-arg.h"

#include <time.h>

int pop_policy_arg_split(const char *arg, enum pop_policy_setting *setting_r,
			 const char **value_r, const char **error_r)
{
	const char *value = strchr(arg, '=');

	if (value == NULL) {
		*error_r = t_strdup_printf("%s: Not SETTING=VALUE",
					   pop_policy_log_value(arg));
		return -1;
	}
	if (!pop_policy_names_find(t_strdup_until(arg, value), setting_r)) {
		*error_r = t_strdup_printf("%s: No setting of a policy",
					   pop_policy_log_value(arg));
		return -1;
	}
	*value_r = value + 1;
	return 0;
}

static const char *time_text(time_t now)
{
	char buf[64];

	if (strftime(buf, sizeof(buf), "%Y%m%d%H%M%SZ", gmtime(&now)) == 0)
		i_unreached();
	return t_strdup(buf);
}

int pop_policy_arg_check(enum pop_policy_setting setting, const char *value,
			 time_t now, const char **value_r,
			 const char **error_r)
{
	struct pop_policy_layers layers;

	if (setting == POP_POLICY_SETTING_pop_policy_since &&
	    strcasecmp(value, "now") == 0)
		value = time_text(now);
	*value_r = value;
	if (*value == '\0')
		return 0;
	i_zero(&layers);
	layers.set = pop_policy_default_settings;
	*pop_policy_settings_get_value(&layers.set, setting) = value;
	return pop_policy_check(&layers, setting, error_r);
}
