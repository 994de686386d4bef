#ifndef POP_POLICY_SETTINGS_24_H
#define POP_POLICY_SETTINGS_24_H

/* The settings as doveconf, the config process and the plugin know them. */
extern const struct setting_define pop_policy_setting_defines[];

#define POP_POLICY_SETTING_PARSER_INFO(check) { \
	.name = "pop_policy", \
	.defines = pop_policy_setting_defines, \
	.defaults = &pop_policy_default_settings, \
	.struct_size = sizeof(struct pop_policy_settings), \
	.pool_offset1 = 1 + offsetof(struct pop_policy_settings, pool), \
	.check_func = (check), \
}

#endif
