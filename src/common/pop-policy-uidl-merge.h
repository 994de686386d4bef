#ifndef POP_POLICY_UIDL_MERGE_H
#define POP_POLICY_UIDL_MERGE_H

/* UIDLs of a merged queue. Those of INBOX's own mails, the main mailbox's, stay
   what they are in any case. The mails of merged mailboxes have those that they
   would have in INBOX, kept apart from all others. */

struct mail;
struct mailbox;
struct pop_policy_uidl_maker;
struct pop_policy_uidl_table;

struct pop_policy_uidl_merge {
	/* pop3_save_uidl */
	bool saves_uidls;
	/* Call pop_policy_uidl_merge_add() for all listed mails. */
	void (*add_all)(void *context);
	void *context;

	struct pop_policy_uidl_maker *maker;
	/* Two of the mailboxes have the same UIDVALIDITY or, where the format
	   needs it, the same suffix. */
	bool mailboxes_alike;
	/* NULL until it is needed */
	struct pop_policy_uidl_table *table;
};

/* The mails of these mailboxes are listed anew: INBOX first. saves_uidls and
   add_all must be set. */
void pop_policy_uidl_merge_init(struct pop_policy_uidl_merge *merge,
				struct pop_policy_uidl_maker *maker,
				struct mailbox *const *boxes,
				unsigned int count);
void pop_policy_uidl_merge_deinit(struct pop_policy_uidl_merge *merge);
/* A mail is listed. */
void pop_policy_uidl_merge_add(struct pop_policy_uidl_merge *merge,
			       struct mail *mail);

/* Complete *uidl_r, which is "" or what the mail brings along: make the one
   that pop3 would make, and another one if the mail is of a merged mailbox and
   another listed mail has it. It stays "" if pop3 must make it itself, since it
   stores it. *uidl_r is allocated from the data stack. */
void pop_policy_uidl_merge_complete(struct pop_policy_uidl_merge *merge,
				    struct mailbox *main, struct mail *mail,
				    const char **uidl_r);

#endif
