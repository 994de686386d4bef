#ifndef POP_POLICY_MERGE_H
#define POP_POLICY_MERGE_H

/* The spam mailbox merged into INBOX's POP queue.

   What pop3 has opened stays the real INBOX. Sequences 1..N are INBOX's own,
   N+1..N+M stand for the spam mailbox's 1..M. pop3 lists them in the order in
   which the search gives them, by arrival. Every mail is read, flagged and
   expunged in the mailbox where it really is. */

#include "mail-storage.h"

struct pop_policy_mailbox;

/* INBOX has been opened, or is about to be closed. */
int pop_policy_merge_open(struct mailbox *inbox);
void pop_policy_merge_close(struct mailbox *inbox);

/* Number of INBOX's and of the spam mailbox's messages. */
uint32_t pop_policy_merge_inbox_count(struct mailbox *inbox);
uint32_t pop_policy_merge_spam_count(struct mailbox *inbox);

struct mail_search_context *
pop_policy_merge_search_init(struct mailbox_transaction_context *t,
			     struct mail_search_args *args,
			     const enum mail_sort_type *sort_program,
			     enum mail_fetch_field wanted_fields,
			     struct mailbox_header_lookup_ctx *wanted_headers);
bool pop_policy_merge_search_next(struct mail_search_context *ctx,
				  struct mail **mail_r, bool *tryagain_r);
int pop_policy_merge_search_deinit(struct mail_search_context *ctx);

#endif
