/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

/* Overrides what a mail tells of itself, and tells just that: pop_policy cannot
   know, and must leave every answer to Dovecot. */

#include "lib.h"
#include "module-context.h"
#include "mail-storage-private.h"
#include "mail-storage-hooks.h"

struct forwarding_mail {
	union mail_module_context module_ctx;
};

static MODULE_CONTEXT_DEFINE_INIT(forwarding_mail_module,
				  &mail_module_register);

const char *forwarding_plugin_version = DOVECOT_ABI_VERSION;

void forwarding_plugin_init(struct module *module);
void forwarding_plugin_deinit(void);

static struct mail_vfuncs *super_get(struct mail *_mail)
{
	struct mail_private *mail = (struct mail_private *)_mail;
	struct forwarding_mail *fmail =
		MODULE_CONTEXT_REQUIRE(mail, forwarding_mail_module);

	return &fmail->module_ctx.super;
}

static int forwarding_get_special(struct mail *mail,
				  enum mail_fetch_field field,
				  const char **value_r)
{
	return super_get(mail)->get_special(mail, field, value_r);
}

static int forwarding_get_virtual_size(struct mail *mail, uoff_t *size_r)
{
	return super_get(mail)->get_virtual_size(mail, size_r);
}

static void forwarding_mail_allocated(struct mail *_mail)
{
	struct mail_private *mail = (struct mail_private *)_mail;
	struct mail_vfuncs *v = mail->vlast;
	struct forwarding_mail *fmail;

	fmail = p_new(mail->pool, struct forwarding_mail, 1);
	fmail->module_ctx.super = *v;
	mail->vlast = &fmail->module_ctx.super;
	v->get_special = forwarding_get_special;
	v->get_virtual_size = forwarding_get_virtual_size;
	MODULE_CONTEXT_SET(mail, forwarding_mail_module, fmail);
}

static struct mail_storage_hooks forwarding_hooks = {
	.mail_allocated = forwarding_mail_allocated,
};

void forwarding_plugin_init(struct module *module)
{
	mail_storage_hooks_add(module, &forwarding_hooks);
}

void forwarding_plugin_deinit(void)
{
	mail_storage_hooks_remove(&forwarding_hooks);
}
