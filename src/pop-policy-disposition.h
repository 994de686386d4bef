#ifndef POP_POLICY_DISPOSITION_H
#define POP_POLICY_DISPOSITION_H

/* What becomes of DELEted and RETRieved mails at QUIT.

   Marking and expunging are part of pop3's last transaction. Moving comes
   after it, when the mailbox has been synced: the session may have been open
   for long, and another one may have moved, expunged or flagged the mails
   since. */

struct mail;
struct mail_keywords;
struct istream;
struct mailbox;
struct mailbox_transaction_context;

/* The mail is getting keywords. Returns TRUE if that is pop3's way, at QUIT,
   to say that it has been DELEted: the policy's action will be done instead. */
bool pop_policy_disposition_flag(struct mail *mail,
				 const struct mail_keywords *keywords);

/* RETR is sending the mail from the stream. */
void pop_policy_disposition_retrieve(struct mail *mail,
				     struct istream *stream);
/* The mail is being closed: it was retrieved if its stream has ended. */
void pop_policy_disposition_mail_close(struct mail *mail);

/* If this is QUIT's transaction, expunge and mark mails. Returns -1 with the
   mailbox's error set if something couldn't be done: the transaction must be
   rolled back then. */
int pop_policy_disposition_apply(struct mailbox_transaction_context *t);
/* That transaction has been committed. Returns -1 with the mailbox's error set
   if its changes have not been stored all the same. */
int pop_policy_disposition_committed(struct mailbox *box);
/* The mailbox has been synced: move what was to be moved. Returns -1 with the
   mailbox's error set if something couldn't be stored. */
int pop_policy_disposition_synced(struct mailbox *box);

/* Returns -1 with the mailbox's error set if the mail, which has just been
   expunged within its transaction, hasn't been: the user may not do it. */
int pop_policy_disposition_verify_expunged(struct mail *mail);

void pop_policy_disposition_free(struct mailbox *box);

#endif
