#ifndef POP_POLICY_SETTING_DEFINES_H
#define POP_POLICY_SETTING_DEFINES_H

/* Dovecot 2.4: the settings as doveconf, the config process and the plugin
   know them. Plugin and settings module are built from the same table: Dovecot
   refuses every lookup if the two differ. */
extern const struct setting_define pop_policy_setting_defines[];

/* check is NULL, or called for what the configuration file says. */
#define POP_POLICY_SETTING_PARSER_INFO(check) { \
	.name = "pop_policy", \
	.defines = pop_policy_setting_defines, \
	.defaults = &pop_policy_default_settings, \
	.struct_size = sizeof(struct pop_policy_settings), \
	.pool_offset1 = 1 + offsetof(struct pop_policy_settings, pool), \
	.check_func = (check), \
}

#endif
