// SPDX-License-Identifier: GPL-2.0
/*
 * t_autotune.c - the receiver's round trip, how much window it asks for, how
 * the window opens, and how much the sender buffers.
 */
#include "build.h"

#define ROOM	(1U << 20)	/* receive buffer, bytes of data */
#define MSS	1000U
#define RTT_US	20000U

/* The user has a connection with a large buffer, and all the time. */
static struct ttp_tcb *with_room(void)
{
	struct ttp_tcb *tcb = closed_with(ROOM);

	tcb->opt.rcv_wscale = 7;
	tcb->rcv.mss = MSS;
	tcb->route.advmss = MSS;
	tcb->rcv.wnd = 0xffff;
	return tcb;
}

/* @bytes come in segments of @truesize each, and are read at once. */
static void carry(struct ttp_tcb *tcb, u32 bytes, u32 truesize)
{
	struct ttp_seg seg = { .len = MSS, .has_ts = tcb->opt.ts_ok };
	u32 n;

	for (n = 0; n < bytes; n += MSS) {
		tcb->rcv.nxt += MSS;
		seg.tsecr = ttp_rtt_tsval(&tcb->opt, now - RTT_US);
		ttp_autotune_data(tcb, &seg, truesize, false, now);
		tcb->rcv.read += MSS;
	}
}

static void the_round_trip_is_that_of_the_timestamp(void)
{
	struct ttp_tcb *tcb = with_room();

	tcb->opt.ts_ok = true;
	carry(tcb, MSS, 2 * MSS);
	CHECK_EQ(tcb->flow->tune.rtt8_us / 8, RTT_US);
}

/* An echo that comes again was sent when there was nothing else to say. */
static void a_timestamp_counts_once_and_only_on_a_full_segment(void)
{
	struct ttp_tcb *tcb = with_room();
	struct ttp_seg seg = { .len = MSS / 2, .has_ts = true };

	tcb->opt.ts_ok = true;
	seg.tsecr = ttp_rtt_tsval(&tcb->opt, now - RTT_US);
	ttp_autotune_data(tcb, &seg, MSS, false, now);
	CHECK_EQ(tcb->flow->tune.rtt8_us, 0);
	seg.len = MSS;
	ttp_autotune_data(tcb, &seg, MSS, false, now);
	CHECK_EQ(tcb->flow->tune.rtt8_us, 0);
	seg.tsecr++;
	ttp_autotune_data(tcb, &seg, MSS, false, now);
	CHECK_EQ(tcb->flow->tune.rtt8_us / 8, RTT_US - 1000);
}

static void round_trips_that_grow_are_smoothed_and_that_shrink_are_taken(void)
{
	struct ttp_tcb *tcb = with_room();
	struct ttp_seg seg = { .len = MSS, .has_ts = true };

	tcb->opt.ts_ok = true;
	seg.tsecr = ttp_rtt_tsval(&tcb->opt, now - 16000);
	ttp_autotune_data(tcb, &seg, MSS, false, now);
	seg.tsecr = ttp_rtt_tsval(&tcb->opt, now - 32000);
	ttp_autotune_data(tcb, &seg, MSS, false, now);
	CHECK_EQ(tcb->flow->tune.rtt8_us / 8, 18000);
	seg.tsecr = ttp_rtt_tsval(&tcb->opt, now - 8000);
	ttp_autotune_data(tcb, &seg, MSS, false, now);
	CHECK_EQ(tcb->flow->tune.rtt8_us / 8, 8000);
}

static void a_timestamp_from_the_future_or_the_far_past_is_no_round_trip(void)
{
	struct ttp_tcb *tcb = with_room();
	struct ttp_seg seg = { .len = MSS, .has_ts = true };

	tcb->opt.ts_ok = true;
	seg.tsecr = ttp_rtt_tsval(&tcb->opt, now) + 1;
	ttp_autotune_data(tcb, &seg, MSS, false, now);
	seg.tsecr = ttp_rtt_tsval(&tcb->opt, now) - 0x7fffffff;
	ttp_autotune_data(tcb, &seg, MSS, false, now);
	CHECK_EQ(tcb->flow->tune.rtt8_us, 0);
}

