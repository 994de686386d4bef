#ifndef POP_POLICY_UIDL_MERGE_H
#define POP_POLICY_UIDL_MERGE_H

/* UIDLs of a merged queue. Those of INBOX's own mails, the main mailbox's, stay
   what they are in any case. A merged mailbox's mails have those that they
   would have in INBOX, kept apart from these. */

#include "array-decl.h"

struct mail;
struct mailbox_transaction_context;
struct pop_policy_main_uidls;
struct pop_policy_uidl_maker;

struct pop_policy_uidl_merge {
	struct pop_policy_uidl_maker *maker;
	/* pop3_save_uidl */
	bool saves_uidls;
	/* Sequences of the listed mails. Those above main_count are of merged
	   mailboxes. */
	const ARRAY_TYPE(uint32_t) *listed;
	uint32_t main_count;
	/* The UIDLs of the main mailbox's listed mails, NULL until they are
	   needed. */
	struct pop_policy_main_uidls *main;
};

/* Forget the UIDLs: the mails are listed anew. */
void pop_policy_main_uidls_free(struct pop_policy_main_uidls **main);

/* Complete *uidl_r, which is "" or what the mail brings along: make the one that
   pop3 would make, and another one if the mail is a merged mailbox's and a
   listed mail of the main mailbox has it. It stays "" if pop3 must make it
   itself, since it stores it. t is the main mailbox's. *uidl_r is allocated
   from the data stack. */
void pop_policy_uidl_merge_complete(struct pop_policy_uidl_merge *merge,
				    struct mailbox_transaction_context *t,
				    struct mail *mail, const char **uidl_r);

#endif
