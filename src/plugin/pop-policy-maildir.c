/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "index-mail.h"
#include "maildir-storage.h"
#include "maildir-uidlist.h"
#include "pop-policy-maildir-uidlist.h"
#include "pop-policy-context.h"
#include "pop-policy-maildir.h"

struct pop_policy_maildir {
	union mailbox_module_context module_ctx;
	struct pop_policy_session *session;
	/* what module_ctx has, or the context of pop3's mailbox */
	const struct mailbox_vfuncs *super;

	/* NULL if it has not been opened yet, or cannot be used */
	struct pop_policy_maildir_uidlist *uidlist;
	bool uidlist_tried;
};

static MODULE_CONTEXT_DEFINE_INIT(pop_policy_maildir_module,
				  &mail_storage_module_register);

static struct pop_policy_maildir *maildir_get(struct mailbox *box)
{
	return MODULE_CONTEXT(box, pop_policy_maildir_module);
}

/* Mailboxes */

static struct pop_policy_maildir_uidlist *
uidlist_open(struct mailbox *box)
{
	const char *dir;

	if (mailbox_get_path_to(box, MAILBOX_LIST_PATH_TYPE_CONTROL, &dir) <= 0)
		return NULL;
	return pop_policy_maildir_uidlist_open(
		t_strconcat(dir, "/"MAILDIR_UIDLIST_NAME, NULL));
}

/* Returns NULL if Dovecot has to be asked. */
static struct pop_policy_maildir_uidlist *uidlist_get(struct mailbox *box)
{
	struct pop_policy_maildir *maildir = maildir_get(box);
	struct maildir_mailbox *mbox = MAILDIR_MAILBOX(box);

	if (!box->opened || mbox->uidlist == NULL ||
	    maildir_uidlist_is_read(mbox->uidlist))
		return NULL;
	if (!maildir->uidlist_tried) {
		maildir->uidlist_tried = TRUE;
		maildir->uidlist = uidlist_open(box);
	}
	/* Otherwise its UIDs are those of other mails. */
	if (maildir->uidlist == NULL ||
	    mail_index_get_header(box->view)->uid_validity !=
	    pop_policy_maildir_uidlist_get_header(maildir->uidlist)->
	    uid_validity)
		return NULL;
	return maildir->uidlist;
}

static int
pop_policy_maildir_get_metadata(struct mailbox *box,
				enum mailbox_metadata_items items,
				struct mailbox_metadata *metadata_r)
{
	struct pop_policy_maildir_uidlist *uidlist = NULL;
	const struct pop_policy_maildir_header *hdr;

	/* Dovecot's list of mailboxes asks for this each time. */
	if (items == MAILBOX_METADATA_GUID)
		uidlist = uidlist_get(box);
	if (uidlist == NULL) {
		return maildir_get(box)->super->get_metadata(box, items,
							     metadata_r);
	}
	hdr = pop_policy_maildir_uidlist_get_header(uidlist);
	memcpy(metadata_r->guid, hdr->guid, sizeof(metadata_r->guid));
	return 0;
}

void pop_policy_maildir_closed(struct mailbox *box)
{
	struct pop_policy_maildir *maildir = maildir_get(box);

	if (maildir == NULL)
		return;
	pop_policy_maildir_uidlist_close(&maildir->uidlist);
	maildir->uidlist_tried = FALSE;
}

static void pop_policy_maildir_close(struct mailbox *box)
{
	pop_policy_maildir_closed(box);
	maildir_get(box)->super->close(box);
}

void pop_policy_maildir_init(struct mailbox *box,
			     struct pop_policy_session *session,
			     struct mailbox_vfuncs *v,
			     struct mailbox_vfuncs *super)
{
	struct pop_policy_maildir *maildir;

	if (strcmp(box->storage->name, MAILDIR_STORAGE_NAME) != 0)
		return;
	maildir = p_new(box->pool, struct pop_policy_maildir, 1);
	maildir->session = session;
	maildir->super = super;
	if (super == NULL) {
		maildir->module_ctx.super = *v;
		maildir->super = box->vlast = &maildir->module_ctx.super;
		v->close = pop_policy_maildir_close;
	}
	v->get_metadata = pop_policy_maildir_get_metadata;
	MODULE_CONTEXT_SET(box, pop_policy_maildir_module, maildir);
}

