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

/* MUST-16: the smaller of what the peer takes, as its MSS option said (MUST-14),
 * and the path carries, less the options on every segment
 */
static void the_segment_size_is_the_smallest_that_anyone_asks_for(void)
{
	struct ttp_tcb *tcb = established();

	CHECK_EQ(tcb->snd.mss, BUILD_MSS);
	ttp_send_mss(tcb, 700);
	CHECK_EQ(tcb->snd.mss, 700);
	tcb->asked.mss_user = 600;
	ttp_send_mss(tcb, 700);
	CHECK_EQ(tcb->snd.mss, 600);
	tcb->opt.ts_ok = true;
	ttp_send_mss(tcb, 700);
	CHECK_EQ(tcb->snd.mss, 588);
	tcb->opt.mss = 1;
	ttp_send_mss(tcb, 700);
	CHECK(tcb->snd.mss >= 36);
}

/* MUST-15 */
static void a_peer_without_an_mss_option_gets_536(void)
{
	struct ttp_tcb *tcb = syn_sent();

	arrive(tcb, (struct ttp_seg){
		.seq = irs, .ack = iss + 1, .flags = TTP_SYN | TTP_ACK, .wnd = BUILD_WND,
	}, &v);
	CHECK_EQ(tcb->snd.mss, TTP_MSS_DEFAULT);
}

/* MUST-15 */
static void so_does_one_that_opens_without(void)
{
	struct ttp_request *req = request();
	struct ttp_seg syn = { .seq = irs, .flags = TTP_SYN, .wnd = BUILD_WND };

	ttp_passive_open(req, &syn, &cfg);
	CHECK_EQ(req->opt.mss, TTP_MSS_DEFAULT);
}

/* SHLD-28, MUST-61 */
static void data_is_cut_into_segments_and_the_last_is_pushed(void)
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

/* RFC 9438 5.8: the largest flight of a window of data counts, not what is left of it */
static void the_window_grows_as_far_as_it_was_used(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_verdict v;
	struct ttp_seg seg;
	u32 i;

	tcb->snd.wnd = 60000;
	port_write(tcb, 9 * BUILD_MSS);
	CHECK_EQ(send_all(tcb), 9);
	for (i = 1; i <= 4; i++) {
		now += 1000;
		seg = from_peer(tcb, TTP_ACK, 0);
		seg.ack = iss + 1 + 2 * i * BUILD_MSS;
		seg.wnd = 60000;
		arrive(tcb, seg, &v);
		CHECK_EQ(tcb->flow->cong.cwnd, (10 + 2 * i) * BUILD_MSS);
	}
}

static void a_window_of_which_half_was_used_does_not_grow(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_verdict v;

	port_write(tcb, 5 * BUILD_MSS);
	CHECK_EQ(send_all(tcb), 5);
	now += 1000;
	arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
	CHECK_EQ(tcb->snd.una, tcb->snd.nxt);
	CHECK_EQ(tcb->flow->cong.cwnd, 10 * BUILD_MSS);
}

/* What was SACKed has let its segments go (RFC 3042), and lets no more go */
static void the_window_grows_by_what_is_newly_delivered(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_verdict v;
	struct ttp_seg seg;

	tcb->snd.wnd = 60000;
	port_write(tcb, 10 * BUILD_MSS);
	CHECK_EQ(send_all(tcb), 10);
	now += 1000;
	seg = from_peer(tcb, TTP_ACK, 0);
	seg.ack = iss + 1;
	seg.wnd = 60000;
	seg.nsack = 1;
	seg.sack[0] = (struct ttp_sack){ iss + 1 + BUILD_MSS, iss + 1 + 3 * BUILD_MSS };
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
	seg.nsack = 0;
	seg.ack = iss + 1 + 3 * BUILD_MSS;
	tcb->flow->cong.cwnd = 10 * BUILD_MSS;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->flow->cong.cwnd, 11 * BUILD_MSS);
}

