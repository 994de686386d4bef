/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "mail-storage-private.h"
#include "mail-index-alloc-cache.h"
#include "index-storage.h"
#include "pop-policy-mail-compat.h"
#include "pop-policy-empty-mailbox.h"

/* All functions of the storage and of other plugins are replaced. They would
   touch the real mailbox, or take this one for it: the mailbox list index for
   one would note that INBOX has become empty.

   The functions are those of lib-storage's index code, taken from a storage that
   adds nothing to them: naming each would make Dovecot look it up at every
   login. */
extern struct mailbox raw_mailbox;

static struct mailbox_sync_context *
empty_sync_init(struct mailbox *box, enum mailbox_sync_flags flags)
{
	return index_mailbox_sync_init(box, flags, FALSE);
}

static void empty_set_vfuncs(struct mailbox_vfuncs *v)
{
	const struct mailbox_vfuncs *index_v = &raw_mailbox.v;

	v->is_readonly = index_v->is_readonly;
	v->close = index_v->close;
	v->get_status = index_v->get_status;
	v->sync_init = empty_sync_init;
	v->sync_next = index_v->sync_next;
	v->sync_deinit = index_v->sync_deinit;
	v->transaction_begin = index_v->transaction_begin;
	v->transaction_commit = index_v->transaction_commit;
	v->transaction_rollback = index_v->transaction_rollback;
	v->search_init = index_v->search_init;
	v->search_deinit = index_v->search_deinit;
	pop_policy_mailbox_copy_search_next(v, index_v);
	v->is_inconsistent = index_v->is_inconsistent;
}

int pop_policy_empty_mailbox_open(struct mailbox *box)
{
	struct index_mailbox_context *ibox = INDEX_STORAGE_CONTEXT(box);

	/* (what plugins have allocated is still freed) */
	empty_set_vfuncs(&box->v);
	if (box->index != NULL)
		mail_index_alloc_cache_unref(&box->index);
	/* without it some storages would need index files */
	ibox->index_flags = MAIL_INDEX_OPEN_FLAG_CREATE;
	box->index = mail_index_alloc_cache_get(box->storage->event, NULL,
						NULL, box->index_prefix);
	return index_storage_mailbox_open(box, TRUE);
}
