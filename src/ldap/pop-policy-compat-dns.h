#ifndef POP_POLICY_COMPAT_DNS_H
#define POP_POLICY_COMPAT_DNS_H

/* lib-dns, whose interface changed between two releases of 2.4 */

#include "dns-lookup.h"

/* Start to look up a host name with Dovecot's dns-client. If that fails at
   once, the callback has been called and *lookup_r is NULL. base_dir is
   Dovecot's. */
void pop_policy_dns_lookup(const char *host, struct event *event,
			   const char *base_dir,
			   dns_lookup_callback_t *callback, void *context,
			   struct dns_lookup **lookup_r);

#endif
