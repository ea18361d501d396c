// SPDX-License-Identifier: GPL-2.0
/*
 * t_arq.c - stop-and-wait, go-back-N, selective repeat: what each sends again,
 * what each keeps, and that data arrives with all of them.
 */
#include "build.h"
#include "sim.h"

static struct ttp_verdict v;

static struct ttp_tcb *ten_written(u8 arq)
{
	struct ttp_tcb *tcb;

	cfg.arq = arq;
	tcb = established();
	tcb->snd.wnd = 60000;
	port_write(tcb, 10 * BUILD_MSS);
	return tcb;
}

static void ack(struct ttp_tcb *tcb, u32 segments)
{
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 0);

	seg.ack = iss + 1 + segments * BUILD_MSS;
	seg.wnd = 60000;
	arrive(tcb, seg, &v);
}

static void expire_rtx(struct ttp_tcb *tcb)
{
	while (expire(tcb, &v) != TTP_TM_RTX)
		tcb->pending &= ~TTP_PEND_TLP;
}

static u32 segment_of(const struct ttp_out *out)
{
	return (out->seg.seq - iss - 1) / BUILD_MSS;
}

static void only_selective_repeat_offers_sack(void)
{
	struct ttp_out out;
	u8 arq;

	for (arq = 0; arq < TTP_ARQ_MAX; arq++) {
		struct ttp_tcb *tcb;

		cfg.arq = arq;
		tcb = closed_();
		ttp_user_connect(tcb, iss, now);
		CHECK(send_one(tcb, &out));
		CHECK_EQ(out.seg.sack_permitted, arq == TTP_ARQ_SELECTIVE_REPEAT);
	}
}

static void stop_and_wait_has_one_segment_in_flight(void)
{
	struct ttp_tcb *tcb = ten_written(TTP_ARQ_STOP_AND_WAIT);
	u32 i;

	for (i = 1; i <= 10; i++) {
		CHECK_EQ(send_all(tcb), 1);
		CHECK_EQ(tcb->snd.nxt - tcb->snd.una, BUILD_MSS);
		ack(tcb, i);
	}
	CHECK_EQ(send_all(tcb), 0);
}

static void stop_and_wait_sends_the_one_again_when_its_time_is_over(void)
{
	struct ttp_tcb *tcb = ten_written(TTP_ARQ_STOP_AND_WAIT);
	struct ttp_out out;

	CHECK_EQ(send_all(tcb), 1);
	CHECK(!send_one(tcb, &out));
	expire_rtx(tcb);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 0);
	CHECK(!send_one(tcb, &out));
}

static void stop_and_wait_acknowledges_each_segment_at_once(void)
{
	struct ttp_tcb *tcb = ten_written(TTP_ARQ_STOP_AND_WAIT);
	struct ttp_out out;
	u32 i;

	send_all(tcb);
	tcb->rcv.quick = 0;
	for (i = 0; i < 4; i++) {
		arrive(tcb, from_peer(tcb, TTP_ACK, 100), &v);
		CHECK(send_one(tcb, &out));
	}
}

/* whether or not anybody reads */
static void go_back_n_acknowledges_every_second_segment_at_once(void)
{
	struct ttp_tcb *tcb;
	u32 i;

	cfg.arq = TTP_ARQ_GO_BACK_N;
	tcb = established();
	tcb->rcv.quick = 0;
	for (i = 0; i < 6; i++) {
		arrive(tcb, from_peer(tcb, TTP_ACK, BUILD_MSS), &v);
		CHECK_EQ(send_all(tcb), i % 2);
	}
}

