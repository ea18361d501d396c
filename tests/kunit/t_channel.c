// SPDX-License-Identifier: GPL-2.0
/*
 * t_channel.c - whole connections between two ends, on a channel that behaves.
 */
#include "sim.h"

/* Runs; fails the test unless both ends come to CLOSED with all data and
 * without an error.
 */
#define CHECK_RUN(s) do {						\
	const char *__broken = sim_run(s);				\
									\
	if (__broken) {							\
		test_failed(__FILE__, __LINE__, __broken);		\
		return;							\
	}								\
	CHECK_EQ((s)->end[0].read, (s)->end[1].app.write);		\
	CHECK_EQ((s)->end[1].read, (s)->end[0].app.write);		\
	CHECK_EQ((s)->end[0].err, 0);					\
	CHECK_EQ((s)->end[1].err, 0);					\
} while (0)

/* Runs; fails the test if anything went wrong, however far the ends came. */
#define CHECK_SIM(s) do {						\
	const char *__broken = sim_run(s);				\
									\
	if (__broken) {							\
		test_failed(__FILE__, __LINE__, __broken);		\
		return;							\
	}								\
} while (0)

/* 3.6 figure 12 */
static void four_way_close(void)
{
	struct sim *s = sim_new();

	s->end[0].app = (struct sim_app){ .write = 500, .close = WHEN_SENT };
	s->end[1].app = (struct sim_app){ .close = AT_END };
	CHECK_RUN(s);
	CHECK(s->end[0].was_time_wait && !s->end[1].was_time_wait);
	CHECK(s->end[0].closed_at - s->start >= 2000ULL * s->cfg.msl_ms);
}

static void nothing_but_open_and_close(void)
{
	struct sim *s = sim_new();

	s->end[1].app = (struct sim_app){ .close = AT_END };
	CHECK_RUN(s);
}

/* 3.6 figure 13 */
static void simultaneous_close(void)
{
	struct sim *s = sim_new();

	s->end[0].app = (struct sim_app){ .write = 100, .close_us = 100000 };
	s->end[1].app = (struct sim_app){ .write = 100, .close_us = 100000 };
	CHECK_RUN(s);
	CHECK(s->end[0].was_time_wait && s->end[1].was_time_wait);
}

/* 3.6.1: the other half stays open */
static void half_close(void)
{
	struct sim *s = sim_new();

	s->end[0].app = (struct sim_app){ .write = 3000, .close = HALF_WHEN_SENT };
	s->end[1].app = (struct sim_app){ .write = 50000, .close = AT_END };
	CHECK_RUN(s);
}

static void half_close_by_both(void)
{
	struct sim *s = sim_new();

	s->end[0].app = (struct sim_app){ .write = 30000, .close = HALF_WHEN_SENT };
	s->end[1].app = (struct sim_app){ .write = 50000, .close = HALF_WHEN_SENT };
	CHECK_RUN(s);
}

static void the_passive_end_closes_first(void)
{
	struct sim *s = sim_new();

	s->end[0].app = (struct sim_app){ .close = AT_END };
	s->end[1].app = (struct sim_app){ .write = 7000, .close = WHEN_SENT };
	CHECK_RUN(s);
	CHECK(s->end[1].was_time_wait && !s->end[0].was_time_wait);
}

/* 3.5 figure 7, MUST-10 */
static void simultaneous_open(void)
{
	struct sim *s = sim_new();

	s->simultaneous = true;
	s->end[0].app = (struct sim_app){ .write = 3000, .close = HALF_WHEN_SENT };
	s->end[1].app = (struct sim_app){ .write = 3000, .close = HALF_WHEN_SENT };
	CHECK_RUN(s);
}

/* 3.10.4: CLOSE in SYN_RCVD; the FIN waits for the ACK of the SYN */
static void close_in_syn_rcvd(void)
{
	struct sim *s = sim_new();

	s->simultaneous = true;
	s->end[0].app = (struct sim_app){ .close_us = 5200 };
	s->end[1].app = (struct sim_app){ .close = AT_END };
	CHECK_RUN(s);
}

static void close_in_syn_rcvd_with_data_written(void)
{
	struct sim *s = sim_new();

	s->simultaneous = true;
	s->end[0].app = (struct sim_app){ .write = 2900, .close_us = 5200 };
	s->end[1].app = (struct sim_app){ .close = AT_END };
	CHECK_RUN(s);
}

static void close_in_syn_rcvd_by_both(void)
{
	struct sim *s = sim_new();

	s->simultaneous = true;
	s->end[0].app = (struct sim_app){ .close_us = 5200 };
	s->end[1].app = (struct sim_app){ .close_us = 5200 };
	CHECK_RUN(s);
	CHECK(s->end[0].was_time_wait && s->end[1].was_time_wait);
}

