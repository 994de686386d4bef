/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "ioloop.h"
#include "mail-user.h"
#include "mail-namespace.h"
#include "mail-storage-private.h"
#include "pop-policy-keyword.h"
#include "pop-policy-log.h"
#include "pop-policy-sources.h"
#include "pop-policy-special-mailbox.h"
#include "pop-policy-doveadm-user.h"
#include "pop-policy-doveadm-policy.h"

#include <sysexits.h>

#define ERR "-ERR "

static void policy_invalid(struct pop_policy_doveadm_policy *policy)
{
	policy->result = POP_POLICY_LOOKUP_INVALID;
	policy->refusal = ERR POP_POLICY_INVALID_LINE;
}

static void policy_unavailable(struct pop_policy_doveadm_policy *policy)
{
	policy->result = POP_POLICY_LOOKUP_UNAVAILABLE;
	policy->refusal = ERR POP_POLICY_TEMPFAIL_LINE;
}

void pop_policy_doveadm_policy_no_mailbox(
	struct pop_policy_doveadm_policy *policy, struct mailbox *box)
{
	enum mail_error code;
	const char *error = mailbox_get_last_internal_error(box, &code);

	if (code == MAIL_ERROR_PERM)
		policy_invalid(policy);
	else
		policy_unavailable(policy);
	policy->error = t_strdup_printf("Cannot open mailbox %s: %s",
		pop_policy_log_value(box->vname), error);
}

void pop_policy_doveadm_policy_no_sources(
	struct pop_policy_doveadm_policy *policy,
	struct pop_policy_sources_error *error)
{
	if (error->box != NULL) {
		pop_policy_doveadm_policy_no_mailbox(policy, error->box);
		mailbox_free(&error->box);
		return;
	}
	if (error->setting != NULL)
		policy_invalid(policy);
	else
		policy_unavailable(policy);
	policy->error = error->text;
}

static void
spam_mailbox_check(struct mail_user *user,
		   struct pop_policy_doveadm_policy *policy)
{
	struct mailbox *spam;

	spam = pop_policy_special_mailbox_alloc(user, &policy->policy,
		POP_POLICY_SPECIAL_USE_SPAM, MAILBOX_FLAG_POP3_SESSION);
	if (pop_policy_special_mailbox_open_existing(spam) < 0)
		pop_policy_doveadm_policy_no_mailbox(policy, spam);
	mailbox_free(&spam);
}

static void
merged_mailboxes_check(struct mail_user *user,
		       struct pop_policy_doveadm_policy *policy)
{
	struct pop_policy_sources_error error;
	ARRAY_TYPE(pop_policy_boxes) boxes;
	struct mailbox *box;

	t_array_init(&boxes, 8);
	if (pop_policy_sources_open(user, &policy->policy,
				    MAILBOX_FLAG_POP3_SESSION, &boxes,
				    &error) < 0)
		pop_policy_doveadm_policy_no_sources(policy, &error);
	array_foreach_elem(&boxes, box) {
		mailbox_free(&box);
	}
}

/* What can be checked only where the mailboxes are */
static void
mailboxes_check(struct mail_user *user,
		struct pop_policy_doveadm_policy *policy)
{
	const char *setting;
	unsigned int max_len;

	if (pop_policy_special_mailboxes_check(user, &policy->policy, &setting,
					       &policy->error) < 0 ||
	    pop_policy_sources_check(user, &policy->policy, &setting,
				     &policy->error) < 0 ||
	    pop_policy_keyword_check(user->namespaces, &policy->policy,
				     policy->keyword, &max_len, &setting,
				     &policy->error) < 0)
		policy_invalid(policy);
	else if (pop_policy_sources_are_merged(&policy->policy))
		merged_mailboxes_check(user, policy);
	else if (policy->policy.spam == POP_POLICY_SPAM_ONLY)
		spam_mailbox_check(user, policy);
}

static void
policy_parse(struct pop_policy_doveadm_user *user,
	     struct pop_policy_doveadm_policy *policy)
{
	const char *setting, *text, *reason;

	policy->has_layers = TRUE;
	if (pop_policy_init(&policy->layers, &policy->policy, &setting,
			    &policy->error) < 0) {
		policy_invalid(policy);
		return;
	}
	policy->has_policy = TRUE;
	policy->keyword = pop_policy_keyword_get(&policy->policy,
		user->pop3_set->pop3_deleted_flag);
	policy->filter_keyword = policy->policy.recent != 0 ? NULL :
		policy->keyword;
	policy->filter_since = pop_policy_get_cutoff(&policy->policy,
						     ioloop_time);
	if (pop_policy_refuses(&policy->policy, &text, &reason)) {
		policy->refusal = t_strconcat(ERR"[SYS/PERM] ", text, NULL);
		return;
	}
	mailboxes_check(user->user, policy);
}

void pop_policy_doveadm_policy_get(struct pop_policy_doveadm_user *user,
				   struct pop_policy_doveadm_policy *policy_r)
{
	const char *setting;

	i_zero(policy_r);
	policy_r->result = pop_policy_lookup_layers(user->user,
		&policy_r->layers, &setting, &policy_r->error);
	switch (policy_r->result) {
	case POP_POLICY_LOOKUP_INVALID:
		policy_invalid(policy_r);
		break;
	case POP_POLICY_LOOKUP_UNAVAILABLE:
		policy_unavailable(policy_r);
		break;
	case POP_POLICY_LOOKUP_NONE:
	case POP_POLICY_LOOKUP_FOUND:
		policy_parse(user, policy_r);
		break;
	}
}

int pop_policy_doveadm_policy_exit_code(
	const struct pop_policy_doveadm_policy *policy)
{
	switch (policy->result) {
	case POP_POLICY_LOOKUP_INVALID:
		return EX_DATAERR;
	case POP_POLICY_LOOKUP_UNAVAILABLE:
		return EX_TEMPFAIL;
	case POP_POLICY_LOOKUP_NONE:
	case POP_POLICY_LOOKUP_FOUND:
		break;
	}
	return 0;
}
