#ifndef POP_POLICY_MERGE_ORDER_H
#define POP_POLICY_MERGE_ORDER_H

/* The order of a merged queue: by arrival. Each mailbox keeps its own order,
   and the one with the lower number comes first if two mails arrived in the
   same second. */

struct mail;
struct pop_policy_merge_order;

/* Ask a mailbox for its next mail, which stays what it is until the mailbox is
   asked again. Returns 1 with a mail, 0 if there are no more, or -1 if it must
   be asked again later. */
typedef int
pop_policy_merge_order_callback_t(void *context, unsigned int source,
				  struct mail **mail_r);

/* Begin to merge the mails of this number of mailboxes. */
struct pop_policy_merge_order *
pop_policy_merge_order_init(unsigned int sources_count,
			    pop_policy_merge_order_callback_t *next_mail,
			    void *context);
void pop_policy_merge_order_deinit(struct pop_policy_merge_order **order);

enum pop_policy_merge_result {
	POP_POLICY_MERGE_FOUND,
	POP_POLICY_MERGE_FINISHED,
	/* A mailbox wants to be asked again later. */
	POP_POLICY_MERGE_LATER,
	/* The date of a mail is not available although it is not being
	   expunged. */
	POP_POLICY_MERGE_UNDATED,
};

/* Get the mail that comes next, and its mailbox. UNDATED sets mail_r to the
   mail without a date. */
enum pop_policy_merge_result
pop_policy_merge_order_next(struct pop_policy_merge_order *order,
			    unsigned int *source_r, struct mail **mail_r);

#endif
