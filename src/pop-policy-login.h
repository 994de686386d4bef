#ifndef POP_POLICY_LOGIN_H
#define POP_POLICY_LOGIN_H

struct client;

/* Decide on a POP3 login. */
void pop_policy_login(struct client *client);

#endif