/* As Linux: so that what is in flight is two segments at least */
static void a_segment_takes_half_the_largest_window(void)
{
	struct ttp_tcb *tcb = established();

	tcb->opt.mss = 60000;
	tcb->snd.max_wnd = 65535;
	ttp_send_mss(tcb, 60000);
	CHECK_EQ(tcb->snd.mss, 32767);
	tcb->snd.max_wnd = 500;		/* but if it is tiny */
	ttp_send_mss(tcb, 60000);
	CHECK_EQ(tcb->snd.mss, 500);
	CHECK_EQ(ttp_send_half_window(tcb, 400), 400);
}

static void so_it_grows_with_the_window(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 0);
	struct ttp_verdict v;

	tcb->opt.mss = 60000;
	tcb->snd.max_wnd = 1000;
	ttp_send_mss(tcb, 60000);
	CHECK_EQ(tcb->snd.mss, 500);
	seg.wnd = 20000;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->snd.mss, 10000);
}

/* tcp(7), MSG_MORE: what comes is pushed as one with what will follow */
static void data_that_more_will_follow_is_not_pushed(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;

	tcb->snd.more = true;
	port_write(tcb, 1000);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.flags, TTP_ACK);
	/* but at the end of several segments there is always one to be acknowledged soon */
	tcb->snd.burst = 4000;
	port_write(tcb, 2000);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 2000);
	CHECK_EQ(out.seg.flags, TTP_ACK | TTP_PSH);
}

/* and it waits for an ACK at most, if one is due */
static void data_that_more_will_follow_goes_with_the_next_ACK(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_verdict v;
	struct ttp_out out;

	tcb->asked.nodelay = true;
	tcb->snd.more = true;
	port_write(tcb, 1100);
	CHECK(send_one(tcb, &out));
	CHECK(!send_one(tcb, &out));
	arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 100);
	CHECK_EQ(out.seg.flags, TTP_ACK);
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

/* RFC 1191: not even once, nor where it was only a part of a packet for the device */
static void a_smaller_MSS_holds_for_the_next_segment(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;

	port_write(tcb, 5000);
	ttp_send_mss(tcb, 300);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 300);
	tcb->snd.burst = 1000;
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 900);
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

/* MUST-34: "a sending TCP peer MUST be robust against window shrinking", and
 * sends nothing new then (SHLD-15)
 */
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

/* SHLD-16, MAY-7: what was in flight is sent again as ever */
static void a_window_that_shrinks_does_not_stop_what_is_sent_again(void)
{
	struct ttp_tcb *tcb = established();
	u32 una = tcb->snd.una;
	struct ttp_out out;

	port_write(tcb, 4000);
	tcb->snd.wnd = 4000;
	send_all(tcb);
	ack(tcb, una, 1500);
	while (expire(tcb, &v) != TTP_TM_RTX)
		tcb->pending &= ~TTP_PEND_TLP;
	CHECK(send_one(tcb, &out));
	CHECK(out.retransmission);
	CHECK_EQ(out.seg.seq, una);
	ack(tcb, una + 1000, 500);
	CHECK(send_one(tcb, &out));
	CHECK(out.retransmission);
	CHECK_EQ(out.seg.seq, una + 1000);
}

/* MUST-1, REC-1: 0xffff is not -1, and scaled it needs 32 bits */
static void the_largest_window_is_not_negative(void)
{
	struct ttp_tcb *tcb = established();
	u32 scale;

	for (scale = 0; scale <= TTP_WSCALE_MAX; scale++) {
		tcb->opt.snd_wscale = scale;
		ack(tcb, tcb->snd.nxt, 0xffff);
		CHECK_EQ(tcb->snd.wnd, 0xffffU << scale);
		port_write(tcb, 3000);
		CHECK_EQ(send_all(tcb), 3);
	}
}

/* 3.7.4, SHLD-7 */
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

