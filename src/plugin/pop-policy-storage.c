/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-storage-private.h"
#include "pop-policy-special-mailbox.h"
#include "pop-policy-session.h"
#include "pop-policy-refusal.h"
#include "pop-policy-storage.h"

#define POP_POLICY_STORAGE_CONTEXT_REQUIRE(obj) \
	MODULE_CONTEXT_REQUIRE(obj, pop_policy_storage_module)

struct pop_policy_storage {
	union mail_storage_module_context module_ctx;
};

static MODULE_CONTEXT_DEFINE_INIT(pop_policy_storage_module,
				  &mail_storage_module_register);

static struct mailbox *
pop_policy_storage_mailbox_alloc(struct mail_storage *storage,
				 struct mailbox_list *list, const char *vname,
				 enum mailbox_flags flags)
{
	struct pop_policy_storage *pstorage =
		POP_POLICY_STORAGE_CONTEXT_REQUIRE(storage);
	struct pop_policy_session *session =
		POP_POLICY_SESSION_GET(storage->user);
	struct mailbox *spam;

	if ((flags & MAILBOX_FLAG_POP3_SESSION) == 0 ||
	    session->mailbox_is_spam || session->refusal != NULL) {
		return pstorage->module_ctx.super.mailbox_alloc(storage, list,
								vname, flags);
	}
	session->mailbox_is_spam = TRUE;

	/* This one tells where the spam mailbox is, and whether it can be
	   opened: other plugins may keep its open() from reaching us. It cannot
	   be returned: our caller is itself allocating a mailbox. */
	spam = pop_policy_special_mailbox_alloc(storage->user, &session->policy,
						POP_POLICY_SPECIAL_USE_SPAM, 0);
	if (pop_policy_special_mailbox_open_existing(spam) < 0) {
		pop_policy_refuse_mailbox(session, spam);
		session->mailbox_is_spam = FALSE;
	} else {
		storage = spam->storage;
		list = spam->list;
		vname = t_strdup(spam->vname);
	}
	mailbox_free(&spam);
	return storage->v.mailbox_alloc(storage, list, vname, flags);
}

void pop_policy_storage_created(struct mail_storage *storage)
{
	struct pop_policy_session *session =
		POP_POLICY_SESSION_GET(storage->user);
	struct mail_storage_vfuncs *v = storage->vlast;
	struct pop_policy_storage *pstorage;

	if (session == NULL || session->refusal != NULL ||
	    session->policy.spam != POP_POLICY_SPAM_ONLY)
		return;
	pstorage = p_new(storage->pool, struct pop_policy_storage, 1);
	pstorage->module_ctx.super = *v;
	storage->vlast = &pstorage->module_ctx.super;
	v->mailbox_alloc = pop_policy_storage_mailbox_alloc;
	MODULE_CONTEXT_SET(storage, pop_policy_storage_module, pstorage);
}
