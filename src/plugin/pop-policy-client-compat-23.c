/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "hostpid.h"
#include "master-service.h"
#include "mail-user.h"
#include "pop3-common.h"
#include "pop-policy-client-compat.h"

void pop_policy_client_anvil_disconnect(struct client *client)
{
	const char *cmd;

	if (!client->anvil_sent)
		return;
	client->anvil_sent = FALSE;
	cmd = t_strconcat("DISCONNECT\t", my_pid, "\tpop3/",
			  mail_user_get_anvil_userip_ident(client->user),
			  "\n", NULL);
	master_service_anvil_send(master_service, cmd);
}
