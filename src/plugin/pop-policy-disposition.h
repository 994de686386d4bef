#ifndef POP_POLICY_DISPOSITION_H
#define POP_POLICY_DISPOSITION_H

/* What the client has DELEted and RETRieved, mailbox by mailbox. It is only
   collected here: pop-policy-quit.h does what the policy says about it. */

#include "seq-range-array.h"
#include "pop-policy-plan.h"

struct istream;
struct mail;
struct mail_keywords;
struct mailbox;
struct pop_policy_session;
struct pop_policy_disposition;

/* Called before the mailbox is opened. */
struct pop_policy_disposition *
pop_policy_disposition_init(struct pop_policy_session *session);
void pop_policy_disposition_deinit(struct pop_policy_disposition **disposition);

/* Returns the session's rules. feeds_queue is not set. */
const struct pop_policy_plan_rules *
pop_policy_disposition_get_rules(const struct pop_policy_disposition *dispo);

/* Returns 0, or -1 with the mailbox's error set if the plugin does not
   understand this pop3: it has seen a QUIT that there was not, or none where
   there was one. */
int pop_policy_disposition_check(struct pop_policy_disposition *dispo,
				 struct mailbox *box);

/* The mailbox has been synced. Once the client has DELEted or RETRieved
   anything, pop3 does that at QUIT only. Returns 0, or -1 as
   pop_policy_disposition_check(). */
int pop_policy_disposition_synced(struct pop_policy_disposition *dispo,
				  struct mailbox *box);

/* The mail is getting keywords. Returns TRUE if that is how pop3 says, at
   QUIT, that the client has DELEted it: the mail must not get the keywords
   then. */
bool pop_policy_disposition_flag(struct pop_policy_disposition *dispo,
				 struct mail *mail,
				 const struct mail_keywords *keywords);

/* TRUE if the policy does something with RETRieved mails. */
bool pop_policy_disposition_uses_retrieved(
	const struct pop_policy_disposition *dispo);
/* RETR has begun to send a mail from the mailbox. Returns 0, or -1 as
   pop_policy_disposition_check(). */
int pop_policy_disposition_retrieve(struct pop_policy_disposition *dispo,
				    struct mailbox *box);
/* The mail that RETR has sent from the stream is being closed: it was
   retrieved if the stream is at its end. */
void pop_policy_disposition_retrieved(struct pop_policy_disposition *dispo,
				      struct mail *mail,
				      struct istream *stream);
/* pop3 is removing \Seen flags. */
void pop_policy_disposition_seen_removed(struct pop_policy_disposition *dispo);

/* TRUE if the client has not DELEted or RETRieved anything. */
bool pop_policy_disposition_is_empty(struct pop_policy_disposition *dispo);
/* Returns the UIDs of the mailbox's DELEted and RETRieved mails. They are
   valid until the next call. */
void pop_policy_disposition_get(struct pop_policy_disposition *dispo,
				struct mailbox *box,
				const ARRAY_TYPE(seq_range) **deleted_r,
				const ARRAY_TYPE(seq_range) **retrieved_r);

#endif
