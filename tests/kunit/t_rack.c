// SPDX-License-Identifier: GPL-2.0
/*
 * t_rack.c - RACK-TLP (RFC 8985), D-SACK (RFC 2883), the window in recovery
 * (RFC 6937), and recoveries that prove to have been for nothing (RFC 3522).
 */
#include "build.h"

#define RTT	20000	/* microseconds, between what is sent and its ACK */

static struct ttp_verdict v;

/* Ten segments are out, the first @known round trips measured. */
static struct ttp_tcb *ten_sent(void)
{
	struct ttp_tcb *tcb = established();

	ttp_rtt_sample(tcb, RTT, now);
	tcb->flow->rack.newer_min_us = RTT;
	tcb->snd.wnd = 60000;
	port_write(tcb, 10 * BUILD_MSS);
	send_all(tcb);
	now += RTT;
	return tcb;
}

/* An ACK of the first @acked segments, with SACK of segments [@from, @to). */
static struct ttp_seg ack(struct ttp_tcb *tcb, u32 acked, u32 from, u32 to)
{
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 0);
	u32 base = iss + 1;

	seg.ack = base + acked * BUILD_MSS;
	seg.wnd = 60000;
	if (to > from) {
		seg.nsack = 1;
		seg.sack[0] = (struct ttp_sack){ base + from * BUILD_MSS, base + to * BUILD_MSS };
	}
	return seg;
}

static u32 segment_of(const struct ttp_out *out)
{
	return (out->seg.seq - iss - 1) / BUILD_MSS;
}

/* RFC 8985 6.2: what no count of duplicates can see */
static void a_retransmission_lost_again_is_seen_by_what_was_sent_later(void)
{
	struct ttp_tcb *tcb = ten_sent();
	struct ttp_out out;

	arrive(tcb, ack(tcb, 0, 1, 10), &v);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 0);
	port_write(tcb, BUILD_MSS);
	now += 1000;
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 10);
	now += RTT;
	arrive(tcb, ack(tcb, 0, 1, 11), &v);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 0);
	CHECK(sums_right(tcb));
}

/* Also if that was a retransmission, too.  An ACK of what is behind a gap echoes the time of what
 * came before the gap (RFC 7323 4.3), and does not say which of the two it is of.
 */
static void a_retransmission_lost_again_is_seen_by_one_sent_later(void)
{
	struct ttp_tcb *tcb = ten_sent();
	struct ttp_seg seg = ack(tcb, 0, 2, 10);
	struct ttp_out out;

	seg.has_ts = true;
	seg.tsecr = ttp_rtt_tsval(&tcb->opt, now - RTT);
	arrive(tcb, seg, &v);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 0);
	now += 1000;
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 1);
	now += RTT;
	tcb->opt.ts_ok = true;		/* not earlier: segments would be shorter */
	seg.sack[0].left -= BUILD_MSS;
	arrive(tcb, seg, &v);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 0);
	CHECK(sums_right(tcb));
}

/* The first in the order sent leaves it.  Return: which segment it is; 99: there is none. */
static u32 pass_oldest(struct ttp_tcb *tcb)
{
	struct ttp_txrec *rec = ttp_txq_oldest(tcb);

	if (!rec)
		return 99;
	ttp_txq_pass(tcb, rec);
	return (rec->seq - iss - 1) / BUILD_MSS;
}

/* RFC 8985 6.2, step 5: no ACK has us walk over what was sent later */
static void what_is_retransmitted_is_the_last_in_the_order_sent(void)
{
	struct ttp_tcb *tcb = ten_sent();
	struct ttp_out out;

	arrive(tcb, ack(tcb, 0, 3, 8), &v);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 0);
	CHECK_EQ(tcb->lost - tcb->resent, 2 * BUILD_MSS);
	CHECK_EQ(pass_oldest(tcb), 8);
	CHECK_EQ(pass_oldest(tcb), 9);
	CHECK_EQ(pass_oldest(tcb), 0);
	CHECK_EQ(pass_oldest(tcb), 99);
}

