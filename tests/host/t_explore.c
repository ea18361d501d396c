// SPDX-License-Identifier: GPL-2.0
/*
 * t_explore.c - every schedule of a kind, on each of the short connections of
 * explore.c, with mixes of options.  Each run is judged as explore.c says.
 *
 * In seconds: all single events in eight mixes of options, all pairs of losses
 * in two.  With --full, in minutes: all mixes, pairs of any two events, triples.
 */
#include <stdio.h>

#include "explore.h"

/* Enough to see each option with and without each other. */
static const u8 few_mixes[] = {
	0, MIX_SACK | MIX_TS, MIX_SACK | MIX_TS | MIX_BIG | MIX_ECN | MIX_NODELAY,
	MIX_SACK | MIX_ECN, MIX_TS | MIX_BIG, MIX_SACK | MIX_BIG | MIX_NODELAY,
	MIX_TS | MIX_ECN | MIX_NODELAY, MIX_BIG | MIX_ECN,
};

static u32 mixes(u32 few)
{
	return explore_full ? MIXES : few;
}

static u32 mix_of(u32 i)
{
	return explore_full ? i : few_mixes[i];
}

/* Does @each to every connection, with all mixes or the first @few. */
static void all(u32 few, bool (*each)(struct schedule *c, const struct calm *calm))
{
	u64 runs = explore_runs, segments = explore_segments;
	struct calm calm;
	u32 which, i;

	for (which = 0; which < explore_connections(); which++)
		for (i = 0; i < mixes(few); i++) {
			struct schedule c = { .which = which, .mix = mix_of(i) };

			if (!explore_calm(which, c.mix, &calm) || !each(&c, &calm))
				return;
		}
	printf("# %llu schedules, %llu segments judged\n",
	       (unsigned long long)(explore_runs - runs),
	       (unsigned long long)(explore_segments - segments));
}

static bool single(struct schedule *c, const struct calm *calm, enum sim_fate fate)
{
	u32 nth;

	c->nplan = 1;
	for (nth = 1; nth <= calm->sent + 2; nth++) {
		c->plan[0] = (struct sim_plan){ nth, fate, 0 };
		if (!explore_run(c, calm))
			return false;
	}
	return true;
}

static bool single_events(struct schedule *c, const struct calm *calm)
{
	return single(c, calm, LOSE) && single(c, calm, TWICE) && single(c, calm, DELAY) &&
	       single(c, calm, LONG_DELAY) && single(c, calm, EARLY) &&
	       (!(c->mix & MIX_ECN) || single(c, calm, MARK));
}

static void each_segment_lost_or_twice_or_late_or_early_or_marked(void)
{
	all(8, single_events);
}

static bool later(struct schedule *c, const struct calm *calm, enum sim_fate fate)
{
	u32 nth, more;

	c->nplan = 1;
	for (nth = 1; nth <= calm->sent; nth++)
		for (more = 1; nth + more <= calm->sent + 1; more++) {
			c->plan[0] = (struct sim_plan){ nth, fate, more };
			if (!explore_run(c, calm))
				return false;
		}
	return true;
}

static bool held(struct schedule *c, const struct calm *calm)
{
	return later(c, calm, HOLD);
}

/* Overtaken by one, by two, by all that follow */
static void each_segment_held_until_any_later_one(void)
{
	all(4, held);
}

static bool echoed(struct schedule *c, const struct calm *calm)
{
	return later(c, calm, ECHO);
}

static void each_segment_again_as_an_old_duplicate_at_any_later_time(void)
{
	all(4, echoed);
}

static bool pairs(struct schedule *c, const struct calm *calm, struct sim_plan first,
		  struct sim_plan second)
{
	u32 a, b;

	c->nplan = 2;
	for (a = 1; a <= calm->sent; a++)
		for (b = a + 1; b <= calm->sent + 4; b++) {
			c->plan[0] = first;
			c->plan[0].nth = a;
			c->plan[1] = second;
			c->plan[1].nth = b;
			if (!explore_run(c, calm))
				return false;
		}
	return true;
}

