/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "strfuncs.h"
#include "var-expand.h"
#include "mail-user.h"
#include "mail-namespace.h"
#include "mailbox-list.h"
#include "mail-storage-settings.h"
#include "pop-policy-storage-compat.h"
#include "pop-policy-doveadm-cmd.h"
#include "pop-policy-doveadm-compat.h"

static void cmd_init(struct doveadm_mail_cmd_context *ctx)
{
	struct pop_policy_cmd *cmd =
		container_of(ctx, struct pop_policy_cmd, ctx);

	cmd->init(cmd);
}

void pop_policy_doveadm_set_init(struct doveadm_mail_cmd_context *ctx)
{
	ctx->v.init = cmd_init;
}

enum mailbox_sync_flags pop_policy_doveadm_write_flags(struct mailbox *box)
{
	return pop_policy_mailbox_get_write_flags(box);
}

const char *pop_policy_doveadm_uidl_format(struct mail_user *user)
{
	struct mail_namespace *ns = mail_namespace_find_inbox(user->namespaces);

	return mailbox_list_get_mail_set(ns->list)->pop3_uidl_format;
}

enum uidl_keys pop_policy_doveadm_uidl_keys(const char *format)
{
	static const struct {
		const char *name;
		enum uidl_keys mask;
	} keys[] = {
		{ "uidvalidity", UIDL_UIDVALIDITY },
		{ "uid", UIDL_UID },
		{ "md5", UIDL_MD5 },
		{ "filename", UIDL_FILE_NAME },
		{ "guid", UIDL_GUID },
	};
	struct var_expand_program *program;
	const char *const *variables, *error;
	enum uidl_keys mask = 0;

	if (var_expand_program_create(format, &program, &error) < 0)
		return 0;
	variables = var_expand_program_variables(program);
	for (unsigned int i = 0; i < N_ELEMENTS(keys); i++) {
		if (str_array_find(variables, keys[i].name))
			mask |= keys[i].mask;
	}
	var_expand_program_free(&program);
	return mask;
}