static void without_timestamps_a_window_is_timed(void)
{
	struct ttp_tcb *tcb = with_room();

	carry(tcb, MSS, 2 * MSS);
	CHECK_EQ(tcb->flow->tune.rtt8_us, 0);
	now += 30000;
	carry(tcb, 0xffff, 2 * MSS);
	CHECK_EQ(tcb->flow->tune.rtt8_us / 8, 30000);
	/* a pause of the sender is no round trip */
	now += 500000;
	carry(tcb, 0xffff, 2 * MSS);
	CHECK_EQ(tcb->flow->tune.rtt8_us / 8, 30000);
}

static void nothing_is_wanted_before_a_round_trip_is_over(void)
{
	struct ttp_tcb *tcb = with_room();

	tcb->opt.ts_ok = true;
	CHECK_EQ(ttp_autotune_read(tcb, now), 0);
	carry(tcb, 100 * MSS, 2 * MSS);
	CHECK_EQ(ttp_autotune_read(tcb, now + RTT_US - 1), 0);
	CHECK(ttp_autotune_read(tcb, now + RTT_US));
}

/* twice 20 000 and 16 segments; and as that is twice the 10 000 of the round
 * trip before, three times as much
 */
static void twice_what_was_read_is_wanted_and_more_in_slow_start(void)
{
	struct ttp_tcb *tcb = with_room();

	tcb->opt.ts_ok = true;
	carry(tcb, 20 * MSS, 2 * MSS);
	CHECK_EQ(ttp_autotune_read(tcb, now + RTT_US), 3 * (40 + 16) * MSS);
	now += RTT_US;
	carry(tcb, 21 * MSS, 2 * MSS);
	CHECK_EQ(ttp_autotune_read(tcb, now + RTT_US), (42 + 16) * MSS + 58 * MSS / 10);
}

static void a_steady_flow_wants_no_more(void)
{
	struct ttp_tcb *tcb = with_room();

	tcb->opt.ts_ok = true;
	carry(tcb, 20 * MSS, 2 * MSS);
	now += RTT_US;
	CHECK(ttp_autotune_read(tcb, now));
	carry(tcb, 20 * MSS, 2 * MSS);
	now += RTT_US;
	CHECK_EQ(ttp_autotune_read(tcb, now), 0);
	carry(tcb, 19 * MSS, 2 * MSS);
	now += RTT_US;
	CHECK_EQ(ttp_autotune_read(tcb, now), 0);
}

static void what_is_wanted_has_an_end(void)
{
	struct ttp_tcb *tcb = with_room();

	tcb->opt.ts_ok = true;
	carry(tcb, MSS, 2 * MSS);
	tcb->rcv.read += 0xf0000000;
	CHECK_EQ(ttp_autotune_read(tcb, now + RTT_US), 1U << 30);
}

static void the_window_opens_by_two_segments_for_each(void)
{
	struct ttp_tcb *tcb = with_room();

	CHECK_EQ(ttp_autotune_window(tcb), 0xffff);
	carry(tcb, MSS, 2 * MSS);
	CHECK_EQ(ttp_autotune_window(tcb), 0xffff + 2 * MSS);
	carry(tcb, ROOM, 2 * MSS);
	CHECK_EQ(ttp_autotune_window(tcb), ROOM);
}

/* Eight bytes of memory for one of data: a fourth of the buffer's data. */
static void heavy_segments_open_the_window_no_further_than_they_fit(void)
{
	struct ttp_tcb *tcb = with_room();

	carry(tcb, 4 * ROOM, 8 * MSS);
	CHECK(ttp_autotune_window(tcb) >= ROOM / 4);
	CHECK(ttp_autotune_window(tcb) <= ROOM / 4 + 2 * MSS);
	carry(tcb, ROOM, 1000 * MSS);
	CHECK(ttp_autotune_window(tcb) <= ROOM / 4 + 2 * MSS);
}

static void under_pressure_the_window_closes_to_four_segments(void)
{
	struct ttp_tcb *tcb = with_room();
	struct ttp_seg seg = { .len = MSS };

	ttp_autotune_data(tcb, &seg, 2 * MSS, true, now);
	CHECK_EQ(ttp_autotune_window(tcb), 4 * MSS);
	ttp_autotune_data(tcb, &seg, 2 * MSS, false, now);
	CHECK_EQ(ttp_autotune_window(tcb), 6 * MSS);
}

