#ifndef POP_POLICY_STORAGE_H
#define POP_POLICY_STORAGE_H

/* What the plugin keeps with the storage objects of a POP3 session. The
   functions that replace those of a mailbox live in pop-policy-mailbox.c, those
   of a mail in pop-policy-mail.c; they share the work out to the other rooms. */

#include "seq-range-array.h"
#include "mail-storage-private.h"
#include "pop-policy-user.h"

struct pop_policy_mailbox {
	union mailbox_module_context module_ctx;
	struct pop_policy_user *user;

	/* This is what pop3 has opened (not a spam mailbox merged into it). */
	bool main;
	/* Spam is merged into this mailbox. */
	bool merge;
	/* The spam mailbox, while this one is open. NULL if it doesn't exist. */
	struct mailbox *spam;
	/* A search of this mailbox alone is running. */
	bool searching_inbox;
	/* The search for the queue, if that couldn't be computed. It finds
	   nothing, and the error is the storage's last pushed one. */
	struct mail_search_context *failed_search;
	/* Sequences in the order in which they were listed. */
	ARRAY_TYPE(uint32_t) order;
	/* INBOX's UIDLs, once they have been needed. */
	struct pop_policy_uidls *uidls;
	/* Once one has been made. */
	struct pop_policy_uidl_format *uidl_format;

	/* The rest is pop-policy-disposition's: */

	/* Mails (of this mailbox, not of a merged one) that RETR has sent to
	   their end, and the pop_policy_client_get_resets() they belong to. */
	ARRAY_TYPE(seq_range) retrieved;
	unsigned int retrieved_resets;
	/* Where mails are to be moved, by action. */
	struct pop_policy_move *archive, *trash;
	/* The last mail marked with the keyword, 0 if none. */
	uint32_t marked_uid;
	/* The mailbox didn't know the keyword before. */
	bool keyword_is_new;
	/* QUIT's transaction has got its changes, has been stored, and the
	   sync after it has been dealt with. */
	bool applied, stored, finished;
};

struct pop_policy_transaction {
	union mailbox_transaction_module_context module_ctx;

	/* same transaction in the merged spam mailbox */
	struct mailbox_transaction_context *spam;
	/* DELEted mails */
	ARRAY_TYPE(seq_range) deleted;
};

struct pop_policy_mail {
	union mail_module_context module_ctx;

	/* The merged spam mailbox's mail that this one stands for at the
	   moment, or NULL if it stands for itself. */
	struct mail *inner;
	/* Allocated for this mail, or NULL. inner may be somebody else's. */
	struct mail *own_inner;
	/* Being sent to a RETR, or NULL. */
	struct istream *retrieve_stream;
};

extern MODULE_CONTEXT_DEFINE(pop_policy_storage_module,
			     &mail_storage_module_register);
extern MODULE_CONTEXT_DEFINE(pop_policy_mail_module,
			     &mail_module_register);

/* Returns NULL if the mailbox doesn't belong to a POP3 session. */
static inline struct pop_policy_mailbox *
pop_policy_mailbox_get(struct mailbox *box)
{
	return MODULE_CONTEXT(box, pop_policy_storage_module);
}

static inline struct pop_policy_transaction *
pop_policy_transaction_get(struct mailbox_transaction_context *t)
{
	return MODULE_CONTEXT_REQUIRE(t, pop_policy_storage_module);
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

/* pop-policy-mailbox.c */
void pop_policy_mailbox_allocated(struct mailbox *box);
/* pop-policy-mail.c */
void pop_policy_mail_allocated(struct mail *mail);
/* Make the mail, allocated from a merged mailbox, stand for the spam mailbox's
   mail inner, which must live as long as it does. */
void pop_policy_mail_set_inner(struct mail *mail, struct mail *inner);

#endif
