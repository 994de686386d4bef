#ifndef POP_POLICY_CONTEXT_H
#define POP_POLICY_CONTEXT_H

/* What the plugin attaches to the mailbox that pop3 has opened, to its
   transactions and to its mails. Mailboxes that are merged into it are plain
   ones. */

#include "mail-storage-private.h"
#include "pop-policy-session.h"

struct istream;
struct pop_policy_merge;

struct pop_policy_mailbox {
	union mailbox_module_context module_ctx;
	struct pop_policy_session *session;

	/* NULL if no other mailbox is merged into this one. */
	struct pop_policy_merge *merge;
	/* The header field that its own mails get, NULL if there is none. */
	const char *header;
	/* The search for the queue, if the queue is not known. It finds
	   nothing, and the error is the storage's last pushed one. */
	struct mail_search_context *failed_search;
	/* The search for the queue while it runs. */
	struct mail_search_context *queue_search;
	/* pop3 has a mail of that search: it is pop3 that asks for its size. */
	bool listing;
};

struct pop_policy_transaction {
	union mailbox_transaction_module_context module_ctx;

	/* in the merged mailboxes, NULL if none are merged */
	struct mailbox_transaction_context **merged;
};

struct pop_policy_mail {
	union mail_module_context module_ctx;

	/* The mail of a merged mailbox that this one stands for at the moment,
	   NULL if it stands for itself. */
	struct mail *merged;
	/* Allocated for this mail, one for each merged mailbox, or NULL. merged
	   may belong to a search. */
	struct mail **own_merged;
	bool merged_is_own;
	/* which of the merged mailboxes it is */
	unsigned int source;
	/* Being sent to a RETR, or NULL. */
	struct istream *retrieve_stream;
	/* Has the mailbox header before the mail's own stream, or NULL. */
	struct istream *header_stream;
};

extern MODULE_CONTEXT_DEFINE(pop_policy_mailbox_module,
			     &mail_storage_module_register);
extern MODULE_CONTEXT_DEFINE(pop_policy_transaction_module,
			     &mail_storage_module_register);
extern MODULE_CONTEXT_DEFINE(pop_policy_mail_module,
			     &mail_module_register);

/* Returns NULL if this is not the mailbox that pop3 has opened. */
static inline struct pop_policy_mailbox *
pop_policy_mailbox_get(struct mailbox *box)
{
	return MODULE_CONTEXT(box, pop_policy_mailbox_module);
}

static inline struct pop_policy_transaction *
pop_policy_transaction_get(struct mailbox_transaction_context *t)
{
	return MODULE_CONTEXT_REQUIRE(t, pop_policy_transaction_module);
}

static inline struct mail_private *pop_policy_mail_private(struct mail *mail)
{
	return container_of(mail, struct mail_private, mail);
}

static inline struct pop_policy_mail *pop_policy_mail_get(struct mail *_mail)
{
	struct mail_private *mail = pop_policy_mail_private(_mail);

	return MODULE_CONTEXT_REQUIRE(mail, pop_policy_mail_module);
}

#endif
