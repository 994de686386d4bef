/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hash.h"
#include "mail-index.h"
#include "pop-policy-uidl.h"
#include "pop-policy-client.h"
#include "pop-policy-context.h"
#include "pop-policy-merge.h"
#include "pop-policy-merge-uidl.h"

struct pop_policy_merge_uidls {
	struct pop_policy_uidl_maker maker;
	/* NULL until they have been needed */
	pool_t pool;
	/* of the main mailbox's listed mails */
	HASH_TABLE(char *, void *) main;
};

static uint32_t get_uidvalidity(struct mailbox *box)
{
	return mail_index_get_header(box->view)->uid_validity;
}

static struct pop_policy_merge_uidls *
uidls_get(struct pop_policy_mailbox *pbox)
{
	struct pop_policy_merge_uidls *uidls = pbox->merge->uidls;

	if (uidls == NULL) {
		uidls = i_new(struct pop_policy_merge_uidls, 1);
		pop_policy_client_get_uidl_maker(pbox->session, &uidls->maker);
		pbox->merge->uidls = uidls;
	}
	return uidls;
}

void pop_policy_merge_uidls_free(struct pop_policy_merge_uidls **_uidls)
{
	struct pop_policy_merge_uidls *uidls = *_uidls;

	*_uidls = NULL;
	if (uidls == NULL)
		return;
	if (uidls->pool != NULL) {
		hash_table_destroy(&uidls->main);
		pool_unref(&uidls->pool);
	}
	pop_policy_uidl_maker_deinit(&uidls->maker);
	i_free(uidls);
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

static void
uidls_add_main(struct pop_policy_merge_uidls *uidls,
	       const struct pop_policy_merge *merge,
	       struct mailbox_transaction_context *t)
{
	uint32_t seq, main_count = pop_policy_merge_main_count(t->box);
	struct mail *mail;
	const char *uidl;

	uidls->pool = pool_alloconly_create("pop_policy uidls", 1024);
	hash_table_create(&uidls->main, uidls->pool, 0, str_hash, strcmp);

	mail = mail_alloc(t, 0, NULL);
	array_foreach_elem(&merge->listed, seq) {
		if (seq > main_count)
			continue;
		mail_set_seq(mail, seq);
		T_BEGIN {
			if (pop_policy_uidl_get(&uidls->maker, mail,
						&uidl) == 0) {
				hash_table_update(uidls->main,
						  p_strdup(uidls->pool, uidl),
						  POINTER_CAST(1));
			}
		} T_END;
	}
	mail_free(&mail);
}

/* UIDLs made of UID and UIDVALIDITY differ between two mailboxes (unless the
   format runs the two together). */
static bool
uidl_may_collide(const struct pop_policy_uidl_maker *maker, struct mail *mail,
		 struct mail *merged, const char *uidl)
{
	return *uidl != '\0' || maker->reuse_xuidl ||
		!HAS_ALL_BITS(maker->keymask, UIDL_UIDVALIDITY | UIDL_UID) ||
		get_uidvalidity(mail->box) == get_uidvalidity(merged->box);
}

static void
uidl_make_unique(struct pop_policy_merge_uidls *uidls, struct mail *mail,
		 struct mail *merged, const char **uidl_r)
{
	const char *uidl;

	if (pop_policy_uidl_get(&uidls->maker, merged, &uidl) < 0)
		return;
	if (uidls->pool == NULL) {
		uidls_add_main(uidls, pop_policy_mailbox_get(mail->box)->merge,
			       mail->transaction);
	}
	/* the same in every session, and another one for every spam mail */
	while (hash_table_lookup(uidls->main, uidl) != NULL)
		*uidl_r = uidl = t_strdup_printf("%s-s%u", uidl, merged->uid);
}

void pop_policy_merge_uidl_complete(struct mail *mail, struct mail *merged,
				    const char **uidl_r)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(mail->box);
	struct pop_policy_merge_uidls *uidls = uidls_get(pbox);
	bool may_collide = merged != NULL &&
		uidl_may_collide(&uidls->maker, mail, merged, *uidl_r);

	/* pop3 does not store a UIDL that it is given, nor does it look for
	   another one. */
	if (**uidl_r == '\0' && !uidls->maker.reuse_xuidl &&
	    !pop_policy_client_saves_uidls(pbox->session)) {
		(void)pop_policy_uidl_make(&uidls->maker,
					   merged != NULL ? merged : mail,
					   uidl_r);
	}
	if (may_collide)
		uidl_make_unique(uidls, mail, merged, uidl_r);
}
