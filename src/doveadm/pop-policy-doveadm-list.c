/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* The commands that show the queue: list and status. */

#include "lib.h"
#include "array.h"
#include "mail-user.h"
#include "mail-storage-private.h"
#include "doveadm-print.h"
#include "pop-policy-doveadm-cmd.h"
#include "pop-policy-doveadm-hidden.h"
#include "pop-policy-doveadm-maker.h"
#include "pop-policy-doveadm-policy.h"
#include "pop-policy-doveadm-queue.h"
#include "pop-policy-doveadm-uidl.h"
#include "pop-policy-doveadm-run.h"
#include "pop-policy-doveadm-user.h"

#include <time.h>

static void print_time(time_t arrival)
{
	char buf[64];
	const struct tm *tm = gmtime(&arrival);

	if (tm == NULL || strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ",
				   tm) == 0)
		*buf = '\0';
	doveadm_print(buf);
}

static void
mail_print(const char *number, struct mailbox *box, uint32_t uid,
	   const char *uidl, uoff_t size, time_t arrival)
{
	doveadm_print(number);
	doveadm_print(box->vname);
	doveadm_print_num(uid);
	doveadm_print(uidl);
	doveadm_print_num(size);
	print_time(arrival);
}

struct hidden_print {
	struct pop_policy_queue *queue;
	enum pop_policy_hidden reason;
};

/* A mail is not worth a failure if it is just being expunged. */
static int
hidden_print_mail(struct hidden_print *print, struct mail *mail)
{
	const char *uidl = "", *error;
	time_t arrival;
	uoff_t size;

	if (pop_policy_queue_mail_size(print->queue, mail, &size) < 0 ||
	    mail_get_received_date(mail, &arrival) < 0)
		return mail->expunged ? 0 : -1;
	/* those that would come into the queue with another policy */
	if (print->reason != POP_POLICY_HIDDEN_NOT_SOURCE ||
	    mail->box->inbox_user) {
		if (pop_policy_doveadm_uidl_get(&print->queue->maker, mail,
						&uidl, &error) < 0)
			uidl = "";
	}
	mail_print("", mail->box, mail->uid, uidl, size, arrival);
	doveadm_print(pop_policy_hidden_infos[print->reason].text);
	return 0;
}

static int
hidden_print_box(void *context, struct mailbox *box,
		 enum pop_policy_hidden reason,
		 const ARRAY_TYPE(seq_range) *seqs)
{
	struct hidden_print print = { .queue = context, .reason = reason };
	struct mailbox_transaction_context *t;
	struct seq_range_iter iter;
	struct mail *mail;
	unsigned int n = 0;
	uint32_t seq;
	int ret = 0;

	t = mailbox_transaction_begin(box, 0, "pop_policy");
	mail = mail_alloc(t, MAIL_FETCH_VIRTUAL_SIZE | MAIL_FETCH_RECEIVED_DATE,
			  NULL);
	seq_range_array_iter_init(&iter, seqs);
	while (ret == 0 && seq_range_array_iter_nth(&iter, n++, &seq)) T_BEGIN {
		mail_set_seq(mail, seq);
		ret = hidden_print_mail(&print, mail);
	} T_END;
	if (ret < 0)
		mail_storage_last_error_push(box->storage);
	mail_free(&mail);
	(void)mailbox_transaction_commit(&t);
	if (ret < 0)
		mail_storage_last_error_pop(box->storage);
	return ret;
}

static int
list_print(struct pop_policy_cmd *cmd, struct pop_policy_queue *queue,
	   const char **error_r)
{
	const struct pop_policy_queue_mail *mail;
	unsigned int number = 0;

	if (pop_policy_queue_read_uidls(queue, error_r) < 0)
		return -1;
	array_foreach(&queue->mails, mail) T_BEGIN {
		mail_print(dec2str(++number), mail->source->box, mail->uid,
			   mail->uidl, mail->size, mail->arrival);
		if (cmd->all)
			doveadm_print("");
	} T_END;
	if (cmd->all &&
	    pop_policy_hidden_find(queue, hidden_print_box, queue) < 0)
		pop_policy_cmd_failed(cmd, EX_TEMPFAIL);
	return 0;
}

static int
hidden_count(void *context, struct mailbox *box ATTR_UNUSED,
	     enum pop_policy_hidden reason, const ARRAY_TYPE(seq_range) *seqs)
{
	unsigned int *counts = context;

	counts[reason] += seq_range_count(seqs);
	return 0;
}

