/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-storage-private.h"
#include "mailbox-list-private.h"
#include "mail-namespace.h"
#include "mail-user.h"
#include "pop-policy.h"
#include "pop-policy-storage-compat.h"
#include "pop-policy-special-mailbox.h"

struct pop_policy_special_mailbox {
	/* super: the storage's own functions */
	union mailbox_module_context module_ctx;
};

static MODULE_CONTEXT_DEFINE_INIT(pop_policy_special_mailbox_module,
				  &mail_storage_module_register);

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

/* Returns the usual name of the mailbox, NULL if the special use is not one that
   a policy speaks of. */
static const char *usual_name(const char *special_use)
{
	for (unsigned int i = POP_POLICY_SPECIAL_USE_NONE + 1;
	     i < POP_POLICY_SPECIAL_USE_COUNT; i++) {
		if (strcasecmp(pop_policy_special_use_infos[i].special_use,
			       special_use) == 0)
			return pop_policy_special_use_infos[i].usual_name;
	}
	return NULL;
}

static const char *
default_name(struct mail_user *user, const char *special_use)
{
	const char *name = configured_name(user, special_use);

	if (name != NULL)
		return name;
	name = usual_name(special_use);
	return name == NULL ? NULL : t_strconcat(
		mail_namespace_find_inbox(user->namespaces)->prefix, name,
		NULL);
}

/* Returns NULL if the special use has no such name. */
static struct mailbox *
default_alloc(struct mail_user *user, const char *special_use,
	      enum mailbox_flags flags)
{
	struct mailbox *box;
	const char *name;

	T_BEGIN {
		name = default_name(user, special_use);
		box = name == NULL ? NULL :
			mailbox_alloc_for_user(user, name, flags);
	} T_END;
	return box;
}

struct mailbox *
pop_policy_special_use_alloc(struct mail_user *user, const char *special_use,
			     enum mailbox_flags flags)
{
	struct mailbox *box, *default_box;

	box = mailbox_alloc_for_user(user, special_use,
				     flags | MAILBOX_FLAG_SPECIAL_USE);
	if (box->open_error != MAIL_ERROR_NOTFOUND)
		return box;
	default_box = default_alloc(user, special_use, flags);
	if (default_box == NULL)
		return box;
	mailbox_free(&box);
	return default_box;
}

struct mailbox *
pop_policy_special_mailbox_alloc(struct mail_user *user,
				 const struct pop_policy *policy,
				 enum pop_policy_special_use special_use,
				 enum mailbox_flags flags)
{
	const char *name = pop_policy_get_mailbox_name(policy, special_use);

	if (name != NULL)
		return mailbox_alloc_for_user(user, name, flags);
	return pop_policy_special_use_alloc(user,
		pop_policy_special_use_infos[special_use].special_use, flags);
}

struct mailbox *
pop_policy_special_mailbox_alloc_usual(struct mail_user *user,
				       const struct pop_policy *policy,
				       enum pop_policy_special_use special_use,
				       enum mailbox_flags flags)
{
	const char *name = pop_policy_get_mailbox_name(policy, special_use);

	if (name != NULL)
		return mailbox_alloc_for_user(user, name, flags);
	return default_alloc(user,
		pop_policy_special_use_infos[special_use].special_use, flags);
}

/* A namespace may be another name for one. */
static const struct mail_namespace *real_namespace(const struct mailbox *box)
{
	const struct mail_namespace *ns = box->list->ns;

	return ns->alias_for != NULL ? ns->alias_for : ns;
}

bool pop_policy_special_mailbox_equals(const struct mailbox *box1,
				       const struct mailbox *box2)
{
	return real_namespace(box1) == real_namespace(box2) &&
		strcmp(box1->name, box2->name) == 0;
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

int pop_policy_special_mailbox_check(const char *setting, struct mailbox *box,
				     const char **error_r)
{
	enum mail_error error;

	if (box->open_error == MAIL_ERROR_NONE &&
	    mailbox_verify_create_name(box) == 0)
		return 0;
	return pop_policy_value_bad(setting, box->vname,
		mailbox_get_last_internal_error(box, &error), error_r);
}

static int
mailbox_check_name(struct mail_user *user, const char *setting,
		   const char *name, const char **error_r)
{
	struct mailbox *box = mailbox_alloc_for_user(user, name, 0);
	int ret = pop_policy_special_mailbox_check(setting, box, error_r);

	mailbox_free(&box);
	return ret;
}

int pop_policy_special_mailboxes_check(struct mail_user *user,
				       const struct pop_policy *policy,
				       const char **setting_r,
				       const char **error_r)
{
	const char *name;

	for (unsigned int i = POP_POLICY_SPECIAL_USE_NONE + 1;
	     i < POP_POLICY_SPECIAL_USE_COUNT; i++) {
		name = pop_policy_get_mailbox_name(policy, i);
		*setting_r = pop_policy_special_use_infos[i].setting;
		if (name != NULL &&
		    mailbox_check_name(user, *setting_r, name, error_r) < 0)
			return -1;
	}
	return 0;
}

void pop_policy_special_mailbox_allocated(struct mailbox *box)
{
	struct pop_policy_special_mailbox *special;

	special = p_new(box->pool, struct pop_policy_special_mailbox, 1);
	special->module_ctx.super = *box->vlast;
	MODULE_CONTEXT_SET(box, pop_policy_special_mailbox_module, special);
}

/* What the storage itself says: other plugins deny that a mailbox exists if
   the user may not see it (ACL). */
static bool mailbox_is_absent(struct mailbox *box)
{
	struct pop_policy_special_mailbox *special =
		MODULE_CONTEXT_REQUIRE(box, pop_policy_special_mailbox_module);
	enum mailbox_existence existence;

	if (box->open_error == MAIL_ERROR_NOTFOUND)
		return TRUE;
	if (special->module_ctx.super.exists(box, FALSE, &existence) < 0)
		return FALSE;
	if (existence == MAILBOX_EXISTENCE_SELECT) {
		mail_storage_set_error(box->storage, MAIL_ERROR_PERM,
			"The mailbox exists, but the user may not see it");
		return FALSE;
	}
	return TRUE;
}

int pop_policy_special_mailbox_open_existing(struct mailbox *box)
{
	if (mailbox_open(box) == 0)
		return 1;
	if (mailbox_get_last_mail_error(box) != MAIL_ERROR_NOTFOUND)
		return -1;
	return mailbox_is_absent(box) ? 0 : -1;
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
