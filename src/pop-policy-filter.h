#ifndef POP_POLICY_FILTER_H
#define POP_POLICY_FILTER_H

/* Which of a mailbox's mails are in the POP queue. */

struct mail_search_args;
struct mailbox;
struct pop_policy_user;

/* TRUE if this is pop3's search for the mails to list. All its later searches
   are for sequences that it got from that one. */
bool pop_policy_filter_is_queue_search(const struct mail_search_args *args);
/* TRUE if the mailbox may have mails with this keyword. */
bool pop_policy_filter_has_keyword(struct mailbox *box, const char *keyword);
/* Build search arguments that match the mailbox's mails in the queue: their
   sequences, which are what a search is fastest with. Returns -1 with the
   mailbox's error set, and arguments that match nothing, if it can't be told
   which ones they are. */
int pop_policy_filter_build(struct mailbox *box,
			    const struct pop_policy_user *puser,
			    struct mail_search_args **args_r);

#endif
