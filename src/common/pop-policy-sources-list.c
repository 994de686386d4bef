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

struct list_special {
	/* NULL: not looked up yet */
	struct mailbox *box;
	/* the same mailbox, unless another one has the special use */
	struct mailbox *usual;
};

struct list_context {
	struct mail_user *user;
	const struct pop_policy *policy;
	struct list_special special[POP_POLICY_SPECIAL_USE_COUNT];
};

/* TRUE if the mailbox has one of these special uses. */
static bool
has_use(const struct mailbox_info *info, const char *const *special_uses)
{
	const char *const *uses;

	if (info->special_use == NULL)
		return FALSE;
	uses = t_strsplit_spaces(info->special_use, " ");
	for (; *uses != NULL; uses++) {
		if (str_array_icase_find(special_uses, *uses))
			return TRUE;
	}
	return FALSE;
}

/* TRUE if this is the mailbox that the policy uses so. Only for one that may be
   it, this is looked up, by listing all mailboxes. */
static bool
is_special(struct list_context *ctx, const struct mailbox_info *info,
	   const struct mailbox *box, enum pop_policy_special_use special_use)
{
	struct list_special *special = &ctx->special[special_use];
	const char *const uses[] = {
		pop_policy_special_use_infos[special_use].special_use, NULL
	};

	if (!has_use(info, uses) &&
	    !pop_policy_special_mailbox_equals(box, special->usual))
		return FALSE;
	if (special->box == NULL) {
		special->box = pop_policy_special_mailbox_alloc(ctx->user,
			ctx->policy, special_use, 0);
	}
	return pop_policy_special_mailbox_equals(box, special->box);
}

/* TRUE if it is INBOX, or one of the mailboxes that the policy speaks of. */
static bool
is_left_out(struct list_context *ctx, const struct mailbox_info *info,
	    const struct mailbox *box)
{
	bool ret = box->inbox_user;

	for (unsigned int i = POP_POLICY_SPECIAL_USE_NONE + 1;
	     !ret && i < POP_POLICY_SPECIAL_USE_COUNT; i++)
		ret = is_special(ctx, info, box, i);
	return ret;
}

static int
pattern_list(struct list_context *ctx, const char *pattern,
	     enum mailbox_flags flags, ARRAY_TYPE(pop_policy_boxes) *boxes)
{
	const char *const patterns[] = { pattern, NULL };
	struct mailbox_list_iterate_context *iter;
	const struct mailbox_info *info;
	struct mailbox *box;

	iter = mailbox_list_iter_init_namespaces(ctx->user->namespaces,
		patterns, MAIL_NAMESPACE_TYPE_PRIVATE,
		MAILBOX_LIST_ITER_SKIP_ALIASES |
		MAILBOX_LIST_ITER_NO_AUTO_BOXES |
		MAILBOX_LIST_ITER_RETURN_NO_FLAGS |
		MAILBOX_LIST_ITER_RETURN_SPECIALUSE);
	while ((info = mailbox_list_iter_next(iter)) != NULL) {
		if ((info->flags & (MAILBOX_NOSELECT |
				    MAILBOX_NONEXISTENT)) != 0 ||
		    has_use(info, left_out_uses))
			continue;
		box = mailbox_alloc_for_user(ctx->user, info->vname, flags);
		if (is_left_out(ctx, info, box))
			mailbox_free(&box);
		else
			array_push_back(boxes, &box);
	}
	return mailbox_list_iter_deinit(&iter);
}

static int box_cmp(struct mailbox *const *box1, struct mailbox *const *box2)
{
	return strcmp((*box1)->vname, (*box2)->vname);
}

int pop_policy_sources_list(struct mail_user *user,
			    const struct pop_policy *policy,
			    const char *pattern, enum mailbox_flags flags,
			    ARRAY_TYPE(pop_policy_boxes) *boxes)
{
	struct list_context ctx = { .user = user, .policy = policy };
	unsigned int i;
	int ret;

	for (i = POP_POLICY_SPECIAL_USE_NONE + 1;
	     i < POP_POLICY_SPECIAL_USE_COUNT; i++) {
		ctx.special[i].usual = pop_policy_special_mailbox_alloc_usual(
			user, policy, i, 0);
	}
	ret = pattern_list(&ctx, pattern, flags, boxes);
	for (i = POP_POLICY_SPECIAL_USE_NONE + 1;
	     i < POP_POLICY_SPECIAL_USE_COUNT; i++) {
		mailbox_free(&ctx.special[i].usual);
		if (ctx.special[i].box != NULL)
			mailbox_free(&ctx.special[i].box);
	}
	array_sort(boxes, box_cmp);
	return ret;
}
