/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "mail-search.h"
#include "mail-index-private.h"
#include "mail-index-view-private.h"
#include "mail-namespace.h"
#include "mail-storage-settings.h"
#include "pop-policy.h"
#include "pop-policy-keyword.h"

const char *pop_policy_keyword_get(const struct pop_policy *policy,
				   const char *pop3_deleted_flag)
{
	if (policy->keyword != NULL)
		return policy->keyword;
	return *pop3_deleted_flag != '\0' ? pop3_deleted_flag :
		POP_POLICY_DEFAULT_KEYWORD;
}

bool pop_policy_keyword_is_needed(const struct pop_policy *policy)
{
	return policy->keyword != NULL ||
		pop_policy_action_dequeues(policy->delete_action) ||
		pop_policy_action_dequeues(policy->retrieve_action);
}

int pop_policy_keyword_check(struct mail_namespace *namespaces,
			     const struct pop_policy *policy,
			     const char *keyword, unsigned int *max_len_r,
			     const char **setting_r, const char **error_r)
{
	struct mail_namespace *ns = mail_namespace_find_inbox(namespaces);

	*max_len_r = mail_namespace_get_default_storage(ns)->set->
		mail_max_keyword_length;
	if (strlen(keyword) <= *max_len_r)
		return 1;
	if (!pop_policy_keyword_is_needed(policy))
		return 0;
	*setting_r = "pop_policy_keyword";
	return pop_policy_value_bad(*setting_r, keyword,
		t_strdup_printf("Longer than mail_max_keyword_length=%u",
				*max_len_r), error_r);
}

bool pop_policy_keyword_is_queue_search(const struct mail_search_args *args)
{
	const struct mail_search_arg *arg;

	for (arg = args->args; arg != NULL; arg = arg->next) {
		if (arg->type == SEARCH_KEYWORDS && arg->match_not)
			return TRUE;
	}
	return FALSE;
}

/* Most mailboxes have never had the keyword: then the map does not list it,
   and no mail needs a look. This reads the map itself: lib-index looks up
   keywords mail by mail, which takes the filter too long ("make bench",
   G9). */
bool pop_policy_keyword_find_bit(const struct mail_index_map *map,
				 unsigned int keyword_idx, unsigned int *bit_r)
{
	const unsigned int *idx_map;
	unsigned int count;

	if (!array_is_created(&map->keyword_idx_map))
		return FALSE;
	idx_map = array_get(&map->keyword_idx_map, &count);
	for (*bit_r = 0; *bit_r < count; (*bit_r)++) {
		if (idx_map[*bit_r] == keyword_idx)
			return TRUE;
	}
	return FALSE;
}

bool pop_policy_keyword_may_exist(struct mailbox *box, const char *keyword)
{
	unsigned int idx, bit;

	/* the newer map: another session may just have begun to use it */
	return mail_index_keyword_lookup(box->index, keyword, &idx) &&
		(pop_policy_keyword_find_bit(box->index->map, idx, &bit) ||
		 pop_policy_keyword_find_bit(box->view->map, idx, &bit));
}
