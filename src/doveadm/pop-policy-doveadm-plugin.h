#ifndef POP_POLICY_DOVEADM_PLUGIN_H
#define POP_POLICY_DOVEADM_PLUGIN_H

/* Dovecot derives these names from that of the module. */

struct module;

extern const char *doveadm_pop_policy_plugin_version;

void doveadm_pop_policy_plugin_init(struct module *module);
void doveadm_pop_policy_plugin_deinit(void);

#endif
