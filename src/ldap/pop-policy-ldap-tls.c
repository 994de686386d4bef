/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "istream.h"
#include "str.h"
#include "pop-policy-log.h"
#include "pop-policy-ldap-config.h"
#include "pop-policy-ldap-tls.h"

#include <fcntl.h>
#include <unistd.h>
#include <sys/stat.h>

#define POP_POLICY_LDAP_CA_LINE_MAX 8192
/* How much of the file's path the log shows */
#define POP_POLICY_LDAP_LOG_PATH_MAX_LEN 256

/* Options */

struct int_option {
	int option, value;
};

static const struct int_option int_options[] = {
	{ LDAP_OPT_X_TLS_REQUIRE_CERT, LDAP_OPT_X_TLS_DEMAND },
	/* If the certificate has a subjectAltName, that decides, else its
	   common name does. ("demand" would refuse the latter, "allow" would
	   take the common name in any case.) */
	{ LDAP_OPT_X_TLS_REQUIRE_SAN, LDAP_OPT_X_TLS_TRY },
	{ LDAP_OPT_X_TLS_PROTOCOL_MIN, LDAP_OPT_X_TLS_PROTOCOL_TLS1_2 },
	{ LDAP_OPT_X_TLS_PROTOCOL_MAX, 0 },
};
static const int null_options[] = {
	LDAP_OPT_X_TLS_CACERTDIR,
	LDAP_OPT_X_TLS_CERTFILE,
	LDAP_OPT_X_TLS_KEYFILE,
	LDAP_OPT_X_TLS_CRLFILE,
	LDAP_OPT_X_TLS_CIPHER_SUITE,
};

/* TRUE if there is the beginning of a certificate, as PEM has it: with
   CERTIFICATE, X509 CERTIFICATE or TRUSTED CERTIFICATE. */
static bool fd_has_certificate(int fd)
{
	struct istream *input;
	const char *line;
	bool found = FALSE;

	input = i_stream_create_fd(fd, POP_POLICY_LDAP_CA_LINE_MAX);
	while (!found && (line = i_stream_read_next_line(input)) != NULL) {
		found = strncmp(line, "-----BEGIN ", 11) == 0 &&
			strstr(line, "CERTIFICATE-----") != NULL;
	}
	i_stream_unref(&input);
	return found;
}

/* libldap's error would not say what is wrong with the file. */
static const char *ca_file_get_fault(const char *path)
{
	const char *fault = NULL;
	struct stat st;
	int fd = open(path, O_RDONLY | O_NONBLOCK);

	if (fd == -1)
		return t_strdup_printf("open() failed: %m");
	if (fstat(fd, &st) < 0)
		fault = t_strdup_printf("fstat() failed: %m");
	else if (!S_ISREG(st.st_mode) || st.st_size == 0)
		fault = "Not a file, or empty";
	else if (!fd_has_certificate(fd))
		fault = "No certificate in it";
	i_close_fd(&fd);
	return fault;
}

/* They take effect with a new context. */
static int set_options(LDAP *ld, const char *ca_file)
{
	int client = 0, ret = 0;
	unsigned int i;

	for (i = 0; i < N_ELEMENTS(int_options) && ret == 0; i++) {
		ret = ldap_set_option(ld, int_options[i].option,
				      &int_options[i].value);
	}
	for (i = 0; i < N_ELEMENTS(null_options) && ret == 0; i++)
		ret = ldap_set_option(ld, null_options[i], NULL);
	if (ret == 0)
		ret = ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTFILE, ca_file);
	if (ret == 0)
		ret = ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &client);
	return ret == 0 ? 0 : -1;
}

