#ifndef POP_POLICY_DATE_RECORD_H
#define POP_POLICY_DATE_RECORD_H

/* What a mailbox's index remembers of its mails' arrival dates.

   A mail's UID and its arrival date never change, and a UID that doesn't exist
   never comes back. So what has once been seen is true for ever: of some UIDs,
   that their mails arrived before a cut-off; of others, that they arrived at
   it or later. Nothing is claimed of UIDs that are in neither set, and a UID
   that has no mail may be in either. */

#include "seq-range-array.h"

/* More ranges than these (of both sets together) are not stored. */
#define POP_POLICY_DATE_RECORD_MAX_RANGES 256

struct pop_policy_date_record {
	/* UTC */
	time_t cutoff;
	/* UIDs */
	ARRAY_TYPE(seq_range) before, since;
};

/* Know nothing. The sets are allocated from the pool. */
void pop_policy_date_record_init(struct pop_policy_date_record *record, pool_t pool);

/* Keep only what is also true of this cut-off, which becomes the new one:
   what arrived before an earlier one arrived before a later one as well, and
   the other way round. */
void pop_policy_date_record_set_cutoff(struct pop_policy_date_record *record,
				      time_t cutoff);

/* Append the stored form to dest. If there are too many ranges, the smallest
   are left out: their mails will have to be looked at again. */
void pop_policy_date_record_pack(const struct pop_policy_date_record *record,
				uint32_t uid_validity, buffer_t *dest);
/* Read the stored form into an initialized record. Returns FALSE, with nothing
   known, unless it is whole, was stored for the same UIDVALIDITY and speaks of
   no UID from next_uid on: data comes from a file that anything may have
   happened to. data need not be aligned. */
bool pop_policy_date_record_unpack(struct pop_policy_date_record *record,
				  const void *data, size_t size,
				  uint32_t uid_validity, uint32_t next_uid);

#endif
