/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "dbox-storage.h"
#include "sdbox-storage.h"
#include "mdbox-storage.h"
#include "pop-policy-storage.h"
#include "pop-policy-order.h"

/* The storage itself looks at this flag before it looks at a mail. */
static bool dbox_has_orders(struct mailbox *box)
{
	struct sdbox_mailbox *sdbox;
	struct mdbox_mailbox *mdbox;

	if (strcmp(box->storage->name, SDBOX_STORAGE_NAME) == 0) {
		sdbox = SDBOX_MAILBOX(box);
		return dbox_header_have_flag(box, sdbox->hdr_ext_id,
			offsetof(struct sdbox_index_header, flags),
			DBOX_INDEX_HEADER_FLAG_HAVE_POP3_ORDERS);
	}
	if (strcmp(box->storage->name, MDBOX_STORAGE_NAME) == 0) {
		mdbox = MDBOX_MAILBOX(box);
		return dbox_header_have_flag(box, mdbox->hdr_ext_id,
			offsetof(struct mdbox_index_header, flags),
			DBOX_INDEX_HEADER_FLAG_HAVE_POP3_ORDERS);
	}
	return TRUE;
}

bool pop_policy_order_may_exist(struct mailbox_transaction_context *t)
{
	struct mail *mail;
	bool stock;

	if (dbox_has_orders(t->box))
		return TRUE;
	/* Another plugin, pop3_migration for one, may give mails an order. */
	mail = mail_alloc(t, 0, NULL);
	stock = pop_policy_mail_get(mail)->module_ctx.super.get_special ==
		t->box->mail_vfuncs->get_special;
	mail_free(&mail);
	return !stock;
}
