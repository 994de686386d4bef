/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "master-service.h"
#include "mail-user.h"
#include "pop3-common.h"
#include "pop-policy-client-compat.h"

void pop_policy_client_anvil_disconnect(struct client *client)
{
	struct master_service_anvil_session anvil_session;

	if (!client->anvil_sent)
		return;
	client->anvil_sent = FALSE;
	mail_user_get_anvil_session(client->user, &anvil_session);
	master_service_anvil_disconnect(master_service, &anvil_session,
					client->anvil_conn_guid);
}
