#ifndef POP_POLICY_CLIENT_H
#define POP_POLICY_CLIENT_H

/* What the session needs of the pop3 process's struct client. Symbols of that
   process are used weakly only: the module must load into imap and doveadm as
   well (it may be named in the global mail_plugins). */

struct pop_policy_user;
struct client;
struct mail_keywords;

/* Make the pop3 process keep its books for a filtered queue, and hand DELEted
   mails to us where the policy wants something else than stock Dovecot. Called
   when the client has been created, before its mailbox is opened. */
void pop_policy_client_init(struct pop_policy_user *puser);
/* Answer the login with "-ERR line" and end the session without opening its
   mailbox. reason is what the log says. */
void pop_policy_client_refuse(struct pop_policy_user *puser, const char *line,
			      const char *reason);

/* TRUE while QUIT is being executed. */
bool pop_policy_client_is_quitting(const struct pop_policy_user *puser);
/* TRUE if these are what pop3 adds to DELEted mails at QUIT. */
bool pop_policy_client_is_deleted_keyword(const struct pop_policy_user *puser,
					  const struct mail_keywords *keywords);
/* Number of messages that the client has DELEted. */
unsigned int
pop_policy_client_get_deleted_count(const struct pop_policy_user *puser);

/* A RETR has begun. */
void pop_policy_client_note_retrieve(struct pop_policy_user *puser);
/* \Seen flags are being removed. */
void pop_policy_client_note_seen_removed(struct pop_policy_user *puser);
/* Number of RSETs that came after RETRs. What was collected under another
   number has been forgotten by the client. */
unsigned int pop_policy_client_get_resets(struct pop_policy_user *puser);

/* Execute no commands that the client may have sent. */
void pop_policy_client_ignore_input(struct pop_policy_user *puser);

#endif
