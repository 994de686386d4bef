#ifndef POP_POLICY_EVENT_H
#define POP_POLICY_EVENT_H

/* The plugin's events, for statistics and exports. All are in the category
   pop-policy; doc/events.md lists them with their fields. */

#include "lib-event.h"

/* Returns an event with this name below the parent, to which fields may be
   added. Exactly one e_info(), e_debug(), ... must send it. */
struct event_passthrough *
pop_policy_event(struct event *parent, const char *name);

/* A mail that has been disposed of: what with (the word of an action, or
   "expire") and why ("dele", "retr", "keep_for") */
struct pop_policy_event_mail {
	const char *action, *trigger;
	const char *mailbox;
	uint32_t uid;
	/* NULL and 0 if they are not known */
	const char *uidl;
	uoff_t size;
};
/* Send pop_policy_mail_disposed. */
void pop_policy_event_mail_disposed(struct event *parent,
				    const struct pop_policy_event_mail *mail);

#endif
