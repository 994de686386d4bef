/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "pop-policy-stamp.h"

#define LEAVE POP_POLICY_STAMP_LEAVE
#define START POP_POLICY_STAMP_START
#define FORGET POP_POLICY_STAMP_FORGET
#define EXPIRE POP_POLICY_STAMP_EXPIRE

static void test_pop_policy_stamp_check(void)
{
	static const struct {
		bool dequeued;
		uint32_t stamp;
		int64_t now;
		unsigned int keep_for;
		enum pop_policy_stamp_todo result;
	} tests[] = {
		{ FALSE, 0, 1000, 100, LEAVE },
		{ FALSE, 1, 1000, 100, FORGET },
		{ FALSE, 2000, 1000, 100, FORGET },
		{ FALSE, 1, 1000, 0, FORGET },
		{ TRUE, 0, 1000, 100, START },
		{ TRUE, 0, 1000, 0, START },
		{ TRUE, 1001, 1000, 100, START },
		{ TRUE, UINT32_MAX, 1000, 100, START },
		{ TRUE, 1000, 1000, 1, LEAVE },
		{ TRUE, 901, 1000, 100, LEAVE },
		{ TRUE, 900, 1000, 100, EXPIRE },
		{ TRUE, 899, 1000, 100, EXPIRE },
		{ TRUE, 1, 1000, 0, LEAVE },
		{ TRUE, 1, 1000, UINT_MAX, LEAVE },
		/* beyond what a stamp can say */
		{ TRUE, 900, (int64_t)UINT32_MAX + 1, 100, LEAVE },
		{ TRUE, 0, (int64_t)UINT32_MAX + 1, 100, LEAVE },
		{ TRUE, 0, 0, 100, LEAVE },
		{ TRUE, 900, -1, 100, LEAVE },
		{ TRUE, 900, UINT32_MAX, 100, EXPIRE },
	};

	test_begin("pop_policy_stamp_check()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_idx(pop_policy_stamp_check(tests[i].dequeued,
				tests[i].stamp, tests[i].now,
				tests[i].keep_for) == tests[i].result, i);
	}
	test_end();
}

/* One mail and a server that looks at it now and then. */
struct world {
	uint32_t seed;
	/* The time that really passes, and what the server's clock says less:
	   somebody sets it back now and then, and never forward. */
	int64_t real, behind;
	unsigned int keep_for;

	bool marked, expired;
	/* really since when; what the server has written down */
	int64_t marked_at;
	uint32_t stamp;
	/* The server has not seen that the mark was removed. */
	bool removed_unseen;
};

static unsigned int world_random(struct world *world, unsigned int max)
{
	world->seed = world->seed * 1103515245 + 12345;
	return (world->seed >> 8) % max;
}

static uint32_t world_clock(const struct world *world)
{
	return world->real - world->behind;
}

static void world_look(struct world *world)
{
	switch (pop_policy_stamp_check(world->marked, world->stamp,
				       world_clock(world), world->keep_for)) {
	case LEAVE:
		break;
	case START:
		world->stamp = world_clock(world);
		break;
	case FORGET:
		world->stamp = 0;
		break;
	case EXPIRE:
		world->expired = TRUE;
		break;
	case POP_POLICY_STAMP_COUNT:
		i_unreached();
	}
	world->removed_unseen = FALSE;
}

static void world_mark(struct world *world, bool by_server)
{
	if (world->marked || (world->removed_unseen && !by_server)) {
		/* (the latter is the exception that the documents name) */
		return;
	}
	world->marked = TRUE;
	world->marked_at = world->real;
	if (by_server) {
		world->stamp = world_clock(world);
		world->removed_unseen = FALSE;
	}
}

static void world_unmark(struct world *world, bool by_server)
{
	world->marked = FALSE;
	if (by_server)
		world->stamp = 0;
	else
		world->removed_unseen = world->stamp != 0;
}

static void world_step(struct world *world)
{
	world->real += world_random(world, 40);
	switch (world_random(world, 10)) {
	case 0:
		world_mark(world, TRUE);
		break;
	case 1:
		world_mark(world, FALSE);
		break;
	case 2:
		if (world_random(world, 4) == 0)
			world_unmark(world, TRUE);
		break;
	case 3:
		if (world_random(world, 4) == 0)
			world_unmark(world, FALSE);
		break;
	case 4:
		if (world_random(world, 8) == 0) {
			/* the index is lost, or this is another node */
			world->stamp = 0;
			world->removed_unseen = FALSE;
		}
		break;
	case 5:
		if (world_random(world, 8) == 0)
			world->behind += world_random(world, 500);
		break;
	default:
		world_look(world);
		break;
	}
}

static void world_play(struct world *world, unsigned int seed)
{
	i_zero(world);
	world->seed = seed;
	world->real = 1000000;
	world->keep_for = 100 + world_random(world, 300);
	for (unsigned int i = 0; i < 100 && !world->expired; i++)
		world_step(world);
}

static void test_pop_policy_stamp_random(void)
{
	unsigned int expired = 0;
	struct world world;

	test_begin("pop_policy_stamp_check(): never early");
	for (unsigned int i = 0; i < 20000; i++) {
		world_play(&world, i);
		if (!world.expired)
			continue;
		expired++;
		test_assert_idx(world.marked && world.real - world.marked_at >=
				world.keep_for, i);
	}
	/* (the worlds are not such that nothing happens) */
	test_assert(expired > 1000 && expired < 20000);
	test_end();
}

/* Whatever has happened, if nothing more does, the mail goes when the time is
   over that begins with the next look. */
static void test_pop_policy_stamp_in_the_end(void)
{
	struct world world;

	test_begin("pop_policy_stamp_check(): in the end");
	for (unsigned int i = 0; i < 5000; i++) {
		world_play(&world, i);
		if (world.expired)
			continue;
		world.marked = TRUE;
		world_look(&world);
		world.real += world.keep_for;
		world_look(&world);
		test_assert_idx(world.expired, i);
	}
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_pop_policy_stamp_check,
		test_pop_policy_stamp_random,
		test_pop_policy_stamp_in_the_end,
		NULL
	};
	return test_run(test_functions);
}
