/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-context.h"
#include "pop-policy-merge.h"
#include "pop-policy-merge-own.h"

struct mail *pop_policy_merge_own_get(struct mail *_mail, unsigned int source)
{
	struct mail_private *mail = pop_policy_mail_private(_mail);
	struct pop_policy_mail *pmail = pop_policy_mail_get(_mail);
	struct pop_policy_transaction *pt =
		pop_policy_transaction_get(_mail->transaction);
	unsigned int count;

	if (pmail->own_merged == NULL) {
		(void)pop_policy_merge_get_sources(_mail->box, &count);
		pmail->own_merged = p_new(mail->pool, struct mail *, count);
	}
	if (pmail->own_merged[source] == NULL) {
		pmail->own_merged[source] =
			mail_alloc(pt->merged[source], mail->wanted_fields,
				   NULL);
	}
	return pmail->own_merged[source];
}

void pop_policy_merge_own_free(struct mail *_mail)
{
	struct pop_policy_mail *pmail = pop_policy_mail_get(_mail);
	unsigned int count;

	(void)pop_policy_merge_get_sources(_mail->box, &count);
	for (unsigned int i = 0; i < count; i++) {
		if (pmail->own_merged[i] != NULL)
			mail_free(&pmail->own_merged[i]);
	}
	pmail->own_merged = NULL;
}
