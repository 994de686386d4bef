/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-index.h"
#include "pop-policy-mailbox-header.h"
#include "pop-policy-context.h"
#include "pop-policy-refusal.h"
#include "pop-policy-merge.h"

static void
merge_create(struct pop_policy_mailbox *pbox,
	     const ARRAY_TYPE(pop_policy_boxes) *boxes)
{
	struct pop_policy_merge_source *source;
	struct pop_policy_merge *merge;
	struct mailbox *box;

	merge = i_new(struct pop_policy_merge, 1);
	merge->sources = i_new(struct pop_policy_merge_source,
			       array_count(boxes));
	array_foreach_elem(boxes, box) {
		source = &merge->sources[merge->count++];
		source->box = box;
		source->header = p_strdup(box->pool,
			pop_policy_mailbox_header(&pbox->session->policy, box));
	}
	i_array_init(&merge->listed, 128);
	pbox->merge = merge;
}

static int
merge_open(struct mailbox *box, ARRAY_TYPE(pop_policy_boxes) *boxes)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	struct pop_policy_session *session = pbox->session;
	struct pop_policy_sources_error error;

	if (pop_policy_sources_open(session->user, &session->policy, box->flags,
				    boxes, &error) == 0) {
		if (array_count(boxes) > 0)
			merge_create(pbox, boxes);
		return 0;
	}
	if (error.box != NULL) {
		pop_policy_refuse_mailbox(session, error.box);
		mailbox_free(&error.box);
	} else if (error.setting != NULL)
		pop_policy_refuse_invalid(session, error.setting, error.text);
	else
		pop_policy_refuse_no_answer(session, error.text);
	array_foreach_elem(boxes, box) {
		mailbox_free(&box);
	}
	return -1;
}

int pop_policy_merge_open(struct mailbox *box)
{
	ARRAY_TYPE(pop_policy_boxes) boxes;
	int ret;

	i_assert(pop_policy_mailbox_get(box)->merge == NULL);

	i_array_init(&boxes, 8);
	T_BEGIN {
		ret = merge_open(box, &boxes);
	} T_END;
	array_free(&boxes);
	return ret;
}

void pop_policy_merge_close(struct mailbox *box)
{
	struct pop_policy_mailbox *pbox = pop_policy_mailbox_get(box);
	struct pop_policy_merge *merge = pbox->merge;

	pbox->merge = NULL;
	if (merge == NULL)
		return;
	pop_policy_uidl_merge_deinit(&merge->uidls);
	array_free(&merge->listed);
	for (unsigned int i = 0; i < merge->count; i++)
		mailbox_free(&merge->sources[i].box);
	i_free(merge->sources);
	i_free(merge);
}

struct pop_policy_merge_source *
pop_policy_merge_get_sources(struct mailbox *box, unsigned int *count_r)
{
	struct pop_policy_merge *merge = pop_policy_mailbox_get(box)->merge;

	*count_r = merge == NULL ? 0 : merge->count;
	return merge == NULL ? NULL : merge->sources;
}

bool pop_policy_merge_is_inconsistent(struct mailbox *box)
{
	const struct pop_policy_merge_source *sources;
	unsigned int count;

	sources = pop_policy_merge_get_sources(box, &count);
	for (unsigned int i = 0; i < count; i++) {
		if (mailbox_is_inconsistent(sources[i].box))
			return TRUE;
	}
	return FALSE;
}

void pop_policy_merge_synced(struct mailbox *box)
{
	struct pop_policy_merge *merge = pop_policy_mailbox_get(box)->merge;
	uint32_t offset = 0;

	if (merge == NULL)
		return;
	for (unsigned int i = 0; i < merge->count; i++) {
		merge->sources[i].offset = offset;
		offset += mail_index_get_header(merge->sources[i].box->view)->
			messages_count;
	}
}

uint32_t pop_policy_merge_main_count(struct mailbox *box)
{
	return mail_index_get_header(box->view)->messages_count;
}

uint32_t pop_policy_merge_status_count(struct mailbox *box)
{
	struct pop_policy_merge *merge = pop_policy_mailbox_get(box)->merge;
	uint32_t messages = 0;

	/* The main mailbox's own search asks for the number of its
	   sequences. */
	if (merge == NULL || merge->searching_main)
		return 0;
	for (unsigned int i = 0; i < merge->count; i++) {
		messages += mail_index_get_header(merge->sources[i].box->view)->
			messages_count;
	}
	return messages;
}

unsigned int
pop_policy_merge_find(struct mailbox *box, uint32_t seq, uint32_t *seq_r)
{
	const struct pop_policy_merge *merge =
		pop_policy_mailbox_get(box)->merge;
	unsigned int left = 0, right = merge->count, middle;

	seq -= pop_policy_merge_main_count(box);
	while (left + 1 < right) {
		middle = (left + right) / 2;
		if (merge->sources[middle].offset < seq)
			left = middle;
		else
			right = middle;
	}
	*seq_r = seq - merge->sources[left].offset;
	return left;
}
