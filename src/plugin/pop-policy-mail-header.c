/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "istream.h"
#include "istream-concat.h"
#include "pop-policy-context.h"
#include "pop-policy-merge.h"
#include "pop-policy-merge-mail.h"
#include "pop-policy-mail-header.h"

/* Returns the field, "" if the mail gets none. */
static const char *header_get(struct mail *mail)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(mail->box);
	struct pop_policy_mail *pmail = pop_policy_mail_get(mail);
	const char *header;

	header = pmail->merged == NULL ? pbox->header :
		pbox->merge->sources[pmail->source].header;
	return header == NULL ? "" : header;
}

/* The storage itself asks for sizes as well, to check what it reads, and so do
   quotas and logs. Only pop3, when it lists the mails, is told of the field. */
static int
size_get(struct mail *mail, uoff_t *size_r,
	 int (*get)(struct mail *mail, uoff_t *size_r))
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(mail->box);
	bool listing = pbox->listing;
	int ret;

	pbox->listing = FALSE;
	ret = get(mail, size_r);
	pbox->listing = listing;
	if (ret == 0 && listing)
		*size_r += strlen(header_get(mail));
	return ret;
}

static int
pop_policy_mail_header_get_virtual_size(struct mail *mail, uoff_t *size_r)
{
	return size_get(mail, size_r, pop_policy_merge_mail_get_virtual_size);
}

static int
pop_policy_mail_header_get_physical_size(struct mail *mail, uoff_t *size_r)
{
	return size_get(mail, size_r, pop_policy_merge_mail_get_physical_size);
}

void pop_policy_mail_header_init_vfuncs(struct mail_vfuncs *v)
{
	v->get_virtual_size = pop_policy_mail_header_get_virtual_size;
	v->get_physical_size = pop_policy_mail_header_get_physical_size;
}

void pop_policy_mail_header_add(struct mail *mail, struct istream **stream)
{
	struct pop_policy_mail *pmail = pop_policy_mail_get(mail);
	const char *header = header_get(mail);
	struct istream *inputs[] = { NULL, *stream, NULL };

	if (*header == '\0')
		return;
	pop_policy_mail_header_close(mail);
	inputs[0] = i_stream_create_from_data(header, strlen(header));
	pmail->header_stream = i_stream_create_concat(inputs);
	i_stream_unref(&inputs[0]);
	*stream = pmail->header_stream;
}

void pop_policy_mail_header_close(struct mail *mail)
{
	struct pop_policy_mail *pmail = pop_policy_mail_get(mail);

	if (pmail->header_stream != NULL)
		i_stream_unref(&pmail->header_stream);
}