static void a_piece_has_the_place_of_the_whole_in_the_order_sent(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;

	tcb->snd.burst = 4 * BUILD_MSS;
	tcb->snd.wnd = 60000;
	port_write(tcb, 4 * BUILD_MSS);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 4 * BUILD_MSS);
	now += 1000;
	port_write(tcb, BUILD_MSS);
	CHECK(send_one(tcb, &out));
	arrive(tcb, ack(tcb, 0, 1, 2), &v);
	CHECK_EQ(tcb->sacked, BUILD_MSS);
	CHECK_EQ(tcb->lost, 0);
	CHECK_EQ(pass_oldest(tcb), 0);
	CHECK_EQ(pass_oldest(tcb), 2);
	CHECK_EQ(pass_oldest(tcb), 4);
	CHECK_EQ(pass_oldest(tcb), 99);
}

/* RFC 6675 5: "Upon the receipt of any ACK containing SACK information" */
static void blocks_of_an_ACK_that_was_overtaken_count(void)
{
	struct ttp_tcb *tcb = ten_sent();

	arrive(tcb, ack(tcb, 3, 0, 0), &v);
	CHECK_EQ(send_all(tcb), 0);
	arrive(tcb, ack(tcb, 1, 5, 10), &v);
	CHECK_EQ(tcb->snd.una, iss + 1 + 3 * BUILD_MSS);
	CHECK_EQ(tcb->sacked, 5 * BUILD_MSS);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	CHECK_EQ(send_all(tcb), 2);
	CHECK(sums_right(tcb));
}

/* 6.2, step 4: once the path is known to reorder, wait a quarter round trip */
static void what_was_only_overtaken_is_not_resent_at_once(void)
{
	struct ttp_tcb *tcb = ten_sent();
	struct ttp_out out;

	arrive(tcb, ack(tcb, 0, 2, 3), &v);
	arrive(tcb, ack(tcb, 2, 2, 3), &v);
	CHECK(tcb->flow->rack.reordered);
	arrive(tcb, ack(tcb, 3, 4, 10), &v);
	CHECK(!send_one(tcb, &out));
	CHECK_EQ(tcb->lost, 0);
	CHECK_EQ(tcb->deadline[TTP_TM_REORDER] - now, RTT / 4);
	CHECK_EQ(expire(tcb, &v), TTP_TM_REORDER);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 3);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	CHECK(sums_right(tcb));
}

/* RFC 2018 4: the newest block comes first, wherever it is */
static void blocks_of_one_ACK_are_no_reordering(void)
{
	struct ttp_tcb *tcb = ten_sent();
	struct ttp_seg seg = ack(tcb, 0, 3, 10);
	u32 base = iss + 1;

	seg.nsack = 2;
	seg.sack[1] = (struct ttp_sack){ base + BUILD_MSS, base + 2 * BUILD_MSS };
	arrive(tcb, seg, &v);
	CHECK(!tcb->flow->rack.reordered);
	CHECK_EQ(tcb->lost, 2 * BUILD_MSS);
	CHECK_EQ(send_all(tcb), 2);
}

/* 6.2, step 4: and longer, if the peer says that we still are too quick */
static void each_dsack_of_a_round_trip_waits_a_quarter_longer(void)
{
	struct ttp_tcb *tcb = ten_sent();

	CHECK_EQ(tcb->flow->rack.mult, 1);
	tcb->total_retrans = 2;
	arrive(tcb, ack(tcb, 2, 0, 1), &v);
	CHECK_EQ(tcb->flow->rack.mult, 2);
	arrive(tcb, ack(tcb, 3, 1, 2), &v);
	CHECK_EQ(tcb->flow->rack.mult, 2);
	CHECK_EQ(tcb->sacked, 0);
}

