// SPDX-License-Identifier: GPL-2.0
/*
 * t_why.c - what is said of a segment that is sent: a test for each enum ttp_why.
 */
#include "build.h"

static struct ttp_verdict v;
static struct ttp_out out;

/* The next segment to be sent has this reason. */
static bool next_is(struct ttp_tcb *tcb, enum ttp_why why)
{
	bool any = send_one(tcb, &out);

	test_story("%s, reason %u, wanted %u", any ? "sent" : "nothing sent",
		   any ? out.seg.why : 0, why);
	return any && out.seg.why == why;
}

static struct ttp_tcb *ten_sent(void)
{
	struct ttp_tcb *tcb = established();

	tcb->snd.wnd = 60000;
	port_write(tcb, 10 * BUILD_MSS);
	send_all(tcb);
	now += 20000;
	return tcb;
}

/* An ACK of nothing new, with SACK of segments [@from, @to) */
static void sack(struct ttp_tcb *tcb, u32 from, u32 to)
{
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 0);

	seg.ack = iss + 1;
	seg.wnd = 60000;
	seg.nsack = 1;
	seg.sack[0] = (struct ttp_sack){ iss + 1 + from * BUILD_MSS, iss + 1 + to * BUILD_MSS };
	arrive(tcb, seg, &v);
}

/* Data so far from RCV.NXT comes. */
static void give(struct ttp_tcb *tcb, u8 flags, s32 from_nxt, u32 len)
{
	struct ttp_seg seg = from_peer(tcb, flags, len);

	seg.seq += from_nxt;
	arrive(tcb, seg, &v);
}

static void ordinary_segments_have_no_reason(void)
{
	struct ttp_tcb *tcb = established();

	port_write(tcb, 100);
	CHECK(next_is(tcb, TTP_WHY_NONE));
	give(tcb, TTP_ACK, 0, 100);
	CHECK(next_is(tcb, TTP_WHY_NONE));
	ttp_user_shutdown(tcb, now);
	CHECK(next_is(tcb, TTP_WHY_NONE));
}

static void a_timeout_says_RTO(void)
{
	struct ttp_tcb *tcb = ten_sent();

	while (expire(tcb, &v) != TTP_TM_RTX)
		tcb->pending &= ~TTP_PEND_TLP;
	CHECK(next_is(tcb, TTP_WHY_RTO));
	CHECK(out.retransmission);
}

static void so_does_a_SYN_that_is_sent_again(void)
{
	struct ttp_tcb *tcb = syn_sent();

	CHECK_EQ(expire(tcb, &v), TTP_TM_RTX);
	CHECK(next_is(tcb, TTP_WHY_RTO));
	/* in a simultaneous open the SYN goes again, too, but not by a timeout */
	arrive(tcb, (struct ttp_seg){ .seq = irs, .flags = TTP_SYN, .wnd = BUILD_WND }, &v);
	CHECK(next_is(tcb, TTP_WHY_NONE));
	CHECK(out.retransmission);
}

static void so_does_a_FIN_that_is_sent_again(void)
{
	struct ttp_tcb *tcb = no_probes(fin_wait_1());

	CHECK_EQ(expire(tcb, &v), TTP_TM_RTX);
	CHECK(next_is(tcb, TTP_WHY_RTO));
	CHECK(out.seg.flags & TTP_FIN);
}

static void what_ACKs_show_is_a_fast_retransmit(void)
{
	struct ttp_tcb *tcb = ten_sent();

	sack(tcb, 1, 10);
	CHECK(next_is(tcb, TTP_WHY_FAST_RETRANSMIT));
	CHECK(out.retransmission);
}

/* RFC 1191 6: nothing was lost but for its size */
static void what_was_too_large_is_neither(void)
{
	struct ttp_tcb *tcb = ten_sent();

	ttp_send_mss(tcb, BUILD_MSS / 2);
	ttp_recovery_too_big(tcb);
	CHECK(next_is(tcb, TTP_WHY_NONE));
	CHECK(out.retransmission);
}

static void a_tail_loss_probe_says_so(void)
{
	struct ttp_tcb *tcb = ten_sent();

	CHECK_EQ(expire(tcb, &v), TTP_TM_PROBE);
	CHECK(next_is(tcb, TTP_WHY_LOSS_PROBE));
	CHECK(out.retransmission);
}

static void a_zero_window_probe_says_so(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 0);

	seg.wnd = 0;
	arrive(tcb, seg, &v);
	port_write(tcb, 100);
	CHECK_EQ(send_all(tcb), 0);
	CHECK_EQ(expire(tcb, &v), TTP_TM_PERSIST);
	CHECK(next_is(tcb, TTP_WHY_ZERO_WINDOW_PROBE));
	CHECK(!send_one(tcb, &out));
}