static void close_in_syn_sent_deletes_the_tcb(void)
{
	struct sim *s = sim_new();

	s->end[0].app = (struct sim_app){ .close_us = 1000, .hasty = true };
	s->limit_us = 3000;
	CHECK_SIM(s);
	CHECK_EQ(s->end[0].is, GONE);
}

static void much_data_both_ways(void)
{
	struct sim *s = sim_new();

	s->end[0].app = (struct sim_app){ .write = 300000, .close = HALF_WHEN_SENT };
	s->end[1].app = (struct sim_app){ .write = 300000, .close = HALF_WHEN_SENT };
	CHECK_RUN(s);
}

static void every_combination_of_options(void)
{
	u32 mix;

	for (mix = 0; mix < 64; mix++) {
		struct sim *s = sim_new();

		s->cfg.sack = mix & 1;
		s->cfg.timestamps = !!(mix & 2);
		s->cfg.window_scaling = !!(mix & 4);
		s->wscale = mix & 8 ? 7 : 0;
		s->burst = mix & 16 ? 8000 : 0;
		s->simultaneous = mix & 32;
		s->end[0].app = (struct sim_app){
			.write = 40000, .chunk = 3333, .close = HALF_WHEN_SENT, .rcvbuf = 200000,
		};
		s->end[1].app = (struct sim_app){
			.write = 30000, .chunk = 77, .close = HALF_WHEN_SENT, .rcvbuf = 200000,
		};
		CHECK_RUN(s);
	}
}

/* The window of a receive buffer above 64 KiB is used only when scaled. */
static void window_scaling_opens_windows_above_64_kib(void)
{
	struct sim *s = sim_new();
	u64 scaled;

	s->wscale = 4;
	s->delay_us = 100000;
	s->end[0].app = (struct sim_app){
		.write = 2000000, .sndbuf = 400000, .close = WHEN_SENT,
	};
	s->end[1].app = (struct sim_app){ .rcvbuf = 240000, .close = AT_END };
	CHECK_RUN(s);
	scaled = s->end[1].closed_at - s->start;

	s = sim_new();
	s->delay_us = 100000;
	s->cfg.window_scaling = 0;
	s->end[0].app = (struct sim_app){
		.write = 2000000, .sndbuf = 400000, .close = WHEN_SENT,
	};
	s->end[1].app = (struct sim_app){ .rcvbuf = 240000, .close = AT_END };
	CHECK_RUN(s);
	CHECK(s->end[1].closed_at - s->start > scaled * 2);
}

/* 3.8.6: a reader that is slow slows the writer, and loses nothing */
static void a_slow_reader(void)
{
	struct sim *s = sim_new();

	s->end[0].app = (struct sim_app){ .write = 60000, .close = WHEN_SENT };
	s->end[1].app = (struct sim_app){
		.rcvbuf = 4000, .read_us = 50000, .read_max = 700, .close = AT_END,
	};
	CHECK_RUN(s);
}

/* The window's unit with a shift of 7 is 128 bytes; a reader of single bytes
 * must make neither silly windows nor an endless promise.
 */
static void a_slow_reader_with_window_scaling(void)
{
	struct sim *s = sim_new();

	s->wscale = 7;
	s->end[0].app = (struct sim_app){ .write = 20000, .chunk = 37, .nodelay = true,
					  .close = WHEN_SENT };
	s->end[1].app = (struct sim_app){
		.rcvbuf = 3000, .read_us = 10000, .read_max = 33, .close = AT_END,
	};
	CHECK_RUN(s);
}

/* 3.8.6.1, MUST-37: the window may stay shut as long as the peer answers */
static void a_window_shut_for_an_hour_opens_again(void)
{
	struct sim *s = sim_new();

	/* the writer must keep its socket, or it is an orphan */
	s->end[0].app = (struct sim_app){ .write = 20000, .close = AT_END };
	s->end[1].app = (struct sim_app){
		.rcvbuf = 4000, .read_from_us = 3600U * 1000000, .close = WHEN_SENT,
		.close_us = 3700U * 1000000,
	};
	CHECK_RUN(s);
}

static void a_window_shut_with_only_the_fin_left(void)
{
	struct sim *s = sim_new();

	s->end[0].app = (struct sim_app){ .write = 4000, .close = HALF_WHEN_SENT };
	s->end[1].app = (struct sim_app){
		.rcvbuf = 4000, .read_from_us = 100000000, .close = AT_END,
	};
	CHECK_RUN(s);
}

static void nagle_and_delayed_acks_do_not_deadlock(void)
{
	struct sim *s = sim_new();

	s->end[0].app = (struct sim_app){ .write = 5000, .chunk = 3, .close = HALF_WHEN_SENT };
	s->end[1].app = (struct sim_app){ .write = 5000, .chunk = 1001, .close = HALF_WHEN_SENT };
	CHECK_RUN(s);
}

