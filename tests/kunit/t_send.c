// SPDX-License-Identifier: GPL-2.0
/*
 * t_send.c - what may be sent: MSS (3.7.1), Nagle (3.7.4), windows and silly
 * windows on both sides (3.8.6), FIN and PSH.
 */
#include "build.h"

static struct ttp_verdict v;

static void ack(struct ttp_tcb *tcb, u32 upto, u32 wnd)
{
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 0);

	seg.ack = upto;
	seg.wnd = wnd;
	arrive(tcb, seg, &v);
}

/* MUST-16, MUST-15: the smaller of what the peer takes and the path carries,
 * less the options on every segment
 */
static void the_segment_size_is_the_smallest_that_anyone_asks_for(void)
{
	struct ttp_tcb *tcb = established();

	CHECK_EQ(tcb->snd.mss, BUILD_MSS);
	ttp_send_mss(tcb, 700);
	CHECK_EQ(tcb->snd.mss, 700);
	tcb->mss_user = 600;
	ttp_send_mss(tcb, 700);
	CHECK_EQ(tcb->snd.mss, 600);
	tcb->opt.ts_ok = true;
	ttp_send_mss(tcb, 700);
	CHECK_EQ(tcb->snd.mss, 588);
	tcb->opt.mss = 1;
	ttp_send_mss(tcb, 700);
	CHECK(tcb->snd.mss >= 36);
}

static void a_peer_without_an_mss_option_gets_536(void)
{
	struct ttp_tcb *tcb = syn_sent();

	arrive(tcb, (struct ttp_seg){
		.seq = irs, .ack = iss + 1, .flags = TTP_SYN | TTP_ACK, .wnd = BUILD_WND,
	}, &v);
	CHECK_EQ(tcb->snd.mss, TTP_MSS_DEFAULT);
}

static void text_is_cut_into_segments_and_the_last_is_pushed(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;
	u32 n;

	port_write(tcb, 2500);
	for (n = 0; n < 3; n++) {
		CHECK(send_one(tcb, &out));
		CHECK_EQ(out.seg.len, n < 2 ? 1000 : 500);
		CHECK_EQ(!!(out.seg.flags & TTP_PSH), n == 2);
	}
	CHECK(!send_one(tcb, &out));
}

/* With segmentation offload a packet holds several, all full but the last. */
static void a_burst_is_whole_segments(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;

	tcb->snd.burst = 4000;
	tcb->snd.wnd = 6500;
	port_write(tcb, 7777);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 4000);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 2000);
	CHECK(!send_one(tcb, &out));
}

static void nothing_goes_beyond_the_window(void)
{
	struct ttp_tcb *tcb = established();
	u32 una = tcb->snd.una;

	tcb->snd.wnd = 3500;
	port_write(tcb, 6000);
	send_all(tcb);
	CHECK_EQ(tcb->snd.nxt - una, 3000);	/* 500 would be silly */
	ack(tcb, una + 1000, 3500);
	send_all(tcb);
	CHECK_EQ(tcb->snd.nxt - una, 4000);
	ack(tcb, una + 4000, 0);
	CHECK_EQ(send_all(tcb), 0);
}

/* SHLD-15: "a sender MUST be robust against window shrinking" */
static void a_window_that_shrinks_stops_what_is_new(void)
{
	struct ttp_tcb *tcb = established();
	u32 una = tcb->snd.una;

	port_write(tcb, 8000);
	tcb->snd.wnd = 4000;
	send_all(tcb);
	ack(tcb, una + 1000, 500);
	CHECK_EQ(send_all(tcb), 0);
	CHECK_EQ(tcb->snd.nxt - una, 4000);
	ack(tcb, una + 1000, 5000);
	CHECK_EQ(send_all(tcb), 2);
}

/* 3.7.4, MUST-17 */
static void a_short_segment_waits_for_the_ack_of_another(void)
{
	struct ttp_tcb *tcb = established();

	port_write(tcb, 10);
	CHECK_EQ(send_all(tcb), 1);
	port_write(tcb, 10);
	CHECK_EQ(send_all(tcb), 0);
	port_write(tcb, 2000);
	CHECK_EQ(send_all(tcb), 2);
	ack(tcb, tcb->snd.nxt, BUILD_WND);
	CHECK_EQ(send_all(tcb), 1);
}

static void with_nodelay_it_does_not_wait(void)
{
	struct ttp_tcb *tcb = established();

	tcb->nodelay = true;
	port_write(tcb, 10);
	CHECK_EQ(send_all(tcb), 1);
	port_write(tcb, 10);
	CHECK_EQ(send_all(tcb), 1);
}

static void before_a_fin_it_does_not_wait(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;

	port_write(tcb, 10);
	CHECK_EQ(send_all(tcb), 1);
	port_write(tcb, 10);
	ttp_user_shutdown(tcb, now);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 10);
	CHECK(out.seg.flags & TTP_FIN);
}

/* MSG_MORE holds a short segment back, not for ever */
static void what_the_user_wants_to_add_to_is_sent_after_a_while(void)
{
	struct ttp_tcb *tcb = established();

	tcb->snd.more = true;
	port_write(tcb, 10);
	CHECK_EQ(send_all(tcb), 0);
	CHECK_EQ(expire(tcb, &v), TTP_TM_PERSIST);
	CHECK_EQ(send_all(tcb), 1);
}

