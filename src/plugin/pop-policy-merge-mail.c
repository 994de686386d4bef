/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-mail-compat.h"
#include "pop-policy-context.h"
#include "pop-policy-maildir.h"
#include "pop-policy-merge.h"
#include "pop-policy-merge-own.h"
#include "pop-policy-merge-uidl.h"
#include "pop-policy-merge-mail.h"

/* Where a mail stands for one of a merged mailbox, that one's functions are
   called in place of the storage's. */

/* Returns the functions to call for the mail, and the mail to call them
   with. */
static const struct mail_vfuncs *
forward_get(struct mail *mail, struct mail **real_r)
{
	struct pop_policy_mail *pmail = pop_policy_mail_get(mail);

	if (pmail->merged == NULL) {
		*real_r = mail;
		return &pmail->module_ctx.super;
	}
	pmail->merged->lookup_abort = mail->lookup_abort;
	*real_r = pmail->merged;
	return &pop_policy_mail_private(pmail->merged)->v;
}

/* Returns ret, with the state and the error of the mail that was called taken
   over. */
static int forward_return(struct mail *mail, struct mail *real, int ret)
{
	if (real == mail)
		return ret;
	mail->expunged = real->expunged;
	mail->has_nuls = real->has_nuls;
	mail->has_no_nuls = real->has_no_nuls;
	pop_policy_mail_copy_access(mail, real);
	if (ret < 0)
		mail_storage_copy_error(mail->box->storage, real->box->storage);
	return ret;
}

/* The body of a function that only forwards */
#define FORWARD(name, ...) STMT_START { \
	struct mail *_real; \
	const struct mail_vfuncs *_v = forward_get(mail, &_real); \
	return _v->name(_real, ##__VA_ARGS__); \
	} STMT_END
#define FORWARD_VOID(name, ...) STMT_START { \
	struct mail *_real; \
	const struct mail_vfuncs *_v = forward_get(mail, &_real); \
	_v->name(_real, ##__VA_ARGS__); \
	} STMT_END
