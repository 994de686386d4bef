/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-compat-dns.h"

void pop_policy_dns_lookup(const char *host, struct event *event,
			   const char *base_dir ATTR_UNUSED,
			   dns_lookup_callback_t *callback, void *context,
			   struct dns_lookup **lookup_r)
{
	/* (parentheses: not the macros, which check the context's type) */
	*lookup_r = NULL;
#ifdef POP_POLICY_DNS_CLIENT_PARAMETERS
	struct dns_client_parameters params;

	i_zero(&params);
	(void)(dns_lookup)(host, &params, event, callback, context, lookup_r);
#else
	const struct dns_lookup_settings set = {
		.dns_client_socket_path =
			t_strconcat(base_dir, "/"DNS_CLIENT_SOCKET_NAME, NULL),
		.event_parent = event,
	};

	(void)(dns_lookup)(host, &set, callback, context, lookup_r);
#endif
}
