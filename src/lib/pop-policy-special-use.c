/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-special-use.h"

#define SPECIAL_USE_INFO(name, special_use, usual_name, field) \
	[POP_POLICY_SPECIAL_USE_##name] = { \
		special_use, usual_name, "pop_policy_"#field },
const struct pop_policy_special_use_info
pop_policy_special_use_infos[POP_POLICY_SPECIAL_USE_COUNT] = {
	POP_POLICY_SPECIAL_USES(SPECIAL_USE_INFO)
};
