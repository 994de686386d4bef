/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "pop-policy-maildir-names.h"

/* a power of two */
#define INITIAL_SIZE 128

/* Eight characters at once: this is most of the work when many names are
   compared. */
static uint64_t name_hash(const char *name, size_t len)
{
	const uint64_t factor = 0x9e3779b97f4a7c15ULL;
	uint64_t hash = len, part;

	for (; len >= sizeof(part); len -= sizeof(part)) {
		memcpy(&part, name, sizeof(part));
		hash = (hash ^ part) * factor;
		hash ^= hash >> 32;
		name += sizeof(part);
	}
	for (part = 0; len > 0; len--)
		part = part << 8 | (unsigned char)*name++;
	hash = (hash ^ part) * factor;
	hash ^= hash >> 32;
	return hash == 0 ? 1 : hash;
}

void pop_policy_maildir_names_init(struct pop_policy_maildir_names *names_r)
{
	i_zero(names_r);
	names_r->size = INITIAL_SIZE;
	names_r->hashes = i_new(uint64_t, names_r->size);
}

void pop_policy_maildir_names_deinit(struct pop_policy_maildir_names *names)
{
	i_free(names->hashes);
}

static bool
hash_add(struct pop_policy_maildir_names *names, uint64_t hash)
{
	unsigned int idx = hash & (names->size - 1);

	while (names->hashes[idx] != 0) {
		if (names->hashes[idx] == hash)
			return FALSE;
		idx = (idx + 1) & (names->size - 1);
	}
	names->hashes[idx] = hash;
	return TRUE;
}

static void names_grow(struct pop_policy_maildir_names *names)
{
	uint64_t *old = names->hashes;
	unsigned int old_size = names->size;

	names->size *= 4;
	names->hashes = i_new(uint64_t, names->size);
	for (unsigned int i = 0; i < old_size; i++) {
		if (old[i] != 0)
			(void)hash_add(names, old[i]);
	}
	i_free(old);
}

bool pop_policy_maildir_names_add(struct pop_policy_maildir_names *names,
				  const char *name, size_t len)
{
	if (names->count++ * 2 >= names->size)
		names_grow(names);
	return hash_add(names, name_hash(name, len));
}
