// SPDX-License-Identifier: GPL-2.0
/*
 * t_bottleneck.c - what each algorithm does to a line and its queue, with the real
 * core at both ends (bottleneck.h).
 *
 * Rates are segments a second: what counts is how many fill the path.
 */
#include <stdio.h>

#include "bottleneck.h"
#include "check.h"
#include "port.h"

#define MSS	540		/* less is acknowledged by several */
#define SEG	((MSS + BN_HEADER) * 8ULL)	/* bits on the line */

static struct bottleneck bn;

/* A line that takes @segs in a second, @ms one way; two flows when there are two names. */
static bool begin(const char *first, const char *second, u32 segs, u32 ms, u32 buffer)
{
	bn_free(&bn);
	bn.rate = segs * SEG;
	bn.buffer = buffer;
	bn.mss = MSS;
	bn.seed = 1;
	bn.nflow = second ? 2 : 1;
	bn.flows[0].algorithm = port_cong(first);
	bn.flows[1].algorithm = second ? port_cong(second) : NULL;
	bn.flows[0].delay_us = ms * 1000;
	bn.flows[1].delay_us = ms * 1000;
	return bn.flows[0].algorithm;
}

/* Counts from @from to @seconds. */
static bool run(u32 from, u32 seconds)
{
	bn.from_us = from * 1000000ULL;
	bn.duration_us = seconds * 1000000ULL;
	bn_run(&bn);
	test_story("%s: %u per mille used, fairness %u, queue %u on average, %u at most, %u dropped%s%s",
		   bn.flows[0].algorithm->name, bn_utilisation(&bn), bn_fairness(&bn),
		   (u32)bn_mean_queue(&bn), bn.queue_max, bn_drops(&bn), bn.wrong ? ": " : "",
		   bn.wrong ?: "");
	return !bn.wrong;
}

/* 1000 segments a second and 40 ms: 40 fill the path */
static void reno_fills_a_line_with_a_buffer_of_its_product(void)
{
	CHECK(begin("reno", NULL, 1000, 20, 40));
	CHECK(run(0, 30));
	CHECK(bn_utilisation(&bn) > 900);
	CHECK(bn_drops(&bn) > 0);
}

static void two_flows_of_reno_share(void)
{
	CHECK(begin("reno", "reno", 1000, 20, 40));
	bn.flows[1].start_us = 10000000;
	CHECK(run(20, 50));
	CHECK(bn_utilisation(&bn) > 900);
	CHECK(bn_fairness(&bn) > 900);
}

/* Jacobson 1988: who is nearer gets more */
static void reno_favours_the_short_round_trip(void)
{
	CHECK(begin("reno", "reno", 1000, 10, 20));
	bn.flows[1].delay_us = 60000;
	CHECK(run(5, 30));
	CHECK(bn.flows[0].received > 2 * bn.flows[1].received);
}

/* 2000 segments a second and 200 ms: 400 fill the path, a fifth of it the buffer */
static void cubic_fills_a_long_path_and_reno_does_not(void)
{
	u32 reno;

	CHECK(begin("reno", NULL, 2000, 100, 80));
	CHECK(run(10, 35));
	reno = bn_utilisation(&bn);
	CHECK(begin("cubic", NULL, 2000, 100, 80));
	CHECK(run(10, 35));
	CHECK(bn_utilisation(&bn) > reno + 50);
	CHECK(bn_utilisation(&bn) > 900);
}

static void tahoe_leaves_more_of_the_line_idle_than_reno(void)
{
	u32 reno;

	CHECK(begin("reno", NULL, 1000, 40, 40));
	CHECK(run(5, 30));
	reno = bn_utilisation(&bn);
	CHECK(begin("tahoe", NULL, 1000, 40, 40));
	CHECK(run(5, 30));
	CHECK(bn_utilisation(&bn) < reno);
}

static void aimd_flows_converge(void)
{
	CHECK(begin("aimd", "aimd", 1000, 20, 40));
	bn.flows[1].start_us = 10000000;
	CHECK(run(30, 60));
	CHECK(bn_fairness(&bn) > 900);
}

static void vegas_has_a_small_queue_and_no_loss(void)
{
	CHECK(begin("vegas", NULL, 1000, 20, 100));
	CHECK(run(5, 30));
	CHECK(bn_utilisation(&bn) > 950);
	CHECK(bn_mean_queue(&bn) < 8);
	CHECK_EQ(bn_drops(&bn), 0);
}

