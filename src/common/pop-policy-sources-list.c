/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "mail-user.h"
#include "mailbox-list-iter.h"
#include "pop-policy.h"
#include "pop-policy-special-mailbox.h"
#include "pop-policy-sources-list.h"

/* Nobody means these by a pattern. */
static const char *const left_out_uses[] = {
	"\\Sent", "\\Drafts", "\\Trash", "\\All", "\\Flagged", NULL
};

static bool has_use_left_out(const struct mailbox_info *info)
{
	const char *const *uses;

	if (info->special_use == NULL)
		return FALSE;
	uses = t_strsplit_spaces(info->special_use, " ");
	for (; *uses != NULL; uses++) {
		if (str_array_icase_find(left_out_uses, *uses))
			return TRUE;
	}
	return FALSE;
}

/* TRUE if it is INBOX, or one of the mailboxes that the policy speaks of. */
static bool
is_left_out(struct mail_user *user, struct mailbox *const *special,
	    const char *vname)
{
	struct mailbox *box = mailbox_alloc_for_user(user, vname, 0);
	bool ret = box->inbox_user;

	for (unsigned int i = POP_POLICY_SPECIAL_USE_NONE + 1;
	     !ret && i < POP_POLICY_SPECIAL_USE_COUNT; i++)
		ret = pop_policy_special_mailbox_equals(box, special[i]);
	mailbox_free(&box);
	return ret;
}

static int
pattern_list(struct mail_user *user, struct mailbox *const *special,
	     const char *pattern, ARRAY_TYPE(const_string) *names)
{
	const char *const patterns[] = { pattern, NULL };
	struct mailbox_list_iterate_context *iter;
	const struct mailbox_info *info;
	const char *name;

	iter = mailbox_list_iter_init_namespaces(user->namespaces, patterns,
		MAIL_NAMESPACE_TYPE_PRIVATE,
		MAILBOX_LIST_ITER_SKIP_ALIASES |
		MAILBOX_LIST_ITER_NO_AUTO_BOXES |
		MAILBOX_LIST_ITER_RETURN_SPECIALUSE);
	while ((info = mailbox_list_iter_next(iter)) != NULL) {
		if ((info->flags & (MAILBOX_NOSELECT |
				    MAILBOX_NONEXISTENT)) != 0 ||
		    has_use_left_out(info) ||
		    is_left_out(user, special, info->vname))
			continue;
		name = t_strdup(info->vname);
		array_push_back(names, &name);
	}
	return mailbox_list_iter_deinit(&iter);
}

static int name_cmp(const char *const *name1, const char *const *name2)
{
	return strcmp(*name1, *name2);
}

int pop_policy_sources_list(struct mail_user *user,
			    const struct pop_policy *policy,
			    const char *pattern,
			    ARRAY_TYPE(const_string) *names)
{
	struct mailbox *special[POP_POLICY_SPECIAL_USE_COUNT];
	unsigned int i;
	int ret;

	for (i = POP_POLICY_SPECIAL_USE_NONE + 1;
	     i < POP_POLICY_SPECIAL_USE_COUNT; i++) {
		special[i] = pop_policy_special_mailbox_alloc(user, policy, i,
							      0);
	}
	ret = pattern_list(user, special, pattern, names);
	for (i = POP_POLICY_SPECIAL_USE_NONE + 1;
	     i < POP_POLICY_SPECIAL_USE_COUNT; i++)
		mailbox_free(&special[i]);
	array_sort(names, name_cmp);
	return ret;
}
