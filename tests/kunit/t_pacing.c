// SPDX-License-Identifier: GPL-2.0
/*
 * t_pacing.c - pacing and the timers: what is held back by us is not the peer's silence.
 */
#include "build.h"

static struct ttp_verdict v;

/* Two segments at a rate of one in two seconds */
static struct ttp_tcb *slow(void)
{
	struct ttp_tcb *tcb = no_probes(established());

	tcb->flow->pace_max = tcb->snd.mss / 2;
	port_write(tcb, 2 * tcb->snd.mss);
	send_all(tcb);
	return tcb;
}

static void who_is_held_back_by_pacing_waits_for_nobody(void)
{
	struct ttp_tcb *tcb = slow();
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 0);

	tcb->asked.user_timeout_ms = 1000;
	arrive(tcb, seg, &v);
	CHECK_EQ(send_all(tcb), 0);
	CHECK_EQ(tcb->deadline[TTP_TM_USER], 0);
	CHECK_EQ(tcb->deadline[TTP_TM_PERSIST], 0);
	CHECK_EQ(expire(tcb, &v), TTP_TM_PACE);
	CHECK_EQ(send_all(tcb), 1);
	CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
}

static void each_timeout_sends_something_though_it_is_paced(void)
{
	struct ttp_tcb *tcb = slow();
	u32 i, sent = 0;

	for (i = 0; i < 20 && tcb->retransmits < 3; i++) {
		expire(tcb, &v);
		sent += send_all(tcb);
		CHECK(sent >= tcb->retransmits);
	}
	CHECK_EQ(tcb->retransmits, 3);
}

static void a_limit_that_is_taken_away_holds_nothing_back(void)
{
	struct ttp_tcb *tcb = slow();
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 0);

	tcb->flow->pace_max = 0;
	seg.wnd = tcb->snd.mss;
	arrive(tcb, seg, &v);
	CHECK_EQ(send_all(tcb), 1);
	CHECK_EQ(tcb->deadline[TTP_TM_PACE], 0);
	CHECK_EQ(tcb->deadline[TTP_TM_RTX], now + ttp_rtt_rto(tcb));
	port_write(tcb, tcb->snd.mss);
	seg.ack = tcb->snd.nxt;
	seg.wnd = 0;
	arrive(tcb, seg, &v);
	CHECK_EQ(send_all(tcb), 0);
	CHECK(tcb->deadline[TTP_TM_PERSIST]);
}

/* What the queueing discipline holds back is not what the peer does not acknowledge. */
static void the_timers_wait_for_what_the_queueing_discipline_paces(void)
{
	struct ttp_tcb *tcb = established();
	u64 sent;

	tcb->flow->pace_max = tcb->snd.mss;
	tcb->flow->ip_paces = true;
	port_write(tcb, 2 * tcb->snd.mss);
	CHECK_EQ(send_all(tcb), 2);	/* to fq, which takes a second for each */
	sent = tcb->flow->paced_us;
	CHECK(sent > now + 1900000);
	CHECK(tcb->deadline[TTP_TM_RTX] >= now + 900000 + ttp_rtt_rto(tcb));
	CHECK(tcb->deadline[TTP_TM_PROBE] >= min(sent, tcb->deadline[TTP_TM_RTX]));
	CHECK_EQ(tcb->deadline[TTP_TM_PACE], 0);
	/* but not for longer than it keeps anything: it may be gone */
	tcb->flow->pace_max = 1;
	port_write(tcb, tcb->snd.mss);
	send_all(tcb);
	CHECK_EQ(tcb->flow->paced_us, now + 2000000);
}

static const struct test tests[] = {
	TEST(who_is_held_back_by_pacing_waits_for_nobody),
	TEST(each_timeout_sends_something_though_it_is_paced),
	TEST(a_limit_that_is_taken_away_holds_nothing_back),
	TEST(the_timers_wait_for_what_the_queueing_discipline_paces),
	{ }
};

const struct suite suite_pacing = { "pacing", tests };
