#ifndef POP_POLICY_MAILDIR_UIDLIST_H
#define POP_POLICY_MAILDIR_UIDLIST_H

/* Looks single mails up in a Maildir's dovecot-uidlist, without reading all
   of the file as Dovecot does.

   What is read must be as Dovecot itself writes it. Anything else is in doubt,
   and Dovecot has to be asked. The file stays open, and so does not change:
   Dovecot writes a new one in its place, or appends to it, which is not
   noticed. */

#include "pop-policy-maildir-record.h"

struct pop_policy_maildir_uidlist;

/* Returns NULL if the file cannot be read or is in doubt. */
struct pop_policy_maildir_uidlist *
pop_policy_maildir_uidlist_open(const char *path);
void pop_policy_maildir_uidlist_close(
	struct pop_policy_maildir_uidlist **uidlist);

const struct pop_policy_maildir_header *
pop_policy_maildir_uidlist_get_header(
	const struct pop_policy_maildir_uidlist *uidlist);

/* Returns FALSE if the file does not have the mail or is in doubt: that is so
   as well if any record after the mail's is, or if two of them have the same
   file name. What is before the first mail that was looked up is not read. In a
   large file, neither is what is between the first ones and the last records.
   The record's strings may be used until the next one is looked up. */
bool pop_policy_maildir_uidlist_find(
	struct pop_policy_maildir_uidlist *uidlist, uint32_t uid,
	struct pop_policy_maildir_record *record_r);

#endif
