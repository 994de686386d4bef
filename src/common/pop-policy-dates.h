#ifndef POP_POLICY_DATES_H
#define POP_POLICY_DATES_H

/* Which mails arrived at a cut-off or later. Every mail's date is looked up
   only once: the mailbox's index keeps the result. */

#include "seq-range-array.h"

struct mailbox;

/* Remove from seqs the mails that arrived before the cut-off (UTC), and those
   that have just been expunged. Only dates of mails in seqs are looked up.
   A moving cut-off is a later one in every session: it has a record of its own,
   so that it does not spoil the other's.
   Returns -1 with the mailbox's error set if a date is not available. */
int pop_policy_dates_filter(struct mailbox *box, time_t cutoff, bool moving,
			    ARRAY_TYPE(seq_range) *seqs);

#endif
