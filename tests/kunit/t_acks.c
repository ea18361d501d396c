// SPDX-License-Identifier: GPL-2.0
/*
 * t_acks.c - when what arrives is acknowledged (3.8.6.3), and what SACK and D-SACK say of it
 * (RFC 2018, RFC 2883).
 */
#include "build.h"

static struct ttp_verdict v;

static void give(struct ttp_tcb *tcb, u8 flags, s32 offset, u32 len)
{
	struct ttp_seg seg = from_peer(tcb, flags | TTP_ACK, len);

	seg.seq += offset;
	arrive(tcb, seg, &v);
}

/* 3.8.6.3, SHLD-19: "an ACK SHOULD be generated for at least every second
 * full-sized segment"
 */
static void every_second_full_segment_is_acknowledged_at_once(void)
{
	struct ttp_tcb *tcb = established();

	cfg.ack_every_second = 1;
	tcb->rcv.quick = 0;
	give(tcb, 0, 0, BUILD_MSS);
	CHECK_EQ(send_all(tcb), 0);
	CHECK(tcb->deadline[TTP_TM_DELACK]);
	give(tcb, 0, 0, BUILD_MSS);
	CHECK_EQ(send_all(tcb), 1);
	CHECK(!tcb->deadline[TTP_TM_DELACK]);
}

/* A peer with a small MSS, and a window of two of its segments, would wait for each ACK. */
static void small_segments_are_full_ones_of_a_small_MSS(void)
{
	struct ttp_tcb *tcb = closed_();

	tcb->conn.irs = 1000;
	tcb->opt.mss = 128;
	tcb->rcv.mss = TTP_MSS_DEFAULT;
	ttp_arrives_begin(tcb, now);
	CHECK(tcb->rcv.mss <= 128);
}

/* As Linux does it, unless ack_every_second is set */
static void two_segments_are_acknowledged_when_they_are_read(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;
	u32 i;

	tcb->rcv.quick = 0;
	for (i = 0; i < 4; i++) {
		give(tcb, 0, 0, BUILD_MSS);
		CHECK_EQ(send_all(tcb), 0);
	}
	CHECK_EQ(port_read(tcb, 1), 1);
	CHECK(ttp_user_read(tcb));
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.ack, tcb->rcv.nxt);
	CHECK(!tcb->deadline[TTP_TM_DELACK]);
	CHECK(!send_one(tcb, &out));
}

static void a_single_segment_is_not_acknowledged_when_it_is_read(void)
{
	struct ttp_tcb *tcb = established();

	tcb->rcv.quick = 0;
	give(tcb, 0, 0, BUILD_MSS);
	CHECK_EQ(port_read(tcb, BUILD_MSS), BUILD_MSS);
	CHECK(!ttp_user_read(tcb));
	CHECK(tcb->deadline[TTP_TM_DELACK]);
}

/* As with Linux: Nagle's algorithm may hold the peer back until then. */
static void a_short_segment_is_acknowledged_when_all_is_read(void)
{
	struct ttp_tcb *tcb = established();

	tcb->rcv.quick = 0;
	give(tcb, TTP_PSH, 0, 10);
	CHECK_EQ(port_read(tcb, 9), 9);
	CHECK(!ttp_user_read(tcb));
	CHECK_EQ(port_read(tcb, 1), 1);
	CHECK(ttp_user_read(tcb));
	CHECK_EQ(send_all(tcb), 1);
	CHECK_EQ(tcb->rcv.shorts, 0);
}

static void who_answers_acknowledges_with_the_answer(void)
{
	struct ttp_tcb *tcb = established();

	tcb->snd.wnd = 10000;
	give(tcb, TTP_PSH, 0, 10);
	port_read(tcb, 10);
	port_write(tcb, 10);
	send_all(tcb);
	CHECK(tcb->rcv.pingpong && !tcb->rcv.quick);
	give(tcb, TTP_PSH, 0, 10);
	CHECK_EQ(port_read(tcb, 10), 10);
	CHECK(!ttp_user_read(tcb));
	give(tcb, TTP_PSH, 0, 10);	/* a second one, and there was no answer */
	CHECK_EQ(port_read(tcb, 10), 10);
	CHECK(ttp_user_read(tcb));
	/* nor does a pause change it */
	now += 10000000;
	give(tcb, TTP_PSH, 0, 10);
	CHECK_EQ(tcb->rcv.quick, 0);
}

/* RFC 5681 4.1: the peer begins with a small window again */
static void after_a_pause_no_ACK_waits(void)
{
	struct ttp_tcb *tcb = established();

	give(tcb, 0, 0, BUILD_MSS);
	send_all(tcb);
	tcb->rcv.quick = 0;
	now += ttp_rtt_rto(tcb);
	give(tcb, 0, 0, BUILD_MSS);
	CHECK_EQ(send_all(tcb), 0);
	now += ttp_rtt_rto(tcb) + 1;
	give(tcb, 0, 0, BUILD_MSS);
	CHECK_EQ(send_all(tcb), 1);
	CHECK(tcb->rcv.quick);
}

