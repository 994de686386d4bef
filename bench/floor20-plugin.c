/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* The least that hiding old mail can cost: every search of a POP3 session is
   limited to the newest 20 messages, and nothing else is done. No use but to
   be measured. The harness loads it in place of the plugin, by its name. */

#include "lib.h"
#include "module-context.h"
#include "mail-storage-private.h"
#include "mail-storage-hooks.h"
#include "mail-search.h"
#include "mail-search-build.h"

#define FLOOR_VISIBLE 20

struct floor_mailbox {
	union mailbox_module_context module_ctx;
};

static MODULE_CONTEXT_DEFINE_INIT(floor_storage_module,
				  &mail_storage_module_register);

const char *pop_policy_plugin_version = DOVECOT_ABI_VERSION;

void pop_policy_plugin_init(struct module *module);
void pop_policy_plugin_deinit(void);

static struct mail_search_context *
floor_search_init(struct mailbox_transaction_context *t,
		  struct mail_search_args *args,
		  const enum mail_sort_type *sort_program,
		  enum mail_fetch_field wanted_fields,
		  struct mailbox_header_lookup_ctx *wanted_headers)
{
	struct floor_mailbox *fbox = MODULE_CONTEXT(t->box,
						    floor_storage_module);
	uint32_t count = mail_index_view_get_messages_count(t->view);

	if (count > FLOOR_VISIBLE) {
		mail_search_build_add_seqset(args, count - FLOOR_VISIBLE + 1,
					     count);
	}
	return fbox->module_ctx.super.search_init(t, args, sort_program,
						  wanted_fields,
						  wanted_headers);
}

static void floor_mailbox_allocated(struct mailbox *box)
{
	struct mailbox_vfuncs *v = box->vlast;
	struct floor_mailbox *fbox;

	if ((box->flags & MAILBOX_FLAG_POP3_SESSION) == 0)
		return;
	fbox = p_new(box->pool, struct floor_mailbox, 1);
	fbox->module_ctx.super = *v;
	box->vlast = &fbox->module_ctx.super;
	v->search_init = floor_search_init;
	MODULE_CONTEXT_SET(box, floor_storage_module, fbox);
}

static struct mail_storage_hooks floor_mail_storage_hooks = {
	.mailbox_allocated = floor_mailbox_allocated,
};

void pop_policy_plugin_init(struct module *module)
{
	mail_storage_hooks_add(module, &floor_mail_storage_hooks);
}

void pop_policy_plugin_deinit(void)
{
	mail_storage_hooks_remove(&floor_mail_storage_hooks);
}
