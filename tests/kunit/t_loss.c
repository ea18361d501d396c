// SPDX-License-Identifier: GPL-2.0
/*
 * t_loss.c - what is believed lost and sent again: duplicate ACKs (RFC 5681,
 * 6582), SACK (RFC 2018, 6675), the retransmission timer (RFC 6298 5).
 */
#include "build.h"

static struct ttp_verdict v;

/* Ten segments are out; with SACK or without. */
static struct ttp_tcb *ten_sent(bool sack)
{
	struct ttp_tcb *tcb;

	cfg.sack = sack;
	tcb = established();
	tcb->snd.wnd = 60000;
	port_write(tcb, 10 * BUILD_MSS);
	send_all(tcb);
	now += 20000;
	return tcb;
}

/* The retransmission timer expires, after a tail loss probe if there is one. */
static void expire_rtx(struct ttp_tcb *tcb)
{
	while (expire(tcb, &v) != TTP_TM_RTX)
		tcb->pending &= ~TTP_PEND_TLP;
}

/* An ACK of the first @acked segments, with SACK of segments [@from, @to). */
static void ack(struct ttp_tcb *tcb, u32 acked, u32 from, u32 to)
{
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 0);
	u32 base = iss + 1;

	seg.ack = base + acked * BUILD_MSS;
	seg.wnd = 60000;
	if (to > from) {
		seg.nsack = 1;
		seg.sack[0] = (struct ttp_sack){ base + from * BUILD_MSS, base + to * BUILD_MSS };
	}
	arrive(tcb, seg, &v);
}

static u32 segment_of(const struct ttp_out *out)
{
	return (out->seg.seq - iss - 1) / BUILD_MSS;
}

/* RFC 6582 3.2 (3): the ACK that ends it makes the window ssthresh, no more */
static void the_ack_that_ends_recovery_lets_the_window_not_grow(void)
{
	struct ttp_tcb *tcb = ten_sent(false);
	u32 i;

	for (i = 0; i < 3; i++)
		ack(tcb, 0, 0, 0);
	CHECK(tcb->flow->cong.ssthresh < 10 * BUILD_MSS);
	send_all(tcb);
	now += 20000;
	ack(tcb, 10, 0, 0);
	CHECK(tcb->flow->cong.cwnd <= tcb->flow->cong.ssthresh);
}

/* RFC 5681 3.2: the third duplicate, not the second */
static void the_third_duplicate_ack_resends_the_oldest(void)
{
	struct ttp_tcb *tcb = ten_sent(false);
	struct ttp_out out;

	ack(tcb, 0, 0, 0);
	ack(tcb, 0, 0, 0);
	CHECK(!send_one(tcb, &out));
	ack(tcb, 0, 0, 0);
	CHECK(send_one(tcb, &out));
	CHECK(out.retransmission);
	CHECK_EQ(segment_of(&out), 0);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	CHECK(sums_right(tcb));
}

static void a_window_update_is_no_duplicate_ack(void)
{
	struct ttp_tcb *tcb = ten_sent(false);
	struct ttp_seg seg;
	u32 i;

	for (i = 0; i < 5; i++) {
		seg = from_peer(tcb, TTP_ACK, 0);
		seg.ack = iss + 1;
		seg.wnd = 50000 + i;
		arrive(tcb, seg, &v);
	}
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
}

static void data_is_no_duplicate_ack(void)
{
	struct ttp_tcb *tcb = ten_sent(false);
	struct ttp_seg seg;
	u32 i;

	ack(tcb, 0, 0, 0);
	for (i = 0; i < 5; i++) {
		seg = from_peer(tcb, TTP_ACK, 10);
		seg.ack = iss + 1;
		seg.wnd = 60000;
		arrive(tcb, seg, &v);
	}
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
}