static int
status_print(struct pop_policy_cmd *cmd, struct pop_policy_queue *queue,
	     const char **error_r ATTR_UNUSED)
{
	unsigned int counts[POP_POLICY_HIDDEN_COUNT];
	const struct pop_policy_queue_mail *mail;
	uint64_t octets = 0;

	i_zero(&counts);
	if (pop_policy_hidden_find(queue, hidden_count, counts) < 0) {
		/* no number is better than a wrong one */
		pop_policy_cmd_failed(cmd, EX_TEMPFAIL);
		return 0;
	}
	array_foreach(&queue->mails, mail) {
		octets += mail->size;
	}
	doveadm_print_num(array_count(&queue->mails));
	doveadm_print_num(octets);
	for (unsigned int i = 0; i < N_ELEMENTS(counts); i++)
		doveadm_print_num(counts[i]);
	return 0;
}

static void
queue_print(struct pop_policy_cmd *cmd, struct pop_policy_doveadm_user *user,
	    struct pop_policy_doveadm_policy *policy,
	    int (*print)(struct pop_policy_cmd *cmd,
			 struct pop_policy_queue *queue, const char **error_r))
{
	struct pop_policy_queue queue;
	const char *error;
	int exit_code;

	if (pop_policy_queue_open(&queue, user, policy, &error) < 0 ||
	    pop_policy_queue_read(&queue, &error) < 0 ||
	    print(cmd, &queue, &error) < 0) {
		exit_code = pop_policy_doveadm_policy_exit_code(policy);
		i_error("%s", error);
		pop_policy_cmd_failed(cmd, exit_code != 0 ? exit_code :
				      EX_TEMPFAIL);
	}
	pop_policy_queue_close(&queue);
}

static void
cmd_run(struct pop_policy_cmd *cmd, struct pop_policy_doveadm_user *user,
	int (*print)(struct pop_policy_cmd *cmd,
		     struct pop_policy_queue *queue, const char **error_r))
{
	struct pop_policy_doveadm_policy policy;

	pop_policy_doveadm_policy_get(user, &policy);
	if (policy.refusal == NULL) {
		queue_print(cmd, user, &policy, print);
		return;
	}
	/* There is no queue. */
	if (policy.error != NULL) {
		i_error("POP login refused: %s", policy.error);
		pop_policy_cmd_failed(cmd,
			pop_policy_doveadm_policy_exit_code(&policy));
	} else {
		/* nothing is wrong, but nobody should wonder */
		i_info("POP login refused: %s", policy.refusal);
	}
}

static void
cmd_list_run(struct pop_policy_cmd *cmd, struct pop_policy_doveadm_user *user)
{
	cmd_run(cmd, user, list_print);
}

static void
cmd_status_run(struct pop_policy_cmd *cmd, struct pop_policy_doveadm_user *user)
{
	cmd_run(cmd, user, status_print);
}

static void number_header(const char *name)
{
	doveadm_print_header(name, name,
			     DOVEADM_PRINT_HEADER_FLAG_RIGHT_JUSTIFY |
			     DOVEADM_PRINT_HEADER_FLAG_NUMBER);
}

static int cmd_list_init(struct pop_policy_cmd *cmd)
{
	doveadm_print_header("number", "number",
			     DOVEADM_PRINT_HEADER_FLAG_RIGHT_JUSTIFY);
	doveadm_print_header_simple("mailbox");
	number_header("uid");
	doveadm_print_header_simple("uidl");
	number_header("size");
	doveadm_print_header_simple("arrival");
	if (cmd->all)
		doveadm_print_header_simple("hidden");
	return 0;
}

static int cmd_status_init(struct pop_policy_cmd *cmd ATTR_UNUSED)
{
	number_header("messages");
	number_header("octets");
	for (unsigned int i = 0; i < POP_POLICY_HIDDEN_COUNT; i++)
		number_header(pop_policy_hidden_infos[i].column);
	return 0;
}

static struct doveadm_mail_cmd_context *cmd_list_alloc(void)
{
	static const struct pop_policy_cmd_vfuncs v = {
		.init = cmd_list_init,
		.run = cmd_list_run,
	};

	return pop_policy_cmd_alloc(&v);
}

static struct doveadm_mail_cmd_context *cmd_status_alloc(void)
{
	static const struct pop_policy_cmd_vfuncs v = {
		.init = cmd_status_init,
		.run = cmd_status_run,
	};

	return pop_policy_cmd_alloc(&v);
}

struct doveadm_cmd_ver2 pop_policy_cmd_list = {
	.name = "pop-policy list",
	.usage = DOVEADM_CMD_MAIL_USAGE_PREFIX "[-a]",
	.mail_cmd = cmd_list_alloc,
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_MAIL_COMMON
DOVEADM_CMD_PARAM('a', "all", CMD_PARAM_BOOL, 0)
DOVEADM_CMD_PARAMS_END
};

struct doveadm_cmd_ver2 pop_policy_cmd_status = {
	.name = "pop-policy status",
	.usage = DOVEADM_CMD_MAIL_USAGE_PREFIX,
	.mail_cmd = cmd_status_alloc,
DOVEADM_CMD_PARAMS_START
DOVEADM_CMD_MAIL_COMMON
DOVEADM_CMD_PARAMS_END
};
