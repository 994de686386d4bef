/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Input: what a directory answers, and to what. Each line begins with a letter;
   %xx is the octet with this number in hex.

     O flags     w: write, d: dry run, f: foreign names, b: a base that is
                 fixed, z: Zimbra's schema, c: the directory has hung up
     F filter    what is searched
     S n=value   what is written to setting n
     E dn        an entry, with
     A name      an attribute, with
     V value     a value
     R uri       a reference
     D code matched/text  the end of the search
     M code text          the answer to the change
     X hex       any octets */

#include "lib.h"
#include "buffer.h"
#include "pop-policy.h"
#include "pop-policy-ldap-clock.h"
#include "pop-policy-ldap-config.h"
#include "pop-policy-ldap-connection.h"
#include "pop-policy-ldap-modify.h"
#include "pop-policy-ldap-schema.h"
#include "pop-policy-ldap-search.h"
#include "fuzz.h"
#include "fuzz-hex.h"

#include <ctype.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/socket.h>

#define BASE "ou=people,dc=example"
#define BASE_FIXED "dc=example"
#define TIMEOUT_MSECS 5000
#define MSGID_SEARCH 1
#define MSGID_MODIFY 2

struct script {
	bool write, dry_run, foreign, base_fixed, zimbra, closed;
	const char *filter;
	struct pop_policy_ldap_write *changes;

	/* what the directory sends, and its end of the connection */
	int peer;
	buffer_t *answer;
	BerElement *ber;
	bool in_entry, in_attribute;

	/* what a client should make of it, as long as there are no raw
	   octets */
	bool raw, done;
	unsigned int entries, references;
	int code;
};

static void decode(const char *text, struct berval *bv_r)
{
	buffer_t *buf = t_buffer_create(64);

	for (; *text != '\0'; text++) {
		if (*text == '%' && i_isxdigit(text[1]) &&
		    i_isxdigit(text[2])) {
			buffer_append_c(buf, strtoul(t_strndup(text + 1, 2),
						     NULL, 16));
			text += 2;
		} else
			buffer_append_c(buf, *text);
	}
	bv_r->bv_len = buf->used;
	bv_r->bv_val = (char *)fuzz_copy(buf->used == 0 ? "" : buf->data,
					 buf->used);
}

/* Messages as they are on the wire */

static void message_begin(struct script *script)
{
	script->ber = ber_alloc_t(LBER_USE_DER);
	i_assert(script->ber != NULL);
}

static void message_end(struct script *script)
{
	struct berval bv;

	i_assert(ber_flatten2(script->ber, &bv, 0) == 0);
	buffer_append(script->answer, bv.bv_val, bv.bv_len);
	ber_free(script->ber, 1);
	script->ber = NULL;
}

static void attribute_end(struct script *script)
{
	if (script->in_attribute)
		i_assert(ber_printf(script->ber, "]}") != -1);
	script->in_attribute = FALSE;
}

static void entry_end(struct script *script)
{
	attribute_end(script);
	if (script->in_entry) {
		i_assert(ber_printf(script->ber, "}}}") != -1);
		message_end(script);
	}
	script->in_entry = FALSE;
}

static void entry_begin(struct script *script, const char *text)
{
	struct berval dn;

	decode(text, &dn);
	message_begin(script);
	i_assert(ber_printf(script->ber, "{it{O{", MSGID_SEARCH,
			    LDAP_RES_SEARCH_ENTRY, &dn) != -1);
	script->in_entry = TRUE;
	if (!script->done)
		script->entries++;
}

static void attribute_begin(struct script *script, const char *text)
{
	struct berval name;

	decode(text, &name);
	attribute_end(script);
	if (!script->in_entry)
		return;
	i_assert(ber_printf(script->ber, "{O[", &name) != -1);
	script->in_attribute = TRUE;
}

static void value_add(struct script *script, const char *text)
{
	struct berval value;

	decode(text, &value);
	if (script->in_attribute)
		i_assert(ber_printf(script->ber, "O", &value) != -1);
}