/* RFC 6582 3.2 (3): a partial ACK shows the next hole */
static void a_partial_ack_resends_the_next_gap(void)
{
	struct ttp_tcb *tcb = ten_sent(false);
	struct ttp_out out;
	u32 i;

	for (i = 0; i < 3; i++)
		ack(tcb, 0, 0, 0);
	CHECK(send_one(tcb, &out));
	ack(tcb, 4, 0, 0);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	CHECK(send_one(tcb, &out));
	CHECK(out.retransmission);
	CHECK_EQ(segment_of(&out), 4);
	ack(tcb, 10, 0, 0);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
	CHECK(sums_right(tcb));
}

/* RFC 6675 4: more than two segments SACKed above it */
static void sack_marks_what_three_segments_overtook(void)
{
	struct ttp_tcb *tcb = ten_sent(true);
	struct ttp_out out;

	ack(tcb, 0, 2, 4);
	CHECK(!send_one(tcb, &out));
	ack(tcb, 0, 2, 5);
	CHECK_EQ(tcb->lost, 2 * BUILD_MSS);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 0);
	CHECK(sums_right(tcb));
	ack(tcb, 0, 2, 10);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 1);
	CHECK_EQ(tcb->sacked, 8 * BUILD_MSS);
	CHECK(sums_right(tcb));
	ack(tcb, 10, 0, 0);
	CHECK_EQ(tcb->sacked + tcb->lost + tcb->resent, 0);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
}

/* Far from where the ISS was, too: all numbers must move along. */
static void loss_is_seen_wherever_the_numbers_are(void)
{
	static const u32 where[] = { 1, 0x10000000, 0x7fffff00, 0x80000000, 0xffffff00 };
	struct ttp_out out;
	struct ttp_tcb *tcb;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(where); i++) {
		build_reset(where[i], ~where[i]);
		tcb = ten_sent(true);
		ack(tcb, 0, 1, 5);
		CHECK_EQ(tcb->lost, BUILD_MSS);
		CHECK(send_one(tcb, &out));
		CHECK_EQ(segment_of(&out), 0);
	}
}

static void what_is_remembered_moves_along_with_una(void)
{
	struct ttp_tcb *tcb = established();
	u32 start = tcb->snd.una;

	/* as after 3 GiB without a loss */
	while (tcb->snd.una - start < 0xc0000000) {
		tcb->snd.una += 0x20000000;
		ttp_recovery_una(tcb);
	}
	CHECK_EQ(tcb->flow->rack.fack, tcb->snd.una);
	CHECK_EQ(tcb->flow->rack.dsack_end, tcb->snd.una);
	CHECK_EQ(tcb->resend_from, tcb->snd.una);
	CHECK_EQ(tcb->snd.small, tcb->snd.una);
}

/* A record longer than a segment (GSO) is cut where a segment ended. */
static void a_block_cuts_long_records_between_segments(void)
{
	struct ttp_tcb *tcb = established();
	u32 base = iss + 1;
	struct ttp_seg seg;

	tcb->snd.wnd = 60000;
	tcb->snd.burst = 8 * BUILD_MSS;
	port_write(tcb, 8 * BUILD_MSS);
	CHECK_EQ(send_all(tcb), 1);
	now += 20000;
	seg = from_peer(tcb, TTP_ACK, 0);
	seg.ack = base;
	seg.nsack = 1;
	seg.sack[0] = (struct ttp_sack){ base + 2 * BUILD_MSS, base + 4 * BUILD_MSS };
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->sacked, 2 * BUILD_MSS);
	CHECK(sums_right(tcb));
	seg.ack = base + 3500;
	seg.nsack = 0;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->sacked, 500);
	CHECK(sums_right(tcb));
}

/* Or a peer could have the queue cut into bytes (CVE-2019-11478). */
static void a_block_does_not_cut_segments(void)
{
	struct ttp_tcb *tcb = ten_sent(true);
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 0);

	seg.ack = iss + 1;
	seg.nsack = 2;
	seg.sack[0] = (struct ttp_sack){ iss + 1 + 1500, iss + 1 + 1501 };
	seg.sack[1] = (struct ttp_sack){ iss + 1 + 3001, iss + 1 + 5999 };
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->sacked, BUILD_MSS);
	CHECK(sums_right(tcb));
}