/* .. but for what was not retransmitted: then the network has made two of one, or the peer lies */
static void a_dsack_of_what_was_sent_once_enlarges_nothing(void)
{
	struct ttp_tcb *tcb = ten_sent();

	arrive(tcb, ack(tcb, 2, 0, 1), &v);
	CHECK_EQ(tcb->flow->stats.dsacks, 1);
	CHECK_EQ(tcb->flow->rack.mult, 1);
	CHECK_EQ(tcb->flow->rack.persist, 0);
}

/* 7.2, 7.3: nothing later can show the loss of the last segment */
static void the_last_segment_is_probed_for_before_the_timer(void)
{
	struct ttp_tcb *tcb = ten_sent();
	u64 rtx = tcb->deadline[TTP_TM_RTX];
	struct ttp_out out;

	CHECK_EQ(expire(tcb, &v), TTP_TM_PROBE);
	CHECK(now < rtx);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 9);
	CHECK(out.retransmission);
	CHECK(!send_one(tcb, &out));
	/* one probe at a time, then the timer, counted from the probe */
	CHECK_EQ(tcb->deadline[TTP_TM_PROBE], 0);
	CHECK_EQ(tcb->deadline[TTP_TM_RTX], now + ttp_rtt_rto(tcb));
	CHECK(sums_right(tcb));
}

/* 7.2: PTO, of which the delay of an ACK is a part, may be longer than RTO */
static void a_probe_goes_where_the_timer_stood(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;
	u64 rtx;

	ttp_rtt_sample(tcb, 1000, now);
	port_write(tcb, 100);
	CHECK(send_one(tcb, &out));
	rtx = tcb->deadline[TTP_TM_RTX];
	CHECK_EQ(tcb->deadline[TTP_TM_PROBE], rtx);
	now = rtx;
	ttp_expire_timers(tcb, now, &v);
	CHECK(send_one(tcb, &out));
	CHECK(out.probe);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
	CHECK_EQ(tcb->backoff, 0);
	CHECK_EQ(tcb->deadline[TTP_TM_RTX], now + ttp_rtt_rto(tcb));
	/* and only once */
	CHECK_EQ(expire(tcb, &v), TTP_TM_RTX);
	CHECK_EQ(tcb->ca, TTP_CA_LOSS);
	CHECK_EQ(tcb->backoff, 1);
}

/* 7.3: new data serves better, and cwnd does not count */
static void a_probe_is_new_data_if_there_is_some(void)
{
	struct ttp_tcb *tcb = ten_sent();
	struct ttp_out out;

	tcb->flow->cong.cwnd = 10 * BUILD_MSS;
	port_write(tcb, 2 * BUILD_MSS);
	CHECK(!send_one(tcb, &out));
	CHECK_EQ(expire(tcb, &v), TTP_TM_PROBE);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 10);
	CHECK(!out.retransmission);
	CHECK(!send_one(tcb, &out));
}

/* 3.8.6.2.1: a few bytes that the peer's window still takes would make a silly window */
static void a_probe_does_not_fill_the_window_with_a_few_bytes(void)
{
	struct ttp_tcb *tcb = ten_sent();
	struct ttp_out out;

	tcb->snd.wnd = 10 * BUILD_MSS + 100;
	port_write(tcb, 2 * BUILD_MSS);
	CHECK(!send_one(tcb, &out));
	CHECK_EQ(expire(tcb, &v), TTP_TM_PROBE);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 9);
	CHECK_EQ(out.seg.len, BUILD_MSS);
	CHECK(!send_one(tcb, &out));
}

static struct ttp_tcb *probed(void)
{
	struct ttp_tcb *tcb = ten_sent();
	struct ttp_out out;

	expire(tcb, &v);
	send_one(tcb, &out);
	now += RTT;
	return tcb;
}

/* 7.4.2: a loss that the probe recovered was a loss all the same; it shows when more than
 * the probe is acknowledged, for the original may only be late
 */
