/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "net.h"
#include "pop-policy-log.h"
#include "pop-policy-compat-dns.h"
#include "pop-policy-ldap-request.h"
#include "pop-policy-ldap-clock.h"
#include "pop-policy-ldap-race.h"
#include "pop-policy-ldap-resolve.h"

struct resolve_context {
	struct ioloop *ioloop;
	bool finished;

	struct ip_addr ips[POP_POLICY_LDAP_MAX_IPS];
	unsigned int count;
	char *error;
};

static void
resolve_callback(const struct dns_lookup_result *result,
		 struct resolve_context *ctx)
{
	/* aborting it calls this as well */
	if (ctx->error != NULL)
		return;
	if (result->ret != 0)
		ctx->error = i_strdup(result->error);
	else {
		ctx->count = I_MIN(result->ips_count, N_ELEMENTS(ctx->ips));
		memcpy(ctx->ips, result->ips, ctx->count * sizeof(*ctx->ips));
	}
	ctx->finished = TRUE;
	io_loop_stop(ctx->ioloop);
}

static void resolve_timeout(struct resolve_context *ctx)
{
	ctx->error = i_strdup("Timed out");
	io_loop_stop(ctx->ioloop);
}

static void
resolve_run(const struct pop_policy_ldap_request *request, const char *host,
	    unsigned int msecs, struct resolve_context *ctx)
{
	struct dns_lookup *lookup;
	struct timeout *to;

	/* A separate loop: nothing else of this process runs meanwhile. */
	ctx->ioloop = io_loop_create();
	to = timeout_add_short(msecs, resolve_timeout, ctx);
	pop_policy_dns_lookup(host, request->event, request->base_dir,
			      (dns_lookup_callback_t *)resolve_callback, ctx,
			      &lookup);
	if (!ctx->finished)
		io_loop_run(ctx->ioloop);
	if (!ctx->finished && lookup != NULL)
		dns_lookup_abort(&lookup);
	timeout_remove(&to);
	io_loop_destroy(&ctx->ioloop);
}

int pop_policy_ldap_resolve(const struct pop_policy_ldap_request *request,
			    const char *host, uint64_t deadline,
			    const struct ip_addr **ips_r, unsigned int *count_r,
			    const char **error_r)
{
	struct resolve_context ctx;
	struct ip_addr *ip = t_new(struct ip_addr, 1);
	uint64_t now = pop_policy_ldap_now();

	*ips_r = ip;
	*count_r = 1;
	if (net_addr2ip(host, ip) == 0)
		return 0;

	i_zero(&ctx);
	resolve_run(request, host, now < deadline ? deadline - now : 1, &ctx);
	*ips_r = p_memdup(pool_datastack_create(), ctx.ips, sizeof(ctx.ips));
	*count_r = ctx.count;
	if (ctx.count > 0)
		return 0;
	*error_r = t_strdup_printf("Cannot resolve %s: %s",
		pop_policy_log_value(host),
		ctx.error == NULL ? "No addresses" :
		pop_policy_log_value(ctx.error));
	i_free(ctx.error);
	return -1;
}
