#ifndef POP_POLICY_COMPAT_H
#define POP_POLICY_COMPAT_H

/* Differences between Dovecot's versions, all of them. */

#include "array.h"
#include "str.h"
#ifdef POP_POLICY_DOVECOT_24
#  include "str-parse.h"
#else
#  include "settings-parser.h"
#endif
#include "var-expand.h"
#include "mail-user.h"
#include "mail-namespace.h"
#include "mail-storage-private.h"
#include "mail-storage-settings.h"
#include "module-dir.h"
#include "master-service.h"
#include "dns-lookup.h"

/* What UIDLs are made of. */
struct pop_policy_uidl_parts {
	const char *uid, *uidvalidity, *md5, *filename, *guid;
};

#ifdef POP_POLICY_DOVECOT_24
#  define POP_POLICY_UIDL_VAR(_char, _key, _value) \
	{ .key = _key, .value = _value }
#  define POP_POLICY_UIDL_VAR_END VAR_EXPAND_TABLE_END
#else
#  define POP_POLICY_UIDL_VAR(_char, _key, _value) \
	{ _char, _value, _key }
#  define POP_POLICY_UIDL_VAR_END { '\0', NULL, NULL }
#endif

/* pop3_uidl_format, made ready to be expanded many times: Dovecot 2.4 takes
   longer to read the format than for all the rest of a message's UIDL. */
struct pop_policy_uidl_format {
#ifdef POP_POLICY_DOVECOT_24
	struct var_expand_program *program;
#else
	const char *format;
#endif
};

/* Returns 0, or -1 if the format can't be used. It must outlive format_r. */
static inline int
pop_policy_uidl_format_init(const char *format,
			    struct pop_policy_uidl_format *format_r)
{
#ifdef POP_POLICY_DOVECOT_24
	const char *error;

	return var_expand_program_create(format, &format_r->program, &error);
#else
	format_r->format = format;
	return 0;
#endif
}

static inline void
pop_policy_uidl_format_deinit(struct pop_policy_uidl_format *format ATTR_UNUSED)
{
#ifdef POP_POLICY_DOVECOT_24
	var_expand_program_free(&format->program);
#endif
}

/* *uidl_r is allocated from the data stack. */
static inline int
pop_policy_uidl_format_expand(const struct pop_policy_uidl_format *format,
			      const struct pop_policy_uidl_parts *parts,
			      struct event *event ATTR_UNUSED,
			      const char **uidl_r)
{
	const struct var_expand_table table[] = {
		POP_POLICY_UIDL_VAR('v', "uidvalidity", parts->uidvalidity),
		POP_POLICY_UIDL_VAR('u', "uid", parts->uid),
		POP_POLICY_UIDL_VAR('m', "md5", parts->md5),
		POP_POLICY_UIDL_VAR('f', "filename", parts->filename),
		POP_POLICY_UIDL_VAR('g', "guid", parts->guid),
		POP_POLICY_UIDL_VAR_END
	};
	string_t *str = t_str_new(128);
	const char *error;

#ifdef POP_POLICY_DOVECOT_24
	const struct var_expand_params params = {
		.table = table,
		.event = event,
	};

	if (var_expand_program_execute(str, format->program, &params,
				       &error) < 0)
		return -1;
#else
	if (var_expand(str, format->format, table, &error) <= 0)
		return -1;
#endif
	*uidl_r = str_c(str);
	return 0;
}

#ifdef POP_POLICY_DOVECOT_24
#  define POP_POLICY_NAMESPACE_MAILBOXES(ns_set) (&(ns_set)->parsed_mailboxes)

static inline bool
pop_policy_mailbox_has_special_use(const struct mailbox_settings *set,
				   const char *special_use)
{
	const char *use;

	if (!array_is_created(&set->special_use))
		return FALSE;
	array_foreach_elem(&set->special_use, use) {
		if (strcasecmp(use, special_use) == 0)
			return TRUE;
	}
	return FALSE;
}
#else
#  define POP_POLICY_NAMESPACE_MAILBOXES(ns_set) (&(ns_set)->mailboxes)

static inline bool
pop_policy_mailbox_has_special_use(const struct mailbox_settings *set,
				   const char *special_use)
{
	return str_array_icase_find(t_strsplit_spaces(set->special_use, " "),
				    special_use);
}
#endif

/* What makes QUIT's sync write changes to the mailbox itself. pop3 of Dovecot
   2.3 asks for that anyway. With 2.4 an mbox else has them in its index until
   later, and loses them if somebody else has appended to it. */
static inline enum mailbox_sync_flags
pop_policy_mailbox_write_flags(struct mailbox *box ATTR_UNUSED)
{
#ifdef POP_POLICY_DOVECOT_24
	if (strcmp(box->storage->name, "mbox") == 0)
		return MAILBOX_SYNC_FLAG_FORCE_RESYNC;
#endif
	return 0;
}

/* Forget the configured mailboxes of the user's namespaces. */
static inline void pop_policy_namespaces_drop_mailboxes(struct mail_user *user)
{
	struct mail_namespace_settings *set;
	struct mail_namespace *ns;

	for (ns = user->namespaces; ns != NULL; ns = ns->next) {
		/* others may use the settings as well */
		set = p_memdup(user->pool, ns->set, sizeof(*ns->set));
		i_zero(POP_POLICY_NAMESPACE_MAILBOXES(set));
		ns->set = set;
	}
}