#define FORWARD_INT(name, ...) STMT_START { \
	struct mail *_real; \
	const struct mail_vfuncs *_v = forward_get(mail, &_real); \
	return forward_return(mail, _real, _v->name(_real, ##__VA_ARGS__)); \
	} STMT_END

void pop_policy_merge_mail_set(struct mail *_mail, unsigned int source,
			       struct mail *merged)
{
	struct mail_private *mail = pop_policy_mail_private(_mail);
	struct pop_policy_mail *pmail = pop_policy_mail_get(_mail);
	const struct pop_policy_merge *merge =
		pop_policy_mailbox_get(_mail->box)->merge;

	if (_mail->seq != 0 && pmail->merged == NULL)
		mail->v.close(_mail);
	pop_policy_mail_set_event(_mail, merged);
	pmail->merged = merged;
	pmail->merged_is_own = FALSE;
	pmail->source = source;
	_mail->seq = pop_policy_merge_main_count(_mail->box) +
		merge->sources[source].offset + merged->seq;
	_mail->uid = merged->uid;
	(void)forward_return(_mail, merged, 0);
}

/* Stand for itself again, for no mail yet. */
static void merged_unset(struct mail *mail)
{
	struct pop_policy_mail *pmail = pop_policy_mail_get(mail);

	if (pmail->merged == NULL)
		return;
	pmail->merged = NULL;
	pmail->merged_is_own = FALSE;
	mail->seq = mail->uid = 0;
	mail->expunged = FALSE;
}

/* The mail is about to become another one. */
static void merged_close(struct mail *_mail)
{
	struct mail_private *mail = pop_policy_mail_private(_mail);

	if (pop_policy_mail_get(_mail)->merged != NULL)
		mail->v.close(_mail);
}

static void
pop_policy_merge_mail_set_seq(struct mail *mail, uint32_t seq, bool saving)
{
	struct mail *merged;
	unsigned int source;
	uint32_t merged_seq;

	merged_close(mail);
	if (seq > pop_policy_merge_main_count(mail->box) && !saving) {
		source = pop_policy_merge_find(mail->box, seq, &merged_seq);
		merged = pop_policy_merge_own_get(mail, source);
		mail_set_seq(merged, merged_seq);
		pop_policy_merge_mail_set(mail, source, merged);
		pop_policy_mail_get(mail)->merged_is_own = TRUE;
		return;
	}
	merged_unset(mail);
	pop_policy_mail_get(mail)->module_ctx.super.set_seq(mail, seq, saving);
}

static bool pop_policy_merge_mail_set_uid(struct mail *mail, uint32_t uid)
{
	merged_close(mail);
	merged_unset(mail);
	return pop_policy_mail_get(mail)->module_ctx.super.set_uid(mail, uid);
}

static void pop_policy_merge_mail_free(struct mail *mail)
{
	struct pop_policy_mail *pmail = pop_policy_mail_get(mail);

	merged_close(mail);
	if (pmail->own_merged != NULL) {
		if (pmail->merged_is_own)
			merged_unset(mail);
		pop_policy_merge_own_free(mail);
	}
	pmail->module_ctx.super.free(mail);
}

/* Functions that return what the mail has, or return it in one argument */
#define FORWARD_GETTER(type, name) \
	static type pop_policy_merge_mail_##name(struct mail *mail) \
	{ \
		FORWARD(name); \
	}
#define FORWARD_GETTER_R(name, type) \
	static int \
	pop_policy_merge_mail_##name(struct mail *mail, type *value_r) \
	{ \
		FORWARD_INT(name, value_r); \
	}

FORWARD_GETTER(bool, prefetch)
FORWARD_GETTER(int, precache)
FORWARD_GETTER(enum mail_flags, get_flags)
FORWARD_GETTER(const char *const *, get_keywords)
FORWARD_GETTER(const ARRAY_TYPE(keyword_indexes) *, get_keyword_indexes)
FORWARD_GETTER(uint64_t, get_modseq)
FORWARD_GETTER(uint64_t, get_pvt_modseq)
FORWARD_GETTER_R(get_parts, struct message_part *)
FORWARD_GETTER_R(get_received_date, time_t)
FORWARD_GETTER_R(get_save_date, time_t)
FORWARD_GETTER_R(get_backend_mail, struct mail *)

int pop_policy_merge_mail_get_virtual_size(struct mail *mail, uoff_t *size_r)
{
	if (pop_policy_mail_get(mail)->merged == NULL)
		return pop_policy_maildir_get_virtual_size(mail, size_r);
	FORWARD_INT(get_virtual_size, size_r);
}

int pop_policy_merge_mail_get_physical_size(struct mail *mail, uoff_t *size_r)
{
	FORWARD_INT(get_physical_size, size_r);
}

static int
pop_policy_merge_mail_get_date(struct mail *mail, time_t *date_r,
			       int *timezone_r)
{
	FORWARD_INT(get_date, date_r, timezone_r);
}

static int
pop_policy_merge_mail_get_first_header(struct mail *mail, const char *field,
				       bool decode_to_utf8,
				       const char **value_r)
{
	FORWARD_INT(get_first_header, field, decode_to_utf8, value_r);
}

static int
pop_policy_merge_mail_get_headers(struct mail *mail, const char *field,
				  bool decode_to_utf8,
				  const char *const **value_r)
{
	FORWARD_INT(get_headers, field, decode_to_utf8, value_r);
}

/* A header lookup belongs to a mailbox. */
static struct mailbox_header_lookup_ctx *
headers_for(struct mail *real, struct mailbox_header_lookup_ctx *headers)
{
	return headers == NULL ? NULL :
		mailbox_header_lookup_init(real->box, headers->name);
}

static void
pop_policy_merge_mail_add_temp_wanted_fields(
	struct mail *mail, enum mail_fetch_field fields,
	struct mailbox_header_lookup_ctx *headers)
{
	struct mail *real;
	const struct mail_vfuncs *v = forward_get(mail, &real);

	headers = headers_for(real, headers);
	v->add_temp_wanted_fields(real, fields, headers);
	mailbox_header_lookup_unref(&headers);
}

static int
pop_policy_merge_mail_get_header_stream(
	struct mail *mail, struct mailbox_header_lookup_ctx *headers,
	struct istream **stream_r)
{
	struct mail *real;
	const struct mail_vfuncs *v = forward_get(mail, &real);
	int ret;

	headers = headers_for(real, headers);
	ret = v->get_header_stream(real, headers, stream_r);
	mailbox_header_lookup_unref(&headers);
	return forward_return(mail, real, ret);
}

static int
pop_policy_merge_mail_get_special(struct mail *mail,
				  enum mail_fetch_field field,
				  const char **value_r)
{
	struct mail *real;
	const struct mail_vfuncs *v = forward_get(mail, &real);
	int ret;

	ret = real == mail ?
		pop_policy_maildir_get_special(mail, field, value_r) :
		v->get_special(real, field, value_r);
	if (ret == 0 && field == MAIL_FETCH_UIDL_BACKEND) {
		pop_policy_merge_uidl_complete(mail, real, value_r);
	}
	return forward_return(mail, real, ret);
}

int pop_policy_merge_mail_get_stream(struct mail *mail, bool get_body,
				     struct message_size *hdr_size,
				     struct message_size *body_size,
				     struct istream **stream_r)
{
	const char *reason = pop_policy_mail_private(mail)->get_stream_reason;
	struct mail *real;
	const struct mail_vfuncs *v = forward_get(mail, &real);
	int ret;

	pop_policy_mail_private(real)->get_stream_reason = reason;
	ret = v->get_stream(real, get_body, hdr_size, body_size, stream_r);
	if (real != mail)
		pop_policy_mail_private(real)->get_stream_reason = "";
	return forward_return(mail, real, ret);
}

void pop_policy_merge_mail_update_flags(struct mail *mail,
					enum modify_type modify_type,
					enum mail_flags flags)
{
	FORWARD_VOID(update_flags, modify_type, flags);
}

/* Keywords belong to a mailbox. */
static struct mail_keywords *
keywords_for(struct mail *real, struct mail_keywords *keywords)
{
	const ARRAY_TYPE(keywords) *all_names =
		mail_index_get_keywords(keywords->index);
	ARRAY_TYPE(const_string) names;
	unsigned int i;

	t_array_init(&names, keywords->count + 1);
	for (i = 0; i < keywords->count; i++) {
		const char *name = array_idx_elem(all_names, keywords->idx[i]);
		array_push_back(&names, &name);
	}
	array_append_zero(&names);
	return mailbox_keywords_create_valid(real->box, array_front(&names));
}

void pop_policy_merge_mail_update_keywords(struct mail *mail,
					   enum modify_type modify_type,
					   struct mail_keywords *keywords)
{
	struct mail *real;
	const struct mail_vfuncs *v = forward_get(mail, &real);

	if (real == mail) {
		v->update_keywords(mail, modify_type, keywords);
		return;
	}
	keywords = keywords_for(real, keywords);
	v->update_keywords(real, modify_type, keywords);
	mailbox_keywords_unref(&keywords);
}

void pop_policy_merge_mail_close(struct mail *mail)
{
	struct pop_policy_mail *pmail = pop_policy_mail_get(mail);

	if (pmail->merged == NULL)
		pmail->module_ctx.super.close(mail);
	else if (pmail->merged_is_own)
		pop_policy_mail_private(pmail->merged)->v.close(pmail->merged);
}

#define FORWARD_MODSEQ(name) \
	static void \
	pop_policy_merge_mail_##name(struct mail *mail, uint64_t modseq) \
	{ \
		FORWARD_VOID(name, modseq); \
	}

FORWARD_MODSEQ(update_modseq)
FORWARD_MODSEQ(update_pvt_modseq)

static void
pop_policy_merge_mail_update_pop3_uidl(struct mail *mail, const char *uidl)
{
	struct mail *real;
	const struct mail_vfuncs *v = forward_get(mail, &real);

	/* not all storages can */
	if (v->update_pop3_uidl != NULL)
		v->update_pop3_uidl(real, uidl);
}

static void pop_policy_merge_mail_expunge(struct mail *mail)
{
	FORWARD_VOID(expunge);
}

static void
pop_policy_merge_mail_set_cache_corrupted(struct mail *mail,
					  enum mail_fetch_field field,
					  const char *reason)
{
	FORWARD_VOID(set_cache_corrupted, field, reason);
}

void pop_policy_merge_mail_init_vfuncs(struct mail_vfuncs *v)
{
	v->free = pop_policy_merge_mail_free;
	v->set_seq = pop_policy_merge_mail_set_seq;
	v->set_uid = pop_policy_merge_mail_set_uid;
	v->prefetch = pop_policy_merge_mail_prefetch;
	v->precache = pop_policy_merge_mail_precache;
	v->add_temp_wanted_fields = pop_policy_merge_mail_add_temp_wanted_fields;
	v->get_flags = pop_policy_merge_mail_get_flags;
	v->get_keywords = pop_policy_merge_mail_get_keywords;
	v->get_keyword_indexes = pop_policy_merge_mail_get_keyword_indexes;
	v->get_modseq = pop_policy_merge_mail_get_modseq;
	v->get_pvt_modseq = pop_policy_merge_mail_get_pvt_modseq;
	v->get_parts = pop_policy_merge_mail_get_parts;
	v->get_date = pop_policy_merge_mail_get_date;
	v->get_received_date = pop_policy_merge_mail_get_received_date;
	v->get_save_date = pop_policy_merge_mail_get_save_date;
	v->get_virtual_size = pop_policy_merge_mail_get_virtual_size;
	v->get_physical_size = pop_policy_merge_mail_get_physical_size;
	v->get_first_header = pop_policy_merge_mail_get_first_header;
	v->get_headers = pop_policy_merge_mail_get_headers;
	v->get_header_stream = pop_policy_merge_mail_get_header_stream;
	v->get_special = pop_policy_merge_mail_get_special;
	v->get_backend_mail = pop_policy_merge_mail_get_backend_mail;
	v->update_modseq = pop_policy_merge_mail_update_modseq;
	v->update_pvt_modseq = pop_policy_merge_mail_update_pvt_modseq;
	v->update_pop3_uidl = pop_policy_merge_mail_update_pop3_uidl;
	v->expunge = pop_policy_merge_mail_expunge;
	v->set_cache_corrupted = pop_policy_merge_mail_set_cache_corrupted;
}

