/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-stamp.h"

enum pop_policy_stamp_todo
pop_policy_stamp_check(bool dequeued, uint32_t stamp, int64_t now,
		       unsigned int keep_for)
{
	if (!dequeued)
		return stamp == 0 ? POP_POLICY_STAMP_LEAVE :
			POP_POLICY_STAMP_FORGET;
	if (now <= 0 || now > UINT32_MAX)
		return POP_POLICY_STAMP_LEAVE;
	if (stamp == 0 || stamp > now)
		return POP_POLICY_STAMP_START;
	return keep_for == 0 || now - stamp < keep_for ?
		POP_POLICY_STAMP_LEAVE : POP_POLICY_STAMP_EXPIRE;
}
