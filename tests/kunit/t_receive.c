// SPDX-License-Identifier: GPL-2.0
/*
 * t_receive.c - what arrives in more than one segment: order, the window's
 * edges, FIN after a gap, timestamps, challenge ACKs.
 */
#include "build.h"

static struct ttp_verdict v;

static void give(struct ttp_tcb *tcb, u8 flags, s32 offset, u32 len)
{
	struct ttp_seg seg = from_peer(tcb, flags | TTP_ACK, len);

	seg.seq += offset;
	arrive(tcb, seg, &v);
}

/* Data until the window is shut.  Return: bytes. */
static u32 fill(struct ttp_tcb *tcb)
{
	u32 total = 0, wnd, i;

	for (i = 0; i < 50; i++) {
		wnd = tcb->rcv.wup + tcb->rcv.wnd - tcb->rcv.nxt;
		if (!wnd)
			break;
		give(tcb, 0, 0, wnd);
		send_all(tcb);
		total += wnd;
	}
	return total;
}

/* 3.10.7.4 eighth: a FIN counts when everything before it has come */
static void a_fin_waits_for_the_data_before_it(void)
{
	struct ttp_tcb *tcb = established();
	u32 nxt = tcb->rcv.nxt;

	give(tcb, TTP_FIN, 200, 100);
	CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
	CHECK_EQ(tcb->rcv.nxt, nxt);
	give(tcb, 0, 100, 100);
	CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
	give(tcb, 0, 0, 100);
	CHECK_EQ(tcb->conn.state, TTP_CLOSE_WAIT);
	CHECK_EQ(tcb->rcv.nxt, nxt + 301);
	CHECK_EQ(port_read(tcb, 1000), 300);
}

static void a_fin_alone_after_a_gap_waits_too(void)
{
	struct ttp_tcb *tcb = established();

	give(tcb, TTP_FIN, 100, 0);
	CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
	CHECK_EQ(send_all(tcb), 1);
	give(tcb, 0, 0, 100);
	CHECK_EQ(tcb->conn.state, TTP_CLOSE_WAIT);
}

/* Is a segment of @len bytes, @off after RCV.NXT, acceptable where the window is @wnd? */
static bool acceptable(u32 nxt, s32 off, u32 len, u32 wnd)
{
	struct ttp_seg seg = { .seq = nxt + off, .len = len, .flags = TTP_ACK };

	test_story("RCV.NXT %u, RCV.WND %u: %u bytes at RCV.NXT %+d", nxt, wnd, len, off);
	return ttp_acceptable(&seg, nxt, wnd);
}

/* 3.4: "RCV.NXT =< SEG.SEQ < RCV.NXT+RCV.WND"; and, as Linux has it, at the right edge */
static void an_empty_segment_is_acceptable_up_to_the_windows_right_edge(void)
{
	CHECK(acceptable(1000, 0, 0, 500));
	CHECK(acceptable(1000, 499, 0, 500));
	CHECK(acceptable(1000, 500, 0, 500));
	CHECK(!acceptable(1000, 501, 0, 500));
	CHECK(!acceptable(1000, -1, 0, 500));
}

/* 3.4: "RCV.NXT =< SEG.SEQ < RCV.NXT+RCV.WND or RCV.NXT =< SEG.SEQ+SEG.LEN-1 <
 * RCV.NXT+RCV.WND", or it covers the whole window
 */
static void data_is_acceptable_when_a_byte_of_it_is_in_the_window(void)
{
	CHECK(acceptable(1000, 0, 500, 500));
	CHECK(acceptable(1000, 499, 500, 500));
	CHECK(!acceptable(1000, 500, 1, 500));
	CHECK(acceptable(1000, -99, 100, 500));
	CHECK(!acceptable(1000, -100, 100, 500));
	CHECK(acceptable(1000, -100, 1000, 500));
}

/* 3.4, with a window of zero: an empty segment at RCV.NXT only */
static void a_window_of_zero_takes_no_data(void)
{
	CHECK(acceptable(1000, 0, 0, 0));
	CHECK(!acceptable(1000, 0, 1, 0));
	CHECK(!acceptable(1000, 1, 0, 0));
}

