/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* The commands that change the queue: requeue and dequeue. */

#include "lib.h"
#include "array.h"
#include "mail-user.h"
#include "mail-search-build.h"
#include "mail-search-parser.h"
#include "mail-storage-private.h"
#include "doveadm-print.h"
#include "pop-policy-filter.h"
#include "pop-policy-log.h"
#include "pop-policy-stamps.h"
#include "pop-policy-doveadm-cmd.h"
#include "pop-policy-doveadm-compat.h"
#include "pop-policy-doveadm-policy.h"
#include "pop-policy-doveadm-queue.h"
#include "pop-policy-doveadm-run.h"
#include "pop-policy-doveadm-user.h"

struct marking {
	struct pop_policy_cmd *cmd;
	struct pop_policy_queue queue;
	/* remove the mark */
	bool requeue;
	unsigned int count;
};

static int box_failed(struct mailbox *box, const char **error_r)
{
	*error_r = t_strdup_printf("Cannot change mailbox %s: %s",
		pop_policy_log_value(box->vname),
		mailbox_get_last_internal_error(box, NULL));
	return -1;
}

/* The mails that may be changed: for dequeue those in the queue, for requeue
   those that are marked. Returns 0 if there are none. */
static int
candidates_get(struct marking *marking, struct mailbox *box,
	       ARRAY_TYPE(seq_range) *seqs)
{
	const struct pop_policy_doveadm_policy *policy = marking->queue.policy;
	uint32_t count = mail_index_get_header(box->view)->messages_count;

	if (pop_policy_filter_get(box, policy->keyword, marking->requeue ? 0 :
				  policy->filter_since, NULL, seqs) < 0)
		return -1;
	if (marking->requeue)
		seq_range_array_invert(seqs, 1, I_MAX(count, 1));
	return count > 0 && array_count(seqs) > 0 ? 1 : 0;
}

static struct mail_search_args *
search_args_build(struct marking *marking, struct mailbox *box,
		  const ARRAY_TYPE(seq_range) *seqs)
{
	struct mail_search_args *args =
		mail_search_args_dup(marking->cmd->ctx.search_args);
	struct mail_search_arg *arg =
		mail_search_build_add(args, SEARCH_SEQSET);

	p_array_init(&arg->value.seqset, args->pool, array_count(seqs));
	array_append_array(&arg->value.seqset, seqs);
	mail_search_args_init(args, box, TRUE, NULL);
	return args;
}

static int
mails_mark(struct marking *marking, struct mailbox_transaction_context *t,
	   const ARRAY_TYPE(seq_range) *seqs, struct mail_keywords *keywords,
	   ARRAY_TYPE(seq_range) *uids)
{
	struct mail_search_args *args =
		search_args_build(marking, t->box, seqs);
	struct mail_search_context *ctx;
	struct mail *mail;

	ctx = mailbox_search_init(t, args, NULL, 0, NULL);
	mail_search_args_unref(&args);
	while (mailbox_search_next(ctx, &mail)) {
		mail_update_keywords(mail, marking->requeue ? MODIFY_REMOVE :
				     MODIFY_ADD, keywords);
		pop_policy_stamps_note(t, mail->seq, !marking->requeue,
			marking->queue.policy->policy.keep_for != 0);
		seq_range_array_add(uids, mail->uid);
	}
	return mailbox_search_deinit(&ctx);
}

/* TRUE if the marks are as they should be, and not only in memory. */
static bool
marks_are_stored(struct marking *marking, struct mailbox *box,
		 const ARRAY_TYPE(seq_range) *uids)
{
	ARRAY_TYPE(seq_range) unmarked;
	struct seq_range_iter iter;
	unsigned int n = 0;
	uint32_t uid, seq;

	if (mail_index_is_in_memory(box->index))
		return FALSE;
	t_array_init(&unmarked, 32);
	(void)pop_policy_filter_get(box, marking->queue.policy->keyword, 0,
				    NULL, &unmarked);
	seq_range_array_iter_init(&iter, uids);
	while (seq_range_array_iter_nth(&iter, n++, &uid)) {
		/* (a mail may just have been expunged) */
		if (mail_index_lookup_seq(box->view, uid, &seq) &&
		    seq_range_exists(&unmarked, seq) != marking->requeue)
			return FALSE;
	}
	return TRUE;
}

static int
box_mark_candidates(struct marking *marking, struct mailbox *box,
		    const ARRAY_TYPE(seq_range) *seqs, const char **error_r)
{
	const char *const names[] = { marking->queue.policy->keyword, NULL };
	struct mailbox_transaction_context *t;
	struct mail_keywords *keywords;
	ARRAY_TYPE(seq_range) uids;
	int ret;

	if (mailbox_keywords_create(box, names, &keywords) < 0)
		return box_failed(box, error_r);
	t_array_init(&uids, 32);
	t = mailbox_transaction_begin(box,
		marking->cmd->ctx.transaction_flags, "pop_policy");
	ret = mails_mark(marking, t, seqs, keywords, &uids);
	mailbox_keywords_unref(&keywords);
	if (ret < 0) {
		(void)box_failed(box, error_r);
		mailbox_transaction_rollback(&t);
		return -1;
	}
	if (mailbox_transaction_commit(&t) < 0 ||
	    mailbox_sync(box, pop_policy_doveadm_write_flags(box)) < 0)
		return box_failed(box, error_r);
	if (array_count(&uids) > 0 && !marks_are_stored(marking, box, &uids)) {
		*error_r = t_strdup_printf("Cannot change mailbox %s: "
			"The changes were not stored",
			pop_policy_log_value(box->vname));
		return -1;
	}
	marking->count += seq_range_count(&uids);
	return 0;
}

