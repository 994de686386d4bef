#ifndef POP_POLICY_VERIFY_H
#define POP_POLICY_VERIFY_H

/* Whether QUIT's changes are really stored: what somebody who opens the
   mailbox now would find. Some failures are not told to whoever changes a
   mailbox: an index that cannot be written is moved to memory, Maildir files
   that cannot be renamed or removed stay as they are.

   Functions return 0, or -1 with the mailbox's error set and logged. But for
   the first one, the mailbox must have been synced. The cost depends on the
   number of mails to check, not on the size of the mailbox. */

#include "seq-range-array.h"
#include "mail-types.h"

struct mailbox;

/* Check, after a commit and before the sync, that the index has not been moved
   to memory (disk full), where committing to it succeeds. */
int pop_policy_verify_index(struct mailbox *box);
/* Check that the mailbox still has this UIDVALIDITY: UIDs of another one name
   other mails, or none. 0: it had none. */
int pop_policy_verify_uid_validity(struct mailbox *box, uint32_t uid_validity);
/* Check that the mails with these UIDs have the keyword and the flags. Those
   that do not exist anymore need none. The UIDs of those that have not are put
   into unmarked. */
int pop_policy_verify_marked(struct mailbox *box,
			     const ARRAY_TYPE(seq_range) *uids,
			     const char *keyword, enum mail_flags flags,
			     ARRAY_TYPE(seq_range) *unmarked);
/* Check that the mails with these UIDs do not exist anymore. The UIDs of those
   that do are put into remaining. */
int pop_policy_verify_gone(struct mailbox *box,
			   const ARRAY_TYPE(seq_range) *uids,
			   ARRAY_TYPE(seq_range) *remaining);
/* Check that the name of a keyword that the mailbox did not know before is
   stored with the mailbox, by the mail with this UID. (This opens the mailbox
   again.) */
int pop_policy_verify_new_keyword(struct mailbox *box, const char *keyword,
				  uint32_t uid);

#endif