/* 3.4: "all arithmetic dealing with sequence numbers must be performed modulo 2**32" */
static void what_is_acceptable_is_so_where_the_numbers_wrap(void)
{
	CHECK(acceptable(0xffffff00, 0, 500, 500));
	CHECK(acceptable(0xffffff00, 300, 100, 500));
	CHECK(acceptable(0x100, -0x180, 0x200, 500));
	CHECK(!acceptable(0xffffff00, 600, 100, 500));
	CHECK(!acceptable(0x100, -0x180, 0x100, 500));
	CHECK(acceptable(0x7ffffff0, 100, 0, 500));
}

/* RFC 5961 5.2: SND.UNA - MAX.SND.WND =< SEG.ACK =< SND.NXT */
static void an_ACK_is_acceptable_from_a_window_below_SND_UNA_to_SND_NXT(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg = { .flags = TTP_ACK };

	port_write(tcb, 100);
	CHECK_EQ(send_all(tcb), 1);
	seg.ack = tcb->snd.nxt;
	CHECK(ttp_ack_acceptable(tcb, &seg));
	seg.ack++;
	CHECK(!ttp_ack_acceptable(tcb, &seg));
	seg.ack = tcb->snd.una - tcb->snd.max_wnd;
	CHECK(ttp_ack_acceptable(tcb, &seg));
	seg.ack--;
	CHECK(!ttp_ack_acceptable(tcb, &seg));
}

/* 3.10.7.4 first: "trimming off any portions that lie outside the window" */
static void what_was_received_before_is_cut_off(void)
{
	struct ttp_tcb *tcb = established();
	u32 nxt = tcb->rcv.nxt;

	give(tcb, 0, 0, 20);
	CHECK_EQ(tcb->rcv.nxt, nxt + 20);
	give(tcb, 0, -20, 30);
	CHECK_EQ(tcb->rcv.nxt, nxt + 30);
	/* each byte in its place, or it is another number */
	CHECK_EQ(port_read(tcb, 100), 30);
}

static void data_behind_the_fin_is_cut_off(void)
{
	struct ttp_tcb *tcb = established();

	give(tcb, TTP_FIN, 100, 0);
	give(tcb, 0, 50, 500);
	give(tcb, 0, 0, 50);
	CHECK_EQ(tcb->conn.state, TTP_CLOSE_WAIT);
	CHECK_EQ(port_read(tcb, 1000), 100);
}

/* 3.10.7.4 first: "trimming off any portions that lie outside the window" */
static void what_reaches_over_the_right_edge_is_cut_with_its_fin(void)
{
	struct ttp_tcb *tcb = established();
	u32 wnd = tcb->rcv.wup + tcb->rcv.wnd - tcb->rcv.nxt;

	give(tcb, TTP_FIN, 0, wnd + 1);
	CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
	CHECK_EQ(port_read(tcb, 10 * BUILD_WND), wnd);
}

static void data_on_a_syn_ack_is_cut_at_the_window_too(void)
{
	struct ttp_tcb *tcb = syn_sent();
	u32 wnd = tcb->rcv.wnd;

	arrive(tcb, (struct ttp_seg){
		.seq = irs, .ack = iss + 1, .flags = TTP_SYN | TTP_ACK | TTP_FIN,
		.wnd = BUILD_WND, .len = wnd + 5,
	}, &v);
	CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
	CHECK_EQ(tcb->rcv.nxt, irs + 1 + wnd);
}

static void a_fin_that_fills_no_buffer_passes_a_window_that_is_full(void)
{
	struct ttp_tcb *tcb = established();

	fill(tcb);
	CHECK_EQ(tcb->rcv.wnd, 0);
	give(tcb, TTP_FIN, 0, 0);
	CHECK_EQ(tcb->conn.state, TTP_CLOSE_WAIT);
}

