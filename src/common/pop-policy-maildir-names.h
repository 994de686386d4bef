#ifndef POP_POLICY_MAILDIR_NAMES_H
#define POP_POLICY_MAILDIR_NAMES_H

/* Notices when a file name comes a second time. Of each name only 64 bits are
   kept, so that once in a long time it is taken for another one. */

struct pop_policy_maildir_names {
	/* hashes of the names, 0 = free */
	uint64_t *hashes;
	unsigned int count, size;
};

void pop_policy_maildir_names_init(struct pop_policy_maildir_names *names_r);
void pop_policy_maildir_names_deinit(struct pop_policy_maildir_names *names);

/* Returns FALSE if the name may have been added before. */
bool pop_policy_maildir_names_add(struct pop_policy_maildir_names *names,
				  const char *name, size_t len);

#endif
