#ifndef POP_POLICY_STORAGE_COMPAT_H
#define POP_POLICY_STORAGE_COMPAT_H

/* Differences between Dovecot's versions in lib-storage. Declared once here,
   implemented in pop-policy-storage-compat-23.c and -24.c, of which the build
   takes one. What differs in libdovecot is in pop-policy-compat.h. */

#include "mail-storage.h"

struct event;
struct mail_namespace;
struct mail_user;
struct pop_policy_uidl_format;

/* What UIDLs are made of */
struct pop_policy_uidl_parts {
	const char *uid, *uidvalidity, *md5, *filename, *guid;
};

/* Make pop3_uidl_format ready to be expanded many times: Dovecot 2.4 takes
   longer to read the format than for all the rest of a mail's UIDL. Returns 0,
   or -1 if the format is invalid. It must outlive *format_r. */
int pop_policy_uidl_format_init(const char *format,
				struct pop_policy_uidl_format **format_r);
void pop_policy_uidl_format_deinit(struct pop_policy_uidl_format **format);
/* Returns 0, or -1 if the format cannot be expanded. *uidl_r is allocated from
   the data stack. */
int pop_policy_uidl_format_expand(const struct pop_policy_uidl_format *format,
				  const struct pop_policy_uidl_parts *parts,
				  struct event *event, const char **uidl_r);

/* Returns the flags that make QUIT's sync write its changes to the mailbox
   itself. */
enum mailbox_sync_flags
pop_policy_mailbox_get_write_flags(struct mailbox *box);

/* Forget the configured mailboxes of the user's namespaces. */
void pop_policy_namespaces_drop_mailboxes(struct mail_user *user);
/* Returns the name, without the namespace's prefix, of the mailbox that the
   configuration gives this special use, or NULL. */
const char *
pop_policy_namespace_find_special_use(struct mail_namespace *ns,
				      const char *special_use);

/* Append what the user's variables in the text expand to. Returns 0, or -1
   with error_r. */
int pop_policy_user_expand(struct mail_user *user, const char *text,
			   string_t *dest, const char **error_r);

#endif
