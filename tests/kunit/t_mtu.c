// SPDX-License-Identifier: GPL-2.0
/*
 * t_mtu.c - packetization layer path MTU discovery (RFC 4821): when a probe is sent, and
 * what its fate means.
 */
#include "build.h"

#define BASE	1024U
#define LARGE	1460U

static struct ttp_verdict v;
static struct ttp_out out;

/* A connection whose peer takes 1460 bytes, with a window of @segs segments of base_mss */
static struct ttp_tcb *searching(u32 segs)
{
	struct ttp_tcb *tcb;

	cfg.mtu_probing = 2;
	build_oracle = NULL;
	tcb = no_probes(established());
	tcb->opt.sack_ok = true;
	tcb->opt.mss = LARGE;
	tcb->snd.mss_path = LARGE;
	tcb->snd.wnd = 60000;
	tcb->snd.max_wnd = 60000;
	ttp_mtu_begin(tcb, now);
	tcb->flow->cong.cwnd = segs * BASE;
	return tcb;
}

/* The first segment of 30000 bytes that are written */
static u32 first_segment(struct ttp_tcb *tcb)
{
	u32 i;

	for (i = 0; i < 6; i++)
		if (!port_write(tcb, 5000))
			return 0;
	return send_one(tcb, &out) ? out.seg.len : 0;
}

static void ack(struct ttp_tcb *tcb, u32 upto, u32 left, u32 right)
{
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 0);

	seg.ack = upto;
	seg.wnd = 60000;
	if (left != right) {
		seg.nsack = 1;
		seg.sack[0] = (struct ttp_sack){ left, right };
	}
	arrive(tcb, seg, &v);
}

static void the_search_begins_in_the_middle(void)
{
	struct ttp_tcb *tcb = searching(20);

	CHECK_EQ(tcb->snd.mss, BASE);
	CHECK_EQ(first_segment(tcb), (BASE + LARGE) / 2);
	/* one at a time */
	CHECK(send_one(tcb, &out));
	CHECK(out.seg.len <= BASE);
}

static void a_small_window_has_no_room_for_a_probe(void)
{
	CHECK_EQ(first_segment(searching(10)), BASE);
}

static void who_has_one_segment_in_flight_sends_no_probe(void)
{
	struct ttp_tcb *tcb = searching(20);

	tcb->asked.arq = TTP_ARQ_STOP_AND_WAIT;
	CHECK_EQ(first_segment(tcb), BASE);
	CHECK(!send_one(tcb, &out));
}

static void nothing_is_tried_that_the_search_is_near(void)
{
	struct ttp_tcb *tcb = searching(20);

	cfg.probe_threshold = LARGE - BASE + 1;
	CHECK_EQ(first_segment(tcb), BASE);
}

static void a_probe_that_arrives_makes_segments_larger(void)
{
	struct ttp_tcb *tcb = searching(20);
	u32 una = tcb->snd.una, size;

	size = first_segment(tcb);
	ack(tcb, una + size, 0, 0);
	CHECK_EQ(tcb->snd.mss, size);
	CHECK_EQ(tcb->flow->mtu.low, size);
	/* then the next half */
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, (size + LARGE) / 2);
}

static void a_probe_that_is_lost_is_no_congestion(void)
{
	struct ttp_tcb *tcb = searching(20);
	u32 una = tcb->snd.una, cwnd = tcb->flow->cong.cwnd, size;

	size = first_segment(tcb);
	while (tcb->snd.nxt - una < size + 5 * BASE)
		CHECK(send_one(tcb, &out));
	now += 10000;
	ack(tcb, una, una + size, una + size + 4 * BASE);
	CHECK(tcb->flow->cong.cwnd >= cwnd);
	CHECK_EQ(tcb->flow->cong.ssthresh, TTP_SSTHRESH_INFINITE);
	CHECK_EQ(tcb->flow->mtu.high, size - 1);
	CHECK_EQ(tcb->snd.mss, BASE);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.seq, una);
	CHECK_EQ(out.seg.len, BASE);
	CHECK(out.retransmission);
	CHECK(sums_right(tcb));
}

