/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "net.h"
#include "strnum.h"
#include "pop-policy-compat.h"
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

/* Apart from ldapi://%2Frun%2Fldapi, this reads ldapi:///run/ldapi: Dovecot 2.3
   takes a percent sign for the beginning of a variable. */
static int
parse_ldapi(const char *rest, struct pop_policy_ldap_uri *uri,
	    const char **error_r)
{
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

static int
parse_host_port(const char *rest, struct pop_policy_ldap_uri *uri,
		const char **error_r)
{
	if (parse_host(&rest, &uri->host) < 0) {
		*error_r = "no valid host name or address";
		return -1;
	}
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

static int
parse_uris(const struct pop_policy_settings *set,
	   struct pop_policy_ldap_config *config, const char **error_r)
{
	const char *const *texts = t_strsplit_spaces(set->pop_policy_ldap_uris,
						     " ");
	struct pop_policy_ldap_uri *uris;
	unsigned int i, count = str_array_length(texts);
	const char *reason;

	if (count > POP_POLICY_LDAP_MAX_URIS) {
		return pop_policy_value_bad("pop_policy_ldap_uris",
			set->pop_policy_ldap_uris, "too many", error_r);
	}
	uris = t_new(struct pop_policy_ldap_uri, count + 1);
	for (i = 0; i < count; i++) {
		if (parse_uri(texts[i], &uris[i], &reason) < 0) {
			return pop_policy_value_bad("pop_policy_ldap_uris",
				texts[i], reason, error_r);
		}
		if (config->starttls &&
		    uris[i].scheme == POP_POLICY_LDAP_SCHEME_LDAPS) {
			return pop_policy_value_bad("pop_policy_ldap_uris",
				texts[i], "ldaps:// and pop_policy_ldap_starttls "
				"exclude each other", error_r);
		}
	}
	config->uris = uris;
	config->uris_count = count;
	return 0;
}

static int
parse_auth(const struct pop_policy_settings *set,
	   struct pop_policy_ldap_config *config, const char **error_r)
{
	const char *mechanism = set->pop_policy_ldap_sasl_mechanism;
	bool dn = *set->pop_policy_ldap_auth_dn != '\0';
	bool password = *set->pop_policy_ldap_auth_dn_password != '\0';

	config->auth_dn = set->pop_policy_ldap_auth_dn;
	config->auth_dn_password = set->pop_policy_ldap_auth_dn_password;
	config->sasl_external = strcasecmp(mechanism, "EXTERNAL") == 0;
	if (*mechanism != '\0' && !config->sasl_external) {
		return pop_policy_value_bad("pop_policy_ldap_sasl_mechanism",
			mechanism, "only EXTERNAL is supported", error_r);
	}
	if (config->sasl_external && dn) {
		return pop_policy_value_bad("pop_policy_ldap_auth_dn",
			set->pop_policy_ldap_auth_dn,
			"of no use with pop_policy_ldap_sasl_mechanism",
			error_r);
	}
	/* a bind with a DN alone succeeds, as anonymous (RFC 4513, 5.1.2) */
	if (dn && !password) {
		return pop_policy_value_bad("pop_policy_ldap_auth_dn",
			set->pop_policy_ldap_auth_dn,
			"pop_policy_ldap_auth_dn_password is empty", error_r);
	}
	if (password && !dn) {
		*error_r = "pop_policy_ldap_auth_dn_password: "
			"Set without pop_policy_ldap_auth_dn";
		return -1;
	}
	return 0;
}

static int
parse_search(const struct pop_policy_settings *set,
	     struct pop_policy_ldap_config *config, const char **error_r)
{
	const char *scope = set->pop_policy_ldap_scope, *reason;

	config->base = set->pop_policy_ldap_base;
	config->filter = set->pop_policy_ldap_filter;
	if (pop_policy_ldap_filter_check(config->filter, &reason) < 0) {
		return pop_policy_value_bad("pop_policy_ldap_filter",
					    config->filter, reason, error_r);
	}
	/* all users would be one */
	if (!pop_policy_ldap_template_has_variable(config->filter) &&
	    !pop_policy_ldap_template_has_variable(config->base)) {
		return pop_policy_value_bad("pop_policy_ldap_filter",
			config->filter, "has no variable such as %{user}, "
			"nor has pop_policy_ldap_base", error_r);
	}
	if (strcasecmp(scope, "subtree") == 0)
		config->scope = POP_POLICY_LDAP_SCOPE_SUBTREE;
	else if (strcasecmp(scope, "onelevel") == 0)
		config->scope = POP_POLICY_LDAP_SCOPE_ONELEVEL;
	else if (strcasecmp(scope, "base") == 0)
		config->scope = POP_POLICY_LDAP_SCOPE_BASE;
	else {
		return pop_policy_value_bad("pop_policy_ldap_scope", scope,
			"not one of subtree, onelevel, base", error_r);
	}
	config->schema =
		pop_policy_ldap_schema_find(set->pop_policy_ldap_schema);
	if (config->schema == NULL) {
		return pop_policy_value_bad("pop_policy_ldap_schema",
			set->pop_policy_ldap_schema,
			"not one of pop-policy, zimbra", error_r);
	}
	return 0;
}

static int
parse_timeout(const struct pop_policy_settings *set,
	      struct pop_policy_ldap_config *config, const char **error_r)
{
	const char *timeout = set->pop_policy_ldap_timeout, *reason;

	if (pop_policy_parse_msecs(timeout, &config->timeout_msecs,
				   &reason) == 0) {
		if (config->timeout_msecs >= POP_POLICY_LDAP_MIN_TIMEOUT_MSECS &&
		    config->timeout_msecs <= POP_POLICY_LDAP_MAX_TIMEOUT_MSECS)
			return 0;
		reason = "not between 100 ms and 60 s";
	} else {
		reason = "not a time with its unit, such as 5s";
	}
	return pop_policy_value_bad("pop_policy_ldap_timeout", timeout, reason,
				    error_r);
}

int pop_policy_ldap_config_init(const struct pop_policy_settings *set,
				struct pop_policy_ldap_config *config_r,
				const char **error_r)
{
	const char *reason;

	i_zero(config_r);
	if (pop_policy_value_bool(set->pop_policy_ldap_starttls,
				  &config_r->starttls, &reason) < 0) {
		return pop_policy_value_bad("pop_policy_ldap_starttls",
			set->pop_policy_ldap_starttls, reason, error_r);
	}
	config_r->tls_ca_file = set->pop_policy_ldap_tls_ca_file;
	if (parse_uris(set, config_r, error_r) < 0 ||
	    parse_auth(set, config_r, error_r) < 0 ||
	    parse_search(set, config_r, error_r) < 0 ||
	    parse_timeout(set, config_r, error_r) < 0)
		return -1;
	return 0;
}
