#ifndef POP_POLICY_REFUSAL_H
#define POP_POLICY_REFUSAL_H

/* A login that is refused. The pop3 process goes on as if the user was logged
   in, with an empty mailbox and nobody at the other end, and ends at once. */

struct pop_policy_session;
struct mailbox;

/* Answer the login with "-ERR line" and end the session without opening its
   mailbox. reason is what the log says. */
void pop_policy_refuse(struct pop_policy_session *session, const char *line,
		       const char *reason);

/* Open an empty mailbox in place of the one that pop3 asks for. */
int pop_policy_refusal_mailbox_open(struct mailbox *box);

#endif
