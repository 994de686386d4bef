/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-common.h"
#include "pop-policy-settings.h"
#include "pop-policy-ldap-config.h"
#include "pop-policy-ldap-encode.h"
#include "pop-policy-ldap-schema.h"
#include "pop-policy-ldap-template.h"

static void test_pop_policy_ldap_escape(void)
{
	static const struct {
		const char *value, *escaped;
	} tests[] = {
		{ "", "" },
		{ "jo", "jo" },
		{ "jo.e-x_y@example.org", "jo.e-x_y@example.org" },
		/* RFC 4515: NUL ( ) * \ */
		{ "jo*e", "jo\\2ae" },
		{ "a)(uid=*", "a\\29\\28uid\\3d\\2a" },
		{ "a\\b", "a\\5cb" },
		/* RFC 4514: , + " \ < > ; = # and spaces at the ends */
		{ "a,b+c\"d<e>f;g=h#", "a\\2cb\\2bc\\22d\\3ce\\3ef\\3bg\\3dh\\23" },
		{ " a ", "\\20a\\20" },
		{ "gr\xc3\xbcn", "gr\\c3\\bcn" },
		{ "\x01\xff", "\\01\\ff" },
	};

	test_begin("pop_policy_ldap_escape()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_strcmp_idx(pop_policy_ldap_escape(tests[i].value),
				       tests[i].escaped, i);
	}
	test_end();
}

/* As Dovecot expands: "user" to the context, "other" to nothing, all else not */
static int
expand(void *context, const char *variable, string_t *dest,
       const char **error_r)
{
	if (strcmp(variable, "%{user}") == 0)
		str_append(dest, context);
	else if (strcmp(variable, "%{other}") != 0) {
		*error_r = "no such\nvariable";
		return -1;
	}
	return 0;
}

static void test_pop_policy_ldap_template_expand(void)
{
	static const struct {
		const char *template, *expanded;
	} good[] = {
		{ "", "" },
		{ "(mail=x)", "(mail=x)" },
		{ "(mail=%{user})", "(mail=jo\\2ae)" },
		{ "%{user}%{user}", "jo\\2aejo\\2ae" },
		{ "a=100%", "a=100%" },
		{ "%%{user}", "%{user}" },
	};
	static const struct {
		const char *template, *error;
	} bad[] = {
		{ "(mail=%{other})", "%{other} is empty" },
		{ "(mail=%{user}%{x})", "Cannot expand: no such?variable" },
	};
	char user[] = "jo*e";
	const char *expanded, *error;

	test_begin("pop_policy_ldap_template_expand()");
	for (unsigned int i = 0; i < N_ELEMENTS(good); i++) {
		test_assert_idx(pop_policy_ldap_template_expand(
			good[i].template, expand, user, &expanded,
			&error) == 0, i);
		test_assert_strcmp_idx(expanded, good[i].expanded, i);
	}
	for (unsigned int i = 0; i < N_ELEMENTS(bad); i++) {
		test_assert_idx(pop_policy_ldap_template_expand(
			bad[i].template, expand, user, &expanded,
			&error) < 0, i);
		test_assert_strcmp_idx(error, bad[i].error, i);
	}
	test_end();
}

static void test_pop_policy_ldap_filter_check(void)
{
	static const char *const good[] = {
		"(mail=%{user})",
		"(&(objectClass=x)(|(mail=%{user})(uid=%{user})))",
		"(&(a=\\28)(mail=%{user}))", "(a=b)", "(mail=%%)",
	};
	static const char *const bad[] = {
		"", "%{user}", "mail=%{user}", "(mail=%{user}", "mail=%{user})",
		"(mail=%{user}))", "(mail=%{user})(a=b)", "((mail=%{user})",
		"(mail=%", ")mail=%{user}(",
		"(&(a=\\)(mail=%{user}))", " (mail=%{user})", "(mail=%{user}) ",
	};
	const char *error;

	test_begin("pop_policy_ldap_filter_check()");
	for (unsigned int i = 0; i < N_ELEMENTS(good); i++)
		test_assert_idx(pop_policy_ldap_filter_check(good[i], &error) == 0, i);
	for (unsigned int i = 0; i < N_ELEMENTS(bad); i++) {
		error = NULL;
		test_assert_idx(pop_policy_ldap_filter_check(bad[i], &error) < 0, i);
		test_assert_idx(error != NULL, i);
	}
	test_end();
}

