/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-log.h"
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

void pop_policy_event_mail_disposed(struct event *parent,
				    const struct pop_policy_event_mail *mail)
{
	e_debug(pop_policy_event(parent, "pop_policy_mail_disposed")->
		add_str("action", mail->action)->
		add_str("trigger", mail->trigger)->
		add_str("mailbox", mail->mailbox)->
		add_int("uid", mail->uid)->
		add_str("uidl", mail->uidl)->
		add_int("size", mail->size)->event(),
		"POP %s in mailbox %s, UID %u: %s", mail->trigger,
		pop_policy_log_value(mail->mailbox), mail->uid, mail->action);
}
