#ifndef POP_POLICY_SESSION_H
#define POP_POLICY_SESSION_H

#include "module-context.h"
#include "mail-user.h"
#include "pop-policy.h"
#include "pop-policy-filter.h"

struct client;
struct pop_policy_answer;
struct pop_policy_refusal;
struct pop_policy_disposition;
struct pop_policy_quit;
struct pop_policy_uidl_maker;

#define POP_POLICY_SESSION_GET(user) \
	((struct pop_policy_session *) \
	 MODULE_CONTEXT(user, pop_policy_session_module))

/* One POP3 session. Only users who logged in through POP3 have this context:
   its absence is what leaves IMAP and everything else untouched. What a part
   of the plugin keeps for itself is behind a pointer. */
struct pop_policy_session {
	union mail_user_module_context module_ctx;

	struct mail_user *user;
	/* The pop3 client. It outlives every mailbox of the session. */
	struct client *client;
	struct pop_policy policy;
	/* Mails that have it are dequeued. */
	const char *keyword;
	/* What is listed, for pop-policy-filter.h */
	const char *filter_keyword;
	time_t filter_since;

	/* NULL if the answer to the login was not held back. */
	struct pop_policy_answer *answer;
	/* NULL unless the login was refused. Then no mailbox is opened. */
	struct pop_policy_refusal *refusal;
	/* NULL if stock Dovecot handles DELE and RETR. */
	struct pop_policy_disposition *disposition;
	/* NULL until QUIT. */
	struct pop_policy_quit *quit;
	/* NULL until it has been needed. */
	struct pop_policy_uidl_maker *uidl_maker;
	/* What the client was shown, of all mailboxes that feed the queue */
	struct pop_policy_filter_counts queue;

	/* The mailbox that pop3 opens has been allocated. */
	bool mailbox_allocated;
	/* That mailbox is the spam mailbox (spam = only). */
	bool mailbox_is_spam;
};

extern MODULE_CONTEXT_DEFINE(pop_policy_session_module,
			     &mail_user_module_register);

/* Attach a session to the client's user. */
struct pop_policy_session *pop_policy_session_create(struct client *client);

#endif