static void test_pop_policy_ldap_base_fixed(void)
{
	static const struct {
		const char *base, *fixed;
	} tests[] = {
		{ "", NULL },
		{ "ou=people,dc=example", NULL },
		{ "%{user}", NULL },
		{ "mail=%{user}", NULL },
		{ "mail=%{user},ou=people,dc=example", "ou=people,dc=example" },
		{ "mail=%{user}+cn=x,dc=example", "dc=example" },
		{ "mail=%{user},ou=%{domain},dc=example", "dc=example" },
		{ "ou=100%%,mail=%{user},dc=example", "dc=example" },
	};
	const char *fixed;

	test_begin("pop_policy_ldap_base_fixed()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		fixed = pop_policy_ldap_base_fixed(tests[i].base);
		test_assert_idx(null_strcmp(fixed, tests[i].fixed) == 0, i);
	}
	test_end();
}

static void test_pop_policy_ldap_config_defaults(void)
{
	struct pop_policy_settings set = pop_policy_default_settings;
	struct pop_policy_ldap_config config;
	const char *error;

	test_begin("pop_policy_ldap_config_init(): defaults");
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) == 0);
	test_assert(config.uris.count == 0);
	test_assert(!config.starttls && !config.sasl_external);
	test_assert(config.scope == POP_POLICY_LDAP_SCOPE_SUBTREE);
	test_assert(config.timeout_msecs == 5000);
	test_assert_strcmp(config.schema->name, "pop-policy");
	test_assert_strcmp(config.filter,
		"(&(objectClass=popPolicyAccount)(mail=%{user}))");
	test_assert(!config.require_entry);

	/* a filter that is not set is the schema's */
	set.pop_policy_ldap_schema = "zimbra";
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) == 0);
	test_assert_strcmp(config.filter,
		"(&(objectClass=zimbraAccount)(mail=%{user}))");
	set.pop_policy_ldap_filter = "(uid=%{user})";
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) == 0);
	test_assert_strcmp(config.filter, "(uid=%{user})");
	test_end();
}

static void test_pop_policy_ldap_config_uris(void)
{
	static const struct {
		const char *uris;
		enum pop_policy_ldap_scheme scheme;
		const char *host;
		in_port_t port;
	} tests[] = {
		{ "ldap://a.example.org", POP_POLICY_LDAP_SCHEME_LDAP,
		  "a.example.org", 389 },
		{ "LDAPS://a/", POP_POLICY_LDAP_SCHEME_LDAPS, "a", 636 },
		{ "ldap://127.0.0.1:1389/", POP_POLICY_LDAP_SCHEME_LDAP,
		  "127.0.0.1", 1389 },
		{ "ldap://[::1]", POP_POLICY_LDAP_SCHEME_LDAP, "::1", 389 },
		{ "ldaps://[fe80::1]:65535", POP_POLICY_LDAP_SCHEME_LDAPS,
		  "fe80::1", 65535 },
		{ "ldapi:///", POP_POLICY_LDAP_SCHEME_LDAPI,
		  "/var/run/slapd/ldapi", 0 },
		{ "ldapi://", POP_POLICY_LDAP_SCHEME_LDAPI,
		  "/var/run/slapd/ldapi", 0 },
		{ "ldapi://%2Frun%2fldapi/", POP_POLICY_LDAP_SCHEME_LDAPI,
		  "/run/ldapi", 0 },
		{ "ldapi:///run/ldapi", POP_POLICY_LDAP_SCHEME_LDAPI,
		  "/run/ldapi", 0 },
	};
	struct pop_policy_settings set = pop_policy_default_settings;
	struct pop_policy_ldap_config config;
	const char *error;

	test_begin("pop_policy_ldap_config_init(): URIs");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		set.pop_policy_ldap_uris = tests[i].uris;
		test_assert_idx(pop_policy_ldap_config_init(&set, &config,
							    &error) == 0, i);
		test_assert_idx(config.uris.count == 1, i);
		test_assert_idx(config.uris.list[0].scheme == tests[i].scheme, i);
		test_assert_strcmp_idx(config.uris.list[0].host, tests[i].host, i);
		test_assert_idx(config.uris.list[0].port == tests[i].port, i);
	}
	set.pop_policy_ldap_uris = "  ldap://a   ldapi:/// ";
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) == 0);
	test_assert(config.uris.count == 2);
	test_assert_strcmp(config.uris.list[1].text, "ldapi:///");
	test_end();
}

