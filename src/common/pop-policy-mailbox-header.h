#ifndef POP_POLICY_MAILBOX_HEADER_H
#define POP_POLICY_MAILBOX_HEADER_H

/* The header field that tells a mail program which mailbox a message is
   from. */

struct mailbox;
struct pop_policy;

/* Returns the field, with CRLF, which messages of this mailbox get on top, or
   "" if they get none. Allocated from the data stack. */
const char *pop_policy_mailbox_header(const struct pop_policy *policy,
				      const struct mailbox *box);

#endif
