/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* What a lookup of the plugin costs, beside what libldap needs for the same
   search. ldap-lookup.py starts a directory and calls this:

   ldap-lookup ROUNDS URI STARTTLS CA_FILE BIND_DN PASSWORD BASE FILTER

   It prints, in microseconds and for a kept and a fresh connection, the medians
   of libldap alone and of the plugin, which take turns. */

#include "lib.h"
#include "sort.h"
#include "pop-policy-settings.h"
#include "pop-policy-ldap-config.h"
#include "pop-policy-ldap-lookup.h"
#include "pop-policy-ldap-schema.h"

#include <stdio.h>
#include <time.h>
#include <ldap.h>

struct bench {
	struct pop_policy_settings set;
	struct pop_policy_ldap_config config;
	const char *const *attributes;
	LDAP *kept;
};

static double now_usecs(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) < 0)
		i_fatal("clock_gettime() failed: %m");
	return ts.tv_sec * 1000000.0 + ts.tv_nsec / 1000.0;
}

static void check(int ret, const char *what)
{
	if (ret != LDAP_SUCCESS)
		i_fatal("%s failed: %s", what, ldap_err2string(ret));
}

/* libldap alone, as its manual has it */

static LDAP *bare_open(const struct bench *bench, const char *uri)
{
	struct berval cred = {
		.bv_val = (char *)bench->config.auth_dn_password,
		.bv_len = strlen(bench->config.auth_dn_password),
	};
	int version = LDAP_VERSION3, client = 0;
	LDAP *ld;

	check(ldap_initialize(&ld, uri), "ldap_initialize()");
	check(ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version),
	      "LDAP_OPT_PROTOCOL_VERSION");
	if (bench->config.starttls || strncmp(uri, "ldaps:", 6) == 0) {
		check(ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTFILE,
				      bench->config.tls_ca_file), "CA file");
		check(ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &client),
		      "TLS context");
	}
	if (bench->config.starttls)
		check(ldap_start_tls_s(ld, NULL, NULL), "StartTLS");
	check(ldap_sasl_bind_s(ld, bench->config.auth_dn, LDAP_SASL_SIMPLE,
			       &cred, NULL, NULL, NULL), "Bind");
	return ld;
}

static void bare_search(const struct bench *bench, LDAP *ld)
{
	LDAPMessage *msg;

	check(ldap_search_ext_s(ld, bench->config.base, LDAP_SCOPE_SUBTREE,
				bench->config.filter,
				(char **)bench->attributes, 0, NULL, NULL,
				NULL, 2, &msg), "Search");
	if (ldap_count_entries(ld, msg) != 1)
		i_fatal("The entry is not there");
	ldap_msgfree(msg);
}

static void bare_lookup(struct bench *bench, const char *uri, bool fresh)
{
	LDAP *ld;

	if (!fresh) {
		if (bench->kept == NULL)
			bench->kept = bare_open(bench, uri);
		bare_search(bench, bench->kept);
	} else {
		ld = bare_open(bench, uri);
		bare_search(bench, ld);
		(void)ldap_unbind_ext(ld, NULL, NULL);
	}
}

/* the plugin */

static void plugin_lookup(struct bench *bench, bool fresh)
{
	const struct pop_policy_ldap_request request = {
		.base_dir = "/nonexistent",
		.config = &bench->config,
		.base = bench->config.base,
		.filter = bench->config.filter,
		.attributes = bench->attributes,
		.keep_connection = !fresh,
	};
	const char *values[POP_POLICY_SETTING_COUNT], *server, *error;
	pool_t pool = pool_alloconly_create("lookup", 1024);

	if (pop_policy_ldap_lookup(&request, pool, values, &server, &error) !=
	    POP_POLICY_LDAP_FOUND)
		i_fatal("Lookup failed: %s", error);
	pool_unref(&pool);
}

static int double_cmp(const double *a, const double *b)
{
	return *a < *b ? -1 : *a > *b ? 1 : 0;
}

static void
measure(struct bench *bench, const char *uri, bool fresh, unsigned int rounds)
{
	double *bare = i_new(double, rounds), *plugin = i_new(double, rounds);
	double start;

	for (unsigned int i = 0; i < rounds; i++) T_BEGIN {
		start = now_usecs();
		bare_lookup(bench, uri, fresh);
		bare[i] = now_usecs() - start;
		start = now_usecs();
		plugin_lookup(bench, fresh);
		plugin[i] = now_usecs() - start;
	} T_END;
	i_qsort(bare, rounds, sizeof(*bare), double_cmp);
	i_qsort(plugin, rounds, sizeof(*plugin), double_cmp);
	printf("%s %.1f %.1f\n", fresh ? "fresh" : "kept", bare[rounds / 2],
	       plugin[rounds / 2]);
	i_free(bare);
	i_free(plugin);
}

int main(int argc, char *argv[])
{
	struct bench bench = { .set = pop_policy_default_settings };
	unsigned int rounds;
	const char *error, *uri;

	lib_init();
	pop_policy_ldap_init(NULL);
	if (argc != 9 || str_to_uint(argv[1], &rounds) < 0)
		i_fatal("Usage: ldap-lookup ROUNDS URI STARTTLS CA_FILE "
			"BIND_DN PASSWORD BASE FILTER");
	uri = argv[2];
	bench.set.pop_policy_ldap_uris = uri;
	bench.set.pop_policy_ldap_starttls = argv[3];
	bench.set.pop_policy_ldap_tls_ca_file = argv[4];
	bench.set.pop_policy_ldap_auth_dn = argv[5];
	bench.set.pop_policy_ldap_auth_dn_password = argv[6];
	bench.set.pop_policy_ldap_base = argv[7];
	if (pop_policy_ldap_config_init(&bench.set, &bench.config, &error) < 0)
		i_fatal("%s", error);
	/* expanded already */
	bench.config.filter = argv[8];
	bench.attributes =
		pop_policy_ldap_schema_get_names(bench.config.schema);

	/* the libraries are loaded and the processor warm */
	bare_lookup(&bench, uri, TRUE);
	plugin_lookup(&bench, TRUE);
	measure(&bench, uri, FALSE, rounds);
	measure(&bench, uri, TRUE, rounds / 5 + 1);
	pop_policy_ldap_deinit();
	(void)ldap_unbind_ext(bench.kept, NULL, NULL);
	lib_deinit();
	return 0;
}
