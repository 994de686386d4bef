#ifndef POP_POLICY_SPECIAL_USE_H
#define POP_POLICY_SPECIAL_USE_H

/* The mailboxes with a special use (RFC 6154) that a policy speaks of. */

/* One line per special use: name, the attribute, the usual mailbox name, the
   field of struct pop_policy that names another mailbox. */
#define POP_POLICY_SPECIAL_USES(SPECIAL_USE) \
	SPECIAL_USE(SPAM, "\\Junk", "Junk", spam_mailbox) \
	SPECIAL_USE(ARCHIVE, "\\Archive", "Archive", archive_mailbox) \
	SPECIAL_USE(TRASH, "\\Trash", "Trash", trash_mailbox)

#define POP_POLICY_SPECIAL_USE_ENUMERATOR(name, ...) \
	POP_POLICY_SPECIAL_USE_##name,
enum pop_policy_special_use {
	POP_POLICY_SPECIAL_USE_NONE,
	POP_POLICY_SPECIAL_USES(POP_POLICY_SPECIAL_USE_ENUMERATOR)
	POP_POLICY_SPECIAL_USE_COUNT
};

struct pop_policy_special_use_info {
	const char *special_use;
	/* without the namespace's prefix */
	const char *usual_name;
	/* that names another mailbox */
	const char *setting;
};

extern const struct pop_policy_special_use_info
	pop_policy_special_use_infos[POP_POLICY_SPECIAL_USE_COUNT];

#endif