/* 3.4: "it is possible for a TCP implementation to maintain a zero receive window
 * while transmitting data and receiving ACKs"
 */
static void a_window_of_zero_lets_the_ack_of_data_in(void)
{
	struct ttp_tcb *tcb = established();
	u32 bytes = fill(tcb);

	port_write(tcb, 100);
	CHECK_EQ(send_all(tcb), 1);
	give(tcb, TTP_FIN, 0, 10);
	CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
	CHECK_EQ(tcb->snd.una, tcb->snd.nxt);
	CHECK_EQ(port_read(tcb, 10 * BUILD_WND), bytes);
}

/* MUST-66 */
static void a_window_of_zero_lets_a_reset_in(void)
{
	struct ttp_tcb *tcb = established();

	fill(tcb);
	CHECK_EQ(tcb->rcv.wnd, 0);
	give(tcb, TTP_RST, 0, 0);
	CHECK_EQ(tcb->conn.state, TTP_CLOSED);
	CHECK_EQ(v.err, ECONNRESET);
}

/* SHLD-2 */
static void a_reset_may_carry_data(void)
{
	struct ttp_tcb *tcb = established();

	give(tcb, TTP_RST, 0, 20);
	CHECK_EQ(tcb->conn.state, TTP_CLOSED);
	CHECK_EQ(v.err, ECONNRESET);
	CHECK(!(v.todo & TTP_DO_TAKEN));
}

/* RFC 5961 7: "throttle" challenge ACKs */
static void challenges_are_limited_in_time(void)
{
	struct ttp_tcb *tcb = established();
	u32 i, n = 0;

	for (i = 0; i < 100; i++) {
		struct ttp_seg seg = from_peer(tcb, TTP_RST, 0);

		seg.seq += 1 + i;
		arrive(tcb, seg, &v);
		n += send_all(tcb);
		give(tcb, TTP_SYN, 5, 0);
		n += send_all(tcb);
		give(tcb, TTP_SYN, -1000, 0);
		n += send_all(tcb);
		give(tcb, 0, -1, 0);
		n += send_all(tcb);
	}
	CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
	CHECK_EQ(n, 1);
	now += 1000 * cfg.invalid_ratelimit;
	give(tcb, TTP_SYN, 5, 0);
	CHECK_EQ(send_all(tcb), 1);
}

/* RFC 7323 5.3 R1 */
static void a_segment_with_an_old_timestamp_is_dropped_and_answered(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg;

	tcb->opt.ts_ok = true;
	tcb->opt.ts_recent = 5;
	seg = from_peer(tcb, TTP_ACK, 100);
	seg.tsval = 0xfffffffe;
	arrive(tcb, seg, &v);
	CHECK_EQ(v.drop, TTP_MIB_PAWS);
	CHECK_EQ(send_all(tcb), 1);
	seg.flags = TTP_RST | TTP_ACK;	/* a RST is exempt */
	seg.len = 0;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->conn.state, TTP_CLOSED);
}

/* "Some OSes send SYN and SYNACK with tsval=0" (Linux), and count on from anywhere. */
static void a_timestamp_of_zero_in_the_SYN_makes_none_old(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg;

	tcb->opt.ts_ok = true;
	tcb->opt.ts_recent = 0;
	seg = from_peer(tcb, TTP_ACK, 100);
	seg.has_ts = true;
	seg.tsval = 0x90000000;
	arrive(tcb, seg, &v);
	CHECK_EQ(v.drop, TTP_MIB_NONE);
	CHECK_EQ(tcb->opt.ts_recent, 0x90000000);
}

/* RFC 5961 7: a SYN is nothing that a peer sends twice, whatever its timestamp */
static void a_flood_of_SYNs_is_answered_once(void)
{
	struct ttp_tcb *tcb = established();
	u32 i, sent = 0;
	struct ttp_seg seg;

	tcb->opt.ts_ok = true;
	tcb->opt.ts_recent = 5;
	seg = from_peer(tcb, TTP_SYN, 0);
	seg.tsval = 0xfffffffe;
	for (i = 0; i < 10; i++) {
		arrive(tcb, seg, &v);
		CHECK_EQ(v.drop, TTP_MIB_PAWS);
		sent += send_all(tcb);
	}
	CHECK_EQ(sent, 1);
}

