#ifndef POP_POLICY_SOURCES_LIST_H
#define POP_POLICY_SOURCES_LIST_H

/* Which mailboxes a pattern of pop_policy_extra_mailboxes stands for. */

#include "array-decl.h"

struct mailbox;
struct mail_user;
struct pop_policy;
enum mailbox_flags;

ARRAY_DEFINE_TYPE(pop_policy_boxes, struct mailbox *);

/* Add to boxes those of the user's own mailboxes that match the pattern and may
   feed the queue, allocated with the flags and sorted by name. Returns -1 if the
   mailboxes cannot be listed. The caller must free them in either case. */
int pop_policy_sources_list(struct mail_user *user,
			    const struct pop_policy *policy,
			    const char *pattern, enum mailbox_flags flags,
			    ARRAY_TYPE(pop_policy_boxes) *boxes);

#endif
