#ifndef POP_POLICY_ACTION_H
#define POP_POLICY_ACTION_H

/* What becomes of a mail at QUIT that the client has DELEted or RETRieved. */

#include "pop-policy-special-use.h"

enum pop_policy_action_kind {
	/* leave the mail as it is */
	POP_POLICY_ACTION_KIND_LEAVE,
	POP_POLICY_ACTION_KIND_EXPUNGE,
	/* add the keyword: out of the POP queue, still in the mailbox */
	POP_POLICY_ACTION_KIND_DEQUEUE,
	/* DEQUEUE and set \Seen */
	POP_POLICY_ACTION_KIND_DEQUEUE_SEEN,
	/* move to the mailbox with the action's special use */
	POP_POLICY_ACTION_KIND_MOVE,
};

/* One line per action: name, the word in settings, the word for a mail with
   which it was done, kind, special use. */
#define POP_POLICY_ACTIONS(ACTION) \
	ACTION(NONE, "none", "left", LEAVE, NONE) \
	ACTION(DELETE, "delete", "deleted", EXPUNGE, NONE) \
	ACTION(KEEP, "keep", "kept", DEQUEUE, NONE) \
	ACTION(READ, "read", "read", DEQUEUE_SEEN, NONE) \
	ACTION(ARCHIVE, "archive", "archived", MOVE, ARCHIVE) \
	ACTION(TRASH, "trash", "trashed", MOVE, TRASH)

#define POP_POLICY_ACTION_ENUMERATOR(name, ...) POP_POLICY_ACTION_##name,
enum pop_policy_action {
	POP_POLICY_ACTIONS(POP_POLICY_ACTION_ENUMERATOR)
	POP_POLICY_ACTION_COUNT
};

struct pop_policy_action_info {
	const char *word;
	const char *done_word;
	enum pop_policy_action_kind kind;
	/* NONE unless the kind is MOVE */
	enum pop_policy_special_use special_use;
};

extern const struct pop_policy_action_info
	pop_policy_action_infos[POP_POLICY_ACTION_COUNT];

/* Find the action by its word, in any case. Returns FALSE if there is none. */
bool pop_policy_action_find(const char *word, enum pop_policy_action *action_r);

/* TRUE if the action may keep the mail in its mailbox, marked. (So may a move,
   if the mail is in the target mailbox already.) */
bool pop_policy_action_dequeues(enum pop_policy_action action);

/* Returns the words of the actions from this one on, separated by ", ", for
   error texts. Allocated from the data stack. */
const char *pop_policy_action_get_words(enum pop_policy_action first);

#endif
