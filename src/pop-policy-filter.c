/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "mail-search-build.h"
#include "mail-index-private.h"
#include "mail-index-view-private.h"
#include "pop-policy-user.h"
#include "pop-policy-filter.h"

bool pop_policy_filter_is_queue_search(const struct mail_search_args *args)
{
	const struct mail_search_arg *arg;

	/* pop3_deleted_flag is always set: see pop_policy_client_init() */
	for (arg = args->args; arg != NULL; arg = arg->next) {
		if (arg->type == SEARCH_KEYWORDS && arg->match_not)
			return TRUE;
	}
	return FALSE;
}

/* Searching for a keyword looks at every mail. Most mailboxes have never seen
   it: then their index does not list it. */
bool pop_policy_filter_has_keyword(struct mailbox *box, const char *keyword)
{
	const struct mail_index_map *map = box->view->map;
	unsigned int idx, map_idx;

	if (!mail_index_keyword_lookup(box->index, keyword, &idx) ||
	    !array_is_created(&map->keyword_idx_map))
		return FALSE;
	array_foreach_elem(&map->keyword_idx_map, map_idx) {
		if (map_idx == idx)
			return TRUE;
	}
	return FALSE;
}

struct mail_search_args *
pop_policy_filter_build(struct mailbox *box,
			const struct pop_policy_user *puser)
{
	struct mail_search_args *args = mail_search_build_init();
	struct mail_search_arg *arg;

	if (pop_policy_filter_has_keyword(box, puser->keyword)) {
		arg = mail_search_build_add(args, SEARCH_KEYWORDS);
		arg->match_not = TRUE;
		arg->value.str = p_strdup(args->pool, puser->keyword);
	}
	if (puser->policy.since != 0) {
		arg = mail_search_build_add(args, SEARCH_SINCE);
		arg->value.date_type = MAIL_SEARCH_DATE_TYPE_RECEIVED;
		/* to the second, not to the day in the server's time zone */
		arg->value.search_flags = MAIL_SEARCH_ARG_FLAG_UTC_TIMES;
		arg->value.time = puser->policy.since;
	}
	if (args->args == NULL)
		mail_search_build_add_all(args);
	mail_search_args_init(args, box, TRUE, NULL);
	mail_search_args_simplify(args);
	return args;
}
