#ifndef POP_POLICY_COMPAT_H
#define POP_POLICY_COMPAT_H

/* Differences between Dovecot's versions, all of them. */

#include "array.h"
#include "str.h"
#include "var-expand.h"
#include "mail-namespace.h"
#include "mail-storage-settings.h"

/* What UIDLs are made of. */
struct pop_policy_uidl_parts {
	const char *uid, *uidvalidity, *md5, *filename, *guid;
};

/* Expand pop3_uidl_format. *uidl_r is allocated from the data stack. */
static inline int
pop_policy_uidl_expand(const char *format,
		       const struct pop_policy_uidl_parts *parts,
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

	if (var_expand(str, format, table, &error) <= 0)
		return -1;
	*uidl_r = str_c(str);
	return 0;
}

/* Returns the name, without the namespace's prefix, of the mailbox that the
   configuration gives this special use, or NULL. */
static inline const char *
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

#endif
