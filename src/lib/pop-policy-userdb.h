#ifndef POP_POLICY_USERDB_H
#define POP_POLICY_USERDB_H

/* What a user's userdb fields say of the settings. An empty field, with its
   "=" or without, is as none at all. */

/* TRUE if there may be a setting that is an empty field. */
bool pop_policy_userdb_has_empty(const char *const *fields);

/* Returns the value of the field named key, or key with the prefix: a
   non-empty one if there is one, the last of several. "" = all are empty, NULL
   = there is none. */
const char *
pop_policy_userdb_find(const char *const *fields, const char *prefix,
		       const char *key);

#endif
