/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "mail-storage-private.h"
#include "pop-policy-log.h"
#include "pop-policy-session.h"
#include "pop-policy-disposed.h"
#include "pop-policy-quit.h"
#include "pop-policy-quit-private.h"

void pop_policy_quit_log_error(struct mailbox *box)
{
	/* mdbox fails to expunge without an error of its own */
	if (box->storage->error == MAIL_ERROR_NONE)
		mailbox_set_index_error(box);
	else if (box->storage->last_error_is_internal)
		return;
	e_error(box->event, "pop_policy: QUIT failed: %s",
		pop_policy_log_text(
			mailbox_get_last_internal_error(box, NULL),
			POP_POLICY_LOG_ERROR_MAX_LEN));
}

void pop_policy_quit_report(struct pop_policy_session *session)
{
	struct quit_mailbox *qbox;
	const struct quit_step *step;
	string_t *line = t_str_new(256);

	if (session->quit->reported)
		return;
	session->quit->reported = TRUE;
	array_foreach_elem(&session->quit->mailboxes, qbox) {
		array_foreach(&qbox->steps, step) {
			pop_policy_disposed_report(step->disposed, line);
		}
	}
	if (str_len(line) > 0)
		e_info(session->user->event, "POP QUIT: %s", str_c(line));
}

unsigned int pop_policy_quit_count(const struct pop_policy_quit *quit,
				   enum pop_policy_action action)
{
	struct quit_mailbox *qbox;
	const struct quit_step *step;
	unsigned int count = 0;

	if (quit == NULL)
		return 0;
	array_foreach_elem(&quit->mailboxes, qbox) {
		array_foreach(&qbox->steps, step) {
			if (step->plan->action != action)
				continue;
			count += pop_policy_disposed_count(step->disposed);
		}
	}
	return count;
}
