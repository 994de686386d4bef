#ifndef POP_POLICY_MAIL_HEADER_H
#define POP_POLICY_MAIL_HEADER_H

/* The mailbox header on top of what pop3 sends of a mail, and in the sizes that
   it is told when it lists the mails. Nothing else sees it. */

struct istream;
struct mail;
struct mail_vfuncs;

void pop_policy_mail_header_init_vfuncs(struct mail_vfuncs *v);

/* pop3 is about to send the mail: put the field before the stream. */
void pop_policy_mail_header_add(struct mail *mail, struct istream **stream);
/* The mail is about to be closed, and its own stream with it. */
void pop_policy_mail_header_close(struct mail *mail);

#endif
