#ifndef POP_POLICY_ANSWER_H
#define POP_POLICY_ANSWER_H

/* The answer to the login, held back. pop3 says "+OK Logged in." before it
   initializes the namespaces and opens the mailbox, and some policies can be
   checked only then. */

struct ostream;
struct pop_policy_session;

/* Hold back what the pop3 process sends, until the next function is called or
   the session ends. Called where pop3 has sent nothing yet. */
void pop_policy_answer_hold(struct pop_policy_session *session);
/* Send what has been held back, if anything has. */
void pop_policy_answer_release(struct pop_policy_session *session);
/* Drop what has been held back. Returns the stream that leads to the client,
   which is the caller's from now on: client->output is NULL. */
struct ostream *pop_policy_answer_take(struct pop_policy_session *session);

#endif