/* A peer may send any block; none may do harm. */
static void blocks_that_make_no_sense_are_ignored(void)
{
	struct ttp_tcb *tcb = ten_sent(true);
	u32 base = iss + 1, end = tcb->snd.nxt, i;
	const struct ttp_sack bad[] = {
		{ base, base }, { base + 10, base + 5 }, { end, end + 1 }, { base, end + 1 },
		{ base - 5000, base - 4000 }, { base - 1, base + 1000 },
		{ base + 0x80000000, base + 0x80001000 }, { end + 1000, base }, { 0, 0 },
		{ base, base + BUILD_MSS },	/* it would be acknowledged */
	};
	struct ttp_seg seg;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		seg = from_peer(tcb, TTP_ACK, 0);
		seg.ack = base;
		seg.wnd = 60000;
		seg.nsack = 1;
		seg.sack[0] = bad[i];
		arrive(tcb, seg, &v);
		CHECK_EQ(tcb->sacked, 0);
		CHECK(sums_right(tcb));
	}
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
}

static void a_fin_can_be_sacked(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg;
	struct ttp_out out;

	port_write(tcb, 2 * BUILD_MSS);
	ttp_user_shutdown(tcb, now);
	send_all(tcb);
	seg = from_peer(tcb, TTP_ACK, 0);
	seg.ack = iss + 1;
	seg.nsack = 1;
	seg.sack[0] = (struct ttp_sack){ iss + 1 + BUILD_MSS, tcb->snd.nxt };
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->sacked, BUILD_MSS + 1);
	CHECK(sums_right(tcb));
	CHECK_EQ(expire(tcb, &v), TTP_TM_REORDER);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.seq, iss + 1);
	CHECK(!(out.seg.flags & TTP_FIN));
	CHECK(!send_one(tcb, &out));
	CHECK(sums_right(tcb));
}

/* RFC 6298 5.4-5.6, RFC 5681 3.1 */
static void the_timer_resends_the_oldest_and_starts_slowly(void)
{
	struct ttp_tcb *tcb = ten_sent(true);
	struct ttp_out out;
	u32 rto = ttp_rtt_rto(tcb);

	expire_rtx(tcb);
	CHECK_EQ(tcb->flow->cong.cwnd, BUILD_MSS);
	CHECK_EQ(tcb->flow->cong.ssthresh, 5 * BUILD_MSS);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 0);
	CHECK(!send_one(tcb, &out));
	CHECK_EQ(tcb->deadline[TTP_TM_RTX] - now, 2 * rto);
	ack(tcb, 1, 0, 0);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 1);
	CHECK(send_one(tcb, &out));
	CHECK(!send_one(tcb, &out));
	CHECK(sums_right(tcb));
}

/* RFC 5681 3.1: ssthresh once, however often the same segment is lost */
static void a_second_timeout_leaves_ssthresh_alone(void)
{
	struct ttp_tcb *tcb = ten_sent(true);

	expire(tcb, &v);
	send_all(tcb);
	expire(tcb, &v);
	CHECK_EQ(tcb->flow->cong.ssthresh, 5 * BUILD_MSS);
	CHECK_EQ(send_all(tcb), 1);
	CHECK(sums_right(tcb));
}

/* RFC 6582 3.2 (1): duplicates of the ACK that ended recovery may be of what was resent */
static void duplicates_after_recovery_begin_no_other(void)
{
	struct ttp_tcb *tcb = ten_sent(false);
	u32 i;

	expire_rtx(tcb);
	send_all(tcb);
	ack(tcb, 10, 0, 0);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
	port_write(tcb, 2 * BUILD_MSS);
	CHECK(send_all(tcb));
	for (i = 0; i < 5; i++)
		ack(tcb, 10, 0, 0);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
	CHECK(sums_right(tcb));
}

/* Each byte once, whether a duplicate ACK hinted at it or the ACK says so. */
static void delivered_bytes_count_once(void)
{
	struct ttp_tcb *tcb = ten_sent(false);
	u32 i;

	for (i = 0; i < 2; i++)
		ack(tcb, 0, 0, 0);
	ack(tcb, 10, 0, 0);
	CHECK_EQ(tcb->flow->rate.delivered, 10 * BUILD_MSS);
}

