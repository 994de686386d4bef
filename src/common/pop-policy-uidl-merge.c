/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "pop-policy-uidl.h"
#include "pop-policy-uidl-merge.h"

struct pop_policy_main_uidls {
	pool_t pool;
	/* sorted */
	ARRAY_TYPE(const_string) uidls;
};

static uint32_t get_uidvalidity(struct mailbox *box)
{
	return mail_index_get_header(box->view)->uid_validity;
}

void pop_policy_main_uidls_free(struct pop_policy_main_uidls **_main)
{
	struct pop_policy_main_uidls *main = *_main;

	*_main = NULL;
	if (main == NULL)
		return;
	pool_unref(&main->pool);
}

static int uidl_cmp(const char *const *uidl1, const char *const *uidl2)
{
	return strcmp(*uidl1, *uidl2);
}

static struct pop_policy_main_uidls *
main_uidls_create(const struct pop_policy_uidl_merge *merge,
		  struct mailbox_transaction_context *t)
{
	struct pop_policy_main_uidls *main;
	struct mail *mail;
	const char *uidl;
	uint32_t seq;
	pool_t pool;

	pool = pool_alloconly_create("pop_policy uidls", 1024);
	main = p_new(pool, struct pop_policy_main_uidls, 1);
	main->pool = pool;
	p_array_init(&main->uidls, pool, array_count(merge->listed));

	mail = mail_alloc(t, 0, NULL);
	array_foreach_elem(merge->listed, seq) {
		if (seq > merge->main_count)
			continue;
		mail_set_seq(mail, seq);
		T_BEGIN {
			if (pop_policy_uidl_get(merge->maker, mail,
						&uidl) == 0) {
				uidl = p_strdup(pool, uidl);
				array_push_back(&main->uidls, &uidl);
			}
		} T_END;
	}
	mail_free(&mail);
	array_sort(&main->uidls, uidl_cmp);
	return main;
}

/* UIDLs that the mails bring along, or that are made of what mails of two
   mailboxes may have in common */
static bool
uidl_may_collide(const struct pop_policy_uidl_maker *maker,
		 struct mailbox *main, struct mailbox *merged,
		 const char *uidl)
{
	if (*uidl != '\0' || maker->reuse_xuidl)
		return TRUE;
	if (pop_policy_uidl_needs_suffix(maker, merged))
		return FALSE;
	return !HAS_ALL_BITS(maker->keymask, UIDL_UIDVALIDITY | UIDL_UID) ||
		get_uidvalidity(main) == get_uidvalidity(merged);
}

static void
uidl_make_unique(struct pop_policy_uidl_merge *merge,
		 struct mailbox_transaction_context *t, struct mail *mail,
		 const char **uidl_r)
{
	const char *uidl;

	if (pop_policy_uidl_get(merge->maker, mail, &uidl) < 0)
		return;
	if (merge->main == NULL)
		merge->main = main_uidls_create(merge, t);
	/* the same in every session, and another one for every spam mail */
	while (array_bsearch(&merge->main->uidls, &uidl, uidl_cmp) != NULL)
		*uidl_r = uidl = t_strdup_printf("%s-s%u", uidl, mail->uid);
}

void pop_policy_uidl_merge_complete(struct pop_policy_uidl_merge *merge,
				    struct mailbox_transaction_context *t,
				    struct mail *mail, const char **uidl_r)
{
	struct pop_policy_uidl_maker *maker = merge->maker;
	bool is_merged = mail->box != t->box;
	bool may_collide = is_merged &&
		uidl_may_collide(maker, t->box, mail->box, *uidl_r);

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
		uidl_make_unique(merge, t, mail, uidl_r);
}
