/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-storage.h"
#include "pop-policy-merge-order.h"

void pop_policy_merge_head_set(struct pop_policy_merge_head *head,
			       struct mail *mail)
{
	head->mail = mail;
	head->dated = FALSE;
}

static time_t
head_get_date(struct pop_policy_merge_head *head, struct mail **undated_r)
{
	if (head->dated)
		return head->received_date;
	head->dated = TRUE;
	if (mail_get_received_date(head->mail, &head->received_date) == 0)
		return head->received_date;
	/* A mail that is just being expunged has no date. */
	head->received_date = 0;
	if (!head->mail->expunged)
		*undated_r = head->mail;
	return head->received_date;
}

/* A date may be nowhere but in the mail's file, which has to be opened for it:
   where one mailbox has no more mails, none is asked for. */
struct pop_policy_merge_head *
pop_policy_merge_order_next(struct pop_policy_merge_head *main,
			    struct pop_policy_merge_head *merged,
			    struct mail **undated_r)
{
	time_t main_date;

	*undated_r = NULL;
	if (merged->mail == NULL)
		return main;
	if (main->mail == NULL)
		return merged;
	main_date = head_get_date(main, undated_r);
	if (*undated_r != NULL)
		return main;
	return main_date <= head_get_date(merged, undated_r) ? main : merged;
}