/* TTP_QUICKACK 0 before connect(): the first data can carry the handshake's last ACK. */
static void the_ACK_of_a_SYN_can_wait(void)
{
	struct ttp_tcb *tcb = syn_sent();
	struct ttp_seg seg = from_peer(tcb, TTP_SYN | TTP_ACK, 0);

	ttp_user_quickack(tcb, 0);
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
	CHECK_EQ(send_all(tcb), 0);
	CHECK_EQ(expire(tcb, &v), TTP_TM_DELACK);
	CHECK_EQ(send_all(tcb), 1);
}

/* MUST-40: nor is the peer kept waiting when nobody reads */
static void what_nobody_reads_is_acknowledged_within_the_delay(void)
{
	struct ttp_tcb *tcb = established();
	u64 then = now;
	u32 i;

	tcb->rcv.quick = 0;
	for (i = 0; i < 4; i++) {
		give(tcb, 0, 0, BUILD_MSS);
		CHECK_EQ(send_all(tcb), 0);
		now += 1000;
	}
	CHECK_EQ(expire(tcb, &v), TTP_TM_DELACK);
	CHECK_EQ(now - then, cfg.delack_ms * 1000);
	CHECK_EQ(send_all(tcb), 1);
}

/* An ACK tells of a larger window, too, and need not wait for a reader. */
static void two_segments_are_acknowledged_at_once_where_the_window_moves(void)
{
	struct ttp_tcb *tcb = established();

	tcb->rcv.quick = 0;
	tcb->rcv.wnd = BUILD_WND / 2;
	give(tcb, 0, 0, BUILD_MSS);
	CHECK_EQ(send_all(tcb), 0);
	give(tcb, 0, 0, BUILD_MSS);
	CHECK_EQ(send_all(tcb), 1);
}

/* SHLD-18, MUST-40 */
static void a_single_segment_is_acknowledged_within_the_delay(void)
{
	struct ttp_tcb *tcb = established();
	u64 then = now;

	tcb->rcv.quick = 0;
	give(tcb, 0, 0, BUILD_MSS);
	CHECK_EQ(expire(tcb, &v), TTP_TM_DELACK);
	CHECK_EQ(now - then, cfg.delack_ms * 1000);
	CHECK(now - then < 500000);
	CHECK_EQ(send_all(tcb), 1);
}

/* 3.8.6.3 (MUST-40): the delay counts from the first segment that waits */
static void a_second_segment_does_not_delay_the_ACK_further(void)
{
	struct ttp_tcb *tcb = established();
	u64 then = now;

	tcb->rcv.quick = 0;
	give(tcb, 0, 0, 10);
	now += cfg.delack_ms * 500;
	give(tcb, 0, 0, 10);
	CHECK_EQ(tcb->deadline[TTP_TM_DELACK], then + cfg.delack_ms * 1000);
}

/* MUST-58 */
static void what_comes_together_is_acknowledged_together(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;
	u32 i;

	for (i = 0; i < 7; i++)
		give(tcb, 0, 0, BUILD_MSS);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.ack, tcb->rcv.nxt);
	CHECK(!send_one(tcb, &out));
}

/* MUST-59, and SHLD-31: they were kept */
static void all_that_waited_for_a_gap_to_be_filled_is_acknowledged_at_once(void)
{
	struct ttp_tcb *tcb = established();
	u32 nxt = tcb->rcv.nxt, i;
	struct ttp_out out;

	for (i = 1; i < 5; i++)
		give(tcb, 0, 100 * i, 100);
	send_all(tcb);
	give(tcb, 0, 0, 100);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.ack, nxt + 500);
	CHECK(!send_one(tcb, &out));
	CHECK_EQ(port_read(tcb, 1000), 500);
}

/* 3.8.6.3, RFC 5681 4.2: at once for a gap (MAY-13), and when one is filled */
static void data_out_of_order_is_acknowledged_at_once(void)
{
	struct ttp_tcb *tcb = established();

	tcb->rcv.quick = 0;
	give(tcb, 0, 100, 100);
	CHECK_EQ(send_all(tcb), 1);
	give(tcb, 0, 300, 100);
	CHECK_EQ(send_all(tcb), 1);
	give(tcb, 0, 0, 100);
	CHECK_EQ(send_all(tcb), 1);
	CHECK_EQ(tcb->rcv.nsack, 1);
}

