#ifndef POP_POLICY_LOGIN_H
#define POP_POLICY_LOGIN_H

struct module;

/* Decide on every POP3 login, if this is the pop3 process. */
void pop_policy_login_init(struct module *module);
void pop_policy_login_deinit(void);

#endif
