#ifndef POP_POLICY_EVENT_H
#define POP_POLICY_EVENT_H

/* The plugin's events, for statistics and exports. All are in the category
   pop-policy; doc/events.md lists them with their fields. */

#include "lib-event.h"

/* Returns an event with this name below the parent, to which fields may be
   added. Exactly one e_info(), e_debug(), ... must send it. */
struct event_passthrough *
pop_policy_event(struct event *parent, const char *name);

#endif
