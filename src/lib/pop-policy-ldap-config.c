/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "net.h"
#include "strnum.h"
#include "pop-policy-log.h"
#include "pop-policy-compat-text.h"
#include "pop-policy-settings.h"
#include "pop-policy-values.h"
#include "pop-policy-ldap-schema.h"
#include "pop-policy-ldap-template.h"
#include "pop-policy-ldap-config.h"

#include <ctype.h>

#define LDAP_DEFAULT_PORT 389
#define LDAPS_DEFAULT_PORT 636
/* where slapd has it on ldapi:/// */
#define LDAPI_DEFAULT_PATH "/var/run/slapd/ldapi"

/* Less than this is no time for an answer, more than this no POP client waits
   for (it may take twice as long). */
#define POP_POLICY_LDAP_MIN_TIMEOUT_MSECS 100
#define POP_POLICY_LDAP_MAX_TIMEOUT_MSECS (60*1000)
#define POP_POLICY_LDAP_MAX_URIS 16

/* %2F and its like, as in the path of a ldapi URI (RFC 3986, 2.1) */
static int percent_decode(const char *text, const char **text_r)
{
	char *dest = t_strdup_noconst(text);
	unsigned char hex;

	*text_r = dest;
	for (; *text != '\0'; text++, dest++) {
		*dest = *text;
		if (*text != '%')
			continue;
		if (!i_isxdigit(text[1]) || !i_isxdigit(text[2]))
			return -1;
		hex = strtoul(t_strndup(text + 1, 2), NULL, 16);
		if (hex == '\0')
			return -1;
		*dest = hex;
		text += 2;
	}
	*dest = '\0';
	return 0;
}

/* Apart from ldapi://%2Frun%2Fldapi, this reads ldapi:///run/ldapi: Dovecot
   2.3 takes a percent sign for the beginning of a variable. */
static int
parse_ldapi(const char *rest, struct pop_policy_ldap_uri *uri,
	    const char **error_r)
{
	uri->is_local = TRUE;
	if (*rest == '\0')
		uri->host = LDAPI_DEFAULT_PATH;
	else if (percent_decode(rest, &uri->host) < 0 || *uri->host != '/') {
		*error_r = "no path of a socket, such as ldapi:///run/ldapi";
		return -1;
	}
	return 0;
}

