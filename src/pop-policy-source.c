/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-storage-private.h"
#include "mail-index-alloc-cache.h"
#include "index-storage.h"
#include "pop-policy-user.h"
#include "pop-policy-client.h"
#include "pop-policy-special.h"
#include "pop-policy-source.h"

#define POP_POLICY_STORAGE_CONTEXT_REQUIRE(obj) \
	MODULE_CONTEXT_REQUIRE(obj, pop_policy_source_module)

struct pop_policy_storage {
	union mail_storage_module_context module_ctx;
};

static MODULE_CONTEXT_DEFINE_INIT(pop_policy_source_module,
				  &mail_storage_module_register);

/* An empty mailbox in memory. None of the functions of the storage or of other
   plugins is left, which would touch the real mailbox or take this one for it:
   the mailbox list index for one would note that INBOX has become empty. (What
   they have allocated is still freed.) */

static struct mailbox_sync_context *
pop_policy_empty_sync_init(struct mailbox *box, enum mailbox_sync_flags flags)
{
	return index_mailbox_sync_init(box, flags, FALSE);
}

static void pop_policy_empty_set_vfuncs(struct mailbox_vfuncs *v)
{
	v->is_readonly = index_storage_is_readonly;
	v->close = index_storage_mailbox_close;
	v->get_status = index_storage_get_status;
	v->sync_init = pop_policy_empty_sync_init;
	v->sync_next = index_mailbox_sync_next;
	v->sync_deinit = index_mailbox_sync_deinit;
	v->transaction_begin = index_transaction_begin;
	v->transaction_commit = index_transaction_commit;
	v->transaction_rollback = index_transaction_rollback;
	v->search_init = index_storage_search_init;
	v->search_deinit = index_storage_search_deinit;
	v->search_next_nonblock = index_storage_search_next_nonblock;
	v->search_next_update_seq = index_storage_search_next_update_seq;
	v->search_next_match_mail = index_storage_search_next_match_mail;
	v->is_inconsistent = index_storage_is_inconsistent;
}

int pop_policy_source_open_empty(struct mailbox *box)
{
	struct pop_policy_user *puser =
		POP_POLICY_USER_CONTEXT(box->storage->user);
	struct index_mailbox_context *ibox = INDEX_STORAGE_CONTEXT(box);

	if (puser->refuse_reason != NULL)
		pop_policy_client_ignore_input(puser);

	/* whatever plugins have put there is out of the way from now on */
	pop_policy_empty_set_vfuncs(&box->v);
	if (box->index != NULL)
		mail_index_alloc_cache_unref(&box->index);
	/* some storages can't do without index files otherwise */
	ibox->index_flags = MAIL_INDEX_OPEN_FLAG_CREATE;
	box->index = mail_index_alloc_cache_get(box->storage->event, NULL,
						NULL, box->index_prefix);
	return index_storage_mailbox_open(box, TRUE);
}

/* pop3 opens INBOX. With spam = only it gets the spam mailbox in its place. */
static struct mailbox *
pop_policy_source_alloc(struct mail_storage *storage, struct mailbox_list *list,
			const char *vname, enum mailbox_flags flags)
{
	struct pop_policy_storage *pstorage =
		POP_POLICY_STORAGE_CONTEXT_REQUIRE(storage);
	struct pop_policy_user *puser = POP_POLICY_USER_CONTEXT(storage->user);
	struct mailbox *spam;

	if ((flags & MAILBOX_FLAG_POP3_SESSION) == 0 ||
	    puser->refuse_reason != NULL || puser->source_found ||
	    puser->policy.spam != POP_POLICY_SPAM_ONLY) {
		return pstorage->module_ctx.super.mailbox_alloc(storage, list,
								vname, flags);
	}
	puser->source_found = TRUE;

	/* This one is to learn where it is. It can't be returned: our caller
	   is itself allocating a mailbox. */
	spam = pop_policy_special_alloc(storage->user, POP_POLICY_SPECIAL_SPAM,
					0);
	puser->source_error = spam->open_error;
	storage = spam->storage;
	list = spam->list;
	vname = t_strdup(spam->vname);
	mailbox_free(&spam);
	return storage->v.mailbox_alloc(storage, list, vname, flags);
}

void pop_policy_source_storage_created(struct mail_storage *storage)
{
	struct mail_storage_vfuncs *v = storage->vlast;
	struct pop_policy_storage *pstorage;

	if (POP_POLICY_USER_CONTEXT(storage->user) == NULL)
		return;
	pstorage = p_new(storage->pool, struct pop_policy_storage, 1);
	pstorage->module_ctx.super = *v;
	storage->vlast = &pstorage->module_ctx.super;
	v->mailbox_alloc = pop_policy_source_alloc;
	MODULE_CONTEXT_SET(storage, pop_policy_source_module, pstorage);
}
