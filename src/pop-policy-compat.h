#ifndef POP_POLICY_COMPAT_H
#define POP_POLICY_COMPAT_H

/* Differences between Dovecot's versions, all of them. */

#include "array.h"
#include "str.h"
#include "var-expand.h"
#include "mail-user.h"
#include "mail-namespace.h"
#include "mail-storage-private.h"
#include "mail-storage-settings.h"

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

/* Expand pop3_uidl_format. *uidl_r is allocated from the data stack. */
static inline int
pop_policy_uidl_expand(const char *format,
		       const struct pop_policy_uidl_parts *parts,
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
	const struct var_expand_params params = { .table = table };

	if (var_expand(str, format, &params, &error) < 0)
		return -1;
#else
	if (var_expand(str, format, table, &error) <= 0)
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

#endif