/* on the third duplicate ACK, and on a timeout: everything */
static void go_back_n_sends_all_again_from_what_is_lost(void)
{
	struct ttp_tcb *tcb = ten_written(TTP_ARQ_GO_BACK_N);
	u32 i, next = 2;
	struct ttp_out out;

	CHECK_EQ(send_all(tcb), 10);
	now += 20000;
	ack(tcb, 2);
	for (i = 0; i < 3; i++)
		ack(tcb, 2);
	CHECK_EQ(tcb->lost, 8 * BUILD_MSS);
	while (next < 10) {
		while (send_one(tcb, &out))
			CHECK_EQ(segment_of(&out), next++);
		now += 20000;
		ack(tcb, next);
	}
	CHECK_EQ(tcb->snd.una, tcb->snd.nxt);
	CHECK(sums_right(tcb));
}

static void go_back_n_goes_back_after_a_timeout(void)
{
	struct ttp_tcb *tcb = ten_written(TTP_ARQ_GO_BACK_N);
	struct ttp_out out;

	send_all(tcb);
	expire_rtx(tcb);
	CHECK_EQ(tcb->lost, 10 * BUILD_MSS);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(segment_of(&out), 0);
}

/* what comes before its turn is dropped, acknowledged, and counted; its FIN too */
static void only_selective_repeat_keeps_data_out_of_order(void)
{
	struct ttp_tcb *tcb;
	struct ttp_seg seg;
	u32 nxt;
	u8 arq;

	for (arq = 0; arq < TTP_ARQ_MAX; arq++) {
		bool keeps = arq == TTP_ARQ_SELECTIVE_REPEAT;

		tcb = ten_written(arq);
		nxt = tcb->rcv.nxt;
		seg = from_peer(tcb, TTP_ACK | TTP_FIN, 100);
		seg.seq += 100;
		arrive(tcb, seg, &v);
		CHECK_EQ(v.drop, keeps ? TTP_MIB_NONE : TTP_MIB_OFO_DROP);
		CHECK(tcb->pending & TTP_PEND_ACK);
		CHECK_EQ(tcb->rcv.nxt, nxt);
		arrive(tcb, from_peer(tcb, TTP_ACK, 100), &v);
		CHECK_EQ(tcb->rcv.nxt, nxt + (keeps ? 201 : 100));
	}
}

/* Every tenth segment is lost: all data arrives, whatever the scheme. */
static void data_arrives_with_every_scheme(void)
{
	const char *broken;
	struct sim *s;
	u32 arq, nth;

	for (arq = 0; arq < TTP_ARQ_MAX; arq++) {
		for (nth = 1; nth <= 12; nth++) {
			s = sim_new();
			if (!s)
				return;
			s->cfg.arq = arq;
			s->cfg.msl_ms = 600000;
			s->cfg.fin_timeout = 600;
			s->end[0].app = (struct sim_app){ .write = 20000, .close = WHEN_SENT };
			s->end[1].app = (struct sim_app){ .close = AT_END };
			s->plan[0] = (struct sim_plan){ .nth = nth, .fate = LOSE };
			s->plan[1] = (struct sim_plan){ .nth = nth + 10, .fate = LOSE };
			s->plan[2] = (struct sim_plan){ .nth = nth + 20, .fate = LOSE };
			s->nplan = 3;
			broken = sim_run(s);
			if (broken)
				test_story("arq %u, segment %u lost: %s", arq, nth, broken);
			CHECK(!broken);
			CHECK_EQ(s->end[1].read, 20000);
		}
	}
}

static const struct test tests[] = {
	TEST(only_selective_repeat_offers_sack),
	TEST(stop_and_wait_has_one_segment_in_flight),
	TEST(stop_and_wait_sends_the_one_again_when_its_time_is_over),
	TEST(stop_and_wait_acknowledges_each_segment_at_once),
	TEST(go_back_n_acknowledges_every_second_segment_at_once),
	TEST(go_back_n_sends_all_again_from_what_is_lost),
	TEST(go_back_n_goes_back_after_a_timeout),
	TEST(only_selective_repeat_keeps_data_out_of_order),
	TEST(data_arrives_with_every_scheme),
	{ }
};

const struct suite suite_arq = { "arq", tests };