static void test_pop_policy_ldap_config_local_uris(void)
{
	static const struct {
		const char *uri;
		bool local;
	} tests[] = {
		{ "ldapi:///", TRUE },
		{ "ldap://localhost", TRUE },
		{ "ldap://LocalHost:1", TRUE },
		{ "ldap://127.0.0.1", TRUE },
		{ "ldap://127.255.0.9", TRUE },
		{ "ldap://[::1]", TRUE },
		{ "ldap://[::ffff:127.0.0.1]", TRUE },
		{ "ldap://128.0.0.1", FALSE },
		{ "ldap://10.127.0.1", FALSE },
		{ "ldap://[::2]", FALSE },
		{ "ldap://[::ffff:10.0.0.1]", FALSE },
		{ "ldap://localhost.example.org", FALSE },
		{ "ldap://127.0.0.1.example.org", FALSE },
		{ "ldap://a", FALSE },
	};
	struct pop_policy_settings set = pop_policy_default_settings;
	struct pop_policy_ldap_config config;
	const char *error;

	test_begin("pop_policy_ldap_config_init(): local URIs");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		set.pop_policy_ldap_uris = tests[i].uri;
		test_assert_idx(pop_policy_ldap_config_init(&set, &config,
							    &error) == 0, i);
		test_assert_idx(config.uris.list[0].is_local == tests[i].local,
				i);
	}
	test_end();
}

#define SETTING(name) #name, offsetof(struct pop_policy_settings, name)

static void test_pop_policy_ldap_config_valid(void)
{
	static const struct {
		const char *key;
		size_t offset;
		const char *value;
	} tests[] = {
		{ SETTING(pop_policy_ldap_starttls), "TRUE" },
		{ SETTING(pop_policy_ldap_sasl_mechanism), "external" },
		{ SETTING(pop_policy_ldap_scope), "Base" },
		{ SETTING(pop_policy_ldap_scope), "onelevel" },
		{ SETTING(pop_policy_ldap_timeout), "100ms" },
		{ SETTING(pop_policy_ldap_timeout), "1 min" },
		{ SETTING(pop_policy_ldap_schema), "Zimbra" },
		{ SETTING(pop_policy_ldap_filter), "" },
		{ SETTING(pop_policy_ldap_attributes), " enabled=a1-b " },
		{ SETTING(pop_policy_ldap_attributes), "spam=2.5.4.13" },
		/* they change places */
		{ SETTING(pop_policy_ldap_attributes),
		  "available=popPolicyEnabled enabled=popPolicyAvailable" },
		{ SETTING(pop_policy_ldap_require_entry), "YES" },
	};
	struct pop_policy_settings set;
	struct pop_policy_ldap_config config;
	const char *error;

	test_begin("pop_policy_ldap_config_init(): valid");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		set = pop_policy_default_settings;
		*(const char **)PTR_OFFSET(&set, tests[i].offset) =
			tests[i].value;
		test_assert_idx(pop_policy_ldap_config_init(&set, &config,
							    &error) == 0, i);
	}
	test_end();
}

