/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Input: setting=value, the setting without its prefix, the value up to the
   end. It goes through all that a value from a directory or a userdb field
   goes through, and then back into a directory. */

#include "lib.h"
#include "pop-policy.h"
#include "pop-policy-ldap-encode.h"
#include "pop-policy-ldap-schema.h"
#include "fuzz.h"

/* 2026-01-01, and a time that 32 bits cannot count */
static const time_t nows[] = { 1767225600, 4300000000 };

static bool
setting_find(const char *name, size_t len, enum pop_policy_setting *setting_r)
{
	const char *key;

	for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
		key = pop_policy_setting_infos[i].key + strlen("pop_policy_");
		if (strlen(key) == len && memcmp(key, name, len) == 0) {
			*setting_r = i;
			return TRUE;
		}
	}
	return FALSE;
}

static void check_mailbox(const char *name)
{
	i_assert(name == NULL ||
		 (*name != '\0' && *name != '~' && strlen(name) <= 1000 &&
		  strcasecmp(name, "INBOX") != 0 &&
		  strncmp(name, "../", 3) != 0 && strstr(name, "//") == NULL));
}

/* RFC 2449: the client reads one line of 512 octets at most. */
static void check_client_text(const char *text)
{
	i_assert(*text != '[');
	fuzz_check_line(text, 512 - strlen("-ERR [SYS/PERM] \r\n"));
}

static void check_policy(const struct pop_policy *policy)
{
	const char *text, *reason;

	if (pop_policy_refuses(policy, &text, &reason)) {
		check_client_text(text);
		fuzz_check_error(reason);
	}
	check_client_text(policy->unavailable_text);
	check_client_text(policy->disabled_text);
	i_assert(policy->since >= 0);
	i_assert(policy->delete_action < POP_POLICY_ACTION_COUNT);
	i_assert(policy->retrieve_action < POP_POLICY_ACTION_COUNT);
	i_assert(policy->keyword == NULL || (*policy->keyword != '\0' &&
		 strpbrk(policy->keyword, " (){%*\"\\]\r\n\x7f") == NULL));
	check_mailbox(policy->spam_mailbox);
	check_mailbox(policy->archive_mailbox);
	check_mailbox(policy->trash_mailbox);
	for (unsigned int i = 0; i < N_ELEMENTS(nows); i++) {
		time_t cutoff = pop_policy_get_cutoff(policy, nows[i]);

		i_assert(cutoff >= policy->since);
		i_assert(policy->recent == 0 || cutoff >= nows[i] -
			 (int64_t)policy->recent);
	}
	i_assert(pop_policy_names_mailboxes(policy) ==
		 (pop_policy_get_mailbox_name(policy,
				POP_POLICY_SPECIAL_USE_SPAM) != NULL ||
		  pop_policy_get_mailbox_name(policy,
				POP_POLICY_SPECIAL_USE_ARCHIVE) != NULL ||
		  pop_policy_get_mailbox_name(policy,
				POP_POLICY_SPECIAL_USE_TRASH) != NULL));
}

/* What set writes is valid, and means the same. */
static void
check_encoded(const char *schema_name, enum pop_policy_setting setting,
	      const char *value, const struct pop_policy *policy)
{
	const struct pop_policy_ldap_schema *schema =
		pop_policy_ldap_schema_find(schema_name);
	const char *values[POP_POLICY_SETTING_COUNT], *encoded, *error, *key;
	struct pop_policy_layers layers;
	struct pop_policy again;
	unsigned int idx = 0;

	if (pop_policy_ldap_encode(schema, setting, value, &encoded,
				   &error) < 0) {
		fuzz_check_error(error);
		return;
	}
	i_zero(&values);
	for (unsigned int i = 0; i < setting; i++)
		idx += schema->attributes[i].name != NULL ? 1 : 0;
	values[idx] = encoded;
	i_zero(&layers);
	layers.set = pop_policy_default_settings;
	i_assert(pop_policy_ldap_schema_apply(schema, values, &layers,
					      &error) == 0);
	i_assert(*value == '\0' || layers.attributes[setting] != NULL);
	i_assert(pop_policy_init(&layers, &again, &key, &error) == 0);
	i_assert(*value == '\0' ||
		 memcmp(&again, policy, sizeof(again)) == 0);
}

static void check_default(const struct pop_policy_settings *set,
			  enum pop_policy_setting setting, const char *value)
{
	struct pop_policy_settings defaults = pop_policy_default_settings;
	const char *def = *pop_policy_settings_get_value(&defaults, setting);

	i_assert(pop_policy_settings_is_default(set) ==
		 (strcmp(value, def) == 0));
}

void fuzz_text(const char *text)
{
	const char *value = strchr(text, '='), *error, *checked, *key;
	struct pop_policy_layers layers;
	enum pop_policy_setting setting;
	struct pop_policy policy;

	if (value == NULL || !setting_find(text, value - text, &setting))
		return;
	value++;
	i_zero(&layers);
	layers.set = pop_policy_default_settings;
	*pop_policy_settings_get_value(&layers.set, setting) = value;
	check_default(&layers.set, setting, value);
	if (pop_policy_init(&layers, &policy, &key, &error) < 0) {
		i_assert(strcmp(key,
				pop_policy_setting_infos[setting].key) == 0);
		i_assert(strncmp(error, key, strlen(key)) == 0);
		fuzz_check_error(error);
		i_assert(pop_policy_check(&layers, setting, &checked) < 0 &&
			 strcmp(error, checked) == 0);
		return;
	}
	i_assert(pop_policy_check(&layers, setting, &error) == 0);
	check_policy(&policy);
	check_encoded("pop-policy", setting, value, &policy);
	check_encoded("zimbra", setting, value, &policy);
}