/* Returns the name, without the namespace's prefix, of the mailbox that the
   configuration gives this special use, or NULL. */
static inline const char *
pop_policy_namespace_find_special_use(struct mail_namespace *ns,
				      const char *special_use)
{
	if (!array_is_created(POP_POLICY_NAMESPACE_MAILBOXES(ns->set)))
		return NULL;
	for (unsigned int i = 0;
	     i < array_count(POP_POLICY_NAMESPACE_MAILBOXES(ns->set)); i++) {
		const struct mailbox_settings *set =
			array_idx_elem(POP_POLICY_NAMESPACE_MAILBOXES(ns->set), i);

		if (pop_policy_mailbox_has_special_use(set, special_use))
			return set->name;
	}
	return NULL;
}

/* A time interval with its unit, such as 5s. */
static inline int pop_policy_parse_msecs(const char *str,
					 unsigned int *msecs_r,
					 const char **error_r)
{
#ifdef POP_POLICY_DOVECOT_24
	return str_parse_get_interval_msecs(str, msecs_r, error_r);
#else
	return settings_get_time_msecs(str, msecs_r, error_r);
#endif
}

/* Variables in a template: p is at a %. Returns TRUE if it begins a variable.
   *len_r becomes the length of that, or of what stands for itself. */
#ifdef POP_POLICY_DOVECOT_24
static inline bool pop_policy_var_is(const char *p, size_t *len_r)
{
	size_t i = 1;
	char quote = '\0';

	*len_r = p[1] == '%' && p[2] == '{' ? 3 : 1;
	if (p[1] != '{')
		return FALSE;
	/* up to the brace that isn't in a string */
	while (p[i] != '\0' && (p[i] != '}' || quote != '\0')) {
		if (quote == '\0' && (p[i] == '\'' || p[i] == '"'))
			quote = p[i];
		else if (p[i] == quote)
			quote = '\0';
		else if (quote != '\0' && p[i] == '\\' && p[i+1] != '\0')
			i++;
		i++;
	}
	*len_r = p[i] == '\0' ? i : i + 1;
	return TRUE;
}
#else
static inline bool pop_policy_var_is(const char *p, size_t *len_r)
{
	unsigned int idx, size;

	*len_r = p[1] == '%' ? 2 : 1;
	if (p[1] == '%' || p[1] == '\0')
		return FALSE;
	var_get_key_range(p + 1, &idx, &size);
	*len_r = 1 + idx + size;
	if (p[idx] == '{' && p[*len_r] == '}')
		*len_r += 1;
	return TRUE;
}
#endif

/* The templates' text before Dovecot expanded its variables. */
#ifdef POP_POLICY_DOVECOT_24
#  define POP_POLICY_SETTING_DEFINE_TEMPLATE(key, name, type) \
	SETTING_DEFINE_STRUCT_STR_NOVARS(key, name, type)
#else
static inline const char *
pop_policy_plugin_get_template(struct mail_user *user, const char *key)
{
	return mail_user_set_plugin_getenv(user->unexpanded_set, key);
}
#endif

/* Append what the user's variables in the text expand to. Returns 0, or -1 with
   error_r. */
static inline int
pop_policy_user_expand(struct mail_user *user, const char *text,
		       string_t *dest, const char **error_r)
{
#ifdef POP_POLICY_DOVECOT_24
	return var_expand(dest, text, mail_user_var_expand_params(user),
			  error_r);
#else
	return var_expand_with_funcs(dest, text,
			mail_user_var_expand_table(user),
			mail_user_var_expand_func_table, user,
			error_r) > 0 ? 0 : -1;
#endif
}

/* Load one module, which is called name. Returns 0 and -1. */
static inline int
pop_policy_module_load(struct module **modules, const char *dir,
		       const char *name,
		       const struct module_dir_load_settings *set,
		       const char **error_r)
{
#ifdef POP_POLICY_DOVECOT_24
	const char *const names[] = { name, NULL };

	return module_dir_try_load_missing(modules, dir, names, set, error_r);
#else
	return module_dir_try_load_missing(modules, dir, name, set, error_r);
#endif
}

/* TRUE if this process will have ended with the present session. */
static inline bool pop_policy_process_is_ending(void)
{
#ifdef POP_POLICY_DOVECOT_24
	return master_service_get_restart_request_count(master_service) == 1;
#else
	return master_service_get_service_count(master_service) == 1;
#endif
}

/* Start to look up a host name. If that fails at once, the callback has been
   called and *lookup_r is NULL. */
static inline void
pop_policy_dns_lookup(const char *host, struct event *event,
		      const char *base_dir ATTR_UNUSED,
		      dns_lookup_callback_t *callback, void *context,
		      struct dns_lookup **lookup_r)
{
	/* (parentheses: no macro that wants to see the context's type) */
	*lookup_r = NULL;
#ifdef POP_POLICY_DNS_CLIENT_SETTINGS
	const struct dns_client_parameters params = { .ioloop = NULL };

	(void)(dns_lookup)(host, &params, event, callback, context, lookup_r);
#else
	const struct dns_lookup_settings set = {
		.dns_client_socket_path =
			t_strconcat(base_dir, "/"DNS_CLIENT_SOCKET_NAME, NULL),
		.event_parent = event,
	};

	(void)(dns_lookup)(host, &set, callback, context, lookup_r);
#endif
}

#endif
