#ifndef POP_POLICY_DOVEADM_POLICY_H
#define POP_POLICY_DOVEADM_POLICY_H

/* The policy that a login of the user would get, and what the login would be
   told. */

#include "pop-policy.h"
#include "pop-policy-lookup.h"

struct mailbox;
struct pop_policy_cmd;
struct pop_policy_doveadm_user;
struct pop_policy_sources_error;

struct pop_policy_doveadm_policy {
	enum pop_policy_lookup_result result;
	/* NULL unless the login would be refused: the whole answer */
	const char *refusal;
	/* NULL unless something is wrong: what the log would say */
	const char *error;

	/* if the settings could be had */
	bool has_layers;
	struct pop_policy_layers layers;
	/* if they could be parsed as well */
	bool has_policy;
	struct pop_policy policy;
	/* Mails that have it are dequeued. */
	const char *keyword;
	/* What is listed, for pop-policy-filter.h */
	const char *filter_keyword;
	time_t filter_since;
};

/* Look up the policy. Its strings are the user's and the data stack's. */
void pop_policy_doveadm_policy_get(struct pop_policy_doveadm_user *user,
				   struct pop_policy_doveadm_policy *policy_r);
/* The policy needs a mailbox that cannot be opened: change the policy to a
   refusal. */
void pop_policy_doveadm_policy_no_mailbox(
	struct pop_policy_doveadm_policy *policy, struct mailbox *box);
/* The same for what has kept the mailboxes from being opened, which frees the
   mailbox in it. */
void pop_policy_doveadm_policy_no_sources(
	struct pop_policy_doveadm_policy *policy,
	struct pop_policy_sources_error *error);

/* Returns the exit code that goes with what is wrong, 0 if nothing is. */
int pop_policy_doveadm_policy_exit_code(
	const struct pop_policy_doveadm_policy *policy);

#endif
