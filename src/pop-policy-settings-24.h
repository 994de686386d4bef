#ifndef POP_POLICY_SETTINGS_24_H
#define POP_POLICY_SETTINGS_24_H

/* The settings as doveconf and the config process know them. */
extern const struct setting_parser_info pop_policy_setting_parser_info;

#endif
