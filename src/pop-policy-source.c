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
   the mailbox list index for one would note that INBOX has become empty. */

static int pop_policy_empty_open(struct mailbox *box)
{
	struct pop_policy_user *puser =
		POP_POLICY_USER_CONTEXT(box->storage->user);
	struct index_mailbox_context *ibox = INDEX_STORAGE_CONTEXT(box);

	if (puser->refuse_reason != NULL)
		pop_policy_client_ignore_input(puser);
	/* some storages can't do without index files otherwise */
	ibox->index_flags = MAIL_INDEX_OPEN_FLAG_CREATE;
	box->index = mail_index_alloc_cache_get(box->storage->event, NULL,
						NULL, box->index_prefix);
	return index_storage_mailbox_open(box, TRUE);
}

static struct mailbox_sync_context *
pop_policy_empty_sync_init(struct mailbox *box, enum mailbox_sync_flags flags)
{
	return index_mailbox_sync_init(box, flags, FALSE);
}

void pop_policy_source_init_empty(struct mailbox *box)
{
	struct mailbox_vfuncs *v = box->vlast, *super;

	/* The plugins below put their functions here, for nobody to call: all
	   of ours differ from these and so count as replaced. Only what they
	   have allocated must be freed. */
	super = p_new(box->pool, struct mailbox_vfuncs, 1);
	super->free = v->free;
	box->vlast = super;

	v->is_readonly = index_storage_is_readonly;
	v->open = pop_policy_empty_open;
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

/* Returns 1 with where the spam mailbox is, 0 if it doesn't exist, -1 on
   error. */
static int
spam_mailbox_find(struct mail_user *user, struct mail_storage **storage_r,
		  struct mailbox_list **list_r, const char **vname_r)
{
	struct mailbox *box;
	enum mailbox_existence existence;
	int ret;

	box = pop_policy_special_alloc(user, POP_POLICY_SPECIAL_SPAM, 0);
	ret = mailbox_exists(box, FALSE, &existence);
	if (ret == 0)
		ret = existence == MAILBOX_EXISTENCE_SELECT ? 1 : 0;
	*storage_r = box->storage;
	*list_r = box->list;
	*vname_r = t_strdup(box->vname);
	mailbox_free(&box);
	return ret;
}

/* pop3 opens INBOX. With spam = only it gets the spam mailbox in its place. */
static struct mailbox *
pop_policy_source_alloc(struct mail_storage *storage, struct mailbox_list *list,
			const char *vname, enum mailbox_flags flags)
{
	struct pop_policy_storage *pstorage =
		POP_POLICY_STORAGE_CONTEXT_REQUIRE(storage);
	struct pop_policy_user *puser = POP_POLICY_USER_CONTEXT(storage->user);
	struct mail_storage *spam_storage;
	int ret;

	if ((flags & MAILBOX_FLAG_POP3_SESSION) == 0 ||
	    puser->refuse_reason != NULL || puser->source_found ||
	    puser->policy.spam != POP_POLICY_SPAM_ONLY) {
		return pstorage->module_ctx.super.mailbox_alloc(storage, list,
								vname, flags);
	}

	puser->source_found = TRUE;
	ret = spam_mailbox_find(storage->user, &spam_storage, &list, &vname);
	puser->source_empty = ret == 0;
	return spam_storage->v.mailbox_alloc(spam_storage, list, vname, flags);
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
