#ifndef POP_POLICY_FILTER_H
#define POP_POLICY_FILTER_H

/* Which of a mailbox's mails are in the POP queue. */

#include "seq-range-array.h"

struct mail_search_args;
struct mailbox;

struct pop_policy_filter_counts {
	unsigned int listed;
	/* not listed, by the first reason that fits */
	unsigned int dequeued, before_date;
};

/* Add the mailbox's mails that have the keyword to marked. */
void pop_policy_filter_get_marked(struct mailbox *box, const char *keyword,
				  ARRAY_TYPE(seq_range) *marked);

/* Set seqs to the mailbox's mails in the queue: those without the keyword that
   arrived at since (0 = at any time) or later. Without a keyword (NULL) since
   is some time ago (pop_policy_recent), and dequeued mails are listed as well.
   The mails are added to counts, unless it is NULL.
   Returns -1 with the mailbox's error set, and no seqs, if a date is not
   available. */
int pop_policy_filter_get(struct mailbox *box, const char *keyword,
			  time_t since,
			  struct pop_policy_filter_counts *counts,
			  ARRAY_TYPE(seq_range) *seqs);
/* Build search arguments that match the same mails. They are given by sequence,
   which searches fastest. If this fails, they match nothing. */
int pop_policy_filter_build(struct mailbox *box, const char *keyword,
			    time_t since,
			    struct pop_policy_filter_counts *counts,
			    struct mail_search_args **args_r);

#endif
