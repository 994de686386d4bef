#ifndef POP_POLICY_CHANGE_H
#define POP_POLICY_CHANGE_H

/* Expunging and marking mails at QUIT, and whether that was really done:
   Dovecot drops changes that the user may not make without an error, and some
   storages only log what they could not write.

   Functions that return -1 have set the mailbox's error. */

#include "seq-range-array.h"
#include "mail-types.h"

struct mail;
struct mailbox;
struct mailbox_transaction_context;

/* Log that the user may not change the mailbox, and return -1. */
int pop_policy_change_denied(struct mailbox *box);

/* Expunge the mails with these UIDs. */
int pop_policy_change_expunge(struct mailbox_transaction_context *t,
			      const ARRAY_TYPE(seq_range) *uids);
/* Add keyword and flags to the mails with these UIDs. *last_uid_r is set to
   the last one marked. */
int pop_policy_change_mark(struct mailbox_transaction_context *t,
			   const ARRAY_TYPE(seq_range) *uids,
			   const char *keyword, enum mail_flags flags,
			   uint32_t *last_uid_r);

/* Check a mail that has just been expunged in its transaction. */
int pop_policy_change_verify_expunged(struct mail *mail);
/* Check, after a commit, that the marks are not in memory only. */
int pop_policy_change_check_index(struct mailbox *box, const char *keyword);
/* Check, after a sync, that somebody who opens the mailbox now finds the mail
   with the keyword, or not at all. */
int pop_policy_change_verify_keyword(struct mailbox *box, const char *keyword,
				     uint32_t uid);

#endif