bool pop_policy_maildir_is_used(struct mailbox *box)
{
	return maildir_get(box) != NULL;
}

/* Mails */

/* Where all of pop3's mailbox is listed, Dovecot reads the file as fast. A merged
   mailbox's has been opened already. */
static bool is_faster(struct mailbox *box)
{
	struct pop_policy_maildir *maildir = maildir_get(box);
	const struct pop_policy_filter_counts *queue =
		&maildir->session->queue;

	return maildir->super == &maildir->module_ctx.super ||
		queue->dequeued + queue->before_date > 0;
}

/* Returns FALSE if Dovecot has to be asked. */
static bool
record_find(struct mail *mail, struct pop_policy_maildir_record *record_r)
{
	struct pop_policy_maildir_uidlist *uidlist;

	if (!is_faster(mail->box) || mail->saving || mail->uid == 0)
		return FALSE;
	uidlist = uidlist_get(mail->box);
	return uidlist != NULL &&
		pop_policy_maildir_uidlist_find(uidlist, mail->uid, record_r);
}

/* Returns NULL if Dovecot has to be asked, "" if there is no such thing,
   otherwise what has the value, which ends there or with a blank. */
static const char *
record_get_special(const struct pop_policy_maildir_record *record,
		   enum mail_fetch_field field)
{
	const char *value;

	switch (field) {
	case MAIL_FETCH_POP3_ORDER:
		value = record->pop3_order;
		return value == NULL ? "" : value;
	case MAIL_FETCH_UIDL_BACKEND:
		value = record->pop3_uidl;
		if (value == NULL)
			return "";
		/* an empty one stands for the file name */
		return *value == ' ' ? record->filename : value;
	case MAIL_FETCH_STORAGE_ID:
		return record->filename;
	case MAIL_FETCH_GUID:
		value = record->guid;
		if (value == NULL)
			return record->filename;
		/* an empty one is an error */
		return *value == ' ' ? NULL : value;
	default:
		return NULL;
	}
}

static const char *special_find(struct mail *mail, enum mail_fetch_field field)
{
	pool_t pool = pop_policy_mail_private(mail)->data_pool;
	struct pop_policy_maildir_record record;
	const char *value;

	if (!record_find(mail, &record))
		return NULL;
	value = record_get_special(&record, field);
	if (value == NULL || *value == '\0')
		return value;
	if (value == record.filename)
		return p_strdup(pool, value);
	T_BEGIN {
		value = p_strdup(pool, t_strcut(value, ' '));
	} T_END;
	return value;
}

/* Where other plugins have functions of their own, Dovecot's answer may not be
   theirs. */

int pop_policy_maildir_get_special(struct mail *mail,
				   enum mail_fetch_field field,
				   const char **value_r)
{
	const struct mail_vfuncs *super =
		&pop_policy_mail_get(mail)->module_ctx.super;

	*value_r = NULL;
	if (pop_policy_maildir_is_used(mail->box) &&
	    super->get_special == mail->box->mail_vfuncs->get_special)
		*value_r = special_find(mail, field);
	return *value_r != NULL ? 0 : super->get_special(mail, field, value_r);
}

static bool size_find(struct mail *mail, uoff_t *size_r)
{
	struct pop_policy_maildir_record record;

	return record_find(mail, &record) &&
		pop_policy_maildir_record_get_virtual_size(&record, size_r);
}

int pop_policy_maildir_get_virtual_size(struct mail *_mail, uoff_t *size_r)
{
	const struct mail_vfuncs *super =
		&pop_policy_mail_get(_mail)->module_ctx.super;
	struct index_mail *mail;

	if (!pop_policy_maildir_is_used(_mail->box) ||
	    super->get_virtual_size !=
	    _mail->box->mail_vfuncs->get_virtual_size ||
	    !size_find(_mail, size_r))
		return super->get_virtual_size(_mail, size_r);
	/* Dovecot remembers it in the same way. */
	mail = INDEX_MAIL(_mail);
	mail->data.virtual_size = *size_r;
	mail->data.dont_cache_fetch_fields |= MAIL_FETCH_VIRTUAL_SIZE;
	return 0;
}
