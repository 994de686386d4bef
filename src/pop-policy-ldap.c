/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "module-dir.h"
#include "pop-policy-compat.h"
#include "pop-policy-module.h"
#include "pop-policy-settings.h"
#include "pop-policy-ldap-config.h"
#include "pop-policy-ldap-schema.h"
#include "pop-policy-ldap-template.h"
#include "pop-policy-ldap.h"

static struct module *pop_policy_engine_module = NULL;
static struct module *pop_policy_ldap_modules = NULL;
static pop_policy_ldap_lookup_func_t *pop_policy_ldap_lookup_func = NULL;

void pop_policy_ldap_engine_init(struct module *engine)
{
	pop_policy_engine_module = engine;
}

void pop_policy_ldap_engine_deinit(void)
{
	pop_policy_ldap_lookup_func = NULL;
	module_dir_unload(&pop_policy_ldap_modules);
}

#ifdef POP_POLICY_LDAP
static int ldap_module_load(const char **error_r)
{
	const char *folder;
	void *symbol;

	if (pop_policy_ldap_lookup_func != NULL)
		return 0;
	folder = pop_policy_module_get_folder(pop_policy_engine_module);
	if (pop_policy_module_get(&pop_policy_ldap_modules, folder,
				  POP_POLICY_LDAP_MODULE_NAME,
				  POP_POLICY_LDAP_LOOKUP_SYMBOL,
				  &symbol, error_r) < 0)
		return -1;
	pop_policy_ldap_lookup_func = symbol;
	return 0;
}
#else
static int ldap_module_load(const char **error_r)
{
	*error_r = "Built without LDAP";
	return -1;
}
#endif

/* Variables one by one: escaped is what each of them comes to, whatever the
   template does with the value before. */
static int
expand(struct mail_user *user, const char *key, const char *template,
       const char **result_r, const char **error_r)
{
	string_t *str = t_str_new(128), *value = t_str_new(64);
	const char *var, *error;
	size_t len;

	while ((var = strchr(template, '%')) != NULL) {
		str_append_data(str, template, var - template);
		str_truncate(value, 0);
		if (!pop_policy_var_is(var, &len)) {
			/* the first % of two stands for nothing */
			str_append_data(str, len > 1 ? var + 1 : var,
					len > 1 ? len - 1 : len);
		} else if (pop_policy_user_expand(user, t_strndup(var, len),
						  value, &error) < 0) {
			*error_r = t_strdup_printf("%s: Can't expand: %s",
						   key, error);
			return -1;
		} else if (str_len(value) == 0) {
			/* no account would be found, or another one */
			*error_r = t_strdup_printf("%s: %s is empty", key,
						   t_strndup(var, len));
			return -1;
		}
		str_append(str, pop_policy_ldap_escape(str_c(value)));
		template = var + len;
	}
	str_append(str, template);
	*result_r = str_c(str);
	return 0;
}

static enum pop_policy_ldap_result
lookup(struct mail_user *user, const struct pop_policy_ldap_config *config,
       const char **values_r, const char **error_r)
{
	struct pop_policy_ldap_request request = {
		.event = user->event,
		.base_dir = user->set->base_dir,
		.config = config,
		.base_fixed = pop_policy_ldap_base_fixed(config->base),
		.attributes = pop_policy_ldap_schema_get_names(config->schema),
		.keep_connection = !pop_policy_process_is_ending(),
	};
	enum pop_policy_ldap_result result;
	const char *error;

	if (expand(user, "pop_policy_ldap_base", config->base,
		   &request.base, error_r) < 0 ||
	    expand(user, "pop_policy_ldap_filter", config->filter,
		   &request.filter, error_r) < 0)
		return POP_POLICY_LDAP_INVALID;
	if (ldap_module_load(&error) < 0) {
		*error_r = t_strdup_printf("pop_policy_ldap_uris: "
			"The LDAP module can't be had: %s", error);
		return POP_POLICY_LDAP_FAILED;
	}
	result = pop_policy_ldap_lookup_func(&request, user->pool, values_r,
					     error_r);
	if (result == POP_POLICY_LDAP_FAILED) {
		*error_r = t_strdup_printf("LDAP lookup failed: %s", *error_r);
	} else {
		e_debug(user->event, "LDAP lookup: base=%s filter=%s: %s",
			request.base, request.filter,
			result == POP_POLICY_LDAP_FOUND ? "found" :
			result == POP_POLICY_LDAP_NO_ENTRY ? "no entry" :
			"invalid");
	}
	return result;
}

enum pop_policy_ldap_result
pop_policy_ldap_apply(struct mail_user *user, struct pop_policy_settings *set,
		      const char **error_r)
{
	struct pop_policy_ldap_config config;
	const char *values[POP_POLICY_LDAP_MAX_ATTRIBUTES];
	enum pop_policy_ldap_result result;

	if (*set->pop_policy_ldap_uris == '\0')
		return POP_POLICY_LDAP_NO_ENTRY;
	if (pop_policy_ldap_config_init(set, &config, error_r) < 0)
		return POP_POLICY_LDAP_INVALID;
	if (config.uris_count == 0)
		return POP_POLICY_LDAP_NO_ENTRY;
	result = lookup(user, &config, values, error_r);
	if (result == POP_POLICY_LDAP_FOUND &&
	    pop_policy_ldap_schema_apply(config.schema, values, set,
					 error_r) < 0)
		return POP_POLICY_LDAP_INVALID;
	return result;
}
