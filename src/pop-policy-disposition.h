#ifndef POP_POLICY_DISPOSITION_H
#define POP_POLICY_DISPOSITION_H

/* What becomes of DELEted and RETRieved mails at QUIT. */

struct mail;
struct mail_keywords;
struct istream;
struct mailbox_transaction_context;

/* The mail is being expunged. */
void pop_policy_disposition_expunge(struct mail *mail);
/* The mail is getting keywords. Returns TRUE if that is pop3's way, at QUIT,
   to say that it has been DELEted: something else will happen to it. */
bool pop_policy_disposition_flag(struct mail *mail,
				 const struct mail_keywords *keywords);

/* RETR is sending the mail from the stream. */
void pop_policy_disposition_retrieve(struct mail *mail,
				     struct istream *stream);
/* The mail is being closed: it was retrieved if its stream has ended. */
void pop_policy_disposition_mail_close(struct mail *mail);

/* If this is QUIT, do to the mails what the policy says, within the
   transaction. Returns -1 with the mailbox's error set if something couldn't
   be done, so that the transaction must be rolled back. */
int pop_policy_disposition_apply(struct mailbox_transaction_context *t,
				 bool *marked_r);
/* The transaction with marks has been committed. Returns -1 with the
   mailbox's error set if they were not stored all the same. */
int pop_policy_disposition_verify(struct mailbox *box);

#endif