/* MUST-17 */
static void with_nodelay_it_does_not_wait(void)
{
	struct ttp_tcb *tcb = established();

	tcb->asked.nodelay = true;
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

/* MSG_MORE holds a short segment back (MAY-16), not for ever (MUST-60) */
static void what_the_user_wants_to_add_to_is_sent_after_a_while(void)
{
	struct ttp_tcb *tcb = established();

	tcb->snd.more = true;
	port_write(tcb, 10);
	CHECK_EQ(send_all(tcb), 0);
	CHECK_EQ(expire(tcb, &v), TTP_TM_PERSIST);
	CHECK_EQ(send_all(tcb), 1);
}

/* as with Linux's TCP, whose fast path for data looks at nothing else */
static void what_the_user_wants_to_add_to_is_not_sent_for_data_that_comes(void)
{
	struct ttp_tcb *tcb = established();

	tcb->rcv.quick = 0;
	tcb->snd.more = true;
	port_write(tcb, 10);
	CHECK_EQ(send_all(tcb), 0);
	arrive(tcb, from_peer(tcb, TTP_ACK, 100), &v);
	CHECK_EQ(send_all(tcb), 0);
	arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
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

/* MUST-39: not by less than a segment; SHLD-14: never back */
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

static void syn_arrives(struct ttp_tcb *tcb, u8 flags)
{
	arrive(tcb, (struct ttp_seg){
		.seq = irs, .ack = iss + 1, .flags = TTP_SYN | flags,
		.wnd = BUILD_WND, .mss = BUILD_MSS,
	}, &v);
}

/* MUST-14, SHLD-5, MAY-3: on every SYN; MUST-65: on nothing else */
static void exactly_the_syns_have_an_mss_option(void)
{
	struct ttp_tcb *tcb = closed_();
	struct ttp_out out;
	u32 n;

	ttp_user_connect(tcb, iss, now);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.flags, TTP_SYN);
	CHECK_EQ(out.seg.mss, BUILD_MSS);
	syn_arrives(tcb, 0);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.flags, TTP_SYN | TTP_ACK);
	CHECK_EQ(out.seg.mss, BUILD_MSS);
	syn_arrives(tcb, TTP_ACK);
	arrive(tcb, from_peer(tcb, TTP_ACK, 10), &v);
	port_write(tcb, 10);
	ttp_user_shutdown(tcb, now);
	for (n = 0; send_one(tcb, &out); n++)
		CHECK_EQ(out.seg.mss, 0);
	CHECK(n);
}