/* Segments of a hundred bytes, with as much between each two of them. */
static void give_islands(struct ttp_tcb *tcb, u32 from, u32 to)
{
	u32 i;

	for (i = from; i < to; i++) {
		give(tcb, 0, 200 * i, 100);
		CHECK_EQ(send_all(tcb), 1);
	}
}

/* What follows a gap in order, so that three ACKs of it went at once; and more, whose do not. */
static void give_behind_a_gap(struct ttp_tcb *tcb, u32 more)
{
	u32 i;

	tcb->rcv.quick = 0;
	for (i = 1; i < 4 + more; i++) {
		give(tcb, 0, 100 * i, 100);
		CHECK_EQ(send_all(tcb), i < 4);
	}
}

/* SACK compression, as Linux has it */
static void later_ACKs_of_a_gap_become_one(void)
{
	struct ttp_tcb *tcb = established();
	u64 then = now;
	struct ttp_out out;

	give_behind_a_gap(tcb, 10);
	CHECK_EQ(expire(tcb, &v), TTP_TM_DELACK);
	CHECK_EQ(now - then, max(tcb->srtt_us / 20, 100U));
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.nsack, 1);
	CHECK_EQ(out.seg.sack[0].right, tcb->rcv.nxt + 1400);
	CHECK(!send_one(tcb, &out));
	give(tcb, 0, 1400, 100);
	CHECK_EQ(send_all(tcb), 0);
	CHECK_EQ(expire(tcb, &v), TTP_TM_DELACK);
	CHECK_EQ(send_all(tcb), 1);
}

static void no_more_ACKs_wait_than_may(void)
{
	struct ttp_tcb *tcb = established();

	give_behind_a_gap(tcb, 0);
	cfg.comp_sack_nr = 2;
	give(tcb, 0, 400, 100);
	give(tcb, 0, 500, 100);
	CHECK_EQ(send_all(tcb), 0);
	give(tcb, 0, 600, 100);
	CHECK_EQ(send_all(tcb), 1);
	CHECK(!tcb->deadline[TTP_TM_DELACK]);
}

static void no_ACK_waits_long(void)
{
	struct ttp_tcb *tcb = established();

	give_behind_a_gap(tcb, 0);
	tcb->srtt_us = 1000000;
	give(tcb, 0, 400, 100);
	CHECK_EQ(tcb->deadline[TTP_TM_DELACK], now + 1000);
}

static void the_ACKs_of_a_new_gap_go_at_once(void)
{
	struct ttp_tcb *tcb = established();

	give_behind_a_gap(tcb, 1);
	give(tcb, 0, 600, 100);		/* another gap, before the first is filled */
	CHECK_EQ(send_all(tcb), 0);
	give(tcb, 0, 0, 100);
	CHECK_EQ(send_all(tcb), 1);
	give(tcb, 0, 200, 100);
	CHECK_EQ(send_all(tcb), 1);
}

/* RFC 2883: the peer has sent something again that was not lost. */
static void a_D_SACK_does_not_wait(void)
{
	struct ttp_tcb *tcb = established();

	give_behind_a_gap(tcb, 3);
	give(tcb, 0, 200, 100);
	CHECK_EQ(send_all(tcb), 1);
}

/* RFC 3168 6.1.3 */
static void a_mark_behind_a_gap_is_echoed_at_once(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg;

	give_behind_a_gap(tcb, 1);
	tcb->opt.ecn_ok = true;
	seg = from_peer(tcb, TTP_ACK, 100);
	seg.seq += 500;
	seg.ce = true;
	arrive(tcb, seg, &v);
	CHECK_EQ(send_all(tcb), 1);
}

/* ACKs may be lost: each block is to be in several. */
static void of_many_blocks_every_second_ACK_goes(void)
{
	struct ttp_tcb *tcb = established();
	u32 i, sent = 0;

	tcb->rcv.quick = 0;
	give_islands(tcb, 1, 4);
	for (i = 4; i < 10; i++) {
		give(tcb, 0, 200 * i, 100);
		sent += send_all(tcb);
	}
	CHECK_EQ(sent, 3);
}

/* The segment has no room for the blocks. */
static void data_does_not_take_the_place_of_an_ACK_that_waits(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;

	give_behind_a_gap(tcb, 2);
	CHECK(port_write(tcb, 100));
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 100);
	CHECK_EQ(expire(tcb, &v), TTP_TM_DELACK);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.nsack, 1);
}

static void without_SACK_each_duplicate_ACK_goes_at_once(void)
{
	struct ttp_tcb *tcb = established();

	tcb->rcv.quick = 0;
	tcb->opt.sack_ok = false;
	give_islands(tcb, 1, 10);
}

static void with_comp_sack_nr_0_no_ACK_waits(void)
{
	struct ttp_tcb *tcb = established();

	tcb->rcv.quick = 0;
	cfg.comp_sack_nr = 0;
	give_islands(tcb, 1, 10);
}

