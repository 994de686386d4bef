#ifndef POP_POLICY_LOOKUP_H
#define POP_POLICY_LOOKUP_H

/* The policy in force for a user, from all layers. */

struct mail_user;
struct pop_policy;
struct pop_policy_layers;

enum pop_policy_lookup_result {
	/* Nothing is configured for the user: stock Dovecot is right. */
	POP_POLICY_LOOKUP_NONE,
	POP_POLICY_LOOKUP_FOUND,
	/* A value is invalid, now and the next time. */
	POP_POLICY_LOOKUP_INVALID,
	/* The settings, or the directory, are not available now. */
	POP_POLICY_LOOKUP_UNAVAILABLE,
};

/* Look up the user's settings, in the directory as well if one is configured,
   without parsing them. NONE and FOUND set layers_r, whose strings live as long
   as the user. INVALID and UNAVAILABLE set setting_r and error_r, as below. */
enum pop_policy_lookup_result
pop_policy_lookup_layers(struct mail_user *user,
			 struct pop_policy_layers *layers_r,
			 const char **setting_r, const char **error_r);

/* Look up the policy, in the directory as well if one is configured. FOUND
   sets policy_r, whose strings live as long as the user. INVALID and
   UNAVAILABLE set error_r, for the log: bounded, escaped, without passwords,
   and setting_r, which is NULL if no single setting is to blame. */
enum pop_policy_lookup_result
pop_policy_lookup(struct mail_user *user, struct pop_policy *policy_r,
		  const char **setting_r, const char **error_r);

#endif