static bool losses(struct schedule *c, const struct calm *calm)
{
	struct sim_plan lose = { 0, LOSE, 0 };

	return pairs(c, calm, lose, lose);
}

static void each_pair_lost(void)
{
	all(2, losses);
}

static bool loss_and_twice(struct schedule *c, const struct calm *calm)
{
	struct sim_plan lose = { 0, LOSE, 0 }, twice = { 0, TWICE, 0 };

	return pairs(c, calm, lose, twice) && pairs(c, calm, twice, lose);
}

static void each_pair_of_one_lost_and_one_twice(void)
{
	all(1, loss_and_twice);
}

/* Any two events; with --full only, but for one mix */
static bool any_two(struct schedule *c, const struct calm *calm)
{
	static const struct sim_plan events[] = {
		{ 0, LOSE, 0 }, { 0, TWICE, 0 }, { 0, LONG_DELAY, 0 }, { 0, HOLD, 2 },
		{ 0, ECHO, 4 },
	};
	u32 i, j, n = ARRAY_SIZE(events);

	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			if ((explore_full || i + j == n) &&
			    !pairs(c, calm, events[i], events[j]))
				return false;
	return true;
}

static void each_pair_of_any_two_events(void)
{
	all(1, any_two);
}

static bool triples(struct schedule *c, const struct calm *calm)
{
	u32 longest = explore_full ? 20 : 12, a, b, d, n = calm->sent + 2;

	c->nplan = 3;
	for (a = 1; n <= longest && a <= n; a++)
		for (b = a + 1; b <= n; b++)
			for (d = b + 1; d <= n + 2; d++) {
				c->plan[0] = (struct sim_plan){ a, LOSE, 0 };
				c->plan[1] = (struct sim_plan){ b, LOSE, 0 };
				c->plan[2] = (struct sim_plan){ d, LOSE, 0 };
				if (!explore_run(c, calm))
					return false;
			}
	return true;
}

static void each_triple_lost_of_the_shortest_connections(void)
{
	all(4, triples);
}

/* The ISS of the sender of segment @i such that it crosses @wrap there, at its
 * beginning, in its middle and at its end.
 */
static bool crossing(struct schedule *c, const struct calm *calm, u32 i, u32 wrap)
{
	u32 at, from = calm->seqs[i].from, len = calm->seqs[i].len, nth;

	for (at = 0; at < 3; at++) {
		c->iss[0] = 0;
		c->iss[1] = 0;
		c->iss[from] = wrap - calm->seqs[i].off - at * len / 2;
		c->nplan = 0;
		if (!explore_run(c, calm))
			return false;
		c->nplan = 1;
		for (nth = 1; nth <= calm->sent; nth++) {
			if (!explore_full && nth != i + 1 && nth != i + 2)
				continue;
			c->plan[0] = (struct sim_plan){ nth, LOSE, 0 };
			if (!explore_run(c, calm))
				return false;
		}
	}
	return true;
}

static bool wraps(struct schedule *c, const struct calm *calm)
{
	u32 i;

	for (i = 0; i < calm->sent && i < SIM_SEQS; i++)
		if (!crossing(c, calm, i, 0) || !crossing(c, calm, i, 1U << 31))
			return false;
	return true;
}

static void each_segment_crosses_2_to_the_32_and_2_to_the_31(void)
{
	all(2, wraps);
}

static const struct test tests[] = {
	TEST(each_segment_lost_or_twice_or_late_or_early_or_marked),
	TEST(each_segment_held_until_any_later_one),
	TEST(each_segment_again_as_an_old_duplicate_at_any_later_time),
	TEST(each_pair_lost),
	TEST(each_pair_of_one_lost_and_one_twice),
	TEST(each_pair_of_any_two_events),
	TEST(each_triple_lost_of_the_shortest_connections),
	TEST(each_segment_crosses_2_to_the_32_and_2_to_the_31),
	{ }
};

const struct suite suite_explore = { "explore", tests };
