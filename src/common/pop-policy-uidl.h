#ifndef POP_POLICY_UIDL_H
#define POP_POLICY_UIDL_H

/* The UIDLs that Dovecot's pop3 gives mails, made without its client. */

#include "pop3-common.h"

struct event;
struct mail;
struct mailbox;
struct pop_policy_uidl_format;

struct pop_policy_uidl_maker {
	struct event *event;
	/* pop3_uidl_format and what it uses */
	const char *format;
	enum uidl_keys keymask;
	/* pop3_reuse_xuidl */
	bool reuse_xuidl;
	/* made of format at the first use, NULL before */
	struct pop_policy_uidl_format *parsed;
};

void pop_policy_uidl_maker_deinit(struct pop_policy_uidl_maker *maker);

/* TRUE if UIDLs of this mailbox, which is not the INBOX, get a suffix: the
   format alone would give mails of two mailboxes the same UIDL. The suffix is
   made of the mailbox's GUID, so it is the same in every session. */
bool pop_policy_uidl_needs_suffix(const struct pop_policy_uidl_maker *maker,
				  struct mailbox *box);
/* Returns 0 with the suffix, or -1 if the mailbox has no GUID. */
int pop_policy_uidl_get_suffix(struct mailbox *box, uint32_t *suffix_r);

/* Returns 0 with what pop3_uidl_format gives the mail, with a suffix if its
   mailbox needs one, or -1 if it gives nothing. *uidl_r is allocated from the
   data stack. */
int pop_policy_uidl_make(struct pop_policy_uidl_maker *maker,
			 struct mail *mail, const char **uidl_r);
/* Returns 0 with the UIDL that pop3 gives the mail: the stored one, that of
   its X-UIDL header if reuse_xuidl is set, or the one made. -1 if it has
   none. */
int pop_policy_uidl_get(struct pop_policy_uidl_maker *maker,
			struct mail *mail, const char **uidl_r);

#endif
