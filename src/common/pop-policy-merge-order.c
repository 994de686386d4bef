/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-storage.h"
#include "pop-policy-merge-order.h"

/* The next mail of a mailbox */
struct merge_head {
	struct mail *mail;
	time_t received_date;
	unsigned int source;
	bool dated;
};

struct pop_policy_merge_order {
	pop_policy_merge_order_callback_t *next_mail;
	void *context;

	/* A binary heap once all mailboxes have been asked: the head whose
	   mail comes next is the first. Only mailboxes that have a mail are in
	   it. */
	struct merge_head *heads;
	unsigned int heads_count;
	unsigned int sources_count, asked_count;
	/* The first one's mail has been handed out. */
	bool taken;
};

struct pop_policy_merge_order *
pop_policy_merge_order_init(unsigned int sources_count,
			    pop_policy_merge_order_callback_t *next_mail,
			    void *context)
{
	struct pop_policy_merge_order *order;

	order = i_new(struct pop_policy_merge_order, 1);
	order->next_mail = next_mail;
	order->context = context;
	order->heads = i_new(struct merge_head, sources_count);
	order->sources_count = sources_count;
	return order;
}

void pop_policy_merge_order_deinit(struct pop_policy_merge_order **_order)
{
	struct pop_policy_merge_order *order = *_order;

	*_order = NULL;
	if (order == NULL)
		return;
	i_free(order->heads);
	i_free(order);
}

/* Returns FALSE if the date is not available. */
static bool head_set_date(struct merge_head *head)
{
	if (head->dated)
		return TRUE;
	if (mail_get_received_date(head->mail, &head->received_date) < 0) {
		if (!head->mail->expunged)
			return FALSE;
		/* A mail that is just being expunged has no date. */
		head->received_date = 0;
	}
	head->dated = TRUE;
	return TRUE;
}

static bool
head_is_before(const struct merge_head *head1, const struct merge_head *head2)
{
	if (head1->received_date != head2->received_date)
		return head1->received_date < head2->received_date;
	return head1->source < head2->source;
}

static void heap_sift_down(struct pop_policy_merge_order *order,
			   unsigned int idx)
{
	struct merge_head *heads = order->heads, head = heads[idx];
	unsigned int child;

	while ((child = idx * 2 + 1) < order->heads_count) {
		if (child + 1 < order->heads_count &&
		    head_is_before(&heads[child + 1], &heads[child]))
			child++;
		if (!head_is_before(&heads[child], &head))
			break;
		heads[idx] = heads[child];
		idx = child;
	}
	heads[idx] = head;
}

/* All mailboxes have been asked. A date may be nowhere but in the mail's file,
   which has to be opened for it: where only one mailbox has mails, none is
   asked for. */
static bool heap_build(struct pop_policy_merge_order *order,
		       struct mail **undated_r)
{
	if (order->heads_count <= 1)
		return TRUE;
	for (unsigned int i = 0; i < order->heads_count; i++) {
		if (!head_set_date(&order->heads[i])) {
			*undated_r = order->heads[i].mail;
			return FALSE;
		}
	}
	for (unsigned int i = order->heads_count / 2; i-- > 0; )
		heap_sift_down(order, i);
	return TRUE;
}

static enum pop_policy_merge_result
order_start(struct pop_policy_merge_order *order, struct mail **undated_r)
{
	struct merge_head *head;
	int ret;

	while (order->asked_count < order->sources_count) {
		head = &order->heads[order->heads_count];
		ret = order->next_mail(order->context, order->asked_count,
				       &head->mail);
		if (ret < 0)
			return POP_POLICY_MERGE_LATER;
		head->source = order->asked_count++;
		if (ret > 0)
			order->heads_count++;
	}
	return heap_build(order, undated_r) ? POP_POLICY_MERGE_FOUND :
		POP_POLICY_MERGE_UNDATED;
}

/* Put the next mail of its mailbox in place of the one that was taken. */
static enum pop_policy_merge_result
order_refresh(struct pop_policy_merge_order *order, struct mail **undated_r)
{
	struct merge_head *first = &order->heads[0];
	int ret;

	ret = order->next_mail(order->context, first->source, &first->mail);
	if (ret < 0)
		return POP_POLICY_MERGE_LATER;
	order->taken = FALSE;
	if (ret == 0)
		*first = order->heads[--order->heads_count];
	else
		first->dated = FALSE;
	if (order->heads_count <= 1)
		return POP_POLICY_MERGE_FOUND;
	if (!head_set_date(first)) {
		*undated_r = first->mail;
		return POP_POLICY_MERGE_UNDATED;
	}
	heap_sift_down(order, 0);
	return POP_POLICY_MERGE_FOUND;
}

enum pop_policy_merge_result
pop_policy_merge_order_next(struct pop_policy_merge_order *order,
			    unsigned int *source_r, struct mail **mail_r)
{
	enum pop_policy_merge_result result = POP_POLICY_MERGE_FOUND;

	if (order->asked_count < order->sources_count)
		result = order_start(order, mail_r);
	else if (order->taken)
		result = order_refresh(order, mail_r);
	if (result != POP_POLICY_MERGE_FOUND)
		return result;
	if (order->heads_count == 0)
		return POP_POLICY_MERGE_FINISHED;
	order->taken = TRUE;
	*source_r = order->heads[0].source;
	*mail_r = order->heads[0].mail;
	return POP_POLICY_MERGE_FOUND;
}
