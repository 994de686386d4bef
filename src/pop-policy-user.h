#ifndef POP_POLICY_USER_H
#define POP_POLICY_USER_H

#include "module-context.h"
#include "mail-error.h"
#include "mail-user.h"
#include "pop-policy.h"

struct client;

#define POP_POLICY_USER_CONTEXT(obj) \
	((struct pop_policy_user *)MODULE_CONTEXT(obj, pop_policy_user_module))

/* One POP3 session. Only users logged in through POP3 have this context: its
   absence is what leaves IMAP and everything else untouched. */
struct pop_policy_user {
	union mail_user_module_context module_ctx;

	struct pop_policy policy;
	/* keyword of dequeued mails */
	const char *keyword;
	/* Mails need our hands at QUIT. If not, what pop3 does is right. */
	bool disposition;
	/* The pop3 client. It outlives every mailbox of the session. */
	struct client *client;
	/* pop-policy-client.c: */
	void (*client_destroy)(struct client *client, const char *reason);
	bool retrieve_noted;
	unsigned int reset_count;

	/* Why the login was refused: the session must not open any mailbox.
	   NULL if it was not. */
	const char *refuse_reason;

	/* the mailbox that pop3 opens: */
	bool main_allocated;
	/* It is the spam mailbox (spam = only), and this is why it couldn't be
	   found out which one that is. */
	bool source_found;
	enum mail_error source_error;
	/* The spam mailbox to be merged into it is being allocated. */
	bool opening_spam;
};

extern MODULE_CONTEXT_DEFINE(pop_policy_user_module,
			     &mail_user_module_register);

/* Attach a session to the user. */
struct pop_policy_user *
pop_policy_user_create(struct mail_user *user, struct client *client);

#endif