static void a_keepalive_says_so(void)
{
	struct ttp_tcb *tcb = established();

	tcb->asked.keep = (struct ttp_keep){ .on = true, .idle_s = 100, .intvl_s = 10, .cnt = 3 };
	ttp_timer_keepalive(tcb, now);
	CHECK_EQ(expire(tcb, &v), TTP_TM_KEEPALIVE);
	CHECK(next_is(tcb, TTP_WHY_KEEPALIVE));
	CHECK(!send_one(tcb, &out));
}

static void what_comes_out_of_order_gets_duplicate_ACKs(void)
{
	struct ttp_tcb *tcb = established();

	give(tcb, TTP_ACK, 500, 100);
	CHECK(next_is(tcb, TTP_WHY_DUPLICATE_ACK));
	give(tcb, TTP_ACK, 700, 100);
	CHECK(next_is(tcb, TTP_WHY_DUPLICATE_ACK));
	give(tcb, TTP_ACK, 0, 500);
	CHECK(next_is(tcb, TTP_WHY_NONE));	/* it acknowledges */
	give(tcb, TTP_ACK, -100, 100);
	CHECK(next_is(tcb, TTP_WHY_DUPLICATE_ACK));
}

/* RFC 5681 2: a duplicate acknowledges no more than the one before */
static void an_ACK_that_was_due_is_no_duplicate(void)
{
	struct ttp_tcb *tcb = established();

	tcb->rcv.quick = 0;
	give(tcb, TTP_ACK, 0, 100);
	CHECK(!send_one(tcb, &out));
	give(tcb, TTP_ACK, 500, 100);
	CHECK(next_is(tcb, TTP_WHY_NONE));
	give(tcb, TTP_ACK, 700, 100);
	CHECK(next_is(tcb, TTP_WHY_DUPLICATE_ACK));
}

static void a_window_update_says_so(void)
{
	struct ttp_tcb *tcb = established();

	while (ttp_tcb_rcv_window(tcb)) {
		give(tcb, TTP_ACK, 0, min(BUILD_MSS, ttp_tcb_rcv_window(tcb)));
		send_all(tcb);
	}
	port_read(tcb, tcb->rcv.nxt - tcb->rcv.read);
	CHECK(ttp_user_read(tcb));
	CHECK(next_is(tcb, TTP_WHY_WINDOW_UPDATE));
}

static void a_challenge_says_so(void)
{
	struct ttp_timewait *tw;
	struct ttp_seg seg;
	struct ttp_tcb *tcb = established();

	give(tcb, TTP_SYN, 10, 0);
	CHECK(next_is(tcb, TTP_WHY_CHALLENGE_ACK));
	tw = time_wait();
	seg = (struct ttp_seg){ .flags = TTP_SYN, .seq = tw->rcv_nxt - 10 };
	ttp_timewait_arrives(tw, &seg, now, &v);
	CHECK_EQ(v.reply.why, TTP_WHY_CHALLENGE_ACK);
	seg = (struct ttp_seg){ .flags = TTP_RST, .seq = irs + 2 };
	ttp_passive_arrives(request(), &seg, now, &v);
	CHECK_EQ(v.reply.why, TTP_WHY_CHALLENGE_ACK);
}

static void an_MTU_probe_says_so(void)
{
	struct ttp_tcb *tcb;
	u32 i;

	cfg.mtu_probing = 2;
	build_oracle = NULL;
	tcb = established();
	tcb->opt.mss = 1460;
	tcb->snd.mss_path = 1460;
	tcb->snd.wnd = 60000;
	tcb->snd.max_wnd = 60000;
	ttp_mtu_begin(tcb, now);
	tcb->flow->cong.cwnd = 20480;
	for (i = 0; i < 6; i++)
		port_write(tcb, 5000);
	CHECK(next_is(tcb, TTP_WHY_MTU_PROBE));
	CHECK(next_is(tcb, TTP_WHY_NONE));
}

static const struct test tests[] = {
	TEST(ordinary_segments_have_no_reason),
	TEST(a_timeout_says_RTO),
	TEST(so_does_a_SYN_that_is_sent_again),
	TEST(so_does_a_FIN_that_is_sent_again),
	TEST(what_ACKs_show_is_a_fast_retransmit),
	TEST(what_was_too_large_is_neither),
	TEST(a_tail_loss_probe_says_so),
	TEST(a_zero_window_probe_says_so),
	TEST(a_keepalive_says_so),
	TEST(what_comes_out_of_order_gets_duplicate_ACKs),
	TEST(an_ACK_that_was_due_is_no_duplicate),
	TEST(a_window_update_says_so),
	TEST(a_challenge_says_so),
	TEST(an_MTU_probe_says_so),
	{ }
};

const struct suite suite_why = { "why", tests };
