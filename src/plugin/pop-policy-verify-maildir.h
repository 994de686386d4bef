#ifndef POP_POLICY_VERIFY_MAILDIR_H
#define POP_POLICY_VERIFY_MAILDIR_H

/* Maildir has the flags in the names of the files. If a file cannot be renamed
   (full disk, folder not writable) Dovecot's sync says nothing, and whoever
   reads the folder next gives the index the old flags back. */

struct mailbox;
struct pop_policy_verify_maildir;

/* Returns NULL if the mailbox is not a Maildir. */
struct pop_policy_verify_maildir *
pop_policy_verify_maildir_init(struct mailbox *box);
void pop_policy_verify_maildir_deinit(struct pop_policy_verify_maildir **maildir);

/* TRUE if the mail's file has the flags and keywords that the mailbox's index
   has, as far as they fit into a name. seq is in the mailbox's view. FALSE may
   also mean that somebody else has changed them: then a sync tells. Allocates
   from the data stack. */
bool pop_policy_verify_maildir_file(struct pop_policy_verify_maildir *maildir,
				    uint32_t uid, uint32_t seq);

#endif
