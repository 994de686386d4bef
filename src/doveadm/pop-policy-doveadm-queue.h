#ifndef POP_POLICY_DOVEADM_QUEUE_H
#define POP_POLICY_DOVEADM_QUEUE_H

/* The POP queue that a session of the user would list. */

#include "mail-storage.h"
#include "pop-policy-uidl.h"

struct pop_policy_doveadm_policy;
struct pop_policy_doveadm_user;

/* A mailbox that feeds the queue */
struct pop_policy_queue_source {
	struct mailbox *box;
	/* NULL until the queue is read */
	struct mailbox_transaction_context *trans;
};

struct pop_policy_queue_mail {
	const struct pop_policy_queue_source *source;
	uint32_t seq, uid;
	uoff_t size;
	time_t arrival;
	/* NULL until pop-policy-doveadm-uidl.h has set it */
	const char *uidl;
};

struct pop_policy_queue {
	pool_t pool;
	struct pop_policy_doveadm_user *user;
	struct pop_policy_doveadm_policy *policy;

	/* INBOX and those that are merged into it, or the spam mailbox. Empty if
	   that does not exist. */
	struct pop_policy_queue_source *sources;
	unsigned int sources_count;
	/* in the order of the queue, empty until it is read */
	ARRAY(struct pop_policy_queue_mail) mails;
	struct pop_policy_uidl_maker maker;
};

/* Open the mailboxes that feed the queue, as the login would: the policy must
   be known. Returns 0, or -1 with error_r and with what changes the policy to a
   refusal. A queue must be closed in any case. */
int pop_policy_queue_open(struct pop_policy_queue *queue_r,
			  struct pop_policy_doveadm_user *user,
			  struct pop_policy_doveadm_policy *policy,
			  const char **error_r);
void pop_policy_queue_close(struct pop_policy_queue *queue);

/* List the mails: size and arrival. Returns 0, or -1 with error_r. */
int pop_policy_queue_read(struct pop_policy_queue *queue,
			  const char **error_r);

/* Returns 0 with the size that pop3 gives the mail, or -1 with the mailbox's
   error set. */
int pop_policy_queue_mail_size(const struct pop_policy_queue *queue,
			       struct mail *mail, uoff_t *size_r);

#endif
