#ifndef POP_POLICY_MAIL_COMPAT_H
#define POP_POLICY_MAIL_COMPAT_H

/* What Dovecot 2.3.18 changed in mails and searches. Declared once here,
   implemented in pop-policy-mail-compat-2317.c, for up to 2.3.17, and -2318.c,
   for 2.3.18 and all of 2.4, of which the build takes one. */

struct mail;
struct mailbox_vfuncs;

/* TRUE if the mail's file has been opened since the mail was set. */
bool pop_policy_mail_is_opened(const struct mail *mail);

/* Take over what another mail says of how it was accessed so far. */
void pop_policy_mail_copy_access(struct mail *mail, const struct mail *from);

/* The mail now stands for another one: its event must not tell of the mail it
   was before. */
void pop_policy_mail_set_event(struct mail *mail, const struct mail *merged);

/* Take another mailbox's functions that go through the mails of a search. */
void
pop_policy_mailbox_copy_search_next(struct mailbox_vfuncs *v,
				    const struct mailbox_vfuncs *from);

#endif
