#ifndef POP_POLICY_REFUSAL_H
#define POP_POLICY_REFUSAL_H

/* A login that is refused. The pop3 process goes on as if the user was logged
   in, with an empty mailbox and nobody at the other end. The client gets the
   refusal as the answer to its login and to its next commands, until it closes
   the connection, or we do, at most 5 seconds later. */

struct pop_policy_session;
struct mailbox;

/* Answer the login with "-ERR line". Its mailbox will not be opened. Called
   before pop3 has opened it. */
void pop_policy_refuse(struct pop_policy_session *session, const char *line);
/* The same, and log the error with the user's name. */
void pop_policy_refuse_error(struct pop_policy_session *session,
			     const char *line, const char *error);

/* The same: this mailbox cannot be opened, or is not known to be absent. */
void pop_policy_refuse_mailbox(struct pop_policy_session *session,
			       struct mailbox *box);

/* Open an empty mailbox in place of the one that pop3 asks for. */
int pop_policy_refusal_mailbox_open(struct mailbox *box);

#endif
