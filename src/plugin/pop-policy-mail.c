/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-uidl.h"
#include "pop-policy-client.h"
#include "pop-policy-context.h"
#include "pop-policy-disposition.h"
#include "pop-policy-mail-header.h"
#include "pop-policy-maildir.h"
#include "pop-policy-merge-mail.h"
#include "pop-policy-recent.h"
#include "pop-policy-mail.h"

struct pop_policy_mail_module pop_policy_mail_module =
	MODULE_CONTEXT_INIT(&mail_module_register);

static struct pop_policy_disposition *disposition_get(struct mail *mail)
{
	return pop_policy_mailbox_get(mail->box)->session->disposition;
}

/* Returns the mail that this one stands for, which may be itself. */
static struct mail *real_mail_get(struct mail *mail)
{
	struct mail *merged = pop_policy_mail_get(mail)->merged;

	return merged != NULL ? merged : mail;
}

static int
pop_policy_mail_get_stream(struct mail *_mail, bool get_body,
			   struct message_size *hdr_size,
			   struct message_size *body_size,
			   struct istream **stream_r)
{
	struct mail_private *mail = pop_policy_mail_private(_mail);
	struct pop_policy_disposition *dispo = disposition_get(_mail);

	if (pop_policy_merge_mail_get_stream(_mail, get_body, hdr_size,
					     body_size, stream_r) < 0)
		return -1;
	/* pop3 says why it opens the stream */
	if (mail->get_stream_reason == NULL)
		return 0;
	if (strcmp(mail->get_stream_reason, "TOP") == 0) {
		pop_policy_mail_header_add(_mail, stream_r);
		return 0;
	}
	if (strcmp(mail->get_stream_reason, "RETR") != 0)
		return 0;
	pop_policy_mail_header_add(_mail, stream_r);
	if (!pop_policy_disposition_uses_retrieved(dispo))
		return 0;
	if (pop_policy_disposition_retrieve(dispo, _mail->box) < 0)
		return -1;
	pop_policy_mail_get(_mail)->retrieve_stream = *stream_r;
	return 0;
}

static void pop_policy_mail_close(struct mail *mail)
{
	struct pop_policy_mail *pmail = pop_policy_mail_get(mail);

	if (pmail->retrieve_stream != NULL) {
		pop_policy_disposition_retrieved(disposition_get(mail),
						 real_mail_get(mail),
						 pmail->retrieve_stream);
		pmail->retrieve_stream = NULL;
	}
	pop_policy_mail_header_close(mail);
	pop_policy_merge_mail_close(mail);
}

static void
pop_policy_mail_update_flags(struct mail *mail, enum modify_type modify_type,
			     enum mail_flags flags)
{
	if (modify_type == MODIFY_REMOVE && (flags & MAIL_SEEN) != 0)
		pop_policy_disposition_seen_removed(disposition_get(mail));
	if (pop_policy_recent_leaves(pop_policy_mailbox_get(mail->box)->session,
				     real_mail_get(mail)))
		return;
	pop_policy_merge_mail_update_flags(mail, modify_type, flags);
}

static void
pop_policy_mail_update_keywords(struct mail *mail, enum modify_type modify_type,
				struct mail_keywords *keywords)
{
	if (!pop_policy_disposition_flag(disposition_get(mail),
					 real_mail_get(mail), keywords)) {
		pop_policy_merge_mail_update_keywords(mail, modify_type,
						      keywords);
	}
}

/* The spam mailbox alone: its mails have the UIDLs that they have when it is
   merged. */
static int
pop_policy_mail_get_special(struct mail *mail, enum mail_fetch_field field,
			    const char **value_r)
{
	struct pop_policy_uidl_maker *maker = pop_policy_client_get_uidl_maker(
		pop_policy_mailbox_get(mail->box)->session);
	const char *xuidl;

	if (pop_policy_maildir_get_special(mail, field, value_r) < 0)
		return -1;
	if (field == MAIL_FETCH_UIDL_BACKEND && **value_r == '\0' &&
	    !(maker->reuse_xuidl &&
	      mail_get_first_header(mail, "X-UIDL", &xuidl) > 0))
		(void)pop_policy_uidl_make(maker, mail, value_r);
	return 0;
}

static void
mail_init_disposition(struct mail_vfuncs *v)
{
	v->close = pop_policy_mail_close;
	v->get_stream = pop_policy_mail_get_stream;
	v->update_flags = pop_policy_mail_update_flags;
	v->update_keywords = pop_policy_mail_update_keywords;
}

/* Override what pop3's own mailbox needs. */
static void
mail_init_main(struct mail_vfuncs *v, struct pop_policy_mailbox *pbox,
	       bool has_suffix)
{
	if (pbox->merge != NULL)
		pop_policy_merge_mail_init_vfuncs(v);
	else if (has_suffix)
		v->get_special = pop_policy_mail_get_special;
	if (pbox->session->disposition != NULL)
		mail_init_disposition(v);
	if (pbox->session->policy.mailbox_header != NULL &&
	    (pbox->merge != NULL || pbox->header != NULL))
		pop_policy_mail_header_init_vfuncs(v);
}

void pop_policy_mail_allocated(struct mail *_mail)
{
	struct mail_private *mail = pop_policy_mail_private(_mail);
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(_mail->box);
	bool is_maildir = pop_policy_maildir_is_used(_mail->box);
	struct mail_vfuncs *v = mail->vlast;
	struct pop_policy_mail *pmail;
	bool has_suffix, is_main;

	has_suffix = pbox != NULL && pop_policy_uidl_needs_suffix(
		pop_policy_client_get_uidl_maker(pbox->session), _mail->box);
	is_main = has_suffix ||
		(pbox != NULL && pbox->session->disposition != NULL);
	if (!is_main && !is_maildir)
		return;
	pmail = p_new(mail->pool, struct pop_policy_mail, 1);
	pmail->module_ctx.super = *v;
	mail->vlast = &pmail->module_ctx.super;

	if (is_maildir) {
		v->get_special = pop_policy_maildir_get_special;
		v->get_virtual_size = pop_policy_maildir_get_virtual_size;
	}
	if (is_main)
		mail_init_main(v, pbox, has_suffix);
	MODULE_CONTEXT_SET(mail, pop_policy_mail_module, pmail);
}