static void test_pop_policy_ldap_config_invalid(void)
{
	static const struct {
		const char *key;
		size_t offset;
		const char *value;
	} tests[] = {
		{ SETTING(pop_policy_ldap_uris), "a.example.org" },
		{ SETTING(pop_policy_ldap_uris), "http://a" },
		{ SETTING(pop_policy_ldap_uris), "ldap:/a" },
		{ SETTING(pop_policy_ldap_uris), "ldap://" },
		{ SETTING(pop_policy_ldap_uris), "ldap://a:" },
		{ SETTING(pop_policy_ldap_uris), "ldap://a:0" },
		{ SETTING(pop_policy_ldap_uris), "ldap://a:65536" },
		{ SETTING(pop_policy_ldap_uris), "ldap://a:99999" },
		{ SETTING(pop_policy_ldap_uris), "ldap://a:1x" },
		{ SETTING(pop_policy_ldap_uris), "ldap://a:-1" },
		{ SETTING(pop_policy_ldap_uris), "ldap://a/dc=x" },
		{ SETTING(pop_policy_ldap_uris), "ldap://a?x" },
		{ SETTING(pop_policy_ldap_uris), "ldap://u@a" },
		{ SETTING(pop_policy_ldap_uris), "ldap://a,ldap://b" },
		{ SETTING(pop_policy_ldap_uris), "ldap://::1" },
		{ SETTING(pop_policy_ldap_uris), "ldap://[::1" },
		{ SETTING(pop_policy_ldap_uris), "ldap://[x]" },
		{ SETTING(pop_policy_ldap_uris), "ldap://[]" },
		{ SETTING(pop_policy_ldap_uris), "ldapi://run/ldapi" },
		{ SETTING(pop_policy_ldap_uris), "ldapi://%2" },
		{ SETTING(pop_policy_ldap_uris), "ldapi://%00" },
		{ SETTING(pop_policy_ldap_uris), "ldapi://%zz" },
		{ SETTING(pop_policy_ldap_uris), "ldap://a ldap://b:0" },
		{ SETTING(pop_policy_ldap_starttls), "required" },
		{ SETTING(pop_policy_ldap_starttls), "" },
		{ SETTING(pop_policy_ldap_auth_dn), "cn=x" },
		{ SETTING(pop_policy_ldap_auth_dn_password), "x" },
		{ SETTING(pop_policy_ldap_sasl_mechanism), "PLAIN" },
		{ SETTING(pop_policy_ldap_filter), "(a=b)" },
		{ SETTING(pop_policy_ldap_attributes), "enabled" },
		{ SETTING(pop_policy_ldap_attributes), "=a" },
		{ SETTING(pop_policy_ldap_attributes), "pop_policy_enabled=a" },
		{ SETTING(pop_policy_ldap_attributes), "keyword=a" },
		{ SETTING(pop_policy_ldap_attributes), "ldap_base=a" },
		{ SETTING(pop_policy_ldap_attributes), "enabled=" },
		{ SETTING(pop_policy_ldap_attributes), "enabled=1" },
		{ SETTING(pop_policy_ldap_attributes), "enabled=1a" },
		{ SETTING(pop_policy_ldap_attributes), "enabled=1.02" },
		{ SETTING(pop_policy_ldap_attributes), "enabled=1..2" },
		{ SETTING(pop_policy_ldap_attributes), "enabled=1.2." },
		{ SETTING(pop_policy_ldap_attributes), "enabled=a;b" },
		{ SETTING(pop_policy_ldap_attributes), "enabled=a_b" },
		{ SETTING(pop_policy_ldap_attributes), "enabled=-a" },
		{ SETTING(pop_policy_ldap_attributes), "enabled=*" },
		{ SETTING(pop_policy_ldap_attributes), "enabled=a=b" },
		{ SETTING(pop_policy_ldap_attributes), "enabled=gr\xc3\xbcn" },
		{ SETTING(pop_policy_ldap_attributes), "enabled=a,spam=b" },
		{ SETTING(pop_policy_ldap_attributes), "enabled=a enabled=b" },
		{ SETTING(pop_policy_ldap_attributes), "enabled=a spam=A" },
		{ SETTING(pop_policy_ldap_attributes),
		  "enabled=popPolicyAvailable" },
		{ SETTING(pop_policy_ldap_require_entry), "" },
		{ SETTING(pop_policy_ldap_require_entry), "always" },
		{ SETTING(pop_policy_ldap_scope), "" },
		{ SETTING(pop_policy_ldap_scope), "sub" },
		{ SETTING(pop_policy_ldap_timeout), "" },
		{ SETTING(pop_policy_ldap_timeout), "0" },
		{ SETTING(pop_policy_ldap_timeout), "0s" },
		{ SETTING(pop_policy_ldap_timeout), "-1s" },
		{ SETTING(pop_policy_ldap_timeout), "5" },
		{ SETTING(pop_policy_ldap_timeout), "soon" },
		{ SETTING(pop_policy_ldap_timeout), "1ms" },
		{ SETTING(pop_policy_ldap_timeout), "61s" },
		{ SETTING(pop_policy_ldap_timeout), "52 weeks" },
		{ SETTING(pop_policy_ldap_timeout), "99999999999999999999s" },
		{ SETTING(pop_policy_ldap_schema), "" },
		{ SETTING(pop_policy_ldap_schema), "openldap" },
	};
	struct pop_policy_settings set;
	struct pop_policy_ldap_config config;
	const char *error;

	test_begin("pop_policy_ldap_config_init(): invalid");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		set = pop_policy_default_settings;
		*(const char **)PTR_OFFSET(&set, tests[i].offset) =
			tests[i].value;
		error = NULL;
		test_assert_idx(pop_policy_ldap_config_init(&set, &config,
							    &error) < 0, i);
		test_assert_idx(error != NULL &&
				strncmp(error, tests[i].key,
					strlen(tests[i].key)) == 0, i);
	}
	test_end();
}

