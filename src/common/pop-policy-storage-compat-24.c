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
	struct var_expand_program *program;
};

int pop_policy_uidl_format_init(const char *format,
				struct pop_policy_uidl_format **format_r)
{
	struct var_expand_program *program;
	const char *error;

	if (var_expand_program_create(format, &program, &error) < 0)
		return -1;
	*format_r = i_new(struct pop_policy_uidl_format, 1);
	(*format_r)->program = program;
	return 0;
}

void pop_policy_uidl_format_deinit(struct pop_policy_uidl_format **_format)
{
	struct pop_policy_uidl_format *format = *_format;

	*_format = NULL;
	if (format == NULL)
		return;
	var_expand_program_free(&format->program);
	i_free(format);
}

int pop_policy_uidl_format_expand(const struct pop_policy_uidl_format *format,
				  const struct pop_policy_uidl_parts *parts,
				  struct event *event, const char **uidl_r)
{
	const struct var_expand_table table[] = {
		{ .key = "uidvalidity", .value = parts->uidvalidity },
		{ .key = "uid", .value = parts->uid },
		{ .key = "md5", .value = parts->md5 },
		{ .key = "filename", .value = parts->filename },
		{ .key = "guid", .value = parts->guid },
		VAR_EXPAND_TABLE_END
	};
	const struct var_expand_params params = {
		.table = table,
		.event = event,
	};
	string_t *str = t_str_new(128);
	const char *error;

	if (var_expand_program_execute(str, format->program, &params,
				       &error) < 0)
		return -1;
	*uidl_r = str_c(str);
	return 0;
}

enum mailbox_sync_flags
pop_policy_mailbox_get_write_flags(struct mailbox *box)
{
	/* Otherwise an mbox would have the changes only in its index until
	   later, and lose them if somebody else has appended to the file. */
	return strcmp(box->storage->name, "mbox") == 0 ?
		MAILBOX_SYNC_FLAG_FORCE_RESYNC : 0;
}

void pop_policy_namespaces_drop_mailboxes(struct mail_user *user)
{
	struct mail_namespace_settings *set;
	struct mail_namespace *ns;

	for (ns = user->namespaces; ns != NULL; ns = ns->next) {
		/* others may use the settings as well */
		set = p_memdup(user->pool, ns->set, sizeof(*ns->set));
		i_zero(&set->parsed_mailboxes);
		ns->set = set;
	}
}

static bool
settings_have_special_use(const struct mailbox_settings *set,
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

const char *
pop_policy_namespace_find_special_use(struct mail_namespace *ns,
				      const char *special_use)
{
	const struct mailbox_settings *set;

	if (!array_is_created(&ns->set->parsed_mailboxes))
		return NULL;
	array_foreach_elem(&ns->set->parsed_mailboxes, set) {
		if (settings_have_special_use(set, special_use))
			return set->name;
	}
	return NULL;
}

int pop_policy_user_expand(struct mail_user *user, const char *text,
			   string_t *dest, const char **error_r)
{
	return var_expand(dest, text, mail_user_var_expand_params(user),
			  error_r);
}
