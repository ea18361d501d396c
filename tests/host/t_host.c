// SPDX-License-Identifier: GPL-2.0
/*
 * t_host.c - tests that need what only the host has: memory that fails when told,
 * the history of all transitions, and counters.
 */
#include "build.h"
#include "queue.h"

static void each_transition_is_observed_with_its_cause(void)
{
	u32 n;

	last_ack();
	n = host_nhistory;
	CHECK(n >= 4);
	CHECK(!strcmp(host_history[(n - 4) % HOST_HISTORY].what, "active OPEN"));
	CHECK(!strcmp(host_history[(n - 3) % HOST_HISTORY].what, "SYN,ACK"));
	CHECK(!strcmp(host_history[(n - 2) % HOST_HISTORY].what, "FIN"));
	CHECK_EQ(host_history[(n - 1) % HOST_HISTORY].from, TTP_CLOSE_WAIT);
	CHECK_EQ(host_history[(n - 1) % HOST_HISTORY].to, TTP_LAST_ACK);
}

/* Connected, and no data has gone. */
static struct ttp_tcb *silent(void)
{
	struct ttp_tcb *tcb = established();

	port_free(tcb->flow);
	tcb->flow = NULL;
	return tcb;
}

/* Whatever a peer says while nothing was sent: it costs no memory. */
static void what_has_no_data_needs_no_flow(void)
{
	struct ttp_tcb *tcb = silent();
	struct ttp_seg seg = from_peer(tcb, TTP_ACK | TTP_ECE, 0);
	struct ttp_verdict v;

	tcb->opt.ecn_ok = true;
	seg.wnd = 1;
	seg.nsack = 2;
	seg.sack[0] = (struct ttp_sack){ tcb->snd.una - 10, tcb->snd.una };
	seg.sack[1] = (struct ttp_sack){ tcb->snd.una, tcb->snd.una + 10 };
	arrive(tcb, seg, &v);
	arrive(tcb, seg, &v);
	seg = from_peer(tcb, TTP_ACK, 0);
	seg.seq--;	/* a keepalive probe */
	arrive(tcb, seg, &v);
	CHECK_EQ(send_all(tcb), 1);
	tcb->pending |= TTP_PEND_KEEPALIVE;
	CHECK_EQ(send_all(tcb), 1);
	ttp_recovery_too_big(tcb);
	ttp_send_failed(tcb, now);
	CHECK(!tcb->flow);
	CHECK_EQ(ttp_flow_cwnd(tcb), 10 * tcb->snd.mss);
}

static void the_first_data_without_memory_comes_again(void)
{
	struct ttp_tcb *tcb = silent();
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 100);
	u32 nxt = tcb->rcv.nxt;
	struct ttp_verdict v;

	host_flow_fails = 1;
	arrive(tcb, seg, &v);
	CHECK_EQ(v.drop, TTP_MIB_RCVQ_DROP);
	CHECK(!(v.todo & TTP_DO_TAKEN));
	CHECK_EQ(tcb->rcv.nxt, nxt);
	CHECK(tcb->pending & TTP_PEND_ACK);
	send_all(tcb);
	arrive(tcb, seg, &v);
	CHECK(v.todo & TTP_DO_TAKEN);
	CHECK_EQ(tcb->rcv.nxt, nxt + 100);
	CHECK(tcb->flow);
}

/* Nobody reads what waits behind a gap, so nobody would open a window that was shut. */
static void a_gap_can_be_filled_that_there_was_no_memory_for(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 100);
	struct ttp_verdict v;

	seg.seq += 100;
	arrive(tcb, seg, &v);
	send_all(tcb);
	seg.seq -= 100;
	host_rxq_fails = 1;
	arrive(tcb, seg, &v);
	CHECK_EQ(v.drop, TTP_MIB_RCVQ_DROP);
	CHECK(ttp_tcb_rcv_window(tcb));
	send_all(tcb);
	arrive(tcb, seg, &v);
	CHECK(v.todo & TTP_DO_TAKEN);
	CHECK_EQ(port_read(tcb, 1000), 200);
}

/* A split that fails must leave data, sums and timers whole. */
static void a_split_without_memory_only_delays(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_verdict v;

	port_write(tcb, 3 * BUILD_MSS);
	host_split_fails = 1;
	CHECK_EQ(send_all(tcb), 0);
	CHECK(tcb->deadline[TTP_TM_PERSIST] || tcb->deadline[TTP_TM_RTX]);
	expire(tcb, &v);
	CHECK_EQ(send_all(tcb), 3);
	CHECK(sums_right(tcb));
}

/* Nor may a resend wait in silence: what needs no split goes, and a timer brings
 * back what does.
 */