static void test_pop_policy_ldap_config_combined(void)
{
	struct pop_policy_settings set = pop_policy_default_settings;
	struct pop_policy_ldap_config config;
	const char *error;

	test_begin("pop_policy_ldap_config_init(): combinations");
	set.pop_policy_ldap_auth_dn = "cn=x";
	set.pop_policy_ldap_auth_dn_password = "secret";
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) == 0);
	set.pop_policy_ldap_sasl_mechanism = "EXTERNAL";
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) < 0);
	test_assert(strstr(error, "secret") == NULL);

	set.pop_policy_ldap_auth_dn = set.pop_policy_ldap_auth_dn_password = "";
	set.pop_policy_ldap_uris = "ldapi:/// ldapi:///run/ldapi";
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) == 0);
	set.pop_policy_ldap_uris = "ldapi:/// ldaps://a";
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) < 0);
	test_assert(strstr(error, "ldaps://a") != NULL &&
		    strstr(error, "sasl_mechanism") != NULL);

	set = pop_policy_default_settings;
	set.pop_policy_ldap_base = "uid=%{user},dc=example";
	set.pop_policy_ldap_filter = "(objectClass=*)";
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) == 0);
	set.pop_policy_ldap_base = "uid=%%{user},dc=example";
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) < 0);

	set = pop_policy_default_settings;
	set.pop_policy_ldap_starttls = "yes";
	set.pop_policy_ldap_uris = "ldap://a ldapi:///";
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) == 0);
	test_assert(config.starttls);
	set.pop_policy_ldap_uris = "ldap://a ldaps://b";
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) < 0);
	test_assert(strstr(error, "ldaps://b") != NULL);
	test_end();
}

