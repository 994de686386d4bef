#ifndef POP_POLICY_DOVEADM_UIDL_H
#define POP_POLICY_DOVEADM_UIDL_H

/* The UIDLs of a queue. */

struct pop_policy_queue;

/* Set the UIDLs of all listed mails. Returns 0, or -1 with error_r. */
int pop_policy_queue_read_uidls(struct pop_policy_queue *queue,
				const char **error_r);

#endif
