#ifndef POP_POLICY_MERGE_ORDER_H
#define POP_POLICY_MERGE_ORDER_H

/* The order of a merged queue: by arrival. Each mailbox keeps its own order,
   and the main one comes first if two mails arrived in the same second. */

struct mail;

/* The next mail of one of the two mailboxes. */
struct pop_policy_merge_head {
	/* NULL if it must be asked for, or there is none. */
	struct mail *mail;
	time_t received_date;
	bool dated;
	bool finished;
};

/* There is a next mail. */
void pop_policy_merge_head_set(struct pop_policy_merge_head *head,
			       struct mail *mail);

/* Returns the head whose mail comes next, which has no mail if neither has one.
   *undated_r is NULL, or a mail whose date is not available although it is not
   being expunged. Its mailbox has the error. */
struct pop_policy_merge_head *
pop_policy_merge_order_next(struct pop_policy_merge_head *main,
			    struct pop_policy_merge_head *merged,
			    struct mail **undated_r);

#endif