/* Take the host, [brackets] around it if it is an IPv6 address. */
static int parse_host(const char **p, const char **host_r)
{
	struct ip_addr ip;
	size_t len;

	if (**p == '[') {
		len = strcspn(*p, "]");
		if ((*p)[len] == '\0')
			return -1;
		*host_r = t_strndup(*p + 1, len - 1);
		*p += len + 1;
		return net_addr2ip(*host_r, &ip) == 0 &&
			IPADDR_IS_V6(&ip) ? 0 : -1;
	}
	len = strspn(*p, "abcdefghijklmnopqrstuvwxyz"
		     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");
	*host_r = t_strndup(*p, len);
	*p += len;
	return len > 0 ? 0 : -1;
}

static bool host_is_local(const char *host)
{
	/* (musl's macro for it makes compilers warn of strict aliasing) */
	static const struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;
	struct ip_addr ip, ip4;

	if (net_addr2ip(host, &ip) < 0)
		return strcasecmp(host, "localhost") == 0;
	if (net_ipv6_mapped_ipv4_convert(&ip, &ip4) == 0)
		ip = ip4;
	if (IPADDR_IS_V4(&ip))
		return (ntohl(ip.u.ip4.s_addr) >> 24) == 127;
	return memcmp(&ip.u.ip6, &loopback, sizeof(loopback)) == 0;
}

static int
parse_host_port(const char *rest, struct pop_policy_ldap_uri *uri,
		const char **error_r)
{
	if (parse_host(&rest, &uri->host) < 0) {
		*error_r = "no valid host name or address";
		return -1;
	}
	uri->is_local = host_is_local(uri->host);
	if (*rest == ':' && (net_str2port(rest + 1, &uri->port) < 0)) {
		*error_r = "no valid port";
		return -1;
	}
	if (*rest != '\0' && *rest != ':') {
		*error_r = "has more than scheme, host and port";
		return -1;
	}
	return 0;
}

static int
parse_uri(const char *text, struct pop_policy_ldap_uri *uri,
	  const char **error_r)
{
	static const struct {
		const char *prefix;
		enum pop_policy_ldap_scheme scheme;
		in_port_t port;
	} schemes[] = {
		{ "ldap://", POP_POLICY_LDAP_SCHEME_LDAP, LDAP_DEFAULT_PORT },
		{ "ldaps://", POP_POLICY_LDAP_SCHEME_LDAPS, LDAPS_DEFAULT_PORT },
		{ "ldapi://", POP_POLICY_LDAP_SCHEME_LDAPI, 0 },
	};
	const char *rest;
	size_t len;

	uri->text = text;
	for (unsigned int i = 0; i < N_ELEMENTS(schemes); i++) {
		len = strlen(schemes[i].prefix);
		if (strncasecmp(text, schemes[i].prefix, len) != 0)
			continue;
		uri->scheme = schemes[i].scheme;
		uri->port = schemes[i].port;
		rest = text + len;
		len = strlen(rest);
		if (len > 0 && rest[len-1] == '/')
			rest = t_strndup(rest, len - 1);
		if (uri->scheme == POP_POLICY_LDAP_SCHEME_LDAPI)
			return parse_ldapi(rest, uri, error_r);
		return parse_host_port(rest, uri, error_r);
	}
	*error_r = "starts with none of ldap://, ldaps://, ldapi://";
	return -1;
}

/* Parsers of the settings, see pop-policy-settings.h */

static int
pop_policy_ldap_value_uris(const char *value,
			   struct pop_policy_ldap_uris *uris_r,
			   const char **error_r)
{
	const char *const *texts = t_strsplit_spaces(value, " ");
	unsigned int i, count = str_array_length(texts);
	struct pop_policy_ldap_uri *uris;
	const char *reason;

	if (count > POP_POLICY_LDAP_MAX_URIS) {
		*error_r = "too many";
		return -1;
	}
	uris = t_new(struct pop_policy_ldap_uri, count + 1);
	for (i = 0; i < count; i++) {
		if (parse_uri(texts[i], &uris[i], &reason) < 0) {
			*error_r = t_strdup_printf("%s: %s",
				pop_policy_log_value(texts[i]),
				reason);
			return -1;
		}
	}
	uris_r->list = uris;
	uris_r->count = count;
	return 0;
}

#define pop_policy_ldap_value_bool pop_policy_value_bool

static int
pop_policy_ldap_value_string(const char *value, const char **value_r,
			     const char **error_r ATTR_UNUSED)
{
	*value_r = value;
	return 0;
}

static int
pop_policy_ldap_value_sasl_mechanism(const char *value, bool *external_r,
				     const char **error_r)
{
	*external_r = strcasecmp(value, "EXTERNAL") == 0;
	if (*external_r || *value == '\0')
		return 0;
	*error_r = "only EXTERNAL is supported";
	return -1;
}

static int
pop_policy_ldap_value_filter(const char *value, const char **filter_r,
			     const char **error_r)
{
	*filter_r = value;
	/* the schema has one */
	if (*value == '\0')
		return 0;
	return pop_policy_ldap_filter_check(value, error_r);
}

static int
pop_policy_ldap_value_scope(const char *value,
			    enum pop_policy_ldap_scope *scope_r,
			    const char **error_r)
{
	if (strcasecmp(value, "subtree") == 0)
		*scope_r = POP_POLICY_LDAP_SCOPE_SUBTREE;
	else if (strcasecmp(value, "onelevel") == 0)
		*scope_r = POP_POLICY_LDAP_SCOPE_ONELEVEL;
	else if (strcasecmp(value, "base") == 0)
		*scope_r = POP_POLICY_LDAP_SCOPE_BASE;
	else {
		*error_r = "not one of subtree, onelevel, base";
		return -1;
	}
	return 0;
}

static int
pop_policy_ldap_value_timeout(const char *value, unsigned int *msecs_r,
			      const char **error_r)
{
	const char *error;

	if (pop_policy_parse_msecs(value, msecs_r, &error) < 0) {
		*error_r = "not a time with its unit, such as 5s";
		return -1;
	}
	if (*msecs_r < POP_POLICY_LDAP_MIN_TIMEOUT_MSECS ||
	    *msecs_r > POP_POLICY_LDAP_MAX_TIMEOUT_MSECS) {
		*error_r = "not between 100 ms and 60 s";
		return -1;
	}
	return 0;
}

static int
pop_policy_ldap_value_schema(const char *value,
			     const struct pop_policy_ldap_schema **schema_r,
			     const char **error_r)
{
	*schema_r = pop_policy_ldap_schema_find(value);
	if (*schema_r != NULL)
		return 0;
	*error_r = t_strconcat("not one of ",
			       pop_policy_ldap_schema_get_all(), NULL);
	return -1;
}

/* needs the schema, see init_schema() */
#define pop_policy_ldap_value_attributes pop_policy_ldap_value_string

/* What settings say together */

static int
init_schema(struct pop_policy_ldap_config *config, const char **error_r)
{
	const char *reason;

	if (*config->filter == '\0')
		config->filter = config->schema->filter;
	if (pop_policy_ldap_schema_replace(config->schema, config->attributes,
					   &config->schema, &reason) < 0) {
		*error_r = t_strconcat("pop_policy_ldap_attributes: ",
				       reason, NULL);
		return -1;
	}
	return 0;
}

static int
check_tls(const struct pop_policy_ldap_config *config, const char **error_r)
{
	for (unsigned int i = 0; config->starttls && i < config->uris.count;
	     i++) {
		if (config->uris.list[i].scheme !=
		    POP_POLICY_LDAP_SCHEME_LDAPS)
			continue;
		return pop_policy_value_bad("pop_policy_ldap_uris",
			config->uris.list[i].text, "cannot be used together "
			"with pop_policy_ldap_starttls", error_r);
	}
	return 0;
}

static int
check_bind(const char *key, const char *dn, const char *password,
	   const char **error_r)
{
	/* a bind with a DN alone succeeds, as anonymous (RFC 4513, 5.1.2) */
	if (*dn != '\0' && *password == '\0') {
		return pop_policy_value_bad(key, dn,
			t_strconcat(key, "_password is empty", NULL), error_r);
	}
	if (*password != '\0' && *dn == '\0') {
		*error_r = t_strdup_printf("%s_password: Set without %s",
					   key, key);
		return -1;
	}
	return 0;
}

static int
check_auth(const struct pop_policy_ldap_config *config, const char **error_r)
{
	for (unsigned int i = 0; config->sasl_external &&
	     i < config->uris.count; i++) {
		if (config->uris.list[i].scheme == POP_POLICY_LDAP_SCHEME_LDAPI)
			continue;
		return pop_policy_value_bad("pop_policy_ldap_sasl_mechanism",
			"EXTERNAL", t_strconcat("possible with ldapi:// only, "
				"and not with ", pop_policy_log_value(
					config->uris.list[i].text), NULL),
			error_r);
	}
	if (config->sasl_external && *config->auth_dn != '\0') {
		return pop_policy_value_bad("pop_policy_ldap_auth_dn",
			config->auth_dn, "cannot be used together with "
			"pop_policy_ldap_sasl_mechanism", error_r);
	}
	return check_bind("pop_policy_ldap_auth_dn", config->auth_dn,
			  config->auth_dn_password, error_r);
}

/* Without a variable all users would be the same account. */
static int
check_variables(const struct pop_policy_ldap_config *config, const char *key,
		const char **error_r)
{
	if (pop_policy_ldap_template_has_variable(config->filter) ||
	    pop_policy_ldap_template_has_variable(config->base))
		return 0;
	return pop_policy_value_bad(key, config->filter,
		"no variable such as %{user}, here or in pop_policy_ldap_base",
		error_r);
}

#define PARSE(key, field, value, kind, type) \
	if (pop_policy_ldap_value_##type(set->key, &config_r->field, \
					 &reason) < 0) \
		return pop_policy_value_bad(#key, set->key, reason, error_r);

int pop_policy_ldap_config_init(const struct pop_policy_settings *set,
				struct pop_policy_ldap_config *config_r,
				const char **error_r)
{
	const char *reason;

	i_zero(config_r);
	POP_POLICY_SETTINGS_OF_LDAP(PARSE)
	if (init_schema(config_r, error_r) < 0 ||
	    check_tls(config_r, error_r) < 0 ||
	    check_auth(config_r, error_r) < 0 ||
	    check_variables(config_r, "pop_policy_ldap_filter", error_r) < 0)
		return -1;
	return 0;
}

int pop_policy_ldap_config_for_write(struct pop_policy_ldap_config *config,
				     const char **error_r)
{
	if (check_bind("pop_policy_ldap_write_dn", config->write_dn,
		       config->write_dn_password, error_r) < 0)
		return -1;
	if (*config->write_dn != '\0') {
		config->auth_dn = config->write_dn;
		config->auth_dn_password = config->write_dn_password;
		config->sasl_external = FALSE;
	}
	config->filter = config->write_filter;
	return check_variables(config, "pop_policy_ldap_write_filter", error_r);
}