/* the same of a passive OPEN: MUST-14, SHLD-5, MUST-65 */
static void exactly_the_syn_acks_of_a_request_have_one(void)
{
	struct ttp_request *req = request();
	struct ttp_seg seg = {
		.sport = 7, .dport = 50000, .seq = irs - 10, .ack = iss + 1,
		.flags = TTP_ACK, .wnd = BUILD_WND,
	};
	struct ttp_seg synack;

	ttp_passive_synack(req, now, &synack);
	CHECK_EQ(synack.mss, BUILD_MSS);
	ttp_passive_arrives(req, &seg, now, &v);
	CHECK(v.todo & TTP_DO_REPLY);
	CHECK_EQ(v.reply.flags, TTP_ACK);
	CHECK_EQ(v.reply.mss, 0);
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

/* MUST-19.  RFC 6928: ten segments at first; RFC 5681 3.1: doubled each round
 * trip
 */
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

/* MUST-19.  RFC 5681 3.1: above ssthresh one segment more for each window */
static void congestion_avoidance_opens_it_slowly(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_ack_sample s = { .acked = BUILD_MSS, .cwnd_limited = true };
	struct ttp_cong *cong = &tcb->flow->cong;
	u32 i, acked;

	cong->cwnd = 10 * BUILD_MSS;
	cong->ssthresh = cong->cwnd;
	for (i = 10; i < 20; i++) {
		CHECK_EQ(cong->cwnd, i * BUILD_MSS);
		for (acked = 0; acked < i; acked++)
			ttp_cong_acked(cong, &s);
	}
}

/* RFC 5681 4.1 */
static void after_an_idle_time_the_window_is_a_new_connections(void)
{
	struct ttp_tcb *tcb = established();

	tcb->snd.wnd = 60000;
	tcb->flow->cong.cwnd = 50 * BUILD_MSS;
	port_write(tcb, BUILD_MSS);
	CHECK_EQ(send_all(tcb), 1);
	arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
	tcb->snd.wnd = 60000;
	tcb->flow->cong.cwnd = 50 * BUILD_MSS;
	port_write(tcb, 20 * BUILD_MSS);
	now += ttp_rtt_rto(tcb) + 1;
	CHECK_EQ(send_all(tcb), 10);
}

/* 3.4: numbers come again after 4 GiB; SND.UNA == ISS means "our SYN is out" only at the beginning */
static void a_stream_goes_on_where_its_numbers_come_again(void)
{
	struct ttp_tcb *tcb;
	struct ttp_out out;

	cfg.sack = 0;
	tcb = established();
	build_oracle = NULL;	/* which has seen ISS */
	tcb->conn.iss = tcb->snd.una;
	tcb->bytes_acked = 0xffffffff;
	port_write(tcb, 100);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 100);
	tcb->syn_us = now - 3600000000ULL;
	CHECK_EQ(expire(tcb, &v), TTP_TM_RTX);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 100);
	CHECK(!(out.seg.flags & TTP_SYN));
	now += 1000;
	arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
	CHECK_EQ(tcb->snd.una, tcb->snd.nxt);
	CHECK(tcb->srtt_us < 3000000);
}

static const struct test tests[] = {
	TEST(the_segment_size_is_the_smallest_that_anyone_asks_for),
	TEST(a_peer_without_an_mss_option_gets_536),
	TEST(so_does_one_that_opens_without),
	TEST(data_is_cut_into_segments_and_the_last_is_pushed),
	TEST(the_window_grows_as_far_as_it_was_used),
	TEST(a_window_of_which_half_was_used_does_not_grow),
	TEST(the_window_grows_by_what_is_newly_delivered),
	TEST(a_segment_takes_half_the_largest_window),
	TEST(so_it_grows_with_the_window),
	TEST(data_that_more_will_follow_is_not_pushed),
	TEST(data_that_more_will_follow_goes_with_the_next_ACK),
	TEST(a_burst_is_whole_segments),
	TEST(a_smaller_MSS_holds_for_the_next_segment),
	TEST(nothing_goes_beyond_the_window),
	TEST(a_window_that_shrinks_stops_what_is_new),
	TEST(a_window_that_shrinks_does_not_stop_what_is_sent_again),
	TEST(the_largest_window_is_not_negative),
	TEST(a_short_segment_waits_for_the_ack_of_another),
	TEST(with_nodelay_it_does_not_wait),
	TEST(before_a_fin_it_does_not_wait),
	TEST(what_the_user_wants_to_add_to_is_sent_after_a_while),
	TEST(what_the_user_wants_to_add_to_is_not_sent_for_data_that_comes),
	TEST(a_silly_window_is_used_after_the_override_timeout_only),
	TEST(a_peer_whose_windows_are_all_small_gets_small_segments),
	TEST(the_window_moves_by_segments_and_never_back),
	TEST(the_window_of_a_syn_is_not_scaled),
	TEST(exactly_the_syns_have_an_mss_option),
	TEST(exactly_the_syn_acks_of_a_request_have_one),
	TEST(a_fin_waits_for_the_window),
	TEST(what_was_not_taken_by_ip_is_sent_later),
	TEST(slow_start_opens_the_congestion_window),
	TEST(congestion_avoidance_opens_it_slowly),
	TEST(after_an_idle_time_the_window_is_a_new_connections),
	TEST(a_stream_goes_on_where_its_numbers_come_again),
	{ }
};

const struct suite suite_send = { "send", tests };
