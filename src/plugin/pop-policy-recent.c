/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "pop-policy-filter.h"
#include "pop-policy-session.h"
#include "pop-policy-recent.h"

bool pop_policy_recent_leaves(struct pop_policy_session *session,
			      struct mail *mail)
{
	return session->policy.recent != 0 &&
		str_array_find(mail_get_keywords(mail), session->keyword);
}

static const ARRAY_TYPE(seq_range) *
uids_in_queue(struct mailbox *box, const ARRAY_TYPE(seq_range) *uids,
	      const ARRAY_TYPE(seq_range) *queue)
{
	ARRAY_TYPE(seq_range) *rest =
		p_new(pool_datastack_create(), ARRAY_TYPE(seq_range), 1);
	struct seq_range_iter iter;
	unsigned int n = 0;
	uint32_t uid, seq;

	t_array_init(rest, array_count(uids) + 1);
	seq_range_array_iter_init(&iter, uids);
	while (seq_range_array_iter_nth(&iter, n++, &uid)) {
		if (mail_index_lookup_seq(box->view, uid, &seq) &&
		    seq_range_exists(queue, seq))
			seq_range_array_add(rest, uid);
	}
	return rest;
}

void pop_policy_recent_drop(struct pop_policy_session *session,
			    struct mailbox *box,
			    const ARRAY_TYPE(seq_range) **deleted,
			    const ARRAY_TYPE(seq_range) **retrieved)
{
	ARRAY_TYPE(seq_range) queue;

	if (session->policy.recent == 0)
		return;
	/* another session may just have dequeued them */
	(void)mail_index_refresh(box->index);
	t_array_init(&queue, 32);
	(void)pop_policy_filter_get(box, session->keyword, 0, NULL, &queue);
	*deleted = uids_in_queue(box, *deleted, &queue);
	*retrieved = uids_in_queue(box, *retrieved, &queue);
}