int pop_policy_ldap_tls_init(LDAP *ld,
			     const struct pop_policy_ldap_config *config,
			     const char **error_r)
{
	const char *ca_file = *config->tls_ca_file != '\0' ?
		config->tls_ca_file : POP_POLICY_SYSTEM_CA_FILE;
	const char *fault = ca_file_get_fault(ca_file);

	if (fault == NULL && set_options(ld, ca_file) < 0)
		fault = "TLS cannot be set up with it";
	if (fault == NULL)
		return 0;
	*error_r = t_strdup_printf("pop_policy_ldap_tls_ca_file: %s: %s",
		pop_policy_log_text(ca_file, POP_POLICY_LDAP_LOG_PATH_MAX_LEN),
		fault);
	return -1;
}

/* Faults

   With GnuTLS libldap tells a program no more than "Connect error": what is
   wrong with a certificate it only writes into its debug log. (With OpenSSL it
   tells.) So that log goes here for the length of the handshake. */

/* LDAP_DEBUG_TRACE of a header that libldap keeps for itself */
#define DEBUG_TRACE 0x0001

#define FAULT_PREFIX "TLS: "
#define UNTRUSTED_PREFIX FAULT_PREFIX"peer cert untrusted or revoked (0x"

/* bits of GnuTLS's gnutls_certificate_status_t, the telling ones first */
static const struct {
	unsigned int bit;
	const char *text;
} certificate_faults[] = {
	{ 1 << 10, "has expired" },
	{ 1 << 9, "is not yet valid" },
	{ 1 << 5, "is revoked" },
	{ 1 << 6, "has an unknown issuer" },
	{ 1 << 7, "has an issuer that is no authority" },
	{ 1 << 8, "uses an insecure algorithm" },
	{ 1 << 11, "has a bad signature" },
	{ 1 << 16, "is not what its issuer may issue" },
	{ 1 << 18, "is for another purpose" },
};

static string_t *tls_fault;

static void fault_decode(unsigned long status)
{
	unsigned int i;

	for (i = 0; i < N_ELEMENTS(certificate_faults); i++) {
		if ((status & certificate_faults[i].bit) != 0)
			break;
	}
	str_printfa(tls_fault, "The certificate %s",
		    i == N_ELEMENTS(certificate_faults) ? "is not valid" :
		    certificate_faults[i].text);
}

/* The first line counts, for the last one only says that there was one. */
static void fault_add(const char *line)
{
	size_t prefix_len = strlen(FAULT_PREFIX);

	if (str_len(tls_fault) > 0 ||
	    strncmp(line, FAULT_PREFIX, prefix_len) != 0 ||
	    strncmp(line, FAULT_PREFIX"can't connect", prefix_len + 13) == 0)
		return;
	if (strncmp(line, UNTRUSTED_PREFIX, strlen(UNTRUSTED_PREFIX)) == 0) {
		fault_decode(strtoul(line + strlen(UNTRUSTED_PREFIX), NULL,
				     16));
		return;
	}
	line += prefix_len;
	str_append_data(tls_fault, line, strcspn(line, "\r\n"));
}

int pop_policy_ldap_tls_start(LDAP *ld, const char **reason_r)
{
	BER_LOG_PRINT_FN old_print = NULL;
	int ret, old_level = 0, level = DEBUG_TRACE;

	tls_fault = t_str_new(256);
	(void)ldap_get_option(NULL, LDAP_OPT_DEBUG_LEVEL, &old_level);
	(void)ber_get_option(NULL, LBER_OPT_LOG_PRINT_FN, &old_print);
	(void)ber_set_option(NULL, LBER_OPT_LOG_PRINT_FN, fault_add);
	(void)ldap_set_option(NULL, LDAP_OPT_DEBUG_LEVEL, &level);
	ret = ldap_install_tls(ld);
	(void)ldap_set_option(NULL, LDAP_OPT_DEBUG_LEVEL, &old_level);
	(void)ber_set_option(NULL, LBER_OPT_LOG_PRINT_FN, old_print);
	*reason_r = str_len(tls_fault) > 0 ? str_c(tls_fault) : NULL;
	tls_fault = NULL;
	return ret;
}