static void test_pop_policy_ldap_schema_apply(void)
{
	static const struct {
		const char *schema, *values[POP_POLICY_SETTING_COUNT];
		/* NULL if the values are good */
		const char *culprit;
	} tests[] = {
		{ "pop-policy", { NULL }, NULL },
		{ "pop-policy", { "TRUE", "FALSE", "20260101000000Z", "Only",
				  "Archive", "KEEP", "Lists/*", "90d" }, NULL },
		{ "pop-policy", { "", "", "", "", "", "" }, NULL },
		{ "zimbra", { "TRUE", "FALSE", "20260101000000Z", "TRUE",
			      "trash", NULL }, NULL },
		{ "zimbra", { "", "", "", "", "" }, NULL },
		{ "zimbra", { NULL, NULL, NULL, "only" },
		  "zimbraPrefPop3IncludeSpam" },
		{ "zimbra", { NULL, NULL, NULL, NULL, "archive" },
		  "zimbraPrefPop3DeleteOption" },
	};
	struct pop_policy_layers layers;
	const char *error;
	int ret;

	test_begin("pop_policy_ldap_schema_apply()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		i_zero(&layers);
		error = NULL;
		ret = pop_policy_ldap_schema_apply(
			pop_policy_ldap_schema_find(tests[i].schema),
			tests[i].values, &layers, &error);
		test_assert_idx((ret == 0) == (tests[i].culprit == NULL), i);
		test_assert_idx(ret == 0 ||
				strstr(error, tests[i].culprit) != NULL, i);
	}
	i_zero(&layers);
	layers.set = pop_policy_default_settings;
	test_assert(pop_policy_ldap_schema_apply(
		pop_policy_ldap_schema_find("pop-policy"),
		tests[1].values, &layers, &error) == 0);
	test_assert_strcmp(layers.set.pop_policy_available, "TRUE");
	test_assert_strcmp(layers.set.pop_policy_enabled, "FALSE");
	test_assert_strcmp(layers.set.pop_policy_since, "20260101000000Z");
	test_assert_strcmp(layers.set.pop_policy_spam, "Only");
	test_assert_strcmp(layers.set.pop_policy_delete, "Archive");
	test_assert_strcmp(layers.set.pop_policy_retrieve, "KEEP");
	test_assert_strcmp(layers.set.pop_policy_extra_mailboxes, "Lists/*");
	test_assert_strcmp(layers.set.pop_policy_keep_for, "90d");
	test_assert_strcmp(layers.set.pop_policy_keyword, "");
	test_assert_strcmp(
		layers.attributes[POP_POLICY_SETTING_pop_policy_since],
		"popPolicySince");
	test_assert(layers.attributes[POP_POLICY_SETTING_pop_policy_keyword] ==
		    NULL);
	test_end();
}

static void test_pop_policy_ldap_schema_apply_empty(void)
{
	const char *const values[POP_POLICY_SETTING_COUNT] = {
		"", NULL, "", "only", "", "", ""
	};
	struct pop_policy_layers layers;
	const char *error;

	test_begin("pop_policy_ldap_schema_apply(): empty is not set");
	i_zero(&layers);
	layers.set = pop_policy_default_settings;
	layers.set.pop_policy_available = "no";
	layers.set.pop_policy_since = "2026-01-01";
	layers.set.pop_policy_delete = "keep";
	test_assert(pop_policy_ldap_schema_apply(
		pop_policy_ldap_schema_find("pop-policy"),
		values, &layers, &error) == 0);
	test_assert_strcmp(layers.set.pop_policy_available, "no");
	test_assert_strcmp(layers.set.pop_policy_since, "2026-01-01");
	test_assert_strcmp(layers.set.pop_policy_spam, "only");
	test_assert_strcmp(layers.set.pop_policy_delete, "keep");
	test_assert_strcmp(layers.set.pop_policy_retrieve, "none");
	test_assert(layers.attributes[POP_POLICY_SETTING_pop_policy_delete] ==
		    NULL);
	test_end();
}

static void test_pop_policy_ldap_schema_replace(void)
{
	const struct pop_policy_ldap_schema *zimbra =
		pop_policy_ldap_schema_find("zimbra");
	const struct pop_policy_ldap_schema *schema;
	const char *const values[POP_POLICY_SETTING_COUNT] = {
		NULL, NULL, NULL, NULL, "archive", "keep"
	};
	const char *const *names, *error;
	struct pop_policy_layers layers;

	test_begin("pop_policy_ldap_schema_replace()");
	test_assert(pop_policy_ldap_schema_replace(zimbra, " ", &schema,
						   &error) == 0);
	test_assert(schema == zimbra);
	test_assert(pop_policy_ldap_schema_replace(zimbra,
		"delete=roomNumber retrieve=carLicense", &schema, &error) == 0);
	names = pop_policy_ldap_schema_get_names(schema);
	test_assert(str_array_length(names) == 6);
	test_assert_strcmp(names[0], "zimbraPop3Enabled");
	test_assert_strcmp(names[4], "roomNumber");
	test_assert_strcmp(names[5], "carLicense");
	test_assert_strcmp(zimbra->attributes[
		POP_POLICY_SETTING_pop_policy_delete].name,
		"zimbraPrefPop3DeleteOption");

	/* all words of the setting, not only Zimbra's */
	i_zero(&layers);
	test_assert(pop_policy_ldap_schema_apply(schema, values, &layers,
						 &error) == 0);
	test_assert_strcmp(layers.set.pop_policy_delete, "archive");
	test_assert_strcmp(layers.attributes[
		POP_POLICY_SETTING_pop_policy_retrieve], "carLicense");
	test_end();
}