static void dctcp_keeps_the_queue_at_the_mark(void)
{
	CHECK(begin("dctcp", "dctcp", 1000, 20, 100));
	bn.mark = 15;
	CHECK(run(5, 20));
	CHECK(bn_utilisation(&bn) > 950);
	CHECK(bn_fairness(&bn) > 900);
	CHECK(bn_mean_queue(&bn) > 7 && bn_mean_queue(&bn) < 20);
	CHECK_EQ(bn_drops(&bn), 0);
}

/* 80 segments where 40 + 20 have room */
static void fixed_overflows_the_queue_for_ever(void)
{
	CHECK(begin("fixed", "fixed", 1000, 5, 20));
	CHECK(run(5, 15));
	CHECK(bn_drops(&bn) > 100);
	CHECK(bn_mean_queue(&bn) > 15);
}

static void bbr_fills_the_line_and_not_the_queue(void)
{
	CHECK(begin("bbr", NULL, 1000, 20, 400));
	CHECK(run(3, 20));
	CHECK(bn_utilisation(&bn) > 940);
	CHECK(bn_mean_queue(&bn) < 20);
	CHECK_EQ(bn_drops(&bn), 0);
}

/* Mathis et al.: sqrt(3 / 2p) segments in a round trip, here of 100 */
static void reno_under_chance_losses_is_as_slow_as_mathis_says(void)
{
	CHECK(begin("reno", NULL, 1000, 50, 1000));
	bn.loss = 10000;
	CHECK(run(10, 300));
	CHECK(bn_utilisation(&bn) > 98 && bn_utilisation(&bn) < 147);
}

/* 1 / (1 + 2a), where a is 20 */
static void stop_and_wait_uses_what_the_textbook_says(void)
{
	CHECK(begin("fixed", NULL, 1000, 20, 1000));
	bn.arq = TTP_ARQ_STOP_AND_WAIT;
	CHECK(run(1, 20));
	CHECK(bn_utilisation(&bn) >= 23 && bn_utilisation(&bn) <= 25);
	CHECK_EQ(bn_drops(&bn), 0);
}

/* A window for a loss, not again for what the receiver throws away */
static void go_back_n_resends_a_window_for_a_loss(void)
{
	CHECK(begin("reno", NULL, 1000, 20, 50));
	bn.loss = 10000;
	bn.arq = TTP_ARQ_GO_BACK_N;
	CHECK(run(1, 60));
	CHECK(bn_utilisation(&bn) > 100);
	CHECK(bn_drops(&bn) > 50 && bn_drops(&bn) < 300);
	CHECK(bn.flows[0].snd->total_retrans < 30 * bn_drops(&bn));
}

/* Every chance is the seed's: a run can be shown again. */
static void the_same_seed_is_the_same_run(void)
{
	u64 first, second;

	CHECK(begin("reno", "cubic", 1000, 20, 40));
	CHECK(run(0, 10));
	first = bn.flows[0].received;
	CHECK(begin("reno", "cubic", 1000, 20, 40));
	CHECK(run(0, 10));
	second = bn.flows[0].received;
	CHECK_EQ(first, second);
	CHECK(begin("reno", "cubic", 1000, 20, 40));
	bn.seed = 2;
	CHECK(run(0, 10));
	CHECK(bn.flows[0].received != second);
	bn_free(&bn);
}

static const struct test tests[] = {
	TEST(reno_fills_a_line_with_a_buffer_of_its_product),
	TEST(two_flows_of_reno_share),
	TEST(reno_favours_the_short_round_trip),
	TEST(cubic_fills_a_long_path_and_reno_does_not),
	TEST(tahoe_leaves_more_of_the_line_idle_than_reno),
	TEST(aimd_flows_converge),
	TEST(vegas_has_a_small_queue_and_no_loss),
	TEST(dctcp_keeps_the_queue_at_the_mark),
	TEST(fixed_overflows_the_queue_for_ever),
	TEST(bbr_fills_the_line_and_not_the_queue),
	TEST(reno_under_chance_losses_is_as_slow_as_mathis_says),
	TEST(stop_and_wait_uses_what_the_textbook_says),
	TEST(go_back_n_resends_a_window_for_a_loss),
	TEST(the_same_seed_is_the_same_run),
	{ }
};

const struct suite suite_bottleneck = { "bottleneck", tests };