/* RFC 2018 4: "the first SACK block MUST specify the contiguous block of data
 * containing the segment which triggered this ACK"
 */
static void sack_blocks_are_merged_and_the_newest_is_first(void)
{
	struct ttp_tcb *tcb = established();
	u32 nxt = tcb->rcv.nxt;
	struct ttp_out out;

	give(tcb, 0, 100, 100);
	give(tcb, 0, 500, 100);
	give(tcb, 0, 300, 100);
	give(tcb, 0, 200, 100);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.nsack, 2);
	CHECK_EQ(out.seg.sack[0].left, nxt + 100);
	CHECK_EQ(out.seg.sack[0].right, nxt + 400);
	CHECK_EQ(out.seg.sack[1].left, nxt + 500);
	give(tcb, 0, 0, 100);
	CHECK_EQ(tcb->rcv.nsack, 1);
	CHECK_EQ(tcb->rcv.nxt, nxt + 400);
	give(tcb, 0, 0, 100);
	CHECK_EQ(tcb->rcv.nsack, 0);
	CHECK_EQ(port_read(tcb, 1000), 600);
}

static void with_timestamps_there_is_room_for_three_blocks(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;
	u32 i;

	for (i = 1; i < 10; i++)
		give(tcb, 0, 200 * i, 100);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.nsack, 4);
	tcb->opt.ts_ok = true;
	give(tcb, 0, 2500, 10);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.nsack, 3);
	CHECK(ttp_wire_size(&out.seg) <= TTP_HDR_MAX);
}

/* Half the number space ahead, the end of a segment looks old and its beginning does not */
static void what_never_came_is_not_reported_as_a_duplicate(void)
{
	struct ttp_tcb *tcb = established();

	give(tcb, 0, 0, 100);
	give(tcb, 0, -100, 100);
	CHECK_EQ(v.drop, TTP_MIB_DUP_TEXT);
	CHECK_EQ(tcb->flow->dsack.right, tcb->rcv.nxt);
	send_all(tcb);
	give(tcb, 0, 0x7fffff9c, 200);
	CHECK_EQ(v.drop, TTP_MIB_OUT_OF_WINDOW);
	CHECK_EQ(tcb->flow->dsack.left, tcb->flow->dsack.right);
}

/* RFC 2883 4 */
static void what_comes_twice_behind_a_gap_is_reported(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 100);
	struct ttp_out out;

	seg.seq += 500;
	arrive(tcb, seg, &v);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.nsack, 1);
	arrive(tcb, seg, &v);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.nsack, 2);
	CHECK_EQ(out.seg.sack[0].left, seg.seq);
	CHECK_EQ(out.seg.sack[0].right, seg.seq + 100);
}

static const struct test tests[] = {
	TEST(every_second_full_segment_is_acknowledged_at_once),
	TEST(small_segments_are_full_ones_of_a_small_MSS),
	TEST(two_segments_are_acknowledged_when_they_are_read),
	TEST(a_single_segment_is_not_acknowledged_when_it_is_read),
	TEST(a_short_segment_is_acknowledged_when_all_is_read),
	TEST(who_answers_acknowledges_with_the_answer),
	TEST(after_a_pause_no_ACK_waits),
	TEST(the_ACK_of_a_SYN_can_wait),
	TEST(what_nobody_reads_is_acknowledged_within_the_delay),
	TEST(two_segments_are_acknowledged_at_once_where_the_window_moves),
	TEST(a_single_segment_is_acknowledged_within_the_delay),
	TEST(a_second_segment_does_not_delay_the_ACK_further),
	TEST(what_comes_together_is_acknowledged_together),
	TEST(all_that_waited_for_a_gap_to_be_filled_is_acknowledged_at_once),
	TEST(data_out_of_order_is_acknowledged_at_once),
	TEST(later_ACKs_of_a_gap_become_one),
	TEST(no_more_ACKs_wait_than_may),
	TEST(no_ACK_waits_long),
	TEST(the_ACKs_of_a_new_gap_go_at_once),
	TEST(a_D_SACK_does_not_wait),
	TEST(a_mark_behind_a_gap_is_echoed_at_once),
	TEST(of_many_blocks_every_second_ACK_goes),
	TEST(data_does_not_take_the_place_of_an_ACK_that_waits),
	TEST(without_SACK_each_duplicate_ACK_goes_at_once),
	TEST(with_comp_sack_nr_0_no_ACK_waits),
	TEST(sack_blocks_are_merged_and_the_newest_is_first),
	TEST(with_timestamps_there_is_room_for_three_blocks),
	TEST(what_never_came_is_not_reported_as_a_duplicate),
	TEST(what_comes_twice_behind_a_gap_is_reported),
	{ }
};

const struct suite suite_acks = { "acks", tests };
