/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Input: lines with pop_policy_ldap_* settings, as setting=value without the
   prefix. */

#include "lib.h"
#include "strfuncs.h"
#include "pop-policy-settings.h"
#include "pop-policy-ldap-config.h"
#include "pop-policy-ldap-schema.h"
#include "pop-policy-ldap-template.h"
#include "fuzz.h"

#define PREFIX "pop_policy_ldap_"

static void settings_read(struct pop_policy_settings *set, const char *text)
{
	const char *line, *value, *key;

	while (*text != '\0') {
		line = fuzz_next_line(&text);
		value = strchr(line, '=');
		if (value == NULL)
			continue;
		key = t_strconcat(PREFIX, t_strdup_until(line, value), NULL);
		for (unsigned int i = 0; i < POP_POLICY_SETTING_COUNT; i++) {
			if (strcmp(pop_policy_setting_infos[i].key, key) == 0)
				*pop_policy_settings_get_value(set, i) =
					value + 1;
		}
	}
}

static int
settings_parse(const struct pop_policy_settings *set, const char **error_r)
{
	struct pop_policy_ldap_config config;

	if (pop_policy_ldap_config_init(set, &config, error_r) < 0)
		return -1;
	return pop_policy_ldap_config_for_write(&config, error_r);
}

/* What goes to the log is the same whatever the passwords are. */
static void
check_error(const struct pop_policy_settings *set, const char *error)
{
	struct pop_policy_settings other = *set;
	const char *again;

	fuzz_check_error(error);
	i_assert(strncmp(error, PREFIX, strlen(PREFIX)) == 0);
	if (*set->pop_policy_ldap_auth_dn_password != '\0')
		other.pop_policy_ldap_auth_dn_password = "another one";
	if (*set->pop_policy_ldap_write_dn_password != '\0')
		other.pop_policy_ldap_write_dn_password = "and another one";
	i_assert(settings_parse(&other, &again) < 0 &&
		 strcmp(error, again) == 0);
}

static void check_uri(const struct pop_policy_ldap_config *config,
		      const struct pop_policy_ldap_uri *uri)
{
	bool socket = uri->scheme == POP_POLICY_LDAP_SCHEME_LDAPI;
	struct ip_addr ip;

	i_assert(*uri->host != '\0');
	i_assert((*uri->host == '/') == socket);
	i_assert((uri->port == 0) == socket);
	i_assert(!socket || uri->is_local);
	i_assert(socket || !config->sasl_external);
	i_assert(!config->starttls ||
		 uri->scheme != POP_POLICY_LDAP_SCHEME_LDAPS);
	if (!socket && net_addr2ip(uri->host, &ip) == 0 &&
	    IPADDR_IS_V4(&ip))
		i_assert(uri->is_local == (strncmp(net_ip2addr(&ip), "127.",
						   4) == 0));
}

static void check_schema(const struct pop_policy_ldap_schema *schema)
{
	const char *const *names = pop_policy_ldap_schema_get_names(schema);

	for (; *names != NULL; names++) {
		i_assert(**names != '\0');
		i_assert(strpbrk(*names, ";= \t,") == NULL);
		i_assert(!str_array_icase_find(names + 1, *names));
	}
}

static void check_variable(const struct pop_policy_ldap_config *config)
{
	const char *error;

	i_assert(pop_policy_ldap_template_has_variable(config->filter) ||
		 pop_policy_ldap_template_has_variable(config->base));
	i_assert(pop_policy_ldap_filter_check(config->filter, &error) == 0 ||
		 *config->filter == '\0');
}

static void check_config(const struct pop_policy_ldap_config *config)
{
	i_assert(config->uris.count <= 16);
	for (unsigned int i = 0; i < config->uris.count; i++)
		check_uri(config, &config->uris.list[i]);
	i_assert(config->timeout_msecs >= 100 &&
		 config->timeout_msecs <= 60*1000);
	i_assert((*config->auth_dn == '\0') ==
		 (*config->auth_dn_password == '\0'));
	i_assert(*config->auth_dn == '\0' || !config->sasl_external);
	check_schema(config->schema);
	check_variable(config);
}

void fuzz_text(const char *text)
{
	struct pop_policy_settings set = pop_policy_default_settings;
	struct pop_policy_ldap_config config;
	const char *error;

	settings_read(&set, text);
	if (pop_policy_ldap_config_init(&set, &config, &error) < 0) {
		check_error(&set, error);
		return;
	}
	check_config(&config);
	if (pop_policy_ldap_config_for_write(&config, &error) < 0) {
		check_error(&set, error);
		return;
	}
	i_assert((*config.auth_dn == '\0') ==
		 (*config.auth_dn_password == '\0'));
	i_assert(strcmp(config.filter, set.pop_policy_ldap_write_filter) == 0);
	check_variable(&config);
}