/* RFC 6675 5 (4.3), RFC 6298 5: who waits for the oldest waits from now on */
static void the_timer_begins_anew_with_the_oldest(void)
{
	struct ttp_tcb *tcb = ten_sent(true);

	ack(tcb, 0, 1, 8);
	now += 50000;
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	CHECK(send_all(tcb));
	CHECK_EQ(tcb->deadline[TTP_TM_RTX], now + ttp_rtt_rto(tcb));
}

/* RFC 6937: the first ACK of it counts, too; cwnd is not open for a burst */
static void recovery_begins_without_a_burst(void)
{
	struct ttp_tcb *tcb = ten_sent(true);

	port_write(tcb, 10 * BUILD_MSS);
	ack(tcb, 0, 9, 10);
	while (tcb->ca == TTP_CA_OPEN)
		expire(tcb, &v);
	CHECK_EQ(tcb->lost, 9 * BUILD_MSS);
	CHECK_EQ(send_all(tcb), 1);
	CHECK(sums_right(tcb));
}

/* RFC 3465 2.3: a segment for each ACK */
static void after_a_timeout_an_ACK_of_much_opens_the_window_by_a_segment(void)
{
	struct ttp_tcb *tcb = ten_sent(true);
	struct ttp_out out;

	expire_rtx(tcb);
	CHECK(send_one(tcb, &out));
	ack(tcb, 9, 0, 0);
	CHECK_EQ(tcb->flow->cong.cwnd, 2 * BUILD_MSS);
}

/* Fixed has no ssthresh that Reno could go back to. */
static void an_algorithm_may_change_in_recovery(void)
{
	const struct ttp_cong_ops *fixed = port_cong("fixed");
	struct ttp_tcb *tcb;
	u32 cwnd;

	CHECK(fixed);
	tcb = ten_sent(true);
	ttp_flow_change_cong(tcb, fixed);
	ack(tcb, 0, 1, 8);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	send_all(tcb);
	ttp_flow_change_cong(tcb, &ttp_reno);
	cwnd = tcb->flow->cong.cwnd;
	ack(tcb, 10, 0, 0);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
	CHECK(tcb->flow->cong.cwnd <= cwnd);
}

/* RFC 5681 2: FlightSize is what is not acknowledged, whatever has left the network */
static void duplicate_ACKs_do_not_make_FlightSize_smaller(void)
{
	struct ttp_tcb *tcb = ten_sent(false);

	ack(tcb, 0, 0, 0);
	ack(tcb, 0, 0, 0);
	CHECK(ttp_send_in_flight(tcb) < 10 * BUILD_MSS);
	expire_rtx(tcb);
	CHECK_EQ(tcb->flow->cong.ssthresh, 5 * BUILD_MSS);
}

/* RFC 2018 8: "the data receiver may discard data it has reported" */
static void a_receiver_that_takes_sack_back_gets_it_again(void)
{
	struct ttp_tcb *tcb = ten_sent(true);
	struct ttp_out out;
	u32 i;

	ack(tcb, 0, 1, 3);
	ack(tcb, 1, 0, 0);	/* it threw segments 1 and 2 away */
	expire_rtx(tcb);
	CHECK_EQ(tcb->sacked, 0);
	for (i = 1; i < 10; i++) {
		CHECK(send_one(tcb, &out));
		CHECK_EQ(segment_of(&out), i);
		ack(tcb, i + 1, 0, 0);
	}
	CHECK_EQ(tcb->snd.una, tcb->snd.nxt);
	CHECK(sums_right(tcb));
}

/* A record that is sent again goes in pieces of the MSS of today. */
static void what_is_too_long_for_the_path_now_is_cut(void)
{
	struct ttp_tcb *tcb = ten_sent(true);
	struct ttp_out out;

	ttp_send_mss(tcb, 300);
	expire(tcb, &v);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 300);
	ack(tcb, 1, 0, 0);
	CHECK(sums_right(tcb));
	while (send_one(tcb, &out))
		CHECK(out.seg.len <= 300);
	CHECK(sums_right(tcb));
}