static int
box_mark(struct marking *marking, struct mailbox *box, const char **error_r)
{
	ARRAY_TYPE(seq_range) seqs;
	int ret;

	t_array_init(&seqs, 32);
	ret = candidates_get(marking, box, &seqs);
	if (ret < 0)
		return box_failed(box, error_r);
	if (ret == 0)
		return 0;
	return box_mark_candidates(marking, box, &seqs, error_r);
}

static int
queue_mark(struct marking *marking, struct pop_policy_doveadm_user *user,
	   struct pop_policy_doveadm_policy *policy, const char **error_r)
{
	struct pop_policy_queue *queue = &marking->queue;
	int ret;

	ret = pop_policy_queue_open(queue, user, policy, error_r);
	for (unsigned int i = 0; ret == 0 && i < queue->sources_count; i++)
		ret = box_mark(marking, queue->sources[i].box, error_r);
	pop_policy_queue_close(queue);
	return ret;
}

static void
cmd_run(struct pop_policy_cmd *cmd, struct pop_policy_doveadm_user *user,
	bool requeue)
{
	struct marking marking = { .cmd = cmd, .requeue = requeue };
	struct pop_policy_doveadm_policy policy;
	const char *error;
	int exit_code;

	pop_policy_doveadm_policy_get(user, &policy);
	/* POP may be switched off, but what is the queue must be certain. */
	if (policy.error == NULL) {
		if (requeue) {
			/* whether the mailbox is a source at the moment or
			   not */
			policy.policy.spam = POP_POLICY_SPAM_INCLUDE;
		}
		if (queue_mark(&marking, user, &policy, &error) < 0)
			policy.error = error;
	}
	if (policy.error != NULL) {
		i_error("%s", policy.error);
		exit_code = pop_policy_doveadm_policy_exit_code(&policy);
		pop_policy_cmd_failed(cmd, exit_code != 0 ? exit_code :
				      EX_TEMPFAIL);
	}
	if (policy.error == NULL || marking.count > 0)
		doveadm_print_num(marking.count);
}

static void
cmd_requeue_run(struct pop_policy_cmd *cmd,
		struct pop_policy_doveadm_user *user)
{
	cmd_run(cmd, user, TRUE);
}

static void
cmd_dequeue_run(struct pop_policy_cmd *cmd,
		struct pop_policy_doveadm_user *user)
{
	cmd_run(cmd, user, FALSE);
}

/* As doveadm_mail_build_search_args(), which ends the process if a query is
   invalid, be it doveadm's server */
static int
search_args_parse(const char *const *query, struct mail_search_args **args_r,
		  const char **error_r)
{
	struct mail_search_parser *parser =
		mail_search_parser_init_cmdline(query);
	const char *charset = "UTF-8";
	int ret;

	ret = mail_search_build(mail_search_register_get_human(), parser,
				&charset, args_r, error_r);
	if (ret < 0)
		*error_r = t_strdup(*error_r);
	mail_search_parser_deinit(&parser);
	return ret;
}

static int cmd_init(struct pop_policy_cmd *cmd, const char *header)
{
	const char *error;

	if (cmd->args[0] == NULL) {
		i_error("Which mails? The search query is missing");
		return -1;
	}
	if (search_args_parse(cmd->args, &cmd->ctx.search_args, &error) < 0) {
		i_error("Invalid search query: %s", error);
		return -1;
	}
	doveadm_print_header(header, header,
			     DOVEADM_PRINT_HEADER_FLAG_RIGHT_JUSTIFY |
			     DOVEADM_PRINT_HEADER_FLAG_NUMBER);
	return 0;
}

static int cmd_requeue_init(struct pop_policy_cmd *cmd)
{
	return cmd_init(cmd, "requeued");
}

static int cmd_dequeue_init(struct pop_policy_cmd *cmd)
{
	return cmd_init(cmd, "dequeued");
}

static struct doveadm_mail_cmd_context *cmd_requeue_alloc(void)
{
	static const struct pop_policy_cmd_vfuncs v = {
		.init = cmd_requeue_init,
		.run = cmd_requeue_run,
	};

	return pop_policy_cmd_alloc(&v);
}

static struct doveadm_mail_cmd_context *cmd_dequeue_alloc(void)
{
	static const struct pop_policy_cmd_vfuncs v = {
		.init = cmd_dequeue_init,
		.run = cmd_dequeue_run,
	};

	return pop_policy_cmd_alloc(&v);
}

struct doveadm_cmd_ver2 pop_policy_cmd_requeue = {
	.name = "pop-policy requeue",
	.usage = DOVEADM_CMD_MAIL_USAGE_PREFIX "<search query>",
	.mail_cmd = cmd_requeue_alloc,
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_MAIL_COMMON
DOVEADM_CMD_PARAM('\0', "query", CMD_PARAM_ARRAY, CMD_PARAM_FLAG_POSITIONAL)
DOVEADM_CMD_PARAMS_END
};

struct doveadm_cmd_ver2 pop_policy_cmd_dequeue = {
	.name = "pop-policy dequeue",
	.usage = DOVEADM_CMD_MAIL_USAGE_PREFIX "<search query>",
	.mail_cmd = cmd_dequeue_alloc,
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_MAIL_COMMON
DOVEADM_CMD_PARAM('\0', "query", CMD_PARAM_ARRAY, CMD_PARAM_FLAG_POSITIONAL)
DOVEADM_CMD_PARAMS_END
};
