/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "pop-policy-action.h"

#define ACTION_INFO(name, word, done_word, kind, special_use) \
	{ word, done_word, POP_POLICY_ACTION_KIND_##kind, \
	  POP_POLICY_SPECIAL_USE_##special_use },
const struct pop_policy_action_info
pop_policy_action_infos[POP_POLICY_ACTION_COUNT] = {
	POP_POLICY_ACTIONS(ACTION_INFO)
};

bool pop_policy_action_find(const char *word, enum pop_policy_action *action_r)
{
	for (unsigned int i = 0; i < POP_POLICY_ACTION_COUNT; i++) {
		if (strcasecmp(pop_policy_action_infos[i].word, word) == 0) {
			*action_r = i;
			return TRUE;
		}
	}
	return FALSE;
}

bool pop_policy_action_dequeues(enum pop_policy_action action)
{
	switch (pop_policy_action_infos[action].kind) {
	case POP_POLICY_ACTION_KIND_LEAVE:
	case POP_POLICY_ACTION_KIND_EXPUNGE:
		return FALSE;
	case POP_POLICY_ACTION_KIND_DEQUEUE:
	case POP_POLICY_ACTION_KIND_DEQUEUE_SEEN:
	case POP_POLICY_ACTION_KIND_MOVE:
		return TRUE;
	}
	i_unreached();
}

const char *pop_policy_action_get_words(enum pop_policy_action first)
{
	string_t *str = t_str_new(64);

	for (unsigned int i = first; i < POP_POLICY_ACTION_COUNT; i++) {
		if (i > first)
			str_append(str, ", ");
		str_append(str, pop_policy_action_infos[i].word);
	}
	return str_c(str);
}
