#ifndef POP_POLICY_DOVEADM_RUN_H
#define POP_POLICY_DOVEADM_RUN_H

/* Runs commands: users, arguments, exit codes. */

struct doveadm_mail_cmd_context;
struct pop_policy_cmd_vfuncs;

/* For the alloc function of a command. */
struct doveadm_mail_cmd_context *
pop_policy_cmd_alloc(const struct pop_policy_cmd_vfuncs *v);

#endif
