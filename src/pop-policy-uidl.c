/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hash.h"
#include "str.h"
#include "mail-index.h"
#include "pop3-common.h"
#include "pop-policy-compat.h"
#include "pop-policy-storage.h"
#include "pop-policy-merge.h"
#include "pop-policy-uidl.h"

struct pop_policy_uidls {
	pool_t pool;
	/* of INBOX's listed mails */
	HASH_TABLE(char *, void *) inbox;
};

static uint32_t mailbox_uidvalidity(struct mailbox *box)
{
	return mail_index_get_header(box->view)->uid_validity;
}

/* pop3 puts in the UIDVALIDITY of the mailbox that it opened. */
void pop_policy_uidl_prepare(struct mail *mail)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(mail->box);

	pbox->user->client->uid_validity = mailbox_uidvalidity(
		pop_policy_mail_get(mail)->inner != NULL ?
		pbox->spam : mail->box);
}

static struct pop_policy_uidl_format *
uidl_format_get(struct pop_policy_mailbox *pbox, struct mailbox *box)
{
	struct pop_policy_uidl_format format;

	if (pbox->uidl_format == NULL &&
	    pop_policy_uidl_format_init(
			pbox->user->client->mail_set->pop3_uidl_format,
			&format) == 0) {
		pbox->uidl_format =
			p_memdup(box->pool, &format, sizeof(format));
	}
	return pbox->uidl_format;
}

void pop_policy_uidl_format_free(struct pop_policy_mailbox *pbox)
{
	if (pbox->uidl_format != NULL)
		pop_policy_uidl_format_deinit(pbox->uidl_format);
	pbox->uidl_format = NULL;
}

static int
uidl_part(struct mail *mail, enum uidl_keys mask, enum uidl_keys key,
	  enum mail_fetch_field field, const char **value_r)
{
	*value_r = "";
	if ((mask & key) == 0)
		return 0;
	return mail_get_special(mail, field, value_r) < 0 ||
		**value_r == '\0' ? -1 : 0;
}

/* Returns 0 with what pop3_uidl_format gives the mail, which is the main
   mailbox's own or one of the merged spam mailbox, or -1 if it gives nothing:
   pop3 will say why. This and the next one follow pop3_get_uid() of Dovecot's
   src/pop3/pop3-commands.c. */
static int
uidl_expand(struct mailbox *box, struct mail *mail, const char **uidl_r)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	struct client *client = pbox->user->client;
	const struct pop_policy_uidl_format *format =
		uidl_format_get(pbox, box);
	struct pop_policy_uidl_parts parts;
	enum uidl_keys mask = client->uidl_keymask;

	parts.uid = dec2str(mail->uid);
	parts.uidvalidity = dec2str(mailbox_uidvalidity(mail->box));
	if (format == NULL ||
	    uidl_part(mail, mask, UIDL_MD5, MAIL_FETCH_HEADER_MD5,
		      &parts.md5) < 0 ||
	    uidl_part(mail, mask, UIDL_FILE_NAME, MAIL_FETCH_STORAGE_ID,
		      &parts.filename) < 0 ||
	    uidl_part(mail, mask, UIDL_GUID, MAIL_FETCH_GUID, &parts.guid) < 0)
		return -1;
	return pop_policy_uidl_format_expand(format, &parts,
					     client->user->event, uidl_r);
}

/* Returns 0 with the UIDL that pop3 gives the mail, -1 if it has none. */
static int uidl_get(struct mailbox *box, struct mail *mail, const char **uidl_r)
{
	struct client *client = pop_policy_mailbox_get(box)->user->client;

	if (mail_get_special(mail, MAIL_FETCH_UIDL_BACKEND, uidl_r) == 0 &&
	    **uidl_r != '\0')
		return 0;
	if (client->set->pop3_reuse_xuidl &&
	    mail_get_first_header(mail, "X-UIDL", uidl_r) > 0)
		return 0;
	return uidl_expand(box, mail, uidl_r);
}

static struct pop_policy_uidls *
uidls_create(struct mailbox_transaction_context *t)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(t->box);
	uint32_t seq, inbox_count = pop_policy_merge_inbox_count(t->box);
	struct pop_policy_uidls *uidls;
	struct mail *mail;
	const char *uidl;
	pool_t pool;

	pool = pool_alloconly_create("pop_policy uidls", 1024);
	uidls = p_new(pool, struct pop_policy_uidls, 1);
	uidls->pool = pool;
	hash_table_create(&uidls->inbox, pool, 0, str_hash, strcmp);

	mail = mail_alloc(t, 0, NULL);
	array_foreach_elem(&pbox->order, seq) {
		if (seq > inbox_count)
			continue;
		mail_set_seq(mail, seq);
		T_BEGIN {
			if (uidl_get(t->box, mail, &uidl) == 0) {
				hash_table_update(uidls->inbox,
						  p_strdup(pool, uidl),
						  POINTER_CAST(1));
			}
		} T_END;
	}
	mail_free(&mail);
	return uidls;
}

void pop_policy_uidls_free(struct pop_policy_uidls **_uidls)
{
	struct pop_policy_uidls *uidls = *_uidls;

	*_uidls = NULL;
	if (uidls == NULL)
		return;
	hash_table_destroy(&uidls->inbox);
	pool_unref(&uidls->pool);
}

/* UIDLs made of UID and UIDVALIDITY aren't the same in two mailboxes (unless
   the format runs the two together). */
static bool
uidl_may_collide(struct client *client, struct mail *inbox_mail,
		 struct mail *inner, const char *uidl)
{
	return *uidl != '\0' || client->set->pop3_reuse_xuidl ||
		!HAS_ALL_BITS(client->uidl_keymask,
			      UIDL_UIDVALIDITY | UIDL_UID) ||
		mailbox_uidvalidity(inbox_mail->box) ==
		mailbox_uidvalidity(inner->box);
}

static void
uidl_make_unique(struct mail *mail, struct mail *inner, const char **uidl_r)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(mail->box);
	const char *uidl;

	if (uidl_get(mail->box, inner, &uidl) < 0)
		return;
	if (pbox->uidls == NULL)
		pbox->uidls = uidls_create(mail->transaction);
	/* the same in every session, and another one for every spam mail */
	while (hash_table_lookup(pbox->uidls->inbox, uidl) != NULL)
		*uidl_r = uidl = t_strdup_printf("%s-s%u", uidl, inner->uid);
}

void pop_policy_uidl_finish(struct mail *mail, struct mail *inner,
			    const char **uidl_r)
{
	struct client *client = pop_policy_mailbox_get(mail->box)->user->client;
	bool may_collide = inner != NULL &&
		uidl_may_collide(client, mail, inner, *uidl_r);

	/* pop3 doesn't store a UIDL that it is given, nor does it look for
	   another one. */
	if (**uidl_r == '\0' && !client->set->pop3_reuse_xuidl &&
	    !client->set->pop3_save_uidl) {
		(void)uidl_expand(mail->box, inner != NULL ? inner : mail,
				  uidl_r);
	}
	if (may_collide)
		uidl_make_unique(mail, inner, uidl_r);
}
