#ifndef POP_POLICY_MERGE_SEARCH_H
#define POP_POLICY_MERGE_SEARCH_H

/* Searches of a main mailbox into which another one is merged. */

#include "mail-storage.h"

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
