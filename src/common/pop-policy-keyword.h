#ifndef POP_POLICY_KEYWORD_H
#define POP_POLICY_KEYWORD_H

struct mail_index_map;
struct mail_namespace;
struct mail_search_args;
struct mailbox;
struct pop_policy;

/* The keyword that marks dequeued mails. */

/* Returns it: the policy's, or pop3_deleted_flag where that is set, or the
   default. */
const char *pop_policy_keyword_get(const struct pop_policy *policy,
				   const char *pop3_deleted_flag);
/* Returns 1 if mails in INBOX can have the keyword. 0 if it is longer than
   max_len_r, but nothing would set it. -1 with setting_r and error_r, as
   pop_policy_init() has them, if something would, or if the policy names
   it. */
int pop_policy_keyword_check(struct mail_namespace *namespaces,
			     const struct pop_policy *policy,
			     const char *keyword, unsigned int *max_len_r,
			     const char **setting_r, const char **error_r);
/* TRUE if QUIT may mark mails with the keyword, or the policy names one. */
bool pop_policy_keyword_is_needed(const struct pop_policy *policy);

/* TRUE if this is pop3's search for the mails to list. All its later searches
   are for sequences that it got from that one. With pop3_deleted_flag set it
   is a search for mails without a keyword, and no other is. */
bool pop_policy_keyword_is_queue_search(const struct mail_search_args *args);
/* TRUE if the mailbox may have mails with this keyword. */
bool pop_policy_keyword_may_exist(struct mailbox *box, const char *keyword);
/* Returns FALSE if no mail in the map has the keyword of this index, else
   which of the keyword bits of the map's records it is. */
bool pop_policy_keyword_find_bit(const struct mail_index_map *map,
				 unsigned int keyword_idx, unsigned int *bit_r);

#endif
