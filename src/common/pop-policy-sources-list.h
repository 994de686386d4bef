#ifndef POP_POLICY_SOURCES_LIST_H
#define POP_POLICY_SOURCES_LIST_H

/* Which mailboxes a pattern of pop_policy_extra_mailboxes stands for. */

#include "array-decl.h"

struct mail_user;
struct pop_policy;

/* Add to names those of the user's own mailboxes that match the pattern and may
   feed the queue, sorted. They are allocated from the data stack. Returns -1 if
   the mailboxes cannot be listed. */
int pop_policy_sources_list(struct mail_user *user,
			    const struct pop_policy *policy,
			    const char *pattern,
			    ARRAY_TYPE(const_string) *names);

#endif
