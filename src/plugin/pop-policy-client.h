#ifndef POP_POLICY_CLIENT_H
#define POP_POLICY_CLIENT_H

/* What the plugin does with the pop3 process's struct client and reads from
   it. Symbols of that process are used weakly only: the module must load into
   imap and doveadm as well (it may be named in the global mail_plugins). */

#include "pop-policy-action.h"

struct client;
struct mail_keywords;
struct pop3_settings;
struct pop_policy_session;
struct pop_policy_uidl_maker;

/* Give the client settings that can be changed. */
struct pop3_settings *pop_policy_client_settings_dup(struct client *client);

/* Make the pop3 process remember which mails a filtered queue has. This sets
   session->keyword and what is filtered by. Called before the mailbox is
   opened, as the next ones. */
void pop_policy_client_init(struct pop_policy_session *session);
/* No mail can have our keyword, it is longer than that. Nor will any: where the
   filter, or DELE, does not need pop3's books, pop3 keeps none. */
void pop_policy_client_limit_keyword(struct pop_policy_session *session,
				     unsigned int max_len);
/* Returns what DELE does if the policy does not say it. */
enum pop_policy_action
pop_policy_client_get_delete_action(const struct pop_policy_session *session);
/* Make pop3 add its keyword to DELEted mails at QUIT: this is how the plugin
   learns which ones they are. */
void pop_policy_client_flag_deleted(struct pop_policy_session *session);

/* TRUE if what is read from a client that has just been created looks like
   it. If not, this pop3 has another struct client than the one that the
   plugin was built with, although Dovecot says that the two fit (a
   distribution's patch). */
bool pop_policy_client_is_new(const struct client *client);
/* TRUE if the client has sent QUIT. */
bool pop_policy_client_has_quit(const struct pop_policy_session *session);
/* TRUE while QUIT is being executed. */
bool pop_policy_client_is_quitting(const struct pop_policy_session *session);
/* TRUE if QUIT has been executed, and its answer was not +OK. */
bool
pop_policy_client_quit_has_failed(const struct pop_policy_session *session);
/* TRUE if these are what pop3 adds to DELEted mails at QUIT. */
bool
pop_policy_client_is_deleted_keyword(const struct pop_policy_session *session,
				     const struct mail_keywords *keywords);
/* Returns the number of messages that the client has DELEted. */
unsigned int
pop_policy_client_get_deleted_count(const struct pop_policy_session *session);

/* A RETR has begun. */
void pop_policy_client_note_retrieve(struct pop_policy_session *session);
/* TRUE if RSET came since the last pop_policy_client_note_retrieve(). Where
   pop3_enable_last is set, pop3's removal of \Seen flags tells, see
   pop_policy_client_uses_last(). */
bool pop_policy_client_had_reset(const struct pop_policy_session *session);
bool pop_policy_client_uses_last(const struct pop_policy_session *session);

/* pop3 makes the UIDLs that it is asked for next for a mailbox with this
   UIDVALIDITY. */
void pop_policy_client_set_uid_validity(struct pop_policy_session *session,
					uint32_t uid_validity);
/* Returns the maker of the UIDLs that this session gives mails. */
struct pop_policy_uidl_maker *
pop_policy_client_get_uidl_maker(struct pop_policy_session *session);
/* TRUE if pop3 stores the UIDLs that it makes. */
bool pop_policy_client_saves_uidls(const struct pop_policy_session *session);

#endif
