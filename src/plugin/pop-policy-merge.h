#ifndef POP_POLICY_MERGE_H
#define POP_POLICY_MERGE_H

/* Other mailboxes merged into INBOX's POP queue.

   What pop3 has opened stays the real INBOX, the main mailbox. Sequences 1..N
   are its own, N+1..N+M stand for the first merged mailbox's 1..M, and so on.
   pop3 lists them in the order in which the search gives them, by arrival.
   Every mail is read, flagged and expunged in the mailbox where it really
   is. */

#include "mail-storage.h"
#include "pop-policy-sources.h"
#include "pop-policy-uidl-merge.h"

struct pop_policy_merge_source {
	struct mailbox *box;
	/* How many mails the merged mailboxes before it had when all were
	   synced */
	uint32_t offset;
	/* The header field that its mails get, "" if they get none. */
	const char *header;
};

struct pop_policy_merge {
	/* not empty */
	struct pop_policy_merge_source *sources;
	unsigned int count;
	/* A search of the main mailbox alone is running. */
	bool searching_main;
	/* Sequences in the order in which they were listed */
	ARRAY_TYPE(uint32_t) listed;
	/* pop-policy-merge-uidl.h's */
	struct pop_policy_uidl_merge uidls;
};

/* The main mailbox is about to be opened: open those that are merged into it,
   as far as they exist. Returns 0, or -1 if one cannot be opened and the login
   has been refused. */
int pop_policy_merge_open(struct mailbox *box);
/* The main mailbox is about to be closed. */
void pop_policy_merge_close(struct mailbox *box);

/* Returns the mailboxes that are merged into this one, which may be none. */
struct pop_policy_merge_source *
pop_policy_merge_get_sources(struct mailbox *box, unsigned int *count_r);
bool pop_policy_merge_is_inconsistent(struct mailbox *box);

/* The merged mailboxes have been synced. */
void pop_policy_merge_synced(struct mailbox *box);

/* Returns the number of the main mailbox's messages. */
uint32_t pop_policy_merge_main_count(struct mailbox *box);
/* Returns the number of messages to add to the main mailbox's in its
   status. */
uint32_t pop_policy_merge_status_count(struct mailbox *box);
/* Returns which merged mailbox a sequence above the main mailbox's stands for,
   and its sequence there. */
unsigned int
pop_policy_merge_find(struct mailbox *box, uint32_t seq, uint32_t *seq_r);

#endif
