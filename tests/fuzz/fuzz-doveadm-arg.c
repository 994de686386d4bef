/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Input: an argument of "doveadm pop-policy set", as the HTTP API may have
   it. */

#include "lib.h"
#include "pop-policy.h"
#include "pop-policy-doveadm-arg.h"
#include "pop-policy-doveadm-names.h"
#include "fuzz.h"

/* 2026-01-01 */
#define NOW 1767225600

static void
check_valid(enum pop_policy_setting setting, const char *value)
{
	struct pop_policy_layers layers;
	struct pop_policy policy;
	const char *key, *error;

	i_zero(&layers);
	layers.set = pop_policy_default_settings;
	if (*value != '\0')
		*pop_policy_settings_get_value(&layers.set, setting) = value;
	i_assert(pop_policy_init(&layers, &policy, &key, &error) == 0);
}

void fuzz_text(const char *text)
{
	enum pop_policy_setting setting, again;
	const char *value, *checked, *error, *key;
	time_t since;

	if (pop_policy_arg_split(text, &setting, &value, &error) < 0) {
		fuzz_check_error(error);
		return;
	}
	i_assert(value > text && value[-1] == '=' &&
		 value <= text + strlen(text));
	i_assert(pop_policy_names_is_of_policy(setting));
	key = pop_policy_setting_infos[setting].key;
	i_assert(pop_policy_names_find(key, &again) && again == setting);
	if (pop_policy_arg_check(setting, value, NOW, &checked, &error) < 0) {
		fuzz_check_error(error);
		i_assert(strncmp(error, key, strlen(key)) == 0);
		return;
	}
	if (checked != value) {
		i_assert(strcasecmp(value, "now") == 0);
		i_assert(pop_policy_value_since(checked, &since, &error) == 0 &&
			 since == NOW);
	}
	check_valid(setting, checked);
}
