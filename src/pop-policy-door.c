/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "ostream.h"
#include "module-dir.h"
#include "mail-storage-private.h"
#include "mail-search-build.h"
#include "pop3-common.h"
#include "pop-policy.h"
#include "pop-policy-settings.h"
#include "pop-policy-keyword.h"
#include "pop-policy-module.h"
#include "pop-policy-engine.h"
#include "pop-policy-door.h"

/* Only the pop3 process has this function. */
#pragma weak pop3_client_created_hook_set

/* A POP3 session without a policy. */
struct pop_policy_door_user {
	union mail_user_module_context module_ctx;
	/* pop3 has allocated the mailbox. Others may allocate more like it. */
	bool mailbox_allocated;
};

struct pop_policy_door_mailbox {
	union mailbox_module_context module_ctx;
};

static MODULE_CONTEXT_DEFINE_INIT(pop_policy_door_user_module,
				  &mail_user_module_register);
static MODULE_CONTEXT_DEFINE_INIT(pop_policy_door_mailbox_module,
				  &mail_storage_module_register);

static struct module *pop_policy_plugin;
static pop3_client_created_func_t *next_hook_client_created;
static struct module *pop_policy_engine_modules;
/* NULL until the first user who has a policy. */
static const struct pop_policy_engine *engine;

static int engine_load(const char **error_r)
{
	const struct pop_policy_engine *found;
	const char *folder;
	void *symbol;

	if (engine != NULL)
		return 0;
	folder = t_strconcat(pop_policy_module_get_folder(pop_policy_plugin),
			     "/"POP_POLICY_MODULE_FOLDER, NULL);
	if (pop_policy_module_get(&pop_policy_engine_modules, folder,
				  POP_POLICY_ENGINE_MODULE_NAME,
				  POP_POLICY_ENGINE_SYMBOL, &symbol,
				  error_r) < 0)
		return -1;
	found = symbol;
	if (found->interface != POP_POLICY_ENGINE_INTERFACE) {
		*error_r = "It is not of the same version as the plugin";
		return -1;
	}
	engine = found;
	return 0;
}

/* The plugin hasn't been installed as a whole. To refuse the login as it should
   be is the engine's business: all that is left is to answer and to go. */
static void ATTR_NORETURN
engine_missing(struct client *client, const char *error)
{
	o_stream_nsend_str(client->output,
		"-ERR "POP_POLICY_TEMPFAIL_LINE"\r\n");
	(void)o_stream_flush(client->output);
	i_fatal("POP login refused for user %s: "
		"Can't load the pop_policy plugin's engine: %s",
		client->user->username, error);
}

static void client_without_policy(struct client *client)
{
	struct pop_policy_door_user *duser;
	struct pop3_settings *set;

	/* if it is set, Dovecot itself leaves out what is dequeued */
	if (*client->set->pop3_deleted_flag != '\0')
		return;
	set = p_memdup(client->pool, client->set, sizeof(*client->set));
	set->pop3_deleted_flag = POP_POLICY_DEFAULT_KEYWORD;
	client->set = set;

	duser = p_new(client->user->pool, struct pop_policy_door_user, 1);
	MODULE_CONTEXT_SET(client->user, pop_policy_door_user_module, duser);
}

static void client_created(struct client *client)
{
	struct pop_policy_settings set;
	const char *error;

	if (pop_policy_settings_get(client->user, pool_datastack_create(),
				    &set, &error) == 0 &&
	    pop_policy_settings_is_default(&set))
		client_without_policy(client);
	else if (engine_load(&error) < 0)
		engine_missing(client, error);
	else
		engine->client_created(client);
}

static void pop_policy_door_client_created(struct client **client)
{
	/* one process may serve users with and without the plugin */
	if (mail_user_is_plugin_loaded((*client)->user,
				       pop_policy_plugin)) T_BEGIN {
		client_created(*client);
	} T_END;
	if (next_hook_client_created != NULL)
		next_hook_client_created(client);
}

void pop_policy_door_init(struct module *module)
{
	if (pop3_client_created_hook_set == NULL)
		return;
	pop_policy_plugin = module;
	next_hook_client_created =
		pop3_client_created_hook_set(pop_policy_door_client_created);
}

void pop_policy_door_deinit(void)
{
	if (pop3_client_created_hook_set == NULL)
		return;
	pop3_client_created_hook_set(next_hook_client_created);
	engine = NULL;
	module_dir_unload(&pop_policy_engine_modules);
}

void pop_policy_door_storage_created(struct mail_storage *storage)
{
	if (engine != NULL)
		engine->storage_created(storage);
}

void pop_policy_door_mail_allocated(struct mail *mail)
{
	if (engine != NULL)
		engine->mail_allocated(mail);
}

/* pop3's search for mails without the keyword looks at every mail. Most
   mailboxes have never seen the keyword: there is no need to. Returns NULL if
   the search has to stay what it is. */
static struct mail_search_args *faster_queue_search(struct mailbox *box)
{
	struct mail_search_args *args;
	const char *error;

	if (pop_policy_keyword_may_exist(box, POP_POLICY_DEFAULT_KEYWORD)) {
		/* without a date nothing can go wrong */
		return engine_load(&error) == 0 &&
			engine->filter_build(box, POP_POLICY_DEFAULT_KEYWORD,
					     0, &args) == 0 ? args : NULL;
	}
	args = mail_search_build_init();
	mail_search_build_add_all(args);
	mail_search_args_init(args, box, TRUE, NULL);
	return args;
}

static struct mail_search_context *
pop_policy_door_search_init(struct mailbox_transaction_context *t,
			    struct mail_search_args *args,
			    const enum mail_sort_type *sort_program,
			    enum mail_fetch_field wanted_fields,
			    struct mailbox_header_lookup_ctx *wanted_headers)
{
	struct pop_policy_door_mailbox *dbox =
		MODULE_CONTEXT_REQUIRE(t->box, pop_policy_door_mailbox_module);
	struct mail_search_args *faster;

	if (pop_policy_keyword_is_queue_search(args) &&
	    (faster = faster_queue_search(t->box)) != NULL) {
		/* The search context keeps ours: mailbox_search_deinit()
		   releases it in place of the one it referenced. */
		mail_search_args_unref(&args);
		args = faster;
	}
	return dbox->module_ctx.super.search_init(t, args, sort_program,
						  wanted_fields,
						  wanted_headers);
}

void pop_policy_door_mailbox_allocated(struct mailbox *box)
{
	struct pop_policy_door_user *duser =
		MODULE_CONTEXT(box->storage->user, pop_policy_door_user_module);
	struct mailbox_vfuncs *v = box->vlast;
	struct pop_policy_door_mailbox *dbox;

	if (engine != NULL)
		engine->mailbox_allocated(box);
	if (duser == NULL || duser->mailbox_allocated ||
	    (box->flags & MAILBOX_FLAG_POP3_SESSION) == 0)
		return;
	duser->mailbox_allocated = TRUE;
	dbox = p_new(box->pool, struct pop_policy_door_mailbox, 1);
	dbox->module_ctx.super = *v;
	box->vlast = &dbox->module_ctx.super;
	v->search_init = pop_policy_door_search_init;
	MODULE_CONTEXT_SET(box, pop_policy_door_mailbox_module, dbox);
}
