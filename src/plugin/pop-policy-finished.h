#ifndef POP_POLICY_FINISHED_H
#define POP_POLICY_FINISHED_H

struct pop_policy_session;

/* The session's mailbox is being freed: send the event that sums up what the
   client was shown and what QUIT has done. */
void pop_policy_finished(struct pop_policy_session *session);

#endif
