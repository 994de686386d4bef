/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "mail-namespace.h"
#include "pop-policy-compat.h"
#include "pop-policy-user.h"
#include "pop-policy-special.h"

static const struct {
	const char *special_use;
	const char *name;
} pop_policy_specials[] = {
	[POP_POLICY_SPECIAL_SPAM] = { "\\Junk", "Junk" },
	[POP_POLICY_SPECIAL_ARCHIVE] = { "\\Archive", "Archive" },
	[POP_POLICY_SPECIAL_TRASH] = { "\\Trash", "Trash" },
};

static const char *
policy_special_name(const struct pop_policy *policy,
		    enum pop_policy_special which)
{
	switch (which) {
	case POP_POLICY_SPECIAL_SPAM:
		return policy->spam_mailbox;
	case POP_POLICY_SPECIAL_ARCHIVE:
		return policy->archive_mailbox;
	case POP_POLICY_SPECIAL_TRASH:
		return policy->trash_mailbox;
	}
	i_unreached();
}

static const char *
namespace_configured_name(struct mail_namespace *ns, const char *special_use)
{
	const char *name;

	name = pop_policy_namespace_find_special_use(ns, special_use);
	return name == NULL ? NULL : t_strconcat(ns->prefix, name, NULL);
}

/* Returns the name that the configuration gives the special use in one of the
   user's own namespaces, INBOX's first. */
static const char *
configured_name(struct mail_user *user, const char *special_use)
{
	struct mail_namespace *ns;
	const char *name;

	name = namespace_configured_name(
		mail_namespace_find_inbox(user->namespaces), special_use);
	for (ns = user->namespaces; name == NULL && ns != NULL; ns = ns->next) {
		if (ns->type == MAIL_NAMESPACE_TYPE_PRIVATE)
			name = namespace_configured_name(ns, special_use);
	}
	return name;
}

static const char *
usual_name(struct mail_user *user, enum pop_policy_special which)
{
	const char *name;

	name = configured_name(user, pop_policy_specials[which].special_use);
	if (name == NULL) {
		name = t_strconcat(
			mail_namespace_find_inbox(user->namespaces)->prefix,
			pop_policy_specials[which].name, NULL);
	}
	return name;
}

struct mailbox *
pop_policy_special_alloc(struct mail_user *user, enum pop_policy_special which,
			 enum mailbox_flags flags)
{
	struct pop_policy_user *puser = POP_POLICY_USER_CONTEXT(user);
	const char *name = policy_special_name(&puser->policy, which);
	struct mailbox *box;

	if (name != NULL)
		return mailbox_alloc_for_user(user, name, flags);

	box = mailbox_alloc_for_user(user,
				     pop_policy_specials[which].special_use,
				     flags | MAILBOX_FLAG_SPECIAL_USE);
	if (box->open_error != MAIL_ERROR_NOTFOUND)
		return box;
	mailbox_free(&box);
	T_BEGIN {
		box = mailbox_alloc_for_user(user, usual_name(user, which),
					     flags);
	} T_END;
	return box;
}

int pop_policy_special_open(struct mailbox *box)
{
	if (mailbox_open(box) == 0)
		return 0;
	if (mailbox_get_last_mail_error(box) != MAIL_ERROR_NOTFOUND)
		return -1;
	if (mailbox_create(box, NULL, FALSE) < 0 &&
	    mailbox_get_last_mail_error(box) != MAIL_ERROR_EXISTS)
		return -1;
	return mailbox_open(box);
}
