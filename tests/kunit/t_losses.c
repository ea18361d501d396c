// SPDX-License-Identifier: GPL-2.0
/*
 * t_losses.c - whole connections on a channel that misbehaves: first by plan,
 * each segment and each pair of a short connection in turn, then by chance.
 *
 * Whatever the channel does, as long as it lets something through, both ends
 * come to CLOSED, all data has arrived in order, and no invariant of
 * sim_check.c was broken on the way.
 */
#include "sim.h"

/* How connections go that are short enough to try everything on. */
static const struct {
	const char *name;
	bool simultaneous;
	struct sim_app app[2];
} stories[] = {
	{ "close by one", false,
	  { { .write = 2500, .close = WHEN_SENT }, { .close = AT_END } } },
	{ "half-close, answer", false,
	  { { .write = 1500, .close = HALF_WHEN_SENT }, { .write = 2500, .close = AT_END } } },
	{ "both at once", false,
	  { { .write = 1200, .close = HALF_WHEN_SENT },
	    { .write = 1200, .close = HALF_WHEN_SENT } } },
	{ "simultaneous close", false,
	  { { .close_us = 30000 }, { .close_us = 30000 } } },
	{ "simultaneous open", true,
	  { { .write = 1500, .close = HALF_WHEN_SENT },
	    { .write = 500, .close = HALF_WHEN_SENT } } },
	{ "close in SYN_RCVD", true,
	  { { .write = 100, .close_us = 5100 }, { .close = AT_END } } },
	{ "small window", false,
	  { { .write = 4000, .close = WHEN_SENT },
	    { .rcvbuf = 1500, .read_us = 30000, .read_max = 900, .close = AT_END } } },
};

/* SACK or not, timestamps or not, big packets or not */
#define VARIANTS	8
/* of those, for pairs of segments */
#ifdef __KERNEL__
#define PAIR_VARIANTS	1
#else
#define PAIR_VARIANTS	4
#endif

static struct sim *story(u32 which, u32 variant)
{
	struct sim *s = sim_new();

	if (!s)
		return NULL;
	s->cfg.sack = variant & 1;
	s->cfg.timestamps = !!(variant & 2);
	s->burst = variant & 4 ? 4000 : 0;
	s->wscale = variant & 4 ? 3 : 0;
	s->simultaneous = stories[which].simultaneous;
	s->end[0].app = stories[which].app[0];
	s->end[1].app = stories[which].app[1];
	/* so that no old FIN meets an end that has forgotten it */
	s->cfg.msl_ms = 600000;
	s->cfg.fin_timeout = 600;
	return s;
}

static bool complete(const struct sim *s)
{
	return s->end[0].read == s->end[1].app.write &&
	       s->end[1].read == s->end[0].app.write &&
	       !s->end[0].err && !s->end[1].err;
}

/* Run it, and say which one it was if it fails. */
static bool run(struct sim *s, const char *name, u32 variant)
{
	static const char *const fates[] = { "lost", "twice", "late", "very late", "early" };
	const char *broken = sim_run(s);
	u32 i;

	if (!broken && complete(s))
		return true;
	for (i = 0; i < s->nplan; i++)
		test_story("segment %u %s", s->plan[i].nth, fates[s->plan[i].fate]);
	test_story("%s, variant %u: read %u of %u and %u of %u, errors %d and %d", name,
		   variant, s->end[0].read, s->end[1].app.write, s->end[1].read,
		   s->end[0].app.write, s->end[0].err, s->end[1].err);
	test_failed(__FILE__, __LINE__, broken ?: "not all text, or an error");
	return false;
}

static u32 length(u32 which, u32 variant)
{
	struct sim *s = story(which, variant);

	return run(s, stories[which].name, variant) ? s->sent : 0;
}

static bool each_segment(enum sim_fate fate)
{
	u32 which, variant, n, nth;

	for (which = 0; which < ARRAY_SIZE(stories); which++)
		for (variant = 0; variant < VARIANTS; variant++) {
			n = length(which, variant);
			for (nth = 1; nth <= n + 2; nth++) {
				struct sim *s = story(which, variant);

				s->plan[s->nplan++] = (struct sim_plan){ nth, fate, 0 };
				if (!run(s, stories[which].name, variant))
					return false;
			}
		}
	return true;
}

static void each_segment_lost(void)
{
	each_segment(LOSE);
}

static void each_segment_twice(void)
{
	each_segment(TWICE);
}

static void each_segment_late(void)
{
	each_segment(DELAY);
}

static void each_segment_very_late(void)
{
	each_segment(LONG_DELAY);
}

static void each_segment_early(void)
{
	each_segment(EARLY);
}