/* RFC 7323 5.5: after 24 days TS.Recent says nothing */
static void an_old_timestamp_is_taken_after_24_days_of_silence(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg;

	tcb->opt.ts_ok = true;
	tcb->opt.ts_recent = 5;
	now += 25ULL * 24 * 3600 * 1000000;
	seg = from_peer(tcb, TTP_ACK, 100);
	seg.tsval = 0xfffffffe;
	arrive(tcb, seg, &v);
	CHECK_EQ(v.drop, TTP_MIB_NONE);
	CHECK_EQ(tcb->opt.ts_recent, 0xfffffffe);
}

/* RFC 7323 4.3: only from the segment that the next ACK answers */
static void the_timestamp_echoed_is_that_of_the_data_acknowledged(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg;

	tcb->opt.ts_ok = true;
	tcb->opt.ts_recent = 5;
	seg = from_peer(tcb, TTP_ACK, 100);
	seg.seq += 100;
	seg.tsval = 9;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->opt.ts_recent, 5);
	seg.seq -= 100;
	seg.tsval = 7;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->opt.ts_recent, 7);
}

/* Who does not know what was sent must not set TS.Recent ahead of the peer's clock:
 * PAWS would drop the peer's own segments from then on.
 */
static void a_timestamp_counts_only_if_the_ACK_is_acceptable(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg;

	tcb->opt.ts_ok = true;
	tcb->opt.ts_recent = 5;
	seg = from_peer(tcb, TTP_ACK, 100);
	seg.tsval = 1000000;
	seg.ack = tcb->snd.nxt + 1;
	arrive(tcb, seg, &v);
	CHECK_EQ(v.drop, TTP_MIB_BAD_ACK);
	CHECK_EQ(tcb->opt.ts_recent, 5);
	seg = from_peer(tcb, TTP_SYN | TTP_ACK, 0);
	seg.tsval = 1000000;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->opt.ts_recent, 5);
	seg = from_peer(tcb, TTP_ACK, 100);
	seg.ack = tcb->snd.una - 1;	/* it was sent, but long ago */
	seg.tsval = 1000000;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->opt.ts_recent, 5);
	tcb->pending |= TTP_PEND_ACK;
	send_all(tcb);
	seg = from_peer(tcb, TTP_ACK, 100);
	seg.tsval = 6;
	arrive(tcb, seg, &v);
	CHECK_EQ(v.drop, TTP_MIB_NONE);
	CHECK_EQ(tcb->opt.ts_recent, 6);
}

/* 3.5 figure 7, RFC 7323 2.2: no SYN's window is scaled */
static void the_window_of_a_simultaneous_syn_ack_is_not_scaled(void)
{
	struct ttp_tcb *tcb = syn_sent();

	arrive(tcb, (struct ttp_seg){
		.seq = irs, .flags = TTP_SYN, .wnd = 8192, .has_wscale = true, .wscale = 4,
	}, &v);
	send_all(tcb);
	arrive(tcb, (struct ttp_seg){
		.seq = irs, .ack = iss + 1, .flags = TTP_SYN | TTP_ACK, .wnd = 8192,
		.has_wscale = true, .wscale = 4,
	}, &v);
	CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
	CHECK_EQ(tcb->snd.wnd, 8192);
	give(tcb, 0, 0, 0);
	CHECK_EQ(tcb->snd.wnd, BUILD_WND << 4);
}

/* 3.10.7.4: what is old and new, of which a window of zero takes nothing, is answered, for the ACK
 * that shut the window may be lost
 */
static void a_zero_window_answers_what_began_before_it(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;
	u32 nxt;

	fill(tcb);
	nxt = tcb->rcv.nxt;
	give(tcb, 0, -50, 100);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.ack, nxt);
	CHECK_EQ(out.seg.wnd, 0);
}

