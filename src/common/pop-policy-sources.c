/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "mailbox-list-private.h"
#include "mail-namespace.h"
#include "pop-policy.h"
#include "pop-policy-special-mailbox.h"
#include "pop-policy-sources-list.h"
#include "pop-policy-sources.h"

#define POP_POLICY_MAX_EXTRA_MAILBOXES 100
#define SETTING "pop_policy_extra_mailboxes"

struct sources_find {
	struct mail_user *user;
	const struct pop_policy *policy;
	enum mailbox_flags flags;
	/* NULL: not looked up yet */
	struct mailbox *spam;
	/* the extra mailboxes, which may not exist */
	ARRAY_TYPE(pop_policy_boxes) *found;
	struct pop_policy_sources_error *error;
};

bool pop_policy_sources_are_merged(const struct pop_policy *policy)
{
	switch (policy->spam) {
	case POP_POLICY_SPAM_EXCLUDE:
		return policy->extra_mailboxes != NULL;
	case POP_POLICY_SPAM_INCLUDE:
		return TRUE;
	case POP_POLICY_SPAM_ONLY:
		break;
	}
	return FALSE;
}

/* Take the next entry off the policy's list, which has been parsed before.
   Returns FALSE after the last one. */
static bool names_next(const char **list, struct pop_policy_name *name_r)
{
	const char *error;

	return pop_policy_name_list_next(list, name_r, &error) > 0;
}

static bool
is_same(struct mailbox *box, const ARRAY_TYPE(pop_policy_boxes) *boxes)
{
	struct mailbox *other;

	array_foreach_elem(boxes, other) {
		if (pop_policy_special_mailbox_equals(box, other))
			return TRUE;
	}
	return FALSE;
}

static int
find_invalid(struct sources_find *find, const char *value, const char *reason)
{
	find->error->setting = SETTING;
	return pop_policy_value_bad(SETTING, value, reason,
				    &find->error->text);
}

/* Marks in a mailbox of others would be everybody's. */
static bool is_private(const struct mailbox *box)
{
	return box->list->ns->type == MAIL_NAMESPACE_TYPE_PRIVATE;
}

static const char *const not_private_reason =
	"The mailbox is in a shared or public namespace";

/* Add a mailbox to those that were found, or free it. */
static int found_add(struct sources_find *find, struct mailbox *box)
{
	int ret = 0;

	if (box->inbox_user || is_same(box, find->found)) {
		/* has its place already */
	} else if (!is_private(box)) {
		ret = find_invalid(find, box->vname, not_private_reason);
	} else if (array_count(find->found) ==
		   POP_POLICY_MAX_EXTRA_MAILBOXES) {
		ret = find_invalid(find, find->policy->extra_mailboxes,
				   "More than 100 mailboxes");
	} else {
		array_push_back(find->found, &box);
		return 0;
	}
	mailbox_free(&box);
	return ret;
}

static void boxes_free(const ARRAY_TYPE(pop_policy_boxes) *boxes)
{
	struct mailbox *box;

	array_foreach_elem(boxes, box) {
		mailbox_free(&box);
	}
}

static int
find_pattern(struct sources_find *find, const char *pattern)
{
	ARRAY_TYPE(pop_policy_boxes) listed;
	struct mailbox *box;
	int ret = 0;

	t_array_init(&listed, 32);
	if (pop_policy_sources_list(find->user, find->policy, pattern,
				    find->flags, &listed) < 0) {
		find->error->text = "Cannot list mailboxes";
		boxes_free(&listed);
		return -1;
	}
	array_foreach_elem(&listed, box) {
		/* mails of a virtual mailbox are others' */
		if (ret < 0 || box->virtual_vfuncs != NULL)
			mailbox_free(&box);
		else
			ret = found_add(find, box);
	}
	return ret;
}

static struct mailbox *
name_alloc(struct mail_user *user, const struct pop_policy_name *name,
	   enum mailbox_flags flags)
{
	return name->kind == POP_POLICY_NAME_KIND_SPECIAL_USE ?
		pop_policy_special_use_alloc(user, name->name, flags) :
		mailbox_alloc_for_user(user, name->name, flags);
}

