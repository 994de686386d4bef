/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-storage-private.h"
#include "mail-index-private.h"
#include "pop-policy-index-memo.h"

bool pop_policy_index_memo_begin(struct pop_policy_index_memo *memo_r,
				 struct mailbox *box)
{
	struct mail_index *index = box->index;

	if (mailbox_is_readonly(box) || index->readonly ||
	    mail_index_is_in_memory(index) || mail_index_is_locked(index))
		return FALSE;
	memo_r->index = index;
	memo_r->flags = index->flags;
	index->flags |= MAIL_INDEX_OPEN_FLAG_NEVER_IN_MEMORY;
	return TRUE;
}

void pop_policy_index_memo_end(struct pop_policy_index_memo *memo)
{
	memo->index->flags = memo->flags;
	mail_index_reset_error(memo->index);
}
