#ifndef POP_POLICY_SOURCES_H
#define POP_POLICY_SOURCES_H

/* The mailboxes that feed the POP queue beside INBOX: extra mailboxes and, if
   it is included, spam. */

#include "pop-policy-sources-list.h"

struct mail_user;
struct mailbox;
struct pop_policy;
enum mailbox_flags;

/* Why they could not be opened */
struct pop_policy_sources_error {
	/* This one exists and cannot be opened. The caller must free it. */
	struct mailbox *box;
	/* If it is NULL: this setting is invalid, or none is and the mailboxes
	   cannot be listed. The text is for the log. */
	const char *setting;
	const char *text;
};

/* TRUE if other mailboxes are merged into INBOX. */
bool pop_policy_sources_are_merged(const struct pop_policy *policy);

/* Check the names of extra mailboxes: whether the user can have mailboxes that
   are called so, as far as that is known without looking. Returns 0, or -1 with
   setting_r and error_r as pop_policy_init() does. */
int pop_policy_sources_check(struct mail_user *user,
			     const struct pop_policy *policy,
			     const char **setting_r, const char **error_r);

/* Open the mailboxes that are merged into INBOX, as far as they exist, and add
   them to boxes, in the order in which they win a tie. Returns 0 or -1. */
int pop_policy_sources_open(struct mail_user *user,
			    const struct pop_policy *policy,
			    enum mailbox_flags flags,
			    ARRAY_TYPE(pop_policy_boxes) *boxes,
			    struct pop_policy_sources_error *error_r);

/* TRUE if mails in the mailbox come into a queue: it is INBOX, the spam
   mailbox, or an extra mailbox, be it in force in this session or not. */
bool pop_policy_sources_have(struct mail_user *user,
			     const struct pop_policy *policy,
			     struct mailbox *box);

#endif