/* 3.8.6.2.1, MUST-38: less than a segment only if it is half the window or the
 * override timeout says so
 */
static void a_silly_window_is_used_after_the_override_timeout_only(void)
{
	struct ttp_tcb *tcb = established();
	u32 una = tcb->snd.una;

	port_write(tcb, 3000);
	tcb->snd.wnd = 300;
	CHECK_EQ(send_all(tcb), 0);
	CHECK_EQ(expire(tcb, &v), TTP_TM_PERSIST);
	CHECK_EQ(send_all(tcb), 1);
	CHECK_EQ(tcb->snd.nxt - una, 300);
}

static void a_peer_whose_windows_are_all_small_gets_small_segments(void)
{
	struct ttp_tcb *tcb = established();

	tcb->snd.max_wnd = 400;
	tcb->snd.wnd = 300;
	port_write(tcb, 3000);
	CHECK_EQ(send_all(tcb), 1);
}

/* MUST-39: "SHOULD NOT advance the right edge by less than a segment", and
 * SHLD-14: never back
 */
static void the_window_moves_by_segments_and_never_back(void)
{
	struct ttp_tcb *tcb = established();
	u32 right = tcb->rcv.wup + tcb->rcv.wnd, r, i, n = 0;
	struct ttp_out out;

	tcb->rcv.quick = 0;
	for (i = 0; i < 200; i++) {
		arrive(tcb, from_peer(tcb, TTP_ACK, min(BUILD_WND / 20, right - tcb->rcv.nxt)),
		       &v);
		while (send_one(tcb, &out)) {
			r = out.seg.ack + out.seg.wnd;
			CHECK(seq_geq(r, right));
			CHECK(r == right || r - right >= min(tcb->rcv.mss, BUILD_WND / 2));
			n += r != right;
			right = r;
		}
		if (i % 3 == 0)
			CHECK(port_read(tcb, 500) != ~0U);
		if (ttp_user_read(tcb))
			CHECK(tcb->pending & TTP_PEND_ACK);
	}
	CHECK(n > 5);
}

static void the_window_of_a_syn_is_not_scaled(void)
{
	struct ttp_tcb *tcb = closed_();
	struct ttp_out out;

	tcb->opt.rcv_wscale = 3;
	ttp_user_connect(tcb, iss, now);
	CHECK(send_one(tcb, &out));
	CHECK(out.seg.has_wscale);
	CHECK_EQ(out.seg.wscale, 3);
	CHECK_EQ(out.seg.wnd, tcb->rcv.wnd);
	CHECK_EQ(out.seg.mss, BUILD_MSS);
}

/* 3.8.6: the FIN takes a number in sequence, which the window must hold */
static void a_fin_waits_for_the_window(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;

	tcb->snd.wnd = 1000;
	port_write(tcb, 1000);
	ttp_user_shutdown(tcb, now);
	CHECK(send_one(tcb, &out));
	CHECK(!(out.seg.flags & TTP_FIN));
	CHECK(!send_one(tcb, &out));
	ack(tcb, tcb->snd.nxt, 1);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.flags, TTP_FIN | TTP_ACK);
}

static void what_was_not_taken_by_ip_is_sent_later(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;

	port_write(tcb, 500);
	CHECK(ttp_send_next(tcb, now, &out));
	ttp_send_failed(tcb, now);
	CHECK_EQ(tcb->snd.nxt, tcb->snd.una);
	CHECK_EQ(expire(tcb, &v), TTP_TM_RETRY);
	CHECK_EQ(tcb->retransmits, 0);
	CHECK_EQ(send_all(tcb), 1);
}

/* RFC 6928: ten segments at first; RFC 5681 3.1: doubled each round trip */
static void slow_start_opens_the_congestion_window(void)
{
	struct ttp_tcb *tcb = established();

	tcb->snd.wnd = 1000000;
	tcb->snd.max_wnd = 1000000;
	port_write(tcb, 60000);
	CHECK_EQ(send_all(tcb), 10);
	ack(tcb, tcb->snd.una + 2000, 50000);
	CHECK_EQ(send_all(tcb), 4);
}

static const struct test tests[] = {
	TEST(the_segment_size_is_the_smallest_that_anyone_asks_for),
	TEST(a_peer_without_an_mss_option_gets_536),
	TEST(text_is_cut_into_segments_and_the_last_is_pushed),
	TEST(a_burst_is_whole_segments),
	TEST(nothing_goes_beyond_the_window),
	TEST(a_window_that_shrinks_stops_what_is_new),
	TEST(a_short_segment_waits_for_the_ack_of_another),
	TEST(with_nodelay_it_does_not_wait),
	TEST(before_a_fin_it_does_not_wait),
	TEST(what_the_user_wants_to_add_to_is_sent_after_a_while),
	TEST(a_silly_window_is_used_after_the_override_timeout_only),
	TEST(a_peer_whose_windows_are_all_small_gets_small_segments),
	TEST(the_window_moves_by_segments_and_never_back),
	TEST(the_window_of_a_syn_is_not_scaled),
	TEST(a_fin_waits_for_the_window),
	TEST(what_was_not_taken_by_ip_is_sent_later),
	TEST(slow_start_opens_the_congestion_window),
	{ }
};

const struct suite suite_send = { "send", tests };
