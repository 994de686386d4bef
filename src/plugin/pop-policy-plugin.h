#ifndef POP_POLICY_PLUGIN_H
#define POP_POLICY_PLUGIN_H

struct module;

extern const char *pop_policy_plugin_version;

void pop_policy_plugin_init(struct module *module);
void pop_policy_plugin_deinit(void);

#endif