/* This may list all mailboxes, so it is done only where it is needed. */
static struct mailbox *find_spam(struct sources_find *find)
{
	if (find->spam == NULL) {
		find->spam = pop_policy_special_mailbox_alloc(find->user,
			find->policy, POP_POLICY_SPECIAL_USE_SPAM, find->flags);
	}
	return find->spam;
}

/* pop_policy_spam says what becomes of the spam mailbox. Patterns leave it
   out. */
static int
find_name(struct sources_find *find, const struct pop_policy_name *name)
{
	struct mailbox *box = name_alloc(find->user, name, find->flags);

	if (!pop_policy_special_mailbox_equals(box, find_spam(find)))
		return found_add(find, box);
	mailbox_free(&box);
	return 0;
}

static int find_extra(struct sources_find *find)
{
	const char *list = find->policy->extra_mailboxes;
	struct pop_policy_name name;
	int ret = 0;

	while (ret == 0 && names_next(&list, &name)) {
		if (name.kind == POP_POLICY_NAME_KIND_PATTERN)
			ret = find_pattern(find, name.name);
		else
			ret = find_name(find, &name);
	}
	return ret;
}

/* Open those that exist. All others are freed. */
static int
found_open(struct sources_find *find, ARRAY_TYPE(pop_policy_boxes) *boxes)
{
	struct mailbox *box;
	int ret = 1;

	array_foreach_elem(find->found, box) {
		if (ret >= 0)
			ret = pop_policy_special_mailbox_open_existing(box);
		if (ret > 0)
			array_push_back(boxes, &box);
		else if (ret < 0 && find->error->box == NULL)
			find->error->box = box;
		else
			mailbox_free(&box);
	}
	return ret < 0 ? -1 : 0;
}

int pop_policy_sources_open(struct mail_user *user,
			    const struct pop_policy *policy,
			    enum mailbox_flags flags,
			    ARRAY_TYPE(pop_policy_boxes) *boxes,
			    struct pop_policy_sources_error *error_r)
{
	ARRAY_TYPE(pop_policy_boxes) found;
	struct sources_find find = {
		.user = user,
		.policy = policy,
		.flags = flags,
		.found = &found,
		.error = error_r,
	};

	i_zero(error_r);
	t_array_init(&found, 8);
	if (policy->extra_mailboxes != NULL && find_extra(&find) < 0) {
		boxes_free(find.found);
		if (find.spam != NULL)
			mailbox_free(&find.spam);
		return -1;
	}
	/* INBOX itself may have the special use */
	if (policy->spam == POP_POLICY_SPAM_INCLUDE &&
	    !find_spam(&find)->inbox_user)
		array_push_back(&found, &find.spam);
	else if (find.spam != NULL)
		mailbox_free(&find.spam);
	return found_open(&find, boxes);
}

int pop_policy_sources_check(struct mail_user *user,
			     const struct pop_policy *policy,
			     const char **setting_r, const char **error_r)
{
	const char *list = policy->extra_mailboxes;
	struct pop_policy_name name;
	struct mailbox *box;
	int ret = 0;

	*setting_r = SETTING;
	while (ret == 0 && names_next(&list, &name)) {
		if (name.kind != POP_POLICY_NAME_KIND_MAILBOX)
			continue;
		box = mailbox_alloc_for_user(user, name.name, 0);
		if (!is_private(box)) {
			ret = pop_policy_value_bad(SETTING, name.name,
						   not_private_reason, error_r);
		} else {
			ret = pop_policy_special_mailbox_check(SETTING, box,
							       error_r);
		}
		mailbox_free(&box);
	}
	return ret;
}

/* Patterns have none of the mailboxes that mail is moved to. */
bool pop_policy_sources_have(struct mail_user *user,
			     const struct pop_policy *policy,
			     struct mailbox *box)
{
	const char *list = policy->extra_mailboxes;
	struct pop_policy_name name;
	struct mailbox *other;
	bool ret;

	other = pop_policy_special_mailbox_alloc(user, policy,
				POP_POLICY_SPECIAL_USE_SPAM, 0);
	ret = box->inbox_user || pop_policy_special_mailbox_equals(box, other);
	mailbox_free(&other);
	while (!ret && names_next(&list, &name)) {
		if (name.kind == POP_POLICY_NAME_KIND_PATTERN)
			continue;
		other = name_alloc(user, &name, 0);
		ret = pop_policy_special_mailbox_equals(box, other);
		mailbox_free(&other);
	}
	return ret;
}