static void the_mss_falls_in_the_middle(void)
{
	struct sim *s = sim_new();

	s->burst = 10000;
	s->end[0].app = (struct sim_app){ .write = 60000, .chunk = 5000, .mss_to = 300,
					  .close = WHEN_SENT };
	s->end[1].app = (struct sim_app){ .close = AT_END };
	CHECK_RUN(s);
}

/* 3.8.3: every wait for a peer that is silent ends, in ETIMEDOUT */
static void a_peer_that_falls_silent_is_given_up(void)
{
	u32 after;

	for (after = 0; after < 60; after++) {
		struct sim *s = sim_new();

		s->dead_after = after ?: ~0U;
		s->cfg.orphan_retries = 3;
		s->loss = after ? 0 : 1000;
		s->end[0].app = (struct sim_app){ .write = 30000, .close = HALF_WHEN_SENT };
		s->end[1].app = (struct sim_app){ .write = 30000, .close = HALF_WHEN_SENT };
		s->limit_us = 3600ULL * 1000000;
		CHECK_SIM(s);
		/* an end with nothing to send has no reason to give up */
		CHECK(s->end[0].is == GONE || !s->end[0].tcb ||
		      s->end[0].tcb->snd.una == s->end[0].tcb->snd.nxt);
		CHECK(s->end[1].is != REQUEST);
		CHECK(s->end[1].is != TCB ||
		      s->end[1].tcb->snd.una == s->end[1].tcb->snd.nxt);
		if (!after)
			CHECK_EQ(s->end[0].err, ETIMEDOUT);
	}
}

/* An orphan's FIN_WAIT_2 is bounded, whatever the peer does. */
static void an_orphan_does_not_stay_in_fin_wait_2(void)
{
	struct sim *s = sim_new();

	s->end[0].app = (struct sim_app){ .write = 100, .close = WHEN_SENT };
	s->end[1].app = (struct sim_app){ .close = NEVER };
	s->limit_us = 100ULL * 1000000;
	CHECK_SIM(s);
	CHECK_EQ(s->end[0].is, GONE);
	CHECK_EQ(s->end[0].err, 0);
	CHECK(s->end[0].closed_at - s->start < 61000000);
}

/* 3.6.1: data for a socket that was closed is answered by a RST */
static void data_after_close_resets_the_sender(void)
{
	struct sim *s = sim_new();

	s->end[0].app = (struct sim_app){ .close_us = 50000 };
	s->end[1].app = (struct sim_app){ .write = 300000, .close = WHEN_SENT };
	s->limit_us = 10000000;
	CHECK_SIM(s);
	CHECK(sim_both_closed(s));
	CHECK(s->end[1].err == EPIPE || s->end[1].err == ECONNRESET);
}

static void an_orphan_with_a_shut_window_is_given_up(void)
{
	struct sim *s = sim_new();

	s->end[0].app = (struct sim_app){ .write = 20000, .close = WHEN_SENT,
					  .sndbuf = 100000 };
	s->end[1].app = (struct sim_app){
		.rcvbuf = 4000, .read_from_us = ~0U, .close = NEVER,
	};
	s->limit_us = 3600ULL * 1000000;
	CHECK_SIM(s);
	CHECK_EQ(s->end[0].is, GONE);
}

static const struct test tests[] = {
	TEST(four_way_close),
	TEST(nothing_but_open_and_close),
	TEST(simultaneous_close),
	TEST(half_close),
	TEST(half_close_by_both),
	TEST(the_passive_end_closes_first),
	TEST(simultaneous_open),
	TEST(close_in_syn_rcvd),
	TEST(close_in_syn_rcvd_with_data_written),
	TEST(close_in_syn_rcvd_by_both),
	TEST(close_in_syn_sent_deletes_the_tcb),
	TEST(much_data_both_ways),
	TEST(every_combination_of_options),
	TEST(window_scaling_opens_windows_above_64_kib),
	TEST(a_slow_reader),
	TEST(a_slow_reader_with_window_scaling),
	TEST(a_window_shut_for_an_hour_opens_again),
	TEST(a_window_shut_with_only_the_fin_left),
	TEST(nagle_and_delayed_acks_do_not_deadlock),
	TEST(the_mss_falls_in_the_middle),
	TEST(a_peer_that_falls_silent_is_given_up),
	TEST(an_orphan_does_not_stay_in_fin_wait_2),
	TEST(data_after_close_resets_the_sender),
	TEST(an_orphan_with_a_shut_window_is_given_up),
	{ }
};

const struct suite suite_channel = { "channel", tests };
