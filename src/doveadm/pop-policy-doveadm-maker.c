/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-user.h"
#include "mail-storage-private.h"
#include "pop-policy-log.h"
#include "pop-policy-doveadm-compat.h"
#include "pop-policy-doveadm-user.h"
#include "pop-policy-doveadm-maker.h"

void pop_policy_doveadm_uidl_maker_init(struct pop_policy_doveadm_user *user,
					struct pop_policy_uidl_maker *maker_r)
{
	i_zero(maker_r);
	maker_r->event = user->user->event;
	maker_r->format = pop_policy_doveadm_uidl_format(user->user);
	maker_r->keymask = pop_policy_doveadm_uidl_keys(maker_r->format);
	maker_r->reuse_xuidl = user->pop3_set->pop3_reuse_xuidl;
}

static int
uidl_failed(struct mail *mail, const char **error_r)
{
	*error_r = t_strdup_printf("Mail with UID %u in mailbox %s has no UIDL "
		"as pop3_uidl_format has it: %s", mail->uid,
		pop_policy_log_value(mail->box->vname),
		mailbox_get_last_internal_error(mail->box, NULL));
	return -1;
}

int pop_policy_doveadm_uidl_get(struct pop_policy_uidl_maker *maker,
				struct mail *mail, const char **uidl_r,
				const char **error_r)
{
	if (pop_policy_uidl_get(maker, mail, uidl_r) < 0)
		return uidl_failed(mail, error_r);
	return 0;
}
