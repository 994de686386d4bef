/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-storage-private.h"
#include "mail-namespace.h"
#include "mail-user.h"
#include "pop-policy.h"
#include "pop-policy-storage-compat.h"
#include "pop-policy-special-mailbox.h"

static const char *
namespace_configured_name(struct mail_namespace *ns, const char *special_use)
{
	const char *name;

	name = pop_policy_namespace_find_special_use(ns, special_use);
	return name == NULL ? NULL : t_strconcat(ns->prefix, name, NULL);
}

/* Returns the name that the configuration gives the special use in one of the
   user's private namespaces, INBOX's first. */
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
default_name(struct mail_user *user,
	     const struct pop_policy_special_use_info *info)
{
	const char *name = configured_name(user, info->special_use);

	if (name == NULL) {
		name = t_strconcat(
			mail_namespace_find_inbox(user->namespaces)->prefix,
			info->usual_name, NULL);
	}
	return name;
}

struct mailbox *
pop_policy_special_mailbox_alloc(struct mail_user *user,
				 const struct pop_policy *policy,
				 enum pop_policy_special_use special_use,
				 enum mailbox_flags flags)
{
	const struct pop_policy_special_use_info *info =
		&pop_policy_special_use_infos[special_use];
	const char *name = pop_policy_get_mailbox_name(policy, special_use);
	struct mailbox *box;

	if (name != NULL)
		return mailbox_alloc_for_user(user, name, flags);

	box = mailbox_alloc_for_user(user, info->special_use,
				     flags | MAILBOX_FLAG_SPECIAL_USE);
	if (box->open_error != MAIL_ERROR_NOTFOUND)
		return box;
	mailbox_free(&box);
	T_BEGIN {
		box = mailbox_alloc_for_user(user, default_name(user, info),
					     flags);
	} T_END;
	return box;
}

/* As lda_mailbox_autosubscribe does. Without a subscription the mailbox is
   there all the same. */
static void mailbox_subscribe(struct mailbox *box)
{
	enum mail_error error;
	const char *text;

	if (mailbox_set_subscribed(box, TRUE) == 0)
		return;
	text = mailbox_get_last_internal_error(box, &error);
	/* not possible: the namespace has no subscriptions */
	if (error != MAIL_ERROR_NOTPOSSIBLE) {
		e_warning(box->event, "pop_policy: Cannot subscribe to %s: %s",
			  box->vname, text);
	}
}

int pop_policy_special_mailbox_open(struct mailbox *box)
{
	if (mailbox_open(box) == 0)
		return 0;
	if (mailbox_get_last_mail_error(box) != MAIL_ERROR_NOTFOUND)
		return -1;
	if (mailbox_create(box, NULL, FALSE) == 0)
		mailbox_subscribe(box);
	else if (mailbox_get_last_mail_error(box) != MAIL_ERROR_EXISTS)
		return -1;
	return mailbox_open(box);
}
