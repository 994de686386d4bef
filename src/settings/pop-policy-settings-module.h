#ifndef POP_POLICY_SETTINGS_MODULE_H
#define POP_POLICY_SETTINGS_MODULE_H

struct setting_parser_info;

extern const char *pop_policy_settings_version;
extern const struct setting_parser_info *const pop_policy_settings_set_infos[];

#endif
