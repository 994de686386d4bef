#ifndef POP_POLICY_REFUSAL_H
#define POP_POLICY_REFUSAL_H

/* A login that is refused. The pop3 process goes on as if the user was logged
   in, with an empty mailbox and nobody at the other end. The client gets the
   refusal as the answer to its login and to its next commands, until it closes
   the connection, or we do, at most 5 seconds later. */

struct pop_policy_session;
struct mailbox;

/* Each of these answers the login with -ERR, logs why and sends an event. The
   user's mailbox will not be opened. Called before pop3 has opened it. */

/* The policy does not let the user in. reason is for the log. */
void pop_policy_refuse_access(struct pop_policy_session *session,
			      const char *text, const char *reason);
/* The policy cannot be read. setting is NULL if no single one is to blame. */
void pop_policy_refuse_invalid(struct pop_policy_session *session,
			       const char *setting, const char *error);
/* The policy, or what it needs, is not available now. */
void pop_policy_refuse_no_answer(struct pop_policy_session *session,
				 const char *error);
/* This mailbox cannot be opened, or is not known to be absent. */
void pop_policy_refuse_mailbox(struct pop_policy_session *session,
			       struct mailbox *box);

/* Open an empty mailbox in place of the one that pop3 asks for. */
int pop_policy_refusal_mailbox_open(struct mailbox *box);

#endif
