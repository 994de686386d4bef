#ifndef POP_POLICY_MAILDIR_KEYWORDS_H
#define POP_POLICY_MAILDIR_KEYWORDS_H

/* A Maildir keeps the names of its keywords in a file. If that cannot be read or
   written, Dovecot logs it and goes on: keywords are lost, or their letters are
   given to others. Other formats have no such file: for them these functions do
   nothing. They return 0, or -1 with the error of box or dest_box set. */

struct mailbox;

/* Read the names before mails of the mailbox are changed. No sync may be going
   on. */
int pop_policy_maildir_keywords_load(struct mailbox *box);

/* Make dest_box know the keywords of these mails of src_box. */
int pop_policy_maildir_keywords_copy(struct mailbox *src_box,
				     struct mailbox *dest_box,
				     const ARRAY_TYPE(seq_range) *uids);

#endif
