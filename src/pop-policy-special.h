#ifndef POP_POLICY_SPECIAL_H
#define POP_POLICY_SPECIAL_H

/* Which mailboxes are spam, archive and trash. */

struct pop_policy_user;
struct mail_user;
struct mailbox;
enum mailbox_flags;

enum pop_policy_special {
	POP_POLICY_SPECIAL_SPAM,
	POP_POLICY_SPECIAL_ARCHIVE,
	POP_POLICY_SPECIAL_TRASH,
};

/* Allocate the mailbox: the one named in the settings, else the existing one
   with the special use (RFC 6154), else the one that the configuration gives
   the special use, else the one with the usual name in the INBOX namespace.
   It may not exist. The caller must free it. */
struct mailbox *
pop_policy_special_alloc(struct mail_user *user, enum pop_policy_special which,
			 enum mailbox_flags flags);

/* Open the mailbox, creating it if it does not exist. Returns 0 or -1 with
   the mailbox's error set. */
int pop_policy_special_open(struct mailbox *box);

#endif
