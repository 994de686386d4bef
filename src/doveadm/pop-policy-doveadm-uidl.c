/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hash.h"
#include "mail-user.h"
#include "mail-storage-private.h"
#include "pop-policy-log.h"
#include "pop-policy-uidl-merge.h"
#include "pop-policy-doveadm-maker.h"
#include "pop-policy-doveadm-queue.h"
#include "pop-policy-doveadm-user.h"
#include "pop-policy-doveadm-uidl.h"

struct uidls_read {
	struct pop_policy_queue *queue;
	struct pop_policy_uidl_merge merge;
	/* One for each mailbox */
	struct mail **mails;
};

HASH_TABLE_DEFINE_TYPE(uidl_counter, const char *, void *);

/* As the plugin and pop3 do it together */
static int
uidl_read(struct uidls_read *read, struct mail *mail, const char **uidl_r,
	  const char **error_r)
{
	struct pop_policy_queue *queue = read->queue;

	*uidl_r = "";
	if (queue->sources_count > 1) {
		if (mail_get_special(mail, MAIL_FETCH_UIDL_BACKEND,
				     uidl_r) < 0)
			*uidl_r = "";
		pop_policy_uidl_merge_complete(&read->merge,
					       queue->sources[0].box, mail,
					       uidl_r);
	}
	return **uidl_r != '\0' ? 0 :
		pop_policy_doveadm_uidl_get(&queue->maker, mail, uidl_r,
					    error_r);
}

static struct mail *
queued_mail_get(struct uidls_read *read,
		const struct pop_policy_queue_mail *queued)
{
	struct mail *mail =
		read->mails[queued->source - read->queue->sources];

	mail_set_seq(mail, queued->seq);
	return mail;
}

static int uidls_read_all(struct uidls_read *read, const char **error_r)
{
	struct pop_policy_queue_mail *queued;
	const char *uidl;
	int ret = 0;

	array_foreach_modifiable(&read->queue->mails, queued) {
		T_BEGIN {
			ret = uidl_read(read, queued_mail_get(read, queued),
					&uidl, error_r);
			if (ret == 0) {
				queued->uidl = p_strdup(read->queue->pool,
							uidl);
			}
		} T_END_PASS_STR_IF(ret < 0, error_r);
		if (ret < 0)
			break;
	}
	return ret;
}

static void listed_add_all(void *context)
{
	struct uidls_read *read = context;
	const struct pop_policy_queue_source *source;
	const struct pop_policy_queue_mail *queued;
	struct mail *mail;

	/* (not those of the mails: one of them is in use) */
	array_foreach(&read->queue->mails, queued) {
		source = queued->source;
		mail = mail_alloc(source->trans, 0, NULL);
		mail_set_seq(mail, queued->seq);
		pop_policy_uidl_merge_add(&read->merge, mail);
		mail_free(&mail);
	}
}

static void uidls_read_init(struct uidls_read *read,
			    struct pop_policy_queue *queue)
{
	unsigned int count = queue->sources_count;
	struct mailbox **boxes = t_new(struct mailbox *, count + 1);

	i_zero(read);
	read->queue = queue;
	read->mails = p_new(queue->pool, struct mail *, count + 1);
	for (unsigned int i = 0; i < count; i++) {
		boxes[i] = queue->sources[i].box;
		read->mails[i] = mail_alloc(queue->sources[i].trans, 0, NULL);
	}
	read->merge.saves_uidls = queue->user->pop3_set->pop3_save_uidl;
	read->merge.add_all = listed_add_all;
	read->merge.context = read;
	pop_policy_uidl_merge_init(&read->merge, &queue->maker, boxes, count);
}

static void uidls_read_deinit(struct uidls_read *read)
{
	pop_policy_uidl_merge_deinit(&read->merge);
	for (unsigned int i = 0; i < read->queue->sources_count; i++)
		mail_free(&read->mails[i]);
}

/* The order in which pop3 makes UIDLs if it keeps them apart */
static int
queued_seq_cmp(struct pop_policy_queue_mail *const *queued1,
	       struct pop_policy_queue_mail *const *queued2)
{
	const struct pop_policy_queue_mail *mail1 = *queued1, *mail2 = *queued2;

	if (mail1->source != mail2->source)
		return mail1->source < mail2->source ? -1 : 1;
	return mail1->seq < mail2->seq ? -1 : mail1->seq > mail2->seq ? 1 : 0;
}

static const char *
uidl_rename(struct pop_policy_queue *queue, const char *uidl,
	    HASH_TABLE_TYPE(uidl_counter) uidls)
{
	const char *key;
	void *value;
	unsigned int count;

	while (hash_table_lookup_full(uidls, uidl, &key, &value)) {
		count = (unsigned int)(uintptr_t)value + 1;
		hash_table_update(uidls, key, POINTER_CAST(count));
		uidl = p_strdup_printf(queue->pool, "%s-%u", uidl, count);
	}
	hash_table_update(uidls, uidl, POINTER_CAST(1));
	return uidl;
}

/* pop3_uidl_duplicates=rename, as uidl_rename_duplicate() of Dovecot's
   src/pop3/pop3-commands.c does it */
static void uidls_rename(struct pop_policy_queue *queue)
{
	ARRAY(struct pop_policy_queue_mail *) sorted;
	HASH_TABLE_TYPE(uidl_counter) uidls;
	struct pop_policy_queue_mail *queued;

	p_array_init(&sorted, queue->pool, array_count(&queue->mails));
	array_foreach_modifiable(&queue->mails, queued) {
		array_push_back(&sorted, &queued);
	}
	array_sort(&sorted, queued_seq_cmp);

	hash_table_create(&uidls, default_pool, 0, str_hash, strcmp);
	array_foreach_elem(&sorted, queued) {
		queued->uidl = uidl_rename(queue, queued->uidl, uidls);
	}
	hash_table_destroy(&uidls);
}

int pop_policy_queue_read_uidls(struct pop_policy_queue *queue,
				const char **error_r)
{
	struct uidls_read read;
	int ret;

	if (queue->maker.keymask == 0) {
		*error_r = t_strdup_printf("Invalid pop3_uidl_format: %s",
			pop_policy_log_value(queue->maker.format));
		return -1;
	}
	uidls_read_init(&read, queue);
	ret = uidls_read_all(&read, error_r);
	uidls_read_deinit(&read);
	if (ret == 0 && strcmp(queue->user->pop3_set->pop3_uidl_duplicates,
			       "rename") == 0)
		uidls_rename(queue);
	return ret;
}
