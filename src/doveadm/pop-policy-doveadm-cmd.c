/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-doveadm-cmd.h"

void pop_policy_cmd_failed(struct pop_policy_cmd *cmd, int exit_code)
{
	if (cmd->ctx.exit_code == 0 || exit_code == EX_TEMPFAIL)
		cmd->ctx.exit_code = exit_code;
}
