#ifndef POP_POLICY_EXPIRE_H
#define POP_POLICY_EXPIRE_H

/* pop_policy_keep_for: mails that have been dequeued for that long are
   expunged, from the mailboxes that feed the user's POP queue. */

struct mail_user;
struct pop_policy;
struct pop_policy_uidl_maker;

struct pop_policy_expired_mail {
	const char *mailbox;
	uint32_t uid;
	/* NULL and 0 if they are not known */
	const char *uidl;
	uoff_t size;
};
ARRAY_DEFINE_TYPE(pop_policy_expired_mail, struct pop_policy_expired_mail);

struct pop_policy_expire {
	struct mail_user *user;
	const struct pop_policy *policy;
	/* Mails that have it are dequeued. */
	const char *keyword;
	struct pop_policy_uidl_maker *maker;
	/* Change nothing. */
	bool dry_run;
	/* If another process is at it: how long to wait for that. 0: do not
	   wait, and leave it to that process. */
	unsigned int lock_secs;
};

/* Look through the mailboxes, and note since when mails are dequeued. Expunge
   those that have been for long enough, in steps, and log that. They are added
   to mails, allocated from the pool. Returns 0, or -1 with error_r if not all
   could be done. */
int pop_policy_expire(const struct pop_policy_expire *expire, pool_t pool,
		      ARRAY_TYPE(pop_policy_expired_mail) *mails,
		      const char **error_r);

#endif
