/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-header-name.h"

/* So that the field with an encoded word fits into a line of 76 octets
   (RFC 2047) */
#define POP_POLICY_HEADER_NAME_MAX_LEN 50

/* Fields that servers, signatures or mail programs read. On top of a message
   they would change what it means, or be taken for what the sender wrote. A
   name with - at the end stands for all that begin with it. */
static const char *const taken_names[] = {
	/* RFC 5322 and those who go with it */
	"Apparently-To", "Bcc", "Cc", "Comments", "Date", "From",
	"In-Reply-To", "Keywords", "Mail-Followup-To", "Mail-Reply-To",
	"Message-ID", "Received", "References", "Reply-To", "Resent-",
	"Return-Path", "Sender", "Subject", "To",
	/* MIME */
	"Content-", "MIME-Version",
	/* signatures and their results */
	"ARC-", "Authentication-Results", "Autocrypt", "Autocrypt-", "BIMI-",
	"DKIM-Signature", "DomainKey-Signature", "Received-SPF", "TLS-Report-",
	"TLS-Required", "VBR-Info",
	/* lists, gateways, replies, notifications */
	"Accept-Language", "Alternate-Recipient", "Archived-At",
	"Auto-Submitted", "Autoforwarded", "Autosubmitted", "Conversion",
	"Conversion-With-Loss", "Deferred-Delivery", "Delivered-To",
	"Delivery-Date", "Discarded-", "Disclose-Recipients",
	"Disposition-Notification-", "DL-Expansion-History", "Downgraded-",
	"Encoding", "Encrypted", "Envelope-To", "Errors-To", "Expires",
	"Expiry-Date", "Generate-Delivery-Report", "Importance",
	"Incomplete-Copy", "Jabber-ID", "Language", "Latest-Delivery-Time", "List-",
	"Message-Context", "Message-Type", "Newsgroups", "Obsoletes",
	"Organization", "Original-", "Originator-", "PICS-Label", "Precedence",
	"Prevent-NonDelivery-Report", "Priority", "Reply-By",
	"Require-Recipient-Valid-Since", "Return-Receipt-To", "Sensitivity",
	"Solicitation", "Supersedes", "User-Agent", "X-Original-To",
	"X-Priority", "X400-", "Xref",
	/* what POP servers and mail stores put there */
	"Lines", "Status", "X-Account-Key", "X-IMAP", "X-IMAPbase",
	"X-Keywords", "X-Mozilla-", "X-Status", "X-UID", "X-UIDL", NULL
};

static bool name_is_taken(const char *name)
{
	const char *const *taken;
	size_t len;

	for (taken = taken_names; *taken != NULL; taken++) {
		len = strlen(*taken);
		if (strcasecmp((*taken)[len - 1] == '-' ?
			       t_strndup(name, len) : name, *taken) == 0)
			return TRUE;
	}
	return FALSE;
}

int pop_policy_value_header(const char *value, const char **name_r,
			    const char **error_r)
{
	const char *p;

	*name_r = NULL;
	if (*value == '\0' || strcasecmp(value, "none") == 0)
		return 0;
	if (strlen(value) > POP_POLICY_HEADER_NAME_MAX_LEN) {
		*error_r = "longer than 50 octets";
		return -1;
	}
	for (p = value; *p != '\0'; p++) {
		if (*p < 33 || *p > 126 || *p == ':') {
			*error_r = "not the name of a header field";
			return -1;
		}
	}
	if (name_is_taken(value)) {
		*error_r = "a header field that has a meaning already";
		return -1;
	}
	*name_r = value;
	return 0;
}
