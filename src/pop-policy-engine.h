#ifndef POP_POLICY_ENGINE_H
#define POP_POLICY_ENGINE_H

/* The plugin has two parts. Dovecot loads the door (pop-policy-door.c), and
   that loads the engine, which is all the rest, for users who have a policy (and
   for mailboxes with mail that an earlier one has dequeued). To look up the
   symbols that the engine needs takes more time than all that is to be done for
   the others. */

#define POP_POLICY_ENGINE_MODULE_NAME "pop_policy_engine"
#define POP_POLICY_ENGINE_SYMBOL "pop_policy_engine"
/* To be changed together with struct pop_policy_engine. */
#define POP_POLICY_ENGINE_INTERFACE 1

struct module;
struct client;
struct mail;
struct mailbox;
struct mail_search_args;
struct mail_storage;

struct pop_policy_engine {
	unsigned int interface;

	/* Decide on the login: a client has been created. */
	void (*client_created)(struct client *client);
	/* What of this belongs to other users is left alone. */
	void (*storage_created)(struct mail_storage *storage);
	void (*mailbox_allocated)(struct mailbox *box);
	void (*mail_allocated)(struct mail *mail);

	/* pop_policy_filter_build() */
	int (*filter_build)(struct mailbox *box, const char *keyword,
			    time_t since, struct mail_search_args **args_r);
};

extern const char *pop_policy_engine_version;
extern const struct pop_policy_engine pop_policy_engine;

void pop_policy_engine_init(struct module *module);
void pop_policy_engine_deinit(void);

#endif
