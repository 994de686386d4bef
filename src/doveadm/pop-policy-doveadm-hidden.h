#ifndef POP_POLICY_DOVEADM_HIDDEN_H
#define POP_POLICY_DOVEADM_HIDDEN_H

/* Mails that a session of the user would not list, and why. */

#include "seq-range-array.h"

struct mailbox;
struct pop_policy_queue;

/* Why a mail is not in the queue, the first one that fits. One line per reason:
   name, the column of "status", the text of "list". */
#define POP_POLICY_HIDDEN_REASONS(REASON) \
	REASON(NOT_SOURCE, "not_source", "not a source") \
	REASON(SPAM, "spam", "spam") \
	REASON(DEQUEUED, "dequeued", "dequeued") \
	REASON(BEFORE, "before_date", "before the date")

#define POP_POLICY_HIDDEN_ENUMERATOR(name, ...) POP_POLICY_HIDDEN_##name,
enum pop_policy_hidden {
	POP_POLICY_HIDDEN_REASONS(POP_POLICY_HIDDEN_ENUMERATOR)
	POP_POLICY_HIDDEN_COUNT
};

struct pop_policy_hidden_info {
	const char *column, *text;
};
extern const struct pop_policy_hidden_info
	pop_policy_hidden_infos[POP_POLICY_HIDDEN_COUNT];

/* Called for each mailbox that has hidden mails, open and synced, with the
   sequences of those that are hidden for this reason. Returns 0, or -1 with
   the mailbox's error set. */
typedef int
pop_policy_hidden_callback_t(void *context, struct mailbox *box,
			     enum pop_policy_hidden reason,
			     const ARRAY_TYPE(seq_range) *seqs);

/* Look through all of the user's own mailboxes. The queue must be open. Returns
   0, or -1 if some of them cannot be read, which is logged. */
int pop_policy_hidden_find(struct pop_policy_queue *queue,
			   pop_policy_hidden_callback_t *callback,
			   void *context);

#endif
