/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Dovecot 2.4: doveconf and the config process load this module to know the
   plugin's settings. They find the symbols by the module's name. */

#include "lib.h"
#include "settings-parser.h"
#include "pop-policy-settings-24.h"
#include "pop-policy-settings-module.h"

const char *pop_policy_settings_version = DOVECOT_ABI_VERSION;

const struct setting_parser_info *const pop_policy_settings_set_infos[] = {
	&pop_policy_setting_parser_info,
	NULL
};
