#ifndef POP_POLICY_CLIENT_COMPAT_H
#define POP_POLICY_CLIENT_COMPAT_H

/* Differences between Dovecot's versions in the pop3 process. Declared once
   here, implemented in pop-policy-client-compat-23.c and -24.c, of which the
   build takes one. */

struct client;

/* Tell the anvil process that this session has ended, if it knows of it. It
   no longer counts against mail_max_userip_connections then. */
void pop_policy_client_anvil_disconnect(struct client *client);

#endif
