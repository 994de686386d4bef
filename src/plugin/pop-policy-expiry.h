#ifndef POP_POLICY_EXPIRY_H
#define POP_POLICY_EXPIRY_H

struct pop_policy_session;

/* When the session is over, expunge what has been dequeued for as long as
   pop_policy_keep_for says. The connection is closed by then, and the session's
   lock released: Dovecot runs its own autoexpunge just before. */
void pop_policy_expiry_init(struct pop_policy_session *session);

#endif