/* The window was rounded up to the scale for each of many short segments, and has promised what
 * is not there: a window of zero makes its peer probe, not retransmit (MUST-37, MAY-8)
 */
static void where_there_is_no_room_the_window_is_shut(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;
	u32 i, wnd;

	build_oracle = NULL;	/* the window shrinks */
	tcb->opt.rcv_wscale = 7;
	for (i = 0; i < 1000; i++) {
		give(tcb, 0, 0, 100);
		if (!(v.todo & TTP_DO_TAKEN))
			break;
		send_all(tcb);
		now += 50000;
		ttp_expire_timers(tcb, now, &v);
		send_all(tcb);
	}
	CHECK(i < 1000);
	CHECK_EQ(v.drop, TTP_MIB_RCVQ_DROP);
	CHECK(send_one(tcb, &out));
	wnd = out.seg.wnd;
	CHECK_EQ(wnd, 0);
	port_read(tcb, ~0U);
	ttp_user_read(tcb);
	CHECK(send_one(tcb, &out));
	CHECK(out.seg.wnd);
}

/* RFC 7323 4.3 (2): a SYN that came again may have waited; its SYN,ACK does not say that it did */
static void the_timestamp_of_a_SYN_that_comes_again_is_echoed(void)
{
	struct ttp_request *req = request();
	struct ttp_seg syn = { .seq = irs, .flags = TTP_SYN, .wnd = BUILD_WND, .has_ts = true };

	req->opt.ts_ok = true;
	req->opt.ts_recent = 100;
	syn.tsval = 1100;
	now += 1000000;
	ttp_passive_arrives(req, &syn, now, &v);
	CHECK(v.todo & TTP_DO_REPLY);
	CHECK_EQ(v.reply.tsecr, 1100);
	syn.tsval = 100;	/* the first, late */
	now += 1000000;
	ttp_passive_arrives(req, &syn, now, &v);
	CHECK_EQ(v.reply.tsecr, 1100);
}

static const struct test tests[] = {
	TEST(a_fin_waits_for_the_data_before_it),
	TEST(a_fin_alone_after_a_gap_waits_too),
	TEST(an_empty_segment_is_acceptable_up_to_the_windows_right_edge),
	TEST(data_is_acceptable_when_a_byte_of_it_is_in_the_window),
	TEST(a_window_of_zero_takes_no_data),
	TEST(what_is_acceptable_is_so_where_the_numbers_wrap),
	TEST(an_ACK_is_acceptable_from_a_window_below_SND_UNA_to_SND_NXT),
	TEST(what_was_received_before_is_cut_off),
	TEST(data_behind_the_fin_is_cut_off),
	TEST(what_reaches_over_the_right_edge_is_cut_with_its_fin),
	TEST(data_on_a_syn_ack_is_cut_at_the_window_too),
	TEST(a_fin_that_fills_no_buffer_passes_a_window_that_is_full),
	TEST(a_window_of_zero_lets_the_ack_of_data_in),
	TEST(a_window_of_zero_lets_a_reset_in),
	TEST(a_reset_may_carry_data),
	TEST(challenges_are_limited_in_time),
	TEST(a_segment_with_an_old_timestamp_is_dropped_and_answered),
	TEST(a_timestamp_of_zero_in_the_SYN_makes_none_old),
	TEST(a_flood_of_SYNs_is_answered_once),
	TEST(an_old_timestamp_is_taken_after_24_days_of_silence),
	TEST(the_timestamp_echoed_is_that_of_the_data_acknowledged),
	TEST(a_timestamp_counts_only_if_the_ACK_is_acceptable),
	TEST(the_window_of_a_simultaneous_syn_ack_is_not_scaled),
	TEST(a_zero_window_answers_what_began_before_it),
	TEST(where_there_is_no_room_the_window_is_shut),
	TEST(the_timestamp_of_a_SYN_that_comes_again_is_echoed),
	{ }
};

const struct suite suite_receive = { "receive", tests };
