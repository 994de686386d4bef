#ifndef POP_POLICY_SPECIAL_MAILBOX_H
#define POP_POLICY_SPECIAL_MAILBOX_H

/* Which mailboxes of a user are spam, archive and trash. */

#include "pop-policy-special-use.h"

struct mail_user;
struct mailbox;
struct pop_policy;
enum mailbox_flags;

/* Allocate the mailbox: the one that the policy names, else the existing one
   with the special use (RFC 6154), else the one to which the configuration
   gives the special use, else the one with the usual name in the INBOX
   namespace. It may not exist. The caller must free it. */
struct mailbox *
pop_policy_special_mailbox_alloc(struct mail_user *user,
				 const struct pop_policy *policy,
				 enum pop_policy_special_use special_use,
				 enum mailbox_flags flags);

/* The same unless another mailbox has the special use: it costs nothing, while
   the other function has to list the user's mailboxes. */
struct mailbox *
pop_policy_special_mailbox_alloc_usual(struct mail_user *user,
				       const struct pop_policy *policy,
				       enum pop_policy_special_use special_use,
				       enum mailbox_flags flags);

/* As pop_policy_special_mailbox_alloc() for any special use, whatever the
   policy says. Only those that a policy speaks of have a usual name: of the
   others the mailbox may be one that cannot exist. */
struct mailbox *
pop_policy_special_use_alloc(struct mail_user *user, const char *special_use,
			     enum mailbox_flags flags);

/* TRUE if these are the same mailbox, by one name or two. */
bool pop_policy_special_mailbox_equals(const struct mailbox *box1,
				       const struct mailbox *box2);

/* Check whether the user can have a mailbox that is called so. Returns 0, or -1
   with error_r, which says that the setting is invalid. */
int pop_policy_special_mailbox_check(const char *setting, struct mailbox *box,
				     const char **error_r);
/* Check the names that the policy has: whether the user can have mailboxes
   that are called so. Returns 0, or -1 with setting_r and error_r as
   pop_policy_init() does. */
int pop_policy_special_mailboxes_check(struct mail_user *user,
				       const struct pop_policy *policy,
				       const char **setting_r,
				       const char **error_r);

/* A mailbox_allocated hook for mailboxes that the next function is called
   with. The plugin must be the first to override a mailbox's functions. */
void pop_policy_special_mailbox_allocated(struct mailbox *box);
/* Open the mailbox. Returns 1 if it is open, 0 if it does not exist for
   certain, or -1 with the mailbox's error set. */
int pop_policy_special_mailbox_open_existing(struct mailbox *box);

/* Open the mailbox, creating and subscribing it if it does not exist. Returns 0
   or -1 with the mailbox's error set. */
int pop_policy_special_mailbox_open(struct mailbox *box);

#endif
