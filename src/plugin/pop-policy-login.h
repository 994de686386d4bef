#ifndef POP_POLICY_LOGIN_H
#define POP_POLICY_LOGIN_H

/* Decides on every POP3 login: refused, or let in with a policy. */

struct mail_namespace;
struct module;

/* Wait for POP3 clients, if this is the pop3 process. module is the plugin. */
void pop_policy_login_init(struct module *module);
void pop_policy_login_deinit(void);

/* A mail_namespaces_created hook: the user's namespaces are known. */
void pop_policy_login_namespaces_created(struct mail_namespace *namespaces);

#endif
