#ifndef POP_POLICY_QUIT_H
#define POP_POLICY_QUIT_H

/* QUIT: what the client has DELEted and RETRieved becomes a plan, and the plan
   is carried out mailbox by mailbox.

   1. pop3 commits its transaction: plan(), then change() makes the expunges and
      marks part of the transaction and opens the mailboxes to move to, the
      transaction is committed, stored() notes that.
   2. pop3 syncs the mailbox, then synced() moves mails on fresh state: the
      session may have been open for long, and another one may have moved,
      expunged or flagged the mails since. Last it checks that everything in the
      plan is really stored.

   Whatever fails makes QUIT fail, and nothing after it is done. Functions that
   return -1 have set the mailbox's error. */

#include "mail-storage.h"
#include "pop-policy-action.h"

struct pop_policy_session;
struct pop_policy_quit;

/* Make the plan for the mailbox that pop3 has opened and those merged into it.
   This creates session->quit. */
int pop_policy_quit_plan(struct pop_policy_session *session,
			 struct mailbox *box);
void pop_policy_quit_deinit(struct pop_policy_quit **quit);

/* Do what the plan says for the transaction's mailbox. If this fails, the
   transaction must be rolled back. */
int pop_policy_quit_change(struct mailbox_transaction_context *t);
/* That transaction has been committed. */
int pop_policy_quit_stored(struct mailbox *box);
/* Returns the flags that a sync of the mailbox needs to store what QUIT has
   changed. */
enum mailbox_sync_flags pop_policy_quit_sync_flags(struct mailbox *box);
/* All mailboxes of the session have been synced. */
int pop_policy_quit_synced(struct pop_policy_session *session);

/* Dovecot could not store or sync the mailbox: log why, if it has not done so
   itself. */
void pop_policy_quit_log_error(struct mailbox *box);
/* Log what has been done, once, and send events. synced() has called this,
   unless QUIT has failed before that. */
void pop_policy_quit_report(struct pop_policy_session *session);
/* Returns the number of mails with which this was done. quit may be NULL. */
unsigned int pop_policy_quit_count(const struct pop_policy_quit *quit,
				   enum pop_policy_action action);

#endif