static void a_loss_recovered_by_the_probe_halves_the_window(void)
{
	struct ttp_tcb *tcb = probed();

	arrive(tcb, ack(tcb, 10, 0, 0), &v);
	CHECK_EQ(tcb->flow->cong.ssthresh, TTP_SSTHRESH_INFINITE);
	port_write(tcb, BUILD_MSS);
	send_all(tcb);
	arrive(tcb, ack(tcb, 11, 0, 0), &v);
	CHECK_EQ(tcb->flow->cong.ssthresh, 5 * BUILD_MSS);
	CHECK(tcb->flow->cong.cwnd >= 5 * BUILD_MSS && tcb->flow->cong.cwnd <= 6 * BUILD_MSS);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
	CHECK(!tcb->flow->rack.tlp_out);
}

/* 7.1: of two that are lost at the end the probe shows one, and one loss it is */
static void a_loss_that_the_probe_shows_counts_once(void)
{
	struct ttp_tcb *tcb = probed();
	u32 ssthresh;

	arrive(tcb, ack(tcb, 8, 9, 10), &v);
	while (tcb->ca == TTP_CA_OPEN)
		expire(tcb, &v);
	ssthresh = tcb->flow->cong.ssthresh;
	CHECK(ssthresh < 10 * BUILD_MSS);
	send_all(tcb);
	now += RTT;
	arrive(tcb, ack(tcb, 10, 0, 0), &v);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
	port_write(tcb, BUILD_MSS);
	send_all(tcb);
	arrive(tcb, ack(tcb, 11, 0, 0), &v);
	CHECK_EQ(tcb->flow->cong.ssthresh, ssthresh);
}

/* cwnd is never nothing, whoever looks at it next */
static void recovery_begins_with_a_segment_at_least(void)
{
	struct ttp_tcb *tcb = ten_sent();

	arrive(tcb, ack(tcb, 0, 9, 10), &v);
	while (tcb->ca == TTP_CA_OPEN)
		expire(tcb, &v);
	CHECK(tcb->flow->cong.cwnd >= BUILD_MSS);
}

/* 7.3: a FIN alone would be answered by an ACK that says nothing */
static void the_probe_of_a_FIN_takes_data_along(void)
{
	struct ttp_tcb *tcb = ten_sent();
	struct ttp_out out;

	ttp_user_shutdown(tcb, now);
	send_all(tcb);
	CHECK_EQ(expire(tcb, &v), TTP_TM_PROBE);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 9);
	CHECK_EQ(out.seg.len, BUILD_MSS);
	CHECK(out.seg.flags & TTP_FIN);
	CHECK(out.probe);
}

/* What comes twice because of it does not say that we were too quick. */
static void a_probe_that_comes_twice_is_no_reordering(void)
{
	struct ttp_tcb *tcb = probed();

	arrive(tcb, ack(tcb, 10, 9, 10), &v);
	CHECK_EQ(tcb->flow->rack.mult, 1);
}

/* case 2: the peer has answered both */
static void a_late_original_and_the_probe_are_no_loss(void)
{
	struct ttp_tcb *tcb = probed();

	arrive(tcb, ack(tcb, 10, 0, 0), &v);
	CHECK(tcb->flow->rack.tlp_out);
	arrive(tcb, ack(tcb, 10, 0, 0), &v);
	CHECK(!tcb->flow->rack.tlp_out);
	CHECK_EQ(tcb->flow->cong.ssthresh, TTP_SSTHRESH_INFINITE);
}

static void a_probe_that_was_not_needed_costs_nothing(void)
{
	struct ttp_tcb *tcb = probed();

	arrive(tcb, ack(tcb, 10, 9, 10), &v);	/* D-SACK: it came twice */
	CHECK_EQ(tcb->flow->cong.ssthresh, TTP_SSTHRESH_INFINITE);
	CHECK(!tcb->flow->rack.tlp_out);
}