static void reference_add(struct script *script, const char *text)
{
	struct berval uri;

	decode(text, &uri);
	message_begin(script);
	i_assert(ber_printf(script->ber, "{it{O}}", MSGID_SEARCH,
			    LDAP_RES_SEARCH_REFERENCE, &uri) != -1);
	message_end(script);
	if (!script->done)
		script->references++;
}

static void
result_add(struct script *script, ber_int_t msgid, ber_tag_t type,
	   const char *text)
{
	struct berval matched, diagnostic;
	const char *rest = strchr(text, ' ');
	ber_int_t code = atoi(text);

	rest = rest == NULL ? "" : rest + 1;
	decode(t_strcut(rest, '/'), &matched);
	rest = strchr(rest, '/');
	decode(rest == NULL ? "" : rest + 1, &diagnostic);
	message_begin(script);
	i_assert(ber_printf(script->ber, "{it{eOO}}", msgid, type, code,
			    &matched, &diagnostic) != -1);
	message_end(script);
	if (msgid == MSGID_SEARCH && !script->done) {
		script->done = TRUE;
		script->code = code;
	}
}

/* Reading the input */

static void options_read(struct script *script, const char *flags)
{
	script->write = strchr(flags, 'w') != NULL;
	script->dry_run = strchr(flags, 'd') != NULL;
	script->foreign = strchr(flags, 'f') != NULL;
	script->base_fixed = strchr(flags, 'b') != NULL;
	script->zimbra = strchr(flags, 'z') != NULL;
	script->closed = strchr(flags, 'c') != NULL;
}

static void change_read(struct script *script, const char *text)
{
	const char *value = strchr(text, '=');

	if (value != NULL) {
		script->changes->values[strtoul(text, NULL, 10) %
			POP_POLICY_SETTING_COUNT] = value + 1;
	}
}

static void line_read(struct script *script, const char *line)
{
	const char *text = *line != '\0' && line[1] == ' ' ? line + 2 : "";

	if (*line != 'A' && *line != 'V')
		entry_end(script);
	switch (*line) {
	case 'O':
		options_read(script, text);
		break;
	case 'F':
		script->filter = text;
		break;
	case 'S':
		change_read(script, text);
		break;
	case 'E':
		entry_begin(script, text);
		break;
	case 'A':
		attribute_begin(script, text);
		break;
	case 'V':
		value_add(script, text);
		break;
	case 'R':
		reference_add(script, text);
		break;
	case 'D':
		result_add(script, MSGID_SEARCH, LDAP_RES_SEARCH_RESULT, text);
		break;
	case 'M':
		result_add(script, MSGID_MODIFY, LDAP_RES_MODIFY, text);
		break;
	case 'X':
		script->raw = TRUE;
		fuzz_hex_read(text, script->answer);
		break;
	}
}

/* The connection, with all of the answer waiting in it */

static struct pop_policy_ldap_connection *
connection_open(struct script *script,
		const struct pop_policy_ldap_request *request)
{
	struct pop_policy_ldap_connection *conn;
	const char *error;
	int fds[2];

	i_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	script->peer = fds[1];
	i_assert(script->answer->used == 0 ||
		 send(script->peer, script->answer->data, script->answer->used,
		      MSG_DONTWAIT) == (ssize_t)script->answer->used);
	i_assert(shutdown(script->peer, SHUT_WR) == 0);
	i_assert(pop_policy_ldap_connection_open(request,
			request->config->uris.list, fds[0],
			pop_policy_ldap_now() + TIMEOUT_MSECS, &conn,
			&error) == 0);
	if (script->closed)
		i_close_fd(&script->peer);
	return conn;
}

/* What has come of it */

