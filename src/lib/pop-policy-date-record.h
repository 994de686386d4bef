#ifndef POP_POLICY_DATE_RECORD_H
#define POP_POLICY_DATE_RECORD_H

/* The record of arrival dates that a mailbox's index keeps.

   A mail's UID and its arrival date never change, and a UID that does not
   exist never comes back. So two facts stay true for ever: that the mails with
   some UIDs arrived before a cut-off, and that those with others arrived at it
   or later. UIDs that are in neither set are unknown. A UID without a mail may
   be in either. */

#include "seq-range-array.h"

/* More ranges than these (of both sets together) are not stored. */
#define POP_POLICY_DATE_RECORD_MAX_RANGES 256

struct pop_policy_date_record {
	/* UTC */
	int64_t cutoff;
	/* UIDs */
	ARRAY_TYPE(seq_range) before, since;
};

/* Start with an empty record. The sets are allocated from the pool. */
void pop_policy_date_record_init(struct pop_policy_date_record *record,
				 pool_t pool);

/* Set a new cut-off and keep only what is true of it as well: what arrived
   before an earlier cut-off arrived before a later one, and the other way
   round. */
void pop_policy_date_record_set_cutoff(struct pop_policy_date_record *record,
				      int64_t cutoff);

/* Append the stored form to dest. If there are too many ranges, the smallest
   are left out: the dates of their mails will be looked up again. */
void pop_policy_date_record_pack(const struct pop_policy_date_record *record,
				uint32_t uid_validity, buffer_t *dest);
/* Read the stored form into an initialized record. Returns FALSE, with an
   empty record, unless it is complete, was stored for the same UIDVALIDITY and
   has no UID from next_uid on: the file that it comes from may be damaged.
   data need not be aligned. */
bool pop_policy_date_record_unpack(struct pop_policy_date_record *record,
				  const void *data, size_t size,
				  uint32_t uid_validity, uint32_t next_uid);

#endif