/* RFC 2883 4.1: the duplicate first, once */
static void data_that_comes_twice_is_reported(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 500);
	struct ttp_out out;

	arrive(tcb, seg, &v);
	send_all(tcb);
	arrive(tcb, seg, &v);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.nsack, 1);
	CHECK_EQ(out.seg.sack[0].left, seg.seq);
	CHECK_EQ(out.seg.sack[0].right, seg.seq + 500);
	arrive(tcb, from_peer(tcb, TTP_ACK, 500), &v);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.nsack, 0);
}

/* RFC 6937: half of what is delivered goes out, and ssthresh is where it ends */
static void in_recovery_one_goes_out_for_two_that_arrive(void)
{
	struct ttp_tcb *tcb = ten_sent();
	struct ttp_out out;
	u32 i, sent = 0;

	port_write(tcb, 10 * BUILD_MSS);
	tcb->flow->cong.cwnd = 10 * BUILD_MSS;
	arrive(tcb, ack(tcb, 0, 1, 4), &v);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	for (i = 4; i <= 10; i++) {
		while (send_one(tcb, &out))
			sent++;
		arrive(tcb, ack(tcb, 0, 1, i), &v);
	}
	while (send_one(tcb, &out))
		sent++;
	CHECK(sent >= 4);
	CHECK(sent <= 6);
	CHECK(ttp_send_in_flight(tcb) <= tcb->flow->cong.ssthresh);
	CHECK(sums_right(tcb));
}

/* RFC 3522: the ACK echoes a timestamp from before the retransmission */
static void a_timeout_that_was_only_a_delay_is_undone(void)
{
	struct ttp_tcb *tcb = ten_sent();
	struct ttp_seg seg;
	struct ttp_out out;
	u32 cwnd = tcb->flow->cong.cwnd, before;

	tcb->opt.ts_ok = true;
	before = ttp_rtt_tsval(&tcb->opt, now - RTT);
	while (expire(tcb, &v) != TTP_TM_RTX)
		tcb->pending &= ~TTP_PEND_TLP;
	CHECK(send_one(tcb, &out));
	CHECK_EQ(tcb->flow->cong.cwnd, BUILD_MSS);
	now += 1000;
	seg = ack(tcb, 2, 0, 0);
	seg.tsecr = before;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
	CHECK(tcb->flow->cong.cwnd >= cwnd);
	CHECK_EQ(tcb->flow->cong.ssthresh, TTP_SSTHRESH_INFINITE);
	CHECK_EQ(tcb->lost + tcb->resent, 0);
	CHECK(sums_right(tcb));
}

static void a_timeout_that_was_a_loss_is_not_undone(void)
{
	struct ttp_tcb *tcb = ten_sent();
	struct ttp_seg seg;
	struct ttp_out out;

	tcb->opt.ts_ok = true;
	while (expire(tcb, &v) != TTP_TM_RTX)
		tcb->pending &= ~TTP_PEND_TLP;
	CHECK(send_one(tcb, &out));
	now += RTT;
	seg = ack(tcb, 1, 0, 0);
	seg.tsecr = out.seg.tsval;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->ca, TTP_CA_LOSS);
	CHECK_EQ(tcb->flow->cong.ssthresh, 5 * BUILD_MSS);
}

/* RFC 1191 6: no sign of congestion */
static void what_is_too_big_for_the_path_is_resent_and_no_more_segments_go(void)
{
	struct ttp_tcb *tcb = ten_sent();
	u32 cwnd = tcb->flow->cong.cwnd;
	struct ttp_out out;

	ttp_send_mss(tcb, 600);
	ttp_recovery_too_big(tcb);
	CHECK_EQ(tcb->flow->cong.cwnd, cwnd * 600 / BUILD_MSS);	/* RFC 5681 3.1 */
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.seq, iss + 1);
	CHECK(out.seg.len <= 600);
	CHECK(sums_right(tcb));
	arrive(tcb, ack(tcb, 10, 0, 0), &v);
	CHECK_EQ(tcb->flow->cong.ssthresh, TTP_SSTHRESH_INFINITE);
}

