/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "var-expand.h"
#include "mail-user.h"
#include "mail-namespace.h"
#include "mail-storage-private.h"
#include "mail-storage-settings.h"
#include "pop-policy-storage-compat.h"

struct pop_policy_uidl_format {
	const char *format;
};

int pop_policy_uidl_format_init(const char *format,
				struct pop_policy_uidl_format **format_r)
{
	*format_r = i_new(struct pop_policy_uidl_format, 1);
	(*format_r)->format = format;
	return 0;
}

void pop_policy_uidl_format_deinit(struct pop_policy_uidl_format **format)
{
	i_free(*format);
}

int pop_policy_uidl_format_expand(const struct pop_policy_uidl_format *format,
				  const struct pop_policy_uidl_parts *parts,
				  struct event *event ATTR_UNUSED,
				  const char **uidl_r)
{
	const struct var_expand_table table[] = {
		{ 'v', parts->uidvalidity, "uidvalidity" },
		{ 'u', parts->uid, "uid" },
		{ 'm', parts->md5, "md5" },
		{ 'f', parts->filename, "filename" },
		{ 'g', parts->guid, "guid" },
		{ '\0', NULL, NULL }
	};
	string_t *str = t_str_new(128);
	const char *error;

	if (var_expand_with_funcs(str, format->format, table, NULL, NULL,
				  &error) <= 0)
		return -1;
	*uidl_r = str_c(str);
	return 0;
}

enum mailbox_sync_flags
pop_policy_mailbox_get_write_flags(struct mailbox *box ATTR_UNUSED)
{
	/* pop3 itself asks for it */
	return 0;
}

void pop_policy_namespaces_drop_mailboxes(struct mail_user *user)
{
	struct mail_namespace_settings *set;
	struct mail_namespace *ns;

	for (ns = user->namespaces; ns != NULL; ns = ns->next) {
		/* others may use the settings as well */
		set = p_memdup(user->pool, ns->set, sizeof(*ns->set));
		i_zero(&set->mailboxes);
		ns->set = set;
	}
}

const char *
pop_policy_namespace_find_special_use(struct mail_namespace *ns,
				      const char *special_use)
{
	struct mailbox_settings *set;

	if (!array_is_created(&ns->set->mailboxes))
		return NULL;
	array_foreach_elem(&ns->set->mailboxes, set) {
		if (str_array_icase_find(t_strsplit_spaces(set->special_use,
							   " "), special_use))
			return set->name;
	}
	return NULL;
}

int pop_policy_user_expand(struct mail_user *user, const char *text,
			   string_t *dest, const char **error_r)
{
	return var_expand_with_funcs(dest, text,
			mail_user_var_expand_table(user),
			mail_user_var_expand_func_table, user,
			error_r) > 0 ? 0 : -1;
}
