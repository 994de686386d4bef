/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "pop-policy.h"
#include "pop-policy-special-mailbox.h"
#include "pop-policy-sources.h"

bool pop_policy_sources_are_merged(const struct pop_policy *policy)
{
	return policy->spam == POP_POLICY_SPAM_INCLUDE;
}

/* Add the mailbox if it exists, else free it. */
static int source_add(struct mailbox *box, ARRAY_TYPE(pop_policy_boxes) *boxes,
		      struct mailbox **failed_r)
{
	int ret = pop_policy_special_mailbox_open_existing(box);

	if (ret < 0) {
		*failed_r = box;
		return -1;
	}
	if (ret > 0)
		array_push_back(boxes, &box);
	else
		mailbox_free(&box);
	return 0;
}

int pop_policy_sources_open(struct mail_user *user,
			    const struct pop_policy *policy,
			    enum mailbox_flags flags,
			    ARRAY_TYPE(pop_policy_boxes) *boxes,
			    struct mailbox **failed_r)
{
	struct mailbox *spam;

	spam = pop_policy_special_mailbox_alloc(user, policy,
						POP_POLICY_SPECIAL_USE_SPAM,
						flags);
	if (spam->inbox_user) {
		/* INBOX itself has the special use */
		mailbox_free(&spam);
		return 0;
	}
	return source_add(spam, boxes, failed_r);
}
