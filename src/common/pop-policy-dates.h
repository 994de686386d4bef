#ifndef POP_POLICY_DATES_H
#define POP_POLICY_DATES_H

/* Which mails arrived at a cut-off or later. Every mail's date is looked at
   once, and what was seen is then remembered in the mailbox's index. */

#include "seq-range-array.h"

struct mailbox;

/* Remove from seqs the mails that arrived before the cut-off (UTC), and those
   that have just been expunged. Only mails in seqs are looked at. Returns -1
   with the mailbox's error set if a date couldn't be looked up. */
int pop_policy_dates_filter(struct mailbox *box, time_t cutoff,
			    ARRAY_TYPE(seq_range) *seqs);

#endif
