/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-user.h"
#include "pop-policy-expire.h"
#include "pop-policy-log.h"
#include "pop-policy-uidl.h"
#include "pop-policy-session.h"
#include "pop-policy-client.h"
#include "pop-policy-expiry.h"

static void expiry_run(struct pop_policy_session *session)
{
	struct pop_policy_uidl_maker *maker =
		pop_policy_client_get_uidl_maker(session);
	const struct pop_policy_expire expire = {
		.user = session->user,
		.policy = &session->policy,
		.keyword = session->keyword,
		.maker = maker,
	};
	ARRAY_TYPE(pop_policy_expired_mail) mails;
	const char *error;
	pool_t pool;

	pool = pool_alloconly_create("pop_policy expire", 1024);
	p_array_init(&mails, pool, 16);
	if (pop_policy_expire(&expire, pool, &mails, &error) < 0) {
		e_error(session->user->event, "pop_policy: "
			"Dequeued messages were not expired: %s",
			pop_policy_log_text(error,
					    POP_POLICY_LOG_ERROR_MAX_LEN));
	}
	pop_policy_uidl_maker_deinit(maker);
	pool_unref(&pool);
}

static void pop_policy_user_deinit_pre(struct mail_user *user)
{
	struct pop_policy_session *session = POP_POLICY_SESSION_GET(user);

	/* If a storage has just failed, another change may make it worse: in an
	   mdbox whose disk is full it ends in a rebuild, which loses flags. */
	if (session->mailbox_allocated && session->refusal == NULL &&
	    !pop_policy_client_quit_has_failed(session)) T_BEGIN {
		expiry_run(session);
	} T_END;
	session->module_ctx.super.deinit_pre(user);
}

void pop_policy_expiry_init(struct pop_policy_session *session)
{
	struct mail_user *user = session->user;

	session->module_ctx.super = user->v;
	user->v.deinit_pre = pop_policy_user_deinit_pre;
}