static void test_pop_policy_ldap_schema_get_names(void)
{
	const char *const *names;

	test_begin("pop_policy_ldap_schema_get_names()");
	names = pop_policy_ldap_schema_get_names(
		pop_policy_ldap_schema_find("zimbra"));
	test_assert(str_array_length(names) == 5);
	test_assert_strcmp(names[0], "zimbraPop3Enabled");
	test_assert_strcmp(names[4], "zimbraPrefPop3DeleteOption");
	test_assert(pop_policy_ldap_schema_find("ad") == NULL);
	test_end();
}

static void test_pop_policy_ldap_config_for_write(void)
{
	struct pop_policy_settings set = pop_policy_default_settings;
	struct pop_policy_ldap_config config;
	const char *error;

	test_begin("pop_policy_ldap_config_for_write()");
	set.pop_policy_ldap_uris = "ldapi:///run/ldapi";
	set.pop_policy_ldap_sasl_mechanism = "EXTERNAL";
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) == 0);
	test_assert(pop_policy_ldap_config_for_write(&config, &error) == 0);
	test_assert(config.sasl_external);
	test_assert_strcmp(config.filter, "(mail=%{user})");

	/* another DN, and no SASL */
	set.pop_policy_ldap_write_dn = "cn=writer";
	set.pop_policy_ldap_write_dn_password = "secret";
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) == 0);
	test_assert_strcmp(config.auth_dn, "");
	test_assert(pop_policy_ldap_config_for_write(&config, &error) == 0);
	test_assert_strcmp(config.auth_dn, "cn=writer");
	test_assert_strcmp(config.auth_dn_password, "secret");
	test_assert(!config.sasl_external);

	/* what logins do not need is no failure of theirs */
	set.pop_policy_ldap_write_dn_password = "";
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) == 0);
	test_assert(pop_policy_ldap_config_for_write(&config, &error) < 0);
	set.pop_policy_ldap_write_dn = "";
	set.pop_policy_ldap_write_dn_password = "secret";
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) == 0);
	test_assert(pop_policy_ldap_config_for_write(&config, &error) < 0);
	test_assert(strstr(error, "secret") == NULL);
	set.pop_policy_ldap_write_dn_password = "";
	set.pop_policy_ldap_write_filter = "(mail=fixed)";
	test_assert(pop_policy_ldap_config_init(&set, &config, &error) == 0);
	test_assert(pop_policy_ldap_config_for_write(&config, &error) < 0);
	test_end();
}