/* 3.8.6: a receiver should not shrink the window (SHLD-14) */
static void the_right_edge_stays_when_the_buffer_overruns(void)
{
	struct ttp_tcb *tcb = established();
	u32 right = tcb->rcv.wup + tcb->rcv.wnd;
	struct ttp_verdict v;

	ttp_autotune_overrun(tcb);
	CHECK(ttp_autotune_window(tcb) < tcb->rcv.wnd);
	arrive(tcb, from_peer(tcb, TTP_ACK, 100), &v);
	tcb->pending |= TTP_PEND_ACK;
	send_all(tcb);
	CHECK_EQ(tcb->rcv.wup + tcb->rcv.wnd, right);
}

/* 3.8.6.2.2 (MUST-39): as on a loopback of 64 KiB, whose segments are longer than
 * a window without scale
 */
static void a_window_smaller_than_a_segment_opens_again(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_verdict v;

	tcb->rcv.mss = 100000;
	tcb->rcv.ssthresh = BUILD_WND / 3;	/* the buffer is larger */
	arrive(tcb, from_peer(tcb, TTP_ACK, tcb->rcv.wnd), &v);
	send_all(tcb);
	CHECK_EQ(tcb->rcv.wnd, 0);
	port_read(tcb, ~0U);
	CHECK(ttp_user_read(tcb));
	send_all(tcb);
	CHECK(tcb->rcv.wnd > BUILD_WND / 4);
}

static void the_send_buffer_holds_two_congestion_windows(void)
{
	struct ttp_tcb *tcb = established();

	tcb->flow->cong.cwnd = 50 * BUILD_MSS;
	CHECK_EQ(ttp_autotune_send(tcb), 100 * BUILD_MSS);
	tcb->flow->cong.cwnd = 2 * BUILD_MSS;
	CHECK_EQ(ttp_autotune_send(tcb), 20 * BUILD_MSS);
}

static void a_full_congestion_window_asks_for_no_larger_buffer(void)
{
	struct ttp_tcb *tcb = established();

	tcb->flow->cong.cwnd = 2 * BUILD_MSS;
	port_write(tcb, 3 * BUILD_MSS);
	send_all(tcb);
	CHECK_EQ(ttp_autotune_send(tcb), 0);
}

/* 3.8.6.2.2: room for segments is told of, though it is less than a unit of the scale */
static void a_small_window_is_not_scaled_away(void)
{
	struct ttp_tcb *tcb = with_room();

	tcb->opt.rcv_wscale = 14;
	tcb->rcv.ssthresh = 4 * MSS;
	tcb->rcv.wnd = 0;
	CHECK_EQ(ttp_send_window(tcb), 1 << 14);
	tcb->rcv.wnd = 0;
	tcb->rcv.ssthresh = MSS / 4;
	tcb->asked.window_clamp = 1;
	CHECK(ttp_send_window(tcb) <= 1 << 14);
}

static const struct test tests[] = {
	TEST(the_round_trip_is_that_of_the_timestamp),
	TEST(a_timestamp_counts_once_and_only_on_a_full_segment),
	TEST(round_trips_that_grow_are_smoothed_and_that_shrink_are_taken),
	TEST(a_timestamp_from_the_future_or_the_far_past_is_no_round_trip),
	TEST(without_timestamps_a_window_is_timed),
	TEST(nothing_is_wanted_before_a_round_trip_is_over),
	TEST(twice_what_was_read_is_wanted_and_more_in_slow_start),
	TEST(a_steady_flow_wants_no_more),
	TEST(what_is_wanted_has_an_end),
	TEST(the_window_opens_by_two_segments_for_each),
	TEST(heavy_segments_open_the_window_no_further_than_they_fit),
	TEST(under_pressure_the_window_closes_to_four_segments),
	TEST(the_right_edge_stays_when_the_buffer_overruns),
	TEST(a_window_smaller_than_a_segment_opens_again),
	TEST(the_send_buffer_holds_two_congestion_windows),
	TEST(a_full_congestion_window_asks_for_no_larger_buffer),
	TEST(a_small_window_is_not_scaled_away),
	{ }
};

const struct suite suite_autotune = { "autotune", tests };
