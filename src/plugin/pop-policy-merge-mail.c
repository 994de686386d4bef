/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-context.h"
#include "pop-policy-merge.h"
#include "pop-policy-merge-uidl.h"
#include "pop-policy-merge-mail.h"

/* Where a mail stands for one of a merged mailbox, that one answers. */

static struct mail *merged_get(struct mail *mail)
{
	struct mail *merged = pop_policy_mail_get(mail)->merged;

	if (merged != NULL)
		merged->lookup_abort = mail->lookup_abort;
	return merged;
}

/* Returns ret, with the merged mail's state and error taken over. */
static int merged_return(struct mail *mail, struct mail *merged, int ret)
{
	mail->expunged = merged->expunged;
	mail->has_nuls = merged->has_nuls;
	mail->has_no_nuls = merged->has_no_nuls;
	mail->mail_stream_accessed = merged->mail_stream_accessed;
	mail->mail_metadata_accessed = merged->mail_metadata_accessed;
	if (ret < 0) {
		mail_storage_copy_error(mail->box->storage,
					merged->box->storage);
	}
	return ret;
}

/* The body of a function that returns what func returns for merged or, if
   there is none, what super_call returns. */
#define FORWARD_INT(mail, super_call, func, ...) STMT_START { \
	struct mail *_merged = merged_get(mail); \
	if (_merged == NULL) \
		return pop_policy_mail_get(mail)->module_ctx.super.super_call; \
	return merged_return(mail, _merged, func(_merged, ##__VA_ARGS__)); \
	} STMT_END
#define FORWARD(mail, super_call, func, ...) STMT_START { \
	struct mail *_merged = merged_get(mail); \
	if (_merged == NULL) \
		return pop_policy_mail_get(mail)->module_ctx.super.super_call; \
	return func(_merged, ##__VA_ARGS__); \
	} STMT_END
#define FORWARD_VOID(mail, super_call, func, ...) STMT_START { \
	struct mail *_merged = merged_get(mail); \
	if (_merged == NULL) \
		pop_policy_mail_get(mail)->module_ctx.super.super_call; \
	else \
		func(_merged, ##__VA_ARGS__); \
	} STMT_END

void pop_policy_merge_mail_set(struct mail *_mail, struct mail *merged)
{
	struct mail_private *mail = pop_policy_mail_private(_mail);
	struct pop_policy_mail *pmail = pop_policy_mail_get(_mail);

	if (_mail->seq != 0 && pmail->merged == NULL)
		mail->v.close(_mail);
	event_unref(&mail->_event);
	pmail->merged = merged;
	_mail->seq = pop_policy_merge_main_count(_mail->box) + merged->seq;
	_mail->uid = merged->uid;
	(void)merged_return(_mail, merged, 0);
}

/* Stand for itself again, for no mail yet. */
static void merged_unset(struct mail *mail)
{
	struct pop_policy_mail *pmail = pop_policy_mail_get(mail);

	if (pmail->merged == NULL)
		return;
	pmail->merged = NULL;
	mail->seq = mail->uid = 0;
	mail->expunged = FALSE;
}

static struct mail *own_merged_get(struct mail *_mail)
{
	struct mail_private *mail = pop_policy_mail_private(_mail);
	struct pop_policy_mail *pmail = pop_policy_mail_get(_mail);
	struct pop_policy_transaction *pt =
		pop_policy_transaction_get(_mail->transaction);

	if (pmail->own_merged == NULL) {
		pmail->own_merged = mail_alloc(pt->merged, mail->wanted_fields,
					      NULL);
	}
	return pmail->own_merged;
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
	uint32_t main_count = pop_policy_merge_main_count(mail->box);
	struct mail *merged;

	merged_close(mail);
	if (seq > main_count && !saving) {
		merged = own_merged_get(mail);
		mail_set_seq(merged, seq - main_count);
		pop_policy_merge_mail_set(mail, merged);
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
		if (pmail->merged == pmail->own_merged)
			merged_unset(mail);
		mail_free(&pmail->own_merged);
	}
	pmail->module_ctx.super.free(mail);
}

static int pop_policy_merge_mail_precache(struct mail *mail)
{
	FORWARD_INT(mail, precache(mail), mail_precache);
}

/* A header lookup belongs to a mailbox. */
static struct mailbox_header_lookup_ctx *
merged_headers(struct mail *merged, struct mailbox_header_lookup_ctx *headers)
{
	return headers == NULL ? NULL :
		mailbox_header_lookup_init(merged->box, headers->name);
}

static void
pop_policy_merge_mail_add_temp_wanted_fields(
	struct mail *mail, enum mail_fetch_field fields,
	struct mailbox_header_lookup_ctx *headers)
{
	struct mail *merged = merged_get(mail);

	if (merged == NULL) {
		pop_policy_mail_get(mail)->module_ctx.super.
			add_temp_wanted_fields(mail, fields, headers);
		return;
	}
	headers = merged_headers(merged, headers);
	mail_add_temp_wanted_fields(merged, fields, headers);
	mailbox_header_lookup_unref(&headers);
}

/* Functions that return what the mail has, or return it in one argument */
#define FORWARD_GETTER(type, name) \
	static type pop_policy_merge_mail_##name(struct mail *mail) \
	{ \
		FORWARD(mail, name(mail), mail_##name); \
	}
#define FORWARD_GETTER_R(name, type) \
	static int \
	pop_policy_merge_mail_##name(struct mail *mail, type *value_r) \
	{ \
		FORWARD_INT(mail, name(mail, value_r), mail_##name, value_r); \
	}

FORWARD_GETTER(bool, prefetch)
FORWARD_GETTER(enum mail_flags, get_flags)
FORWARD_GETTER(const char *const *, get_keywords)
FORWARD_GETTER(const ARRAY_TYPE(keyword_indexes) *, get_keyword_indexes)
FORWARD_GETTER(uint64_t, get_modseq)
FORWARD_GETTER(uint64_t, get_pvt_modseq)
FORWARD_GETTER_R(get_parts, struct message_part *)
FORWARD_GETTER_R(get_received_date, time_t)
FORWARD_GETTER_R(get_save_date, time_t)
FORWARD_GETTER_R(get_virtual_size, uoff_t)
FORWARD_GETTER_R(get_physical_size, uoff_t)
FORWARD_GETTER_R(get_backend_mail, struct mail *)

static int
pop_policy_merge_mail_get_date(struct mail *mail, time_t *date_r,
			       int *timezone_r)
{
	FORWARD_INT(mail, get_date(mail, date_r, timezone_r),
		    mail_get_date, date_r, timezone_r);
}

#define FORWARD_HEADER(name, type) \
	static int \
	pop_policy_merge_mail_##name(struct mail *mail, const char *field, \
				     bool decode_to_utf8, type *value_r) \
	{ \
		FORWARD_INT(mail, name(mail, field, decode_to_utf8, value_r), \
			    (decode_to_utf8 ? mail_##name##_utf8 : \
			     mail_##name), field, value_r); \
	}

FORWARD_HEADER(get_first_header, const char *)
FORWARD_HEADER(get_headers, const char *const *)

static int
pop_policy_merge_mail_get_header_stream(
	struct mail *mail, struct mailbox_header_lookup_ctx *headers,
	struct istream **stream_r)
{
	struct mail *merged = merged_get(mail);
	int ret;

	if (merged == NULL) {
		return pop_policy_mail_get(mail)->module_ctx.super.
			get_header_stream(mail, headers, stream_r);
	}
	headers = merged_headers(merged, headers);
	ret = mail_get_header_stream(merged, headers, stream_r);
	mailbox_header_lookup_unref(&headers);
	return merged_return(mail, merged, ret);
}

static int
pop_policy_merge_mail_get_special(struct mail *mail,
				  enum mail_fetch_field field,
				  const char **value_r)
{
	struct mail *merged = merged_get(mail);
	int ret;

	if (merged == NULL) {
		ret = pop_policy_mail_get(mail)->module_ctx.super.
			get_special(mail, field, value_r);
	} else {
		ret = mail_get_special(merged, field, value_r);
	}
	if (ret == 0 && field == MAIL_FETCH_UIDL_BACKEND)
		pop_policy_merge_uidl_complete(mail, merged, value_r);
	return merged == NULL ? ret : merged_return(mail, merged, ret);
}

int pop_policy_merge_mail_get_stream(struct mail *_mail, bool get_body,
				     struct message_size *hdr_size,
				     struct message_size *body_size,
				     struct istream **stream_r)
{
	struct mail_private *mail = pop_policy_mail_private(_mail);
	struct mail *merged = merged_get(_mail);

	if (merged == NULL) {
		return pop_policy_mail_get(_mail)->module_ctx.super.
			get_stream(_mail, get_body, hdr_size, body_size,
				   stream_r);
	}
	return merged_return(_mail, merged, get_body ?
		mail_get_stream_because(merged, hdr_size, body_size,
					mail->get_stream_reason, stream_r) :
		mail_get_hdr_stream_because(merged, hdr_size,
					    mail->get_stream_reason, stream_r));
}

void pop_policy_merge_mail_update_flags(struct mail *mail,
					enum modify_type modify_type,
					enum mail_flags flags)
{
	FORWARD_VOID(mail, update_flags(mail, modify_type, flags),
		     mail_update_flags, modify_type, flags);
}

/* Keywords belong to a mailbox. */
static struct mail_keywords *
merged_keywords(struct mail *merged, struct mail_keywords *keywords)
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
	return mailbox_keywords_create_valid(merged->box, array_front(&names));
}

void pop_policy_merge_mail_update_keywords(struct mail *mail,
					   enum modify_type modify_type,
					   struct mail_keywords *keywords)
{
	struct mail *merged = merged_get(mail);

	if (merged == NULL) {
		pop_policy_mail_get(mail)->module_ctx.super.
			update_keywords(mail, modify_type, keywords);
		return;
	}
	keywords = merged_keywords(merged, keywords);
	mail_update_keywords(merged, modify_type, keywords);
	mailbox_keywords_unref(&keywords);
}

void pop_policy_merge_mail_close(struct mail *mail)
{
	struct pop_policy_mail *pmail = pop_policy_mail_get(mail);

	if (pmail->merged == NULL)
		pmail->module_ctx.super.close(mail);
	else if (pmail->merged == pmail->own_merged)
		pop_policy_mail_private(pmail->merged)->v.close(pmail->merged);
}

#define FORWARD_MODSEQ(name) \
	static void \
	pop_policy_merge_mail_##name(struct mail *mail, uint64_t modseq) \
	{ \
		FORWARD_VOID(mail, name(mail, modseq), mail_##name, modseq); \
	}

FORWARD_MODSEQ(update_modseq)
FORWARD_MODSEQ(update_pvt_modseq)

static void
pop_policy_merge_mail_update_pop3_uidl(struct mail *mail, const char *uidl)
{
	struct pop_policy_mail *pmail = pop_policy_mail_get(mail);

	if (pmail->merged != NULL)
		mail_update_pop3_uidl(pmail->merged, uidl);
	else if (pmail->module_ctx.super.update_pop3_uidl != NULL) {
		/* not all storages can */
		pmail->module_ctx.super.update_pop3_uidl(mail, uidl);
	}
}

static void pop_policy_merge_mail_expunge(struct mail *mail)
{
	FORWARD_VOID(mail, expunge(mail), mail_expunge);
}

static void
pop_policy_merge_mail_set_cache_corrupted(struct mail *mail,
					  enum mail_fetch_field field,
					  const char *reason)
{
	FORWARD_VOID(mail, set_cache_corrupted(mail, field, reason),
		     mail_set_cache_corrupted, field, reason);
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