/* In go-back-N the receiver has discarded what came after it, too. */
static void with_a_lost_probe_go_back_N_sends_all_again(void)
{
	struct ttp_tcb *tcb = searching(20);
	u32 una = tcb->snd.una, size, i;

	tcb->opt.sack_ok = false;
	tcb->asked.arq = TTP_ARQ_GO_BACK_N;
	size = first_segment(tcb);
	while (tcb->snd.nxt - una < size + 5 * BASE)
		CHECK(send_one(tcb, &out));
	for (i = 0; i < 3; i++)
		ack(tcb, una, 0, 0);
	CHECK_EQ(tcb->lost, tcb->snd.nxt - una);
	CHECK_EQ(tcb->flow->cong.ssthresh, TTP_SSTHRESH_INFINITE);
	CHECK_EQ(tcb->flow->mtu.high, size - 1);
	CHECK(sums_right(tcb));
}

/* RFC 8985 6.2: on a path that reorders the timer says so */
static void a_probe_that_is_late_for_good_is_no_congestion_either(void)
{
	struct ttp_tcb *tcb = searching(20);
	u32 una = tcb->snd.una, size;

	size = first_segment(tcb);
	while (tcb->snd.nxt - una < size + 5 * BASE)
		CHECK(send_one(tcb, &out));
	tcb->flow->rack.reordered = true;
	now += 10000;
	ack(tcb, una, una + size, una + size + 4 * BASE);
	CHECK_EQ(tcb->lost, 0);
	CHECK_EQ(expire(tcb, &v), TTP_TM_REORDER);
	CHECK_EQ(tcb->lost, size);
	CHECK_EQ(tcb->flow->cong.ssthresh, TTP_SSTHRESH_INFINITE);
	CHECK_EQ(tcb->flow->mtu.high, size - 1);
}

/* a loss beside it may have been congestion */
static void a_probe_that_is_lost_with_others_is_a_loss(void)
{
	struct ttp_tcb *tcb = searching(20);
	u32 una = tcb->snd.una, size;

	size = first_segment(tcb);
	while (tcb->snd.nxt - una < size + 6 * BASE)
		CHECK(send_one(tcb, &out));
	now += 10000;
	ack(tcb, una, una + size + BASE, una + size + 5 * BASE);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	CHECK_EQ(tcb->flow->mtu.high, 0);
}

static void after_the_interval_all_is_tried_again(void)
{
	struct ttp_tcb *tcb = searching(20);

	tcb->flow->mtu.high = BASE;
	CHECK_EQ(first_segment(tcb), BASE);
	ack(tcb, tcb->snd.nxt, 0, 0);
	now += 600000001;
	tcb->last_data_us = now;
	tcb->flow->cong.cwnd = 20 * BASE;
	CHECK_EQ(first_segment(tcb), (BASE + LARGE) / 2);
}

/* 7.6.  Its data goes in other segments, whose ACK proves nothing */
static void a_probe_that_IP_did_not_take_was_none(void)
{
	struct ttp_tcb *tcb = searching(20);
	u32 i;

	for (i = 0; i < 6; i++)
		if (!port_write(tcb, 5000))
			return;
	CHECK(ttp_send_next(tcb, now, &out));
	CHECK(out.seg.len > BASE);
	ttp_send_failed(tcb, now);
	tcb->flow->cong.cwnd = 4 * BASE;	/* and there is no room for another */
	CHECK(send_one(tcb, &out));
	CHECK(send_one(tcb, &out));
	ack(tcb, tcb->snd.nxt, 0, 0);
	CHECK_EQ(tcb->snd.mss, BASE);
}

static const struct test tests[] = {
	TEST(the_search_begins_in_the_middle),
	TEST(a_small_window_has_no_room_for_a_probe),
	TEST(who_has_one_segment_in_flight_sends_no_probe),
	TEST(nothing_is_tried_that_the_search_is_near),
	TEST(a_probe_that_arrives_makes_segments_larger),
	TEST(a_probe_that_is_lost_is_no_congestion),
	TEST(with_a_lost_probe_go_back_N_sends_all_again),
	TEST(a_probe_that_is_late_for_good_is_no_congestion_either),
	TEST(a_probe_that_is_lost_with_others_is_a_loss),
	TEST(after_the_interval_all_is_tried_again),
	TEST(a_probe_that_IP_did_not_take_was_none),
	{ }
};

const struct suite suite_mtu = { "mtu", tests };
