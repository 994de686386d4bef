/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "crc32.h"
#include "mail-storage-private.h"
#include "pop-policy-storage-compat.h"
#include "pop-policy-uidl.h"

void pop_policy_uidl_maker_deinit(struct pop_policy_uidl_maker *maker)
{
	if (maker->parsed != NULL)
		pop_policy_uidl_format_deinit(&maker->parsed);
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

#define UIDL_KEYS_OF_MAILBOX \
	(UIDL_UIDVALIDITY | UIDL_MD5 | UIDL_FILE_NAME | UIDL_GUID)

bool pop_policy_uidl_needs_suffix(const struct pop_policy_uidl_maker *maker,
				  struct mailbox *box)
{
	return (maker->keymask & UIDL_KEYS_OF_MAILBOX) == 0 && !box->inbox_user;
}

/* The beginning of a GUID says little: for mailboxes of one time it may be the
   same. */
int pop_policy_uidl_get_suffix(struct mailbox *box, uint32_t *suffix_r)
{
	struct mailbox_metadata metadata;

	if (mailbox_get_metadata(box, MAILBOX_METADATA_GUID, &metadata) < 0)
		return -1;
	*suffix_r = crc32_data(metadata.guid, sizeof(metadata.guid));
	return 0;
}

static int uidl_add_suffix(struct mailbox *box, const char **uidl)
{
	uint32_t suffix;

	if (pop_policy_uidl_get_suffix(box, &suffix) < 0)
		return -1;
	*uidl = t_strdup_printf("%s-%08x", *uidl, suffix);
	return 0;
}

/* This and the next one follow pop3_get_uid() of Dovecot's
   src/pop3/pop3-commands.c. */
int pop_policy_uidl_make(struct pop_policy_uidl_maker *maker,
			 struct mail *mail, const char **uidl_r)
{
	struct pop_policy_uidl_parts parts = {
		.uid = dec2str(mail->uid),
		.uidvalidity = dec2str(
			mail_index_get_header(mail->box->view)->uid_validity),
	};

	if (maker->parsed == NULL &&
	    pop_policy_uidl_format_init(maker->format, &maker->parsed) < 0)
		return -1;
	if (uidl_part(mail, maker->keymask, UIDL_MD5, MAIL_FETCH_HEADER_MD5,
		      &parts.md5) < 0 ||
	    uidl_part(mail, maker->keymask, UIDL_FILE_NAME,
		      MAIL_FETCH_STORAGE_ID, &parts.filename) < 0 ||
	    uidl_part(mail, maker->keymask, UIDL_GUID, MAIL_FETCH_GUID,
		      &parts.guid) < 0)
		return -1;
	if (pop_policy_uidl_format_expand(maker->parsed, &parts,
					  maker->event, uidl_r) < 0)
		return -1;
	return pop_policy_uidl_needs_suffix(maker, mail->box) ?
		uidl_add_suffix(mail->box, uidl_r) : 0;
}

int pop_policy_uidl_get(struct pop_policy_uidl_maker *maker,
			struct mail *mail, const char **uidl_r)
{
	if (mail_get_special(mail, MAIL_FETCH_UIDL_BACKEND, uidl_r) == 0 &&
	    **uidl_r != '\0')
		return 0;
	if (maker->reuse_xuidl &&
	    mail_get_first_header(mail, "X-UIDL", uidl_r) > 0)
		return 0;
	return pop_policy_uidl_make(maker, mail, uidl_r);
}