static void
check_found(const struct pop_policy_ldap_request *request,
	    const char *const *values)
{
	struct pop_policy_layers layers;
	struct pop_policy policy;
	const char *key, *error;
	unsigned int count = str_array_length(request->attributes);

	if (request->write != NULL)
		return;
	for (unsigned int i = 0; i < count; i++)
		i_assert(values[i] == NULL || strlen(values[i]) <= 1024);
	i_zero(&layers);
	layers.set = pop_policy_default_settings;
	if (pop_policy_ldap_schema_apply(request->config->schema, values,
					 &layers, &error) < 0 ||
	    pop_policy_init(&layers, &policy, &key, &error) < 0)
		fuzz_check_error(error);
}

/* An answer counts if it is complete, and of one entry. */
static void check_result(const struct script *script,
			 enum pop_policy_ldap_result result)
{
	if (script->raw)
		return;
	switch (result) {
	case POP_POLICY_LDAP_FOUND:
		i_assert(script->done && script->code == LDAP_SUCCESS);
		i_assert(script->entries == 1 && script->references == 0);
		break;
	case POP_POLICY_LDAP_NO_ENTRY:
		i_assert(script->done && script->entries == 0 &&
			 script->references == 0);
		i_assert(script->code == LDAP_SUCCESS ||
			 (script->code == LDAP_NO_SUCH_OBJECT &&
			  script->base_fixed));
		break;
	case POP_POLICY_LDAP_FAILED:
	case POP_POLICY_LDAP_INVALID:
		break;
	}
}

static void
script_run(struct script *script,
	   const struct pop_policy_ldap_request *request, pool_t pool)
{
	struct pop_policy_ldap_connection *conn;
	enum pop_policy_ldap_result result;
	const char **values, *error = NULL;

	values = t_new(const char *, str_array_length(request->attributes) + 1);
	conn = connection_open(script, request);
	result = pop_policy_ldap_search(conn, request, pool, values, &error);
	pop_policy_ldap_connection_close(&conn);
	i_close_fd(&script->peer);
	check_result(script, result);
	if (result == POP_POLICY_LDAP_FOUND)
		check_found(request, values);
	else if (result != POP_POLICY_LDAP_NO_ENTRY)
		fuzz_check_error(error);
}

static void
request_init(struct pop_policy_ldap_request *request_r,
	     const struct script *script,
	     struct pop_policy_ldap_config *config_r, pool_t pool)
{
	struct pop_policy_settings set = pop_policy_default_settings;
	const char *error;

	set.pop_policy_ldap_uris = "ldap://localhost";
	set.pop_policy_ldap_schema = script->zimbra ? "zimbra" : "pop-policy";
	i_assert(pop_policy_ldap_config_init(&set, config_r, &error) == 0);
	i_zero(request_r);
	request_r->base_dir = "/nonexistent";
	request_r->config = config_r;
	request_r->base = BASE;
	request_r->filter = script->filter;
	request_r->base_fixed = script->base_fixed ? BASE_FIXED : NULL;
	request_r->names_are_foreign = script->foreign;
	if (script->write) {
		request_r->write = script->changes;
		request_r->write->dry_run = script->dry_run;
		request_r->write_pool = pool;
	}
	request_r->attributes = script->write ?
		pop_policy_ldap_modify_get_names(config_r->schema) :
		pop_policy_ldap_schema_get_names(config_r->schema);
}

void fuzz_text(const char *text)
{
	static bool initialized = FALSE;
	struct pop_policy_ldap_write changes;
	struct pop_policy_ldap_request request;
	struct pop_policy_ldap_config config;
	struct script script;
	pool_t pool;

	if (!initialized)
		pop_policy_ldap_library_init();
	initialized = TRUE;
	i_zero(&changes);
	i_zero(&script);
	script.changes = &changes;
	script.filter = "(mail=jo)";
	script.answer = t_buffer_create(256);
	while (*text != '\0')
		line_read(&script, fuzz_next_line(&text));
	entry_end(&script);

	pool = pool_alloconly_create("fuzz", 1024);
	request_init(&request, &script, &config, pool);
	script_run(&script, &request, pool);
	pool_unref(&pool);
}
