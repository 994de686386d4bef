#ifndef POP_POLICY_MAIL_H
#define POP_POLICY_MAIL_H

/* The functions of mails of the mailbox that pop3 has opened. */

struct mail;

/* The hook: a mail has been allocated. */
void pop_policy_mail_allocated(struct mail *mail);

#endif
