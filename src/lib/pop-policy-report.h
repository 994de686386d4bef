#ifndef POP_POLICY_REPORT_H
#define POP_POLICY_REPORT_H

/* The log line that says what QUIT, or pop_policy_keep_for, has done. Pure: no
   storage. */

#include "seq-range-array.h"
#include "pop-policy-action.h"
#include "pop-policy-plan.h"

/* A line that is as long gets no more entries. */
#define POP_POLICY_REPORT_MAX_LEN 2000
/* So much may one entry's UIDs take. */
#define POP_POLICY_REPORT_UIDS_MAX_LEN 1000

/* Returns the UIDs as IMAP writes them, allocated from the data stack. */
const char *pop_policy_report_uids(const ARRAY_TYPE(seq_range) *uids);

/* Append an entry, after "; " if there is one already:

     kept INBOX count=6 uid=101:105,110
     deleted "Old mail" count=1 uid=7 (RETR)

   (RETR): the client has not DELEted these mails. A list of UIDs that is too
   long ends with ",...", a line that is full with "; ...". */
void pop_policy_report_add(string_t *line, enum pop_policy_action action,
			   enum pop_policy_trigger trigger,
			   const char *mailbox,
			   const ARRAY_TYPE(seq_range) *uids);
/* The same for what is no action. The remark ends the entry. */
void pop_policy_report_add_done(string_t *line, const char *done_word,
				const char *remark, const char *mailbox,
				const ARRAY_TYPE(seq_range) *uids);

#endif
