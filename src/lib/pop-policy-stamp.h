#ifndef POP_POLICY_STAMP_H
#define POP_POLICY_STAMP_H

/* Since when a mail is dequeued, as this server knows it: the stamp, in seconds
   of the wall clock. It is 0 where that is not known. Pure: no storage.

   In doubt a mail is kept. So a stamp is only ever set to the present time, and
   whatever is odd about it makes the time start anew. */

enum pop_policy_stamp_todo {
	POP_POLICY_STAMP_LEAVE,
	/* The time starts now: set the stamp. */
	POP_POLICY_STAMP_START,
	/* The mail is not dequeued: set the stamp to 0. */
	POP_POLICY_STAMP_FORGET,
	/* The mail has been dequeued for long enough. */
	POP_POLICY_STAMP_EXPIRE,

	POP_POLICY_STAMP_COUNT
};

/* Returns what is to be done about a mail. It may be dequeued for keep_for
   seconds, 0 = for ever. */
enum pop_policy_stamp_todo
pop_policy_stamp_check(bool dequeued, uint32_t stamp, int64_t now,
		       unsigned int keep_for);

#endif
