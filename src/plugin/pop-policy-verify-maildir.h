#ifndef POP_POLICY_VERIFY_MAILDIR_H
#define POP_POLICY_VERIFY_MAILDIR_H

/* Maildir has the flags in the names of the files. If a file cannot be renamed
   (full disk, folder not writable) Dovecot's sync says nothing, and whoever
   reads the folder next gives the index the old flags back. */

#include "seq-range-array.h"
#include "mail-types.h"

struct mailbox;

/* Returns the number of mails with these UIDs whose files do not have the
   flags and the keyword, if the mailbox is a Maildir, else 0. Mails that do
   not exist anymore do not count. -1 with the mailbox's error set. */
int pop_policy_verify_maildir_count(struct mailbox *box,
				    const ARRAY_TYPE(seq_range) *uids,
				    const char *keyword,
				    enum mail_flags flags);

#endif
