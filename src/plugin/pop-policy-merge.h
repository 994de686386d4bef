#ifndef POP_POLICY_MERGE_H
#define POP_POLICY_MERGE_H

/* The spam mailbox merged into INBOX's POP queue.

   What pop3 has opened stays the real INBOX, the main mailbox. Sequences 1..N
   are its own, N+1..N+M stand for the merged mailbox's 1..M. pop3 lists them
   in the order in which the search gives them, by arrival. Every mail is read,
   flagged and expunged in the mailbox where it really is. */

#include "mail-storage.h"
#include "pop-policy-uidl-merge.h"

struct pop_policy_merge {
	struct mailbox *mailbox;
	/* A search of the main mailbox alone is running. */
	bool searching_main;
	/* Sequences in the order in which they were listed */
	ARRAY_TYPE(uint32_t) listed;
	/* pop-policy-merge-uidl.h's */
	struct pop_policy_uidl_merge uidls;
};

/* The main mailbox is about to be opened: open the spam mailbox, if it exists.
   Returns 0, or -1 if it cannot be opened and the login has been refused. */
int pop_policy_merge_open(struct mailbox *box);
/* The main mailbox is about to be closed. The UIDLs must have been freed. */
void pop_policy_merge_close(struct mailbox *box);

/* Returns the merged mailbox, or NULL if none is merged. */
struct mailbox *pop_policy_merge_get_mailbox(struct mailbox *box);
bool pop_policy_merge_is_inconsistent(struct mailbox *box);

/* Returns the number of the main mailbox's messages. */
uint32_t pop_policy_merge_main_count(struct mailbox *box);
/* Returns the number of messages to add to the main mailbox's in its
   status. */
uint32_t pop_policy_merge_status_count(struct mailbox *box);

#endif