/* RFC 5681 3.1: ssthresh is set, though the path's MTU was to blame before */
static void a_timeout_after_a_smaller_MTU_sets_ssthresh(void)
{
	struct ttp_tcb *tcb = ten_sent(true);

	ttp_send_mss(tcb, 600);
	ttp_recovery_too_big(tcb);
	CHECK_EQ(tcb->ca, TTP_CA_LOSS);
	send_all(tcb);
	CHECK_EQ(tcb->flow->cong.ssthresh, TTP_SSTHRESH_INFINITE);
	expire_rtx(tcb);
	CHECK_EQ(tcb->flow->cong.ssthresh, 5 * BUILD_MSS);
}

/* RFC 9937 5: no segment more where the ACK shows that more is lost */
static void PRR_is_slow_while_more_is_lost(void)
{
	struct ttp_tcb *tcb = ten_sent(true);

	ack(tcb, 0, 1, 5);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	send_all(tcb);
	tcb->flow->cong.ssthresh = 20 * BUILD_MSS;
	now += 1000;
	/* the first has come, and of the five after the fifth the last only */
	ack(tcb, 5, 9, 10);
	CHECK_EQ(tcb->lost, 4 * BUILD_MSS);
	CHECK_EQ(tcb->flow->cong.cwnd, tcb->flow->prr.delivered - tcb->flow->prr.out);
}

/* RFC 5681 3.1, equation (4): PRR's cwnd, small while much is lost, is not the window to halve */
static void a_timeout_in_recovery_halves_what_was_in_flight(void)
{
	struct ttp_tcb *tcb = ten_sent(true);

	ack(tcb, 0, 7, 10);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	CHECK_EQ(tcb->flow->cong.ssthresh, 5 * BUILD_MSS);
	CHECK_EQ(tcb->flow->cong.cwnd, 3 * BUILD_MSS);
	send_all(tcb);
	expire_rtx(tcb);
	CHECK_EQ(tcb->ca, TTP_CA_LOSS);
	CHECK_EQ(tcb->flow->cong.ssthresh, 5 * BUILD_MSS);
	CHECK_EQ(tcb->flow->cong.cwnd, BUILD_MSS);
}

/* RFC 5681 4.3: the loss of a retransmission is a second sign of congestion */
static void a_retransmission_that_is_lost_after_a_timeout_halves_the_window_again(void)
{
	struct ttp_tcb *tcb = ten_sent(true);
	u32 acked, cwnd;

	expire_rtx(tcb);
	for (acked = 0; acked < 6; acked += acked + 1) {	/* 0, 1, 3: slow start */
		send_all(tcb);
		now += 20000;
		if (acked < 3)
			ack(tcb, 2 * acked + 1, 0, 0);
	}
	CHECK_EQ(tcb->ca, TTP_CA_LOSS);
	cwnd = tcb->flow->cong.cwnd;
	CHECK_EQ(cwnd, 3 * BUILD_MSS);
	CHECK_EQ(tcb->flow->cong.ssthresh, 5 * BUILD_MSS);
	ack(tcb, 3, 4, 6);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	CHECK_EQ(tcb->flow->cong.ssthresh, 2 * BUILD_MSS);
	CHECK_EQ(tcb->recover, tcb->snd.nxt);
	send_all(tcb);
	now += 20000;
	ack(tcb, 10, 0, 0);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
	CHECK_EQ(tcb->flow->cong.cwnd, 2 * BUILD_MSS);
}

