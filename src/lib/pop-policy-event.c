/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-event.h"

static struct event_category event_category_pop_policy = {
	.name = "pop-policy",
};

struct event_passthrough *
pop_policy_event(struct event *parent, const char *name)
{
	struct event_category *const categories[] = {
		&event_category_pop_policy, NULL
	};

	return event_create_passthrough(parent)->
		set_name(name)->
		add_categories(categories);
}
