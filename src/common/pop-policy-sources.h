#ifndef POP_POLICY_SOURCES_H
#define POP_POLICY_SOURCES_H

/* The mailboxes that feed the POP queue beside INBOX. */

#include "array-decl.h"

struct mail_user;
struct mailbox;
struct pop_policy;
enum mailbox_flags;

ARRAY_DEFINE_TYPE(pop_policy_boxes, struct mailbox *);

/* TRUE if other mailboxes are merged into INBOX. */
bool pop_policy_sources_are_merged(const struct pop_policy *policy);

/* Open the mailboxes that are merged into INBOX, as far as they exist, and add
   them to boxes, in the order in which they win a tie. Returns 0, or -1 with
   the one that cannot be opened, which the caller must free as well. */
int pop_policy_sources_open(struct mail_user *user,
			    const struct pop_policy *policy,
			    enum mailbox_flags flags,
			    ARRAY_TYPE(pop_policy_boxes) *boxes,
			    struct mailbox **failed_r);

#endif
