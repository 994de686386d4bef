#ifndef POP_POLICY_CHANGE_H
#define POP_POLICY_CHANGE_H

/* Expunging and marking mails at QUIT. Dovecot drops changes that the user may
   not make without an error: that is found here. pop-policy-verify.h finds
   what was not stored.

   Functions that return -1 have set the mailbox's error. */

#include "seq-range-array.h"
#include "mail-types.h"

struct mail;
struct mail_storage;
struct mailbox;
struct mailbox_transaction_context;
struct pop_policy_disposed;

/* FALSE for a virtual mailbox: it does not see what it does to its backends. */
bool pop_policy_changes_are_visible(struct mailbox *box);

/* Log that the user may not change the mailbox, and return -1. */
int pop_policy_change_denied(struct mailbox *box);

/* These change the mails with these UIDs, but for those that somebody else has
   expunged meanwhile as far as the index knows, and add them to disposed. */

int pop_policy_change_expunge(struct mailbox_transaction_context *t,
			      const ARRAY_TYPE(seq_range) *uids,
			      struct pop_policy_disposed *disposed);
/* Add keyword and flags. */
int pop_policy_change_mark(struct mailbox_transaction_context *t,
			   const ARRAY_TYPE(seq_range) *uids,
			   const char *keyword, enum mail_flags flags,
			   struct pop_policy_disposed *disposed);

/* Check a mail that has just been expunged in its transaction. */
int pop_policy_change_verify_expunged(struct mail *mail);

/* Roll back, keeping the last error of the storage, which made this
   necessary. */
void pop_policy_change_rollback(struct mailbox_transaction_context **t,
				struct mail_storage *storage);

#endif
