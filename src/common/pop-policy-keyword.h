#ifndef POP_POLICY_KEYWORD_H
#define POP_POLICY_KEYWORD_H

struct mail_index_map;
struct mail_search_args;
struct mailbox;

/* The keyword that marks dequeued mails. */

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