static void test_pop_policy_ldap_encode(void)
{
#define POLICY(name) POP_POLICY_SETTING_pop_policy_##name
	static const struct {
		const char *schema;
		enum pop_policy_setting setting;
		const char *value, *encoded;
	} tests[] = {
		{ "pop-policy", POLICY(available), "no", "FALSE" },
		{ "pop-policy", POLICY(enabled), "Y", "TRUE" },
		{ "pop-policy", POLICY(enabled), "", "" },
		{ "pop-policy", POLICY(enabled), "maybe", NULL },
		{ "pop-policy", POLICY(since), "all", "19700101000000Z" },
		{ "pop-policy", POLICY(since), "2026-01-02",
		  "20260102000000Z" },
		{ "pop-policy", POLICY(since), "20260102030405.6+0100",
		  "20260102020405Z" },
		{ "pop-policy", POLICY(since), "99991231235959Z",
		  "99991231235959Z" },
		/* a directory has four digits for a year */
		{ "pop-policy", POLICY(since), "9999-12-31T23:59:59-01:00",
		  "99991231235959Z" },
		{ "pop-policy", POLICY(since), "now", NULL },
		{ "pop-policy", POLICY(spam), "true", "include" },
		{ "pop-policy", POLICY(spam), "ONLY", "only" },
		{ "pop-policy", POLICY(delete), "yes", "delete" },
		{ "pop-policy", POLICY(delete), "DEFAULT", "default" },
		{ "pop-policy", POLICY(delete), "none", NULL },
		{ "pop-policy", POLICY(retrieve), "None", "none" },
		{ "pop-policy", POLICY(extra_mailboxes), "Lists/*,\\Archive",
		  "Lists/*,\\Archive" },
		{ "pop-policy", POLICY(extra_mailboxes), "a,", NULL },
		{ "pop-policy", POLICY(keep_for), "12 weeks", "12 weeks" },
		{ "pop-policy", POLICY(keep_for), "Infinite", "Infinite" },
		{ "pop-policy", POLICY(keep_for), "0", NULL },
		{ "pop-policy", POLICY(recent), "30d", NULL },
		{ "pop-policy", POLICY(keyword), "$x", NULL },
		{ "pop-policy", POLICY(ldap_uris), "ldap://x", NULL },
		{ "zimbra", POLICY(spam), "include", "TRUE" },
		{ "zimbra", POLICY(spam), "no", "FALSE" },
		{ "zimbra", POLICY(spam), "only", NULL },
		{ "zimbra", POLICY(delete), "true", "delete" },
		{ "zimbra", POLICY(delete), "archive", NULL },
		{ "zimbra", POLICY(retrieve), "keep", NULL },
		{ "zimbra", POLICY(retrieve), "", NULL },
	};
	const char *encoded, *error;
	int ret;

	test_begin("pop_policy_ldap_encode()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		error = NULL;
		ret = pop_policy_ldap_encode(
			pop_policy_ldap_schema_find(tests[i].schema),
			tests[i].setting, tests[i].value, &encoded, &error);
		test_assert_idx((ret == 0) == (tests[i].encoded != NULL), i);
		if (ret == 0) {
			test_assert_strcmp_idx(encoded, tests[i].encoded, i);
		} else {
			test_assert_idx(error != NULL, i);
		}
	}
	test_end();
}

static void test_pop_policy_ldap_schema_is_own(void)
{
	const struct pop_policy_ldap_schema *schema =
		pop_policy_ldap_schema_find("pop-policy");
	const char *error;

	test_begin("pop_policy_ldap_schema_is_own()");
	test_assert(pop_policy_ldap_schema_is_own(schema, POLICY(spam)));
	test_assert(!pop_policy_ldap_schema_is_own(schema, POLICY(keyword)));
	test_assert(!pop_policy_ldap_schema_is_own(
		pop_policy_ldap_schema_find("zimbra"), POLICY(spam)));
	test_assert(pop_policy_ldap_schema_replace(schema,
		"spam=title delete=POPPOLICYDELETE", &schema, &error) == 0);
	test_assert(!pop_policy_ldap_schema_is_own(schema, POLICY(spam)));
	test_assert(pop_policy_ldap_schema_is_own(schema, POLICY(delete)));
	test_assert(pop_policy_ldap_schema_is_own(schema, POLICY(enabled)));
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_pop_policy_ldap_escape,
		test_pop_policy_ldap_template_expand,
		test_pop_policy_ldap_filter_check,
		test_pop_policy_ldap_base_fixed,
		test_pop_policy_ldap_config_defaults,
		test_pop_policy_ldap_config_uris,
		test_pop_policy_ldap_config_local_uris,
		test_pop_policy_ldap_config_valid,
		test_pop_policy_ldap_config_invalid,
		test_pop_policy_ldap_config_combined,
		test_pop_policy_ldap_schema_apply,
		test_pop_policy_ldap_schema_apply_empty,
		test_pop_policy_ldap_schema_replace,
		test_pop_policy_ldap_schema_get_names,
		test_pop_policy_ldap_schema_is_own,
		test_pop_policy_ldap_config_for_write,
		test_pop_policy_ldap_encode,
		NULL
	};
	return test_run(test_functions);
}
