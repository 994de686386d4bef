/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-event.h"
#include "pop-policy-session.h"
#include "pop-policy-quit.h"
#include "pop-policy-finished.h"

void pop_policy_finished(struct pop_policy_session *session)
{
	const struct pop_policy_filter_counts *queue = &session->queue;
	struct event_passthrough *e;

	/* QUIT may have failed early */
	if (session->quit != NULL)
		pop_policy_quit_report(session);
	e = pop_policy_event(session->user->event,
			     "pop_policy_session_finished")->
		add_int("listed", queue->listed)->
		add_int("hidden_dequeued", queue->dequeued)->
		add_int("hidden_date", queue->before_date);
	for (unsigned int i = POP_POLICY_ACTION_NONE + 1;
	     i < POP_POLICY_ACTION_COUNT; i++) {
		e->add_int(pop_policy_action_infos[i].done_word,
			   pop_policy_quit_count(session->quit, i));
	}
	e_debug(e->event(), "POP session finished: %u messages listed, "
		"%u hidden as dequeued, %u as too old",
		queue->listed, queue->dequeued, queue->before_date);
}
