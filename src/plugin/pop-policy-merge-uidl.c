/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-index.h"
#include "pop-policy-uidl.h"
#include "pop-policy-client.h"
#include "pop-policy-context.h"
#include "pop-policy-merge.h"
#include "pop-policy-merge-uidl.h"

struct pop_policy_merge_uidls {
	pool_t pool;
	/* of the main mailbox's listed mails, sorted */
	ARRAY_TYPE(const_string) main;
};

static uint32_t get_uidvalidity(struct mailbox *box)
{
	return mail_index_get_header(box->view)->uid_validity;
}

void pop_policy_merge_uidls_free(struct pop_policy_merge_uidls **_uidls)
{
	struct pop_policy_merge_uidls *uidls = *_uidls;

	*_uidls = NULL;
	if (uidls == NULL)
		return;
	pool_unref(&uidls->pool);
}

void pop_policy_merge_uidl_prepare(struct mail *mail)
{
	struct mail *merged = pop_policy_mail_get(mail)->merged;

	/* pop3 puts the UIDVALIDITY of the mailbox that it opened into
	   UIDLs. */
	pop_policy_client_set_uid_validity(
		pop_policy_mailbox_get(mail->box)->session,
		get_uidvalidity(merged != NULL ? merged->box : mail->box));
}

static int uidl_cmp(const char *const *uidl1, const char *const *uidl2)
{
	return strcmp(*uidl1, *uidl2);
}

/* Get the UIDLs of the main mailbox's listed mails. */
static struct pop_policy_merge_uidls *
uidls_create(struct pop_policy_uidl_maker *maker,
	     const struct pop_policy_merge *merge,
	     struct mailbox_transaction_context *t)
{
	uint32_t seq, main_count = pop_policy_merge_main_count(t->box);
	struct pop_policy_merge_uidls *uidls;
	struct mail *mail;
	const char *uidl;
	pool_t pool;

	pool = pool_alloconly_create("pop_policy uidls", 1024);
	uidls = p_new(pool, struct pop_policy_merge_uidls, 1);
	uidls->pool = pool;
	p_array_init(&uidls->main, pool, array_count(&merge->listed));

	mail = mail_alloc(t, 0, NULL);
	array_foreach_elem(&merge->listed, seq) {
		if (seq > main_count)
			continue;
		mail_set_seq(mail, seq);
		T_BEGIN {
			if (pop_policy_uidl_get(maker, mail, &uidl) == 0) {
				uidl = p_strdup(pool, uidl);
				array_push_back(&uidls->main, &uidl);
			}
		} T_END;
	}
	mail_free(&mail);
	array_sort(&uidls->main, uidl_cmp);
	return uidls;
}

/* UIDLs that the mails bring along, or that are made of what mails of two
   mailboxes may have in common */
static bool
uidl_may_collide(const struct pop_policy_uidl_maker *maker, struct mail *mail,
		 struct mail *merged, const char *uidl)
{
	if (*uidl != '\0' || maker->reuse_xuidl)
		return TRUE;
	if (pop_policy_uidl_needs_suffix(maker, merged->box))
		return FALSE;
	return !HAS_ALL_BITS(maker->keymask, UIDL_UIDVALIDITY | UIDL_UID) ||
		get_uidvalidity(mail->box) == get_uidvalidity(merged->box);
}

static void
uidl_make_unique(struct pop_policy_uidl_maker *maker, struct mail *mail,
		 struct mail *merged, const char **uidl_r)
{
	struct pop_policy_merge *merge =
		pop_policy_mailbox_get(mail->box)->merge;
	const char *uidl;

	if (pop_policy_uidl_get(maker, merged, &uidl) < 0)
		return;
	if (merge->uidls == NULL)
		merge->uidls = uidls_create(maker, merge, mail->transaction);
	/* the same in every session, and another one for every spam mail */
	while (array_bsearch(&merge->uidls->main, &uidl, uidl_cmp) != NULL)
		*uidl_r = uidl = t_strdup_printf("%s-s%u", uidl, merged->uid);
}

void pop_policy_merge_uidl_complete(struct mail *mail, struct mail *merged,
				    const char **uidl_r)
{
	struct pop_policy_session *session =
		pop_policy_mailbox_get(mail->box)->session;
	struct pop_policy_uidl_maker *maker =
		pop_policy_client_get_uidl_maker(session);
	bool may_collide = merged != NULL &&
		uidl_may_collide(maker, mail, merged, *uidl_r);

	if (**uidl_r != '\0') {
		/* the mail brings its UIDL along */
	} else if (merged != NULL &&
		   pop_policy_uidl_needs_suffix(maker, merged->box)) {
		(void)pop_policy_uidl_get(maker, merged, uidl_r);
	} else if (!maker->reuse_xuidl &&
		   !pop_policy_client_saves_uidls(session)) {
		/* (pop3 does not store a UIDL that it is given, nor does it
		   look for another one.) */
		(void)pop_policy_uidl_make(maker,
					   merged != NULL ? merged : mail,
					   uidl_r);
	}
	if (may_collide)
		uidl_make_unique(maker, mail, merged, uidl_r);
}
