#ifndef POP_POLICY_INDEX_MEMO_H
#define POP_POLICY_INDEX_MEMO_H

/* Writing to a mailbox's index what is worth keeping, and what can be lost. */

#include "mail-index.h"

struct mailbox;

struct pop_policy_index_memo {
	struct mail_index *index;
	enum mail_index_open_flags flags;
};

/* Returns TRUE if the index can be written. Until the end a write that fails
   (full disk) does not move the index to memory, where all of the session's
   changes would be lost. */
bool pop_policy_index_memo_begin(struct pop_policy_index_memo *memo_r,
				 struct mailbox *box);
/* Forget an error, too. */
void pop_policy_index_memo_end(struct pop_policy_index_memo *memo);

#endif