static void a_resend_that_cannot_be_split_is_tried_again_soon(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_verdict v;
	struct ttp_out out;
	u32 una = tcb->snd.una;

	port_write(tcb, 4 * BUILD_MSS);
	CHECK_EQ(send_all(tcb), 4);
	tcb->snd.mss = BUILD_MSS / 2;	/* the path has become narrower */
	ttp_recovery_too_big(tcb);
	host_split_fails = 1;
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.seq, una + BUILD_MSS);
	CHECK(tcb->deadline[TTP_TM_RETRY]);
	CHECK(tcb->deadline[TTP_TM_RETRY] < tcb->deadline[TTP_TM_RTX]);
	CHECK_EQ(expire(tcb, &v), TTP_TM_RETRY);
	CHECK(v.todo & TTP_DO_SEND);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.seq, una);
	CHECK_EQ(out.seg.len, BUILD_MSS / 2);
	CHECK_EQ(tcb->retransmits, 0);
	CHECK(sums_right(tcb));
}

/* SO_RCVLOWAT: a reader who sleeps until there is more acknowledges nothing. */
static void an_ACK_does_not_wait_for_a_reader_who_waits_for_more(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_verdict v;

	tcb->rcv.quick = 0;
	host_lowat = 2 * BUILD_MSS + 1;
	arrive(tcb, from_peer(tcb, TTP_ACK, BUILD_MSS), &v);
	CHECK_EQ(send_all(tcb), 0);
	arrive(tcb, from_peer(tcb, TTP_ACK, BUILD_MSS), &v);
	CHECK_EQ(send_all(tcb), 1);
	arrive(tcb, from_peer(tcb, TTP_ACK, BUILD_MSS), &v);
	arrive(tcb, from_peer(tcb, TTP_ACK, BUILD_MSS), &v);
	CHECK_EQ(send_all(tcb), 0);	/* now there is enough for it */
	host_lowat = 1;
}

/* The rule that drops a RST has a counter of its own, and so has what answers it. */
static void a_challenge_ACK_is_counted_once_and_no_other_ACK_is(void)
{
	struct ttp_tcb *tcb = established();
	u64 before = host_counts[TTP_MIB_CHALLENGE_ACK];
	struct ttp_seg seg = from_peer(tcb, TTP_RST, 0);
	struct ttp_verdict v;

	seg.seq += 10;
	arrive(tcb, seg, &v);
	CHECK_EQ(send_all(tcb), 1);
	CHECK_EQ(v.drop, TTP_MIB_RST_IGNORED);
	CHECK_EQ(host_counts[TTP_MIB_CHALLENGE_ACK], before + 1);
	now += 1000000;
	seg = from_peer(tcb, TTP_ACK, 0);
	seg.seq--;	/* a keepalive probe */
	arrive(tcb, seg, &v);
	CHECK_EQ(send_all(tcb), 1);
	CHECK_EQ(host_counts[TTP_MIB_CHALLENGE_ACK], before + 1);
}

static void an_ACK_of_SACK_compression_is_no_delayed_ACK(void)
{
	struct ttp_tcb *tcb = established();
	u64 before = host_counts[TTP_MIB_DELAYED_ACKS];
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 100);
	struct ttp_verdict v;
	u32 i;

	tcb->rcv.quick = 0;
	for (i = 0; i < 4; i++) {
		seg.seq += 100;
		arrive(tcb, seg, &v);
		CHECK_EQ(send_all(tcb), i < 3);
	}
	CHECK_EQ(expire(tcb, &v), TTP_TM_DELACK);
	CHECK_EQ(send_all(tcb), 1);
	CHECK_EQ(host_counts[TTP_MIB_DELAYED_ACKS], before);
}

/* As TCP does it: recoveries are counted by others. */
static void each_segment_of_a_fast_retransmit_is_counted(void)
{
	struct ttp_tcb *tcb = established();
	u64 before = host_counts[TTP_MIB_FAST_RETRANS];
	struct ttp_seg seg;
	struct ttp_verdict v;

	port_write(tcb, 8 * BUILD_MSS);
	send_all(tcb);
	seg = from_peer(tcb, TTP_ACK, 0);
	seg.ack = tcb->snd.una;
	seg.nsack = 1;
	seg.sack[0] = (struct ttp_sack){ seg.ack + 3 * BUILD_MSS, tcb->snd.nxt };
	now += 10000;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	CHECK_EQ(send_all(tcb), 3);
	CHECK_EQ(host_counts[TTP_MIB_FAST_RETRANS], before + 3);
}

static const struct test tests[] = {
	TEST(each_transition_is_observed_with_its_cause),
	TEST(what_has_no_data_needs_no_flow),
	TEST(the_first_data_without_memory_comes_again),
	TEST(a_gap_can_be_filled_that_there_was_no_memory_for),
	TEST(a_split_without_memory_only_delays),
	TEST(a_resend_that_cannot_be_split_is_tried_again_soon),
	TEST(an_ACK_does_not_wait_for_a_reader_who_waits_for_more),
	TEST(a_challenge_ACK_is_counted_once_and_no_other_ACK_is),
	TEST(an_ACK_of_SACK_compression_is_no_delayed_ACK),
	TEST(each_segment_of_a_fast_retransmit_is_counted),
	{ }
};

const struct suite suite_host = { "host", tests };
