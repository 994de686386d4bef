#ifndef POP_POLICY_DOOR_H
#define POP_POLICY_DOOR_H

/* What every POP3 session passes through: those of users who have a policy are
   handed to the engine (pop-policy-engine.h). In the others nothing is done but
   to leave out mail that was dequeued under an earlier policy. */

struct module;
struct mail;
struct mailbox;
struct mail_storage;

/* Wait for POP3 clients, if this is the pop3 process. */
void pop_policy_door_init(struct module *module);
void pop_policy_door_deinit(void);

void pop_policy_door_storage_created(struct mail_storage *storage);
void pop_policy_door_mailbox_allocated(struct mailbox *box);
void pop_policy_door_mail_allocated(struct mail *mail);

#endif
