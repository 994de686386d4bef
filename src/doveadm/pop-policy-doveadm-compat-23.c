/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "var-expand.h"
#include "mail-user.h"
#include "mail-storage-settings.h"
#include "pop-policy-doveadm-cmd.h"
#include "pop-policy-doveadm-compat.h"

static void
cmd_init(struct doveadm_mail_cmd_context *ctx,
	 const char *const args[] ATTR_UNUSED)
{
	struct pop_policy_cmd *cmd =
		container_of(ctx, struct pop_policy_cmd, ctx);

	cmd->init(cmd);
}

/* Without it doveadm takes no option, nor does it hand one on to its server. */
static bool
cmd_parse_arg(struct doveadm_mail_cmd_context *ctx ATTR_UNUSED,
	      int c ATTR_UNUSED)
{
	return TRUE;
}

void pop_policy_doveadm_set_init(struct doveadm_mail_cmd_context *ctx)
{
	ctx->v.init = cmd_init;
	ctx->v.parse_arg = cmd_parse_arg;
}

enum mailbox_sync_flags
pop_policy_doveadm_write_flags(struct mailbox *box ATTR_UNUSED)
{
	return MAILBOX_SYNC_FLAG_FULL_WRITE;
}

const char *pop_policy_doveadm_uidl_format(struct mail_user *user)
{
	return mail_user_set_get_storage_set(user)->pop3_uidl_format;
}

enum uidl_keys pop_policy_doveadm_uidl_keys(const char *format)
{
	static const struct {
		char key;
		const char *name;
		enum uidl_keys mask;
	} keys[] = {
		{ 'v', "uidvalidity", UIDL_UIDVALIDITY },
		{ 'u', "uid", UIDL_UID },
		{ 'm', "md5", UIDL_MD5 },
		{ 'f', "filename", UIDL_FILE_NAME },
		{ 'g', "guid", UIDL_GUID },
	};
	enum uidl_keys mask = 0;

	for (unsigned int i = 0; i < N_ELEMENTS(keys); i++) {
		/* (pop3 does not see a long name) */
		if (var_has_key(format, keys[i].key, NULL))
			mask |= keys[i].mask;
	}
	return mask;
}
