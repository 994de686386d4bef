/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-storage-private.h"
#include "pop-policy-sources.h"
#include "pop-policy-special-mailbox.h"
#include "pop-policy-session.h"
#include "pop-policy-disposition.h"
#include "pop-policy-quit-rules.h"

/* TRUE if mails that are moved to this mailbox would come back into a queue:
   that of the next session, whose policy may include what this one does not. */
static bool
special_use_feeds_queue(struct pop_policy_session *session,
			enum pop_policy_special_use special_use)
{
	struct mailbox *box;
	bool ret;

	box = pop_policy_special_mailbox_alloc(session->user, &session->policy,
					       special_use, 0);
	ret = pop_policy_sources_have(session->user, &session->policy, box);
	mailbox_free(&box);
	return ret;
}

void pop_policy_quit_rules_get(struct pop_policy_session *session,
			       struct pop_policy_plan_rules *rules_r)
{
	const struct pop_policy_action_info *info;

	*rules_r = *pop_policy_disposition_get_rules(session->disposition);
	if (pop_policy_disposition_is_empty(session->disposition))
		return;
	for (unsigned int i = 0; i < POP_POLICY_TRIGGER_COUNT; i++) {
		info = &pop_policy_action_infos[rules_r->actions[i]];
		if (info->kind == POP_POLICY_ACTION_KIND_MOVE) {
			rules_r->feeds_queue[info->special_use] =
				special_use_feeds_queue(session,
							info->special_use);
		}
	}
}