/* Who retransmitted what was only overtaken waits the next time, if RFC 3522 says so */
static void a_recovery_for_nothing_is_reordering(void)
{
	struct ttp_tcb *tcb = ten_sent();
	struct ttp_seg seg;
	u32 before;

	tcb->opt.ts_ok = true;
	before = ttp_rtt_tsval(&tcb->opt, now - RTT);
	seg = ack(tcb, 0, 1, 5);
	seg.has_ts = true;
	seg.tsecr = before;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	now += 5000;
	CHECK(send_all(tcb));
	now += 1000;
	seg = ack(tcb, 5, 0, 0);
	seg.has_ts = true;
	seg.tsecr = before;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
	CHECK(tcb->flow->rack.reordered);
}

/* .. or a D-SACK does */
static void a_dsack_of_a_fast_retransmission_is_reordering(void)
{
	struct ttp_tcb *tcb = ten_sent();
	struct ttp_seg seg;

	arrive(tcb, ack(tcb, 0, 1, 5), &v);
	CHECK(send_all(tcb));
	now += 1000;
	arrive(tcb, ack(tcb, 10, 0, 0), &v);
	CHECK(!tcb->flow->rack.reordered);
	seg = ack(tcb, 10, 0, 1);
	arrive(tcb, seg, &v);
	CHECK(tcb->flow->rack.reordered);
}

/* 7.2: three short segments are not one */
static void short_segments_are_probed_for_without_the_delay_of_an_ACK(void)
{
	struct ttp_tcb *tcb = established();
	u32 i;

	ttp_rtt_sample(tcb, RTT, now);
	tcb->asked.nodelay = true;
	for (i = 0; i < 3; i++) {
		port_write(tcb, 100);
		send_all(tcb);
	}
	CHECK(tcb->deadline[TTP_TM_PROBE] <= now + 2 * tcb->srtt_us + 2000);
}

static const struct test tests[] = {
	TEST(a_retransmission_lost_again_is_seen_by_what_was_sent_later),
	TEST(a_retransmission_lost_again_is_seen_by_one_sent_later),
	TEST(what_is_retransmitted_is_the_last_in_the_order_sent),
	TEST(a_piece_has_the_place_of_the_whole_in_the_order_sent),
	TEST(blocks_of_an_ACK_that_was_overtaken_count),
	TEST(what_was_only_overtaken_is_not_resent_at_once),
	TEST(blocks_of_one_ACK_are_no_reordering),
	TEST(each_dsack_of_a_round_trip_waits_a_quarter_longer),
	TEST(a_dsack_of_what_was_sent_once_enlarges_nothing),
	TEST(the_last_segment_is_probed_for_before_the_timer),
	TEST(a_probe_goes_where_the_timer_stood),
	TEST(a_probe_is_new_data_if_there_is_some),
	TEST(a_probe_does_not_fill_the_window_with_a_few_bytes),
	TEST(a_loss_recovered_by_the_probe_halves_the_window),
	TEST(a_loss_that_the_probe_shows_counts_once),
	TEST(recovery_begins_with_a_segment_at_least),
	TEST(the_probe_of_a_FIN_takes_data_along),
	TEST(a_probe_that_comes_twice_is_no_reordering),
	TEST(a_late_original_and_the_probe_are_no_loss),
	TEST(a_probe_that_was_not_needed_costs_nothing),
	TEST(data_that_comes_twice_is_reported),
	TEST(in_recovery_one_goes_out_for_two_that_arrive),
	TEST(a_timeout_that_was_only_a_delay_is_undone),
	TEST(a_timeout_that_was_a_loss_is_not_undone),
	TEST(what_is_too_big_for_the_path_is_resent_and_no_more_segments_go),
	TEST(a_recovery_for_nothing_is_reordering),
	TEST(a_dsack_of_a_fast_retransmission_is_reordering),
	TEST(short_segments_are_probed_for_without_the_delay_of_an_ACK),
	{ }
};

const struct suite suite_rack = { "rack", tests };
