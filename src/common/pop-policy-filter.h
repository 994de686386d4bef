#ifndef POP_POLICY_FILTER_H
#define POP_POLICY_FILTER_H

/* Which of a mailbox's mails are in the POP queue. */

struct mail_search_args;
struct mailbox;

struct pop_policy_filter_counts {
	unsigned int listed;
	/* not listed, by the first reason that fits */
	unsigned int dequeued, before_date;
};

/* Build search arguments that match the mailbox's mails in the queue: those
   without the keyword that arrived at since (0 = at any time) or later. They
   are given by sequence, which searches fastest. The mails are added to counts.
   Returns -1 with the mailbox's error set, and arguments that match nothing, if
   a date is not available. */
int pop_policy_filter_build(struct mailbox *box, const char *keyword,
			    time_t since,
			    struct pop_policy_filter_counts *counts,
			    struct mail_search_args **args_r);

#endif