static void each_pair(enum sim_fate first, enum sim_fate second)
{
	u32 which, variant, n, a, b;

	for (which = 0; which < ARRAY_SIZE(stories); which++)
		for (variant = 0; variant < PAIR_VARIANTS; variant++) {
			n = length(which, variant);
			for (a = 1; a <= n; a++)
				for (b = a + 1; b <= n + 4; b++) {
					struct sim *s = story(which, variant);

					s->plan[s->nplan++] = (struct sim_plan){ a, first, 0 };
					s->plan[s->nplan++] = (struct sim_plan){ b, second, 0 };
					if (!run(s, stories[which].name, variant))
						return;
				}
		}
}

static void each_pair_lost(void)
{
	each_pair(LOSE, LOSE);
}

static void each_one_lost_and_a_later_one_twice(void)
{
	each_pair(LOSE, TWICE);
}

static void each_one_late_and_a_later_one_lost(void)
{
	each_pair(LONG_DELAY, LOSE);
}

/* Several in a row: the retransmission timer, and the oldest again and again */
static void each_run_of_five_lost(void)
{
	u32 which, variant, n, a, i;

	for (which = 0; which < ARRAY_SIZE(stories); which++)
		for (variant = 0; variant < VARIANTS; variant++) {
			n = length(which, variant);
			for (a = 1; a <= n; a++) {
				struct sim *s = story(which, variant);

				for (i = 0; i < 5; i++)
					s->plan[s->nplan++] = (struct sim_plan){ a + i, LOSE, 0 };
				if (!run(s, stories[which].name, variant))
					return;
			}
		}
}

/* Random: a longer connection, everything at once. */
static struct sim *random_story(u32 seed, u32 loss)
{
	struct sim *s = sim_new();
	u32 mix = seed * 2654435761U >> 16;

	if (!s)
		return NULL;
	s->seed = seed * 0x9e3779b97f4a7c15ULL + 1;
	s->loss = loss;
	s->dup = loss / 2;
	s->reorder = loss;
	s->fail = mix & 1 ? 20 : 0;
	s->iss[0] = mix & 2 ? 0xffffffff - seed * 100 : seed * 0x01000193;
	s->iss[1] = mix & 4 ? 0x7fffffff - seed * 50 : seed * 0x811c9dc5;
	s->cfg.sack = !!(mix & 8);
	s->cfg.timestamps = !!(mix & 16);
	s->cfg.window_scaling = !!(mix & 32);
	s->wscale = mix & 64 ? 5 : 0;
	s->burst = mix & 128 ? 6000 : 0;
	s->simultaneous = mix & 256;
	/* who is unlucky must not be given up */
	s->cfg.syn_retries = 100;
	s->cfg.synack_retries = 100;
	s->cfg.retries2 = 100;
	s->cfg.orphan_retries = 100;
	s->cfg.fin_timeout = 100000;
	s->cfg.msl_ms = 100000000;
	s->limit_us = 0;
	s->end[0].app = (struct sim_app){
		.write = 30000 + seed % 7, .chunk = 100 + mix % 3000, .close = HALF_WHEN_SENT,
		.rcvbuf = mix & 512 ? 3000 : 0, .mss_to = mix & 1024 ? 400 : 0,
		.nodelay = mix & 2048,
	};
	s->end[1].app = (struct sim_app){
		.write = 20000 + seed % 5, .chunk = 1 + mix % 1777, .close = HALF_WHEN_SENT,
		.read_us = mix & 4096 ? 20000 : 0, .read_max = 1000,
	};
	return s;
}

#if defined(__KERNEL__)
#define SEEDS	6	/* KASAN takes its time */
#elif !defined(SEEDS)
#define SEEDS	60
#endif

static void random_loss(u32 loss)
{
	u32 seed;

	for (seed = 1; seed <= SEEDS; seed++) {
		struct sim *s = random_story(seed, loss);

		s->limit_us = 0;
		if (!run(s, "random", seed))
			return;
	}
}

static void one_percent_lost_at_random(void)
{
	random_loss(10);
}

static void five_percent_lost_at_random(void)
{
	random_loss(50);
}

static void fifteen_percent_lost_at_random(void)
{
	random_loss(150);
}

static void thirty_percent_lost_at_random(void)
{
	random_loss(300);
}

static const struct test tests[] = {
	TEST(each_segment_lost),
	TEST(each_segment_twice),
	TEST(each_segment_late),
	TEST(each_segment_very_late),
	TEST(each_segment_early),
	TEST(each_pair_lost),
	TEST(each_one_lost_and_a_later_one_twice),
	TEST(each_one_late_and_a_later_one_lost),
	TEST(each_run_of_five_lost),
	TEST(one_percent_lost_at_random),
	TEST(five_percent_lost_at_random),
	TEST(fifteen_percent_lost_at_random),
	TEST(thirty_percent_lost_at_random),
	{ }
};

const struct suite suite_losses = { "losses", tests };
