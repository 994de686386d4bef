#ifndef POP_POLICY_MAILDIR_RECORD_H
#define POP_POLICY_MAILDIR_RECORD_H

/* The lines of a Maildir's dovecot-uidlist. The first one is the header:
     3 V<UIDVALIDITY> N<next UID> G<GUID of the mailbox>
   All others are records, one for each mail:
     <UID> <letter><value> ... :<name of the file>
   The functions get a line without its line feed. They return FALSE if Dovecot
   would not write it like that. */

#include "guid.h"

struct pop_policy_maildir_header {
	uint32_t uid_validity;
	guid_128_t guid;
};

/* The strings are in the line itself. */
struct pop_policy_maildir_record {
	uint32_t uid;
	/* without flags */
	const char *filename;
	/* The values of P, O, G and W, each up to a blank, NULL if the mail does
	   not have them. */
	const char *pop3_uidl, *pop3_order, *guid, *virtual_size;
};

bool pop_policy_maildir_header_parse(const char *line,
				     struct pop_policy_maildir_header *hdr_r);

/* Read no more than the UID that a record begins with. */
bool pop_policy_maildir_uid_parse(const char *line, uint32_t *uid_r);
bool pop_policy_maildir_record_parse(const char *line,
				     struct pop_policy_maildir_record *record_r);

/* Returns FALSE if the size is neither in the file's name nor in the record, or
   if it is in doubt. */
bool pop_policy_maildir_record_get_virtual_size(
	const struct pop_policy_maildir_record *record, uoff_t *size_r);

#endif
