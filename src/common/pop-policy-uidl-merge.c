/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "crc32.h"
#include "mail-storage-private.h"
#include "pop-policy-uidl.h"
#include "pop-policy-uidl-merge.h"

/* A listed mail's UIDL before it is kept apart from others */
struct listed_uidl {
	const char *uidl;
	struct mailbox *box;
};

struct pop_policy_uidl_table {
	pool_t pool;
	/* sorted, with duplicates */
	ARRAY(struct listed_uidl) uidls;
};

static int key_cmp(const uint32_t *key1, const uint32_t *key2)
{
	return *key1 < *key2 ? -1 : *key1 > *key2 ? 1 : 0;
}

/* What tells UIDLs of this mailbox from those of others */
static uint32_t
box_get_key(const struct pop_policy_uidl_maker *maker, struct mailbox *box)
{
	uint32_t key;

	if (!pop_policy_uidl_needs_suffix(maker, box))
		return mail_index_get_header(box->view)->uid_validity;
	return pop_policy_uidl_get_suffix(box, &key) < 0 ? 0 : key;
}

void pop_policy_uidl_merge_init(struct pop_policy_uidl_merge *merge,
				struct pop_policy_uidl_maker *maker,
				struct mailbox *const *boxes,
				unsigned int count)
{
	ARRAY_TYPE(uint32_t) keys;
	uint32_t key, prev = 0;

	pop_policy_uidl_merge_deinit(merge);
	merge->maker = maker;
	t_array_init(&keys, count);
	for (unsigned int i = 0; i < count; i++) {
		key = box_get_key(maker, boxes[i]);
		array_push_back(&keys, &key);
	}
	array_sort(&keys, key_cmp);
	merge->mailboxes_alike = FALSE;
	array_foreach_elem(&keys, key) {
		if (key == prev)
			merge->mailboxes_alike = TRUE;
		prev = key;
	}
}

void pop_policy_uidl_merge_deinit(struct pop_policy_uidl_merge *merge)
{
	struct pop_policy_uidl_table *table = merge->table;

	merge->table = NULL;
	if (table != NULL)
		pool_unref(&table->pool);
}

void pop_policy_uidl_merge_add(struct pop_policy_uidl_merge *merge,
			       struct mail *mail)
{
	struct pop_policy_uidl_table *table = merge->table;
	struct listed_uidl *listed;
	const char *uidl;

	T_BEGIN {
		if (pop_policy_uidl_get(merge->maker, mail, &uidl) == 0) {
			listed = array_append_space(&table->uidls);
			listed->uidl = p_strdup(table->pool, uidl);
			listed->box = mail->box;
		}
	} T_END;
}

static int
listed_cmp(const struct listed_uidl *uidl1, const struct listed_uidl *uidl2)
{
	return strcmp(uidl1->uidl, uidl2->uidl);
}

static void table_create(struct pop_policy_uidl_merge *merge)
{
	pool_t pool = pool_alloconly_create("pop_policy uidls", 1024);

	merge->table = p_new(pool, struct pop_policy_uidl_table, 1);
	merge->table->pool = pool;
	p_array_init(&merge->table->uidls, pool, 128);
	merge->add_all(merge->context);
	array_sort(&merge->table->uidls, listed_cmp);
}

/* Returns the listed mails that have this UIDL. */
static const struct listed_uidl *
table_find(struct pop_policy_uidl_table *table, const char *uidl,
	   unsigned int *count_r)
{
	const struct listed_uidl key = { .uidl = uidl };
	const struct listed_uidl *first, *last, *uidls;
	unsigned int count;

	*count_r = 0;
	first = last = array_bsearch(&table->uidls, &key, listed_cmp);
	if (first == NULL)
		return NULL;
	uidls = array_get(&table->uidls, &count);
	while (first > uidls && strcmp(first[-1].uidl, uidl) == 0)
		first--;
	while (last + 1 < uidls + count && strcmp(last[1].uidl, uidl) == 0)
		last++;
	*count_r = last - first + 1;
	return first;
}

/* UIDLs that the mails bring along, or that are made of what mails of two
   mailboxes may have in common */
static bool
uidl_may_collide(const struct pop_policy_uidl_merge *merge,
		 struct mailbox *merged, const char *uidl)
{
	const struct pop_policy_uidl_maker *maker = merge->maker;

	if (*uidl != '\0' || maker->reuse_xuidl || merge->mailboxes_alike)
		return TRUE;
	return !pop_policy_uidl_needs_suffix(maker, merged) &&
		!HAS_ALL_BITS(maker->keymask, UIDL_UIDVALIDITY | UIDL_UID);
}

/* The suffix is that of the mailbox's GUID. A mailbox that was copied as files
   has the other one's: then it is made of its name. */
static uint32_t
unique_suffix(struct mailbox *box, const struct listed_uidl *listed,
	      unsigned int count)
{
	uint32_t suffix, other;
	unsigned int i;

	if (pop_policy_uidl_get_suffix(box, &suffix) == 0) {
		for (i = 0; i < count; i++) {
			if (listed[i].box != box &&
			    pop_policy_uidl_get_suffix(listed[i].box,
						       &other) == 0 &&
			    other == suffix)
				break;
		}
		if (i == count)
			return suffix;
	}
	return crc32_data(box->vname, strlen(box->vname));
}

/* The UIDL becomes the same in every session, whatever the order of the
   mailboxes. */
static void
uidl_make_unique(struct pop_policy_uidl_merge *merge, struct mail *mail,
		 const char **uidl_r)
{
	const struct listed_uidl *listed;
	unsigned int count, in_box = 0;
	const char *uidl;

	if (pop_policy_uidl_get(merge->maker, mail, &uidl) < 0)
		return;
	if (merge->table == NULL)
		table_create(merge);
	listed = table_find(merge->table, uidl, &count);
	if (count <= 1)
		return;
	for (unsigned int i = 0; i < count; i++) {
		if (listed[i].box == mail->box)
			in_box++;
	}
	uidl = t_strdup_printf("%s-%08x", uidl,
			       unique_suffix(mail->box, listed, count));
	/* two mails of one mailbox */
	if (in_box > 1)
		uidl = t_strdup_printf("%s-%u", uidl, mail->uid);
	while (table_find(merge->table, uidl, &count) != NULL)
		uidl = t_strdup_printf("%s-%u", uidl, mail->uid);
	*uidl_r = uidl;
}

void pop_policy_uidl_merge_complete(struct pop_policy_uidl_merge *merge,
				    struct mailbox *main, struct mail *mail,
				    const char **uidl_r)
{
	struct pop_policy_uidl_maker *maker = merge->maker;
	bool is_merged = mail->box != main;
	bool may_collide = is_merged &&
		uidl_may_collide(merge, mail->box, *uidl_r);

	if (**uidl_r != '\0') {
		/* the mail brings its UIDL along */
	} else if (is_merged && pop_policy_uidl_needs_suffix(maker, mail->box))
		(void)pop_policy_uidl_get(maker, mail, uidl_r);
	else if (!maker->reuse_xuidl && !merge->saves_uidls) {
		/* (pop3 does not store a UIDL that it is given, nor does it
		   look for another one.) */
		(void)pop_policy_uidl_make(maker, mail, uidl_r);
	}
	if (may_collide)
		uidl_make_unique(merge, mail, uidl_r);
}
