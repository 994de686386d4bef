/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-event.h"
#include "pop-policy-log.h"
#include "pop-policy-settings.h"
#include "pop-policy-ldap-config.h"
#include "pop-policy-ldap-schema.h"
#include "pop-policy-ldap-template.h"
#include "pop-policy-ldap-connection.h"
#include "pop-policy-ldap-lookup.h"
#include "pop-policy-ldap-modify.h"
#include "pop-policy-ldap-interface.h"

const char *pop_policy_ldap_version = DOVECOT_ABI_VERSION;

/* How much of what is searched for the debug log shows */
#define POP_POLICY_LDAP_LOG_MAX_LEN 256

void pop_policy_ldap_init(struct module *module ATTR_UNUSED)
{
	pop_policy_ldap_library_init();
}

void pop_policy_ldap_deinit(void)
{
	pop_policy_ldap_lookup_deinit();
}

static int
expand(const struct pop_policy_ldap_user *user, const char *key,
       const char *template, const char **result_r, const char **error_r)
{
	const char *error;

	if (pop_policy_ldap_template_expand(template, user->expand,
					    user->context, result_r,
					    &error) == 0)
		return 0;
	*error_r = t_strdup_printf("%s: %s", key, error);
	return -1;
}

static const char *result_to_text(enum pop_policy_ldap_result result)
{
	switch (result) {
	case POP_POLICY_LDAP_FAILED:
		return "failed";
	case POP_POLICY_LDAP_INVALID:
		return "invalid";
	case POP_POLICY_LDAP_NO_ENTRY:
		return "no_entry";
	case POP_POLICY_LDAP_FOUND:
		return "found";
	}
	i_unreached();
}

/* values_r has an element for each of request->attributes */
static enum pop_policy_ldap_result
lookup(const struct pop_policy_ldap_request *request, pool_t pool,
       const char **values_r, const char **error_r)
{
	/* its duration is that of the lookup */
	struct event *event = event_create(request->event);
	enum pop_policy_ldap_result result;
	const char *server, *error;

	result = pop_policy_ldap_lookup(request, pool, values_r, &server,
					&error);
	e_debug(pop_policy_event(event, "pop_policy_ldap_lookup_finished")->
		add_str("server", server)->
		add_str("result", result_to_text(result))->event(),
		"LDAP lookup: base=%s filter=%s: %s",
		pop_policy_log_text(request->base, POP_POLICY_LDAP_LOG_MAX_LEN),
		pop_policy_log_text(request->filter,
				    POP_POLICY_LDAP_LOG_MAX_LEN),
		result_to_text(result));
	event_unref(&event);
	if (result == POP_POLICY_LDAP_FAILED)
		*error_r = t_strdup_printf("LDAP lookup failed: %s", error);
	else if (result == POP_POLICY_LDAP_INVALID)
		*error_r = error;
	return result;
}

/* Everything but what the attributes are for. */
static int
request_init(struct pop_policy_ldap_request *request_r,
	     const struct pop_policy_ldap_user *user,
	     const struct pop_policy_ldap_config *config,
	     const char *filter_key, const char **error_r)
{
	i_zero(request_r);
	request_r->event = user->event;
	request_r->base_dir = user->base_dir;
	request_r->config = config;
	request_r->base_fixed = pop_policy_ldap_base_fixed(config->base);
	request_r->keep_connection = user->keep_connection;
	if (expand(user, "pop_policy_ldap_base", config->base,
		   &request_r->base, error_r) < 0)
		return -1;
	return expand(user, filter_key, config->filter, &request_r->filter,
		      error_r);
}

enum pop_policy_ldap_result
pop_policy_ldap_apply(const struct pop_policy_ldap_user *user, pool_t pool,
		      struct pop_policy_layers *layers, const char **error_r)
{
	struct pop_policy_ldap_config config;
	struct pop_policy_ldap_request request;
	enum pop_policy_ldap_result result;
	const char **values;

	if (pop_policy_ldap_config_init(&layers->set, &config, error_r) < 0)
		return POP_POLICY_LDAP_INVALID;
	if (config.uris.count == 0)
		return POP_POLICY_LDAP_NO_ENTRY;

	if (request_init(&request, user, &config, "pop_policy_ldap_filter",
			 error_r) < 0)
		return POP_POLICY_LDAP_INVALID;
	request.attributes = pop_policy_ldap_schema_get_names(config.schema);
	request.names_are_foreign = config.schema->replaced;

	values = t_new(const char *, str_array_length(request.attributes) + 1);
	result = lookup(&request, pool, values, error_r);
	if (result == POP_POLICY_LDAP_NO_ENTRY && config.require_entry) {
		*error_r = t_strdup_printf("pop_policy_ldap_require_entry: "
			"No LDAP entry matches %s",
			pop_policy_log_value(request.filter));
		return POP_POLICY_LDAP_INVALID;
	}
	if (result == POP_POLICY_LDAP_FOUND &&
	    pop_policy_ldap_schema_apply(config.schema, values, layers,
					 error_r) < 0)
		return POP_POLICY_LDAP_INVALID;
	return result;
}

enum pop_policy_ldap_result
pop_policy_ldap_write(const struct pop_policy_ldap_user *user, pool_t pool,
		      const struct pop_policy_settings *set,
		      struct pop_policy_ldap_write *write,
		      const char **error_r)
{
	struct pop_policy_ldap_config config;
	struct pop_policy_ldap_request request;
	enum pop_policy_ldap_result result;
	const char **values;

	if (pop_policy_ldap_config_init(set, &config, error_r) < 0 ||
	    pop_policy_ldap_config_for_write(&config, error_r) < 0 ||
	    request_init(&request, user, &config,
			 "pop_policy_ldap_write_filter", error_r) < 0)
		return POP_POLICY_LDAP_INVALID;
	request.attributes = pop_policy_ldap_modify_get_names(config.schema);
	request.names_are_foreign = config.schema->replaced;
	request.write = write;
	request.write_pool = pool;

	values = t_new(const char *, str_array_length(request.attributes) + 1);
	result = lookup(&request, pool, values, error_r);
	if (result == POP_POLICY_LDAP_NO_ENTRY) {
		*error_r = t_strdup_printf("No LDAP entry matches %s",
			pop_policy_log_value(request.filter));
	}
	return result;
}