/* RFC 8985 6.3: what was sent less than a round trip ago may still arrive */
static void a_timeout_gives_up_the_oldest_and_what_is_old(void)
{
	struct ttp_tcb *tcb = ten_sent(true);

	ack(tcb, 1, 0, 0);	/* a round trip of 20 ms */
	now = tcb->deadline[TTP_TM_RTX] - 1000;
	port_write(tcb, BUILD_MSS);
	tcb->flow->cong.cwnd = 20 * BUILD_MSS;
	send_all(tcb);
	ttp_timer_set(tcb, TTP_TM_PROBE, 0);
	expire_rtx(tcb);
	CHECK_EQ(tcb->ca, TTP_CA_LOSS);
	CHECK_EQ(tcb->lost, 9 * BUILD_MSS);
	CHECK_EQ(send_all(tcb), 1);	/* the oldest, whatever is in flight */
	CHECK_EQ(tcb->resent, BUILD_MSS);
}

/* A retransmission's ACK says of all that was sent before it that it is lost, also where it
 * leaves no gap behind it.
 */
static void what_was_sent_before_a_retransmission_that_came_is_lost(void)
{
	struct ttp_tcb *tcb = ten_sent(true);

	ack(tcb, 0, 1, 4);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	send_all(tcb);
	now += 20000;
	ack(tcb, 4, 0, 0);
	CHECK_EQ(tcb->lost, 6 * BUILD_MSS);
	CHECK(send_all(tcb) > 0);
}

/* B and C, sent again after a timeout, change places: the ACK of B is not that of an original. */
static void what_was_sent_again_before_a_recovery_proves_nothing(void)
{
	struct ttp_tcb *tcb = ten_sent(true);
	struct ttp_seg seg;

	expire_rtx(tcb);
	send_all(tcb);
	now += 20000;
	ack(tcb, 1, 0, 0);
	CHECK_EQ(send_all(tcb), 2);
	tcb->opt.ts_ok = true;
	seg = from_peer(tcb, TTP_ACK, 0);
	seg.tsecr = ttp_rtt_tsval(&tcb->opt, now);
	now += 20000;
	ack(tcb, 1, 2, 3);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	now += 1000;
	seg.ack = iss + 1 + 3 * BUILD_MSS;
	seg.has_ts = true;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	CHECK_EQ(tcb->lost, 7 * BUILD_MSS);
}

static const struct test tests[] = {
	TEST(the_ack_that_ends_recovery_lets_the_window_not_grow),
	TEST(the_third_duplicate_ack_resends_the_oldest),
	TEST(a_window_update_is_no_duplicate_ack),
	TEST(data_is_no_duplicate_ack),
	TEST(a_partial_ack_resends_the_next_gap),
	TEST(sack_marks_what_three_segments_overtook),
	TEST(loss_is_seen_wherever_the_numbers_are),
	TEST(what_is_remembered_moves_along_with_una),
	TEST(a_block_cuts_long_records_between_segments),
	TEST(a_block_does_not_cut_segments),
	TEST(blocks_that_make_no_sense_are_ignored),
	TEST(a_fin_can_be_sacked),
	TEST(the_timer_resends_the_oldest_and_starts_slowly),
	TEST(a_second_timeout_leaves_ssthresh_alone),
	TEST(duplicates_after_recovery_begin_no_other),
	TEST(delivered_bytes_count_once),
	TEST(the_timer_begins_anew_with_the_oldest),
	TEST(recovery_begins_without_a_burst),
	TEST(after_a_timeout_an_ACK_of_much_opens_the_window_by_a_segment),
	TEST(an_algorithm_may_change_in_recovery),
	TEST(duplicate_ACKs_do_not_make_FlightSize_smaller),
	TEST(a_receiver_that_takes_sack_back_gets_it_again),
	TEST(what_is_too_long_for_the_path_now_is_cut),
	TEST(a_timeout_after_a_smaller_MTU_sets_ssthresh),
	TEST(PRR_is_slow_while_more_is_lost),
	TEST(a_timeout_in_recovery_halves_what_was_in_flight),
	TEST(a_retransmission_that_is_lost_after_a_timeout_halves_the_window_again),
	TEST(a_timeout_gives_up_the_oldest_and_what_is_old),
	TEST(what_was_sent_before_a_retransmission_that_came_is_lost),
	TEST(what_was_sent_again_before_a_recovery_proves_nothing),
	{ }
};

const struct suite suite_loss = { "loss", tests };
