// SPDX-License-Identifier: GPL-2.0
/*
 * t_answer.c - what is said of a segment that was not taken but answered: what it was,
 * and what is sent.  What is not answered is dropped, and that is said.
 */
#include "build.h"

static struct ttp_verdict v;

static bool says(const char *answer)
{
	test_story("said: %s", v.answer ? v.answer : "nothing");
	return answer ? v.answer && !strcmp(v.answer, answer) : !v.answer;
}

/* A segment so far from RCV.NXT arrives; and the answer is sent. */
static void give(struct ttp_tcb *tcb, u8 flags, s32 from_nxt, u32 len)
{
	struct ttp_seg seg = from_peer(tcb, flags, len);

	seg.seq += from_nxt;
	now += 1000 * cfg.invalid_ratelimit;
	arrive(tcb, seg, &v);
	send_all(tcb);
}

static void what_is_not_acceptable_is_named(void)
{
	struct ttp_tcb *tcb = established();

	give(tcb, TTP_ACK, 0, 100);
	CHECK(says(NULL));
	give(tcb, TTP_ACK, -1, 0);
	CHECK(says("keepalive: ACK"));
	give(tcb, TTP_ACK, -100, 100);
	CHECK(says("old duplicate: ACK"));
	give(tcb, TTP_ACK, -100, 0);
	CHECK(says("old duplicate: ACK"));
	give(tcb, TTP_ACK, 2 * BUILD_WND, 100);
	CHECK(says("outside the window: ACK"));
	give(tcb, TTP_SYN | TTP_ACK, -101, 0);
	CHECK(says("SYN,ACK again: ACK"));
	give(tcb, TTP_SYN, -101, 0);
	CHECK(says("SYN again: ACK"));
}

static void challenges_are_named(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg;

	give(tcb, TTP_SYN, 10, 0);
	CHECK(says("challenge ACK"));
	give(tcb, TTP_RST, 10, 0);
	CHECK(says("challenge ACK"));
	give(tcb, TTP_SYN, -1000, 0);
	CHECK(says("challenge ACK"));
	seg = from_peer(tcb, TTP_ACK, 0);
	seg.ack++;
	now += 1000 * cfg.invalid_ratelimit;
	arrive(tcb, seg, &v);
	CHECK(says("challenge ACK"));
}

/* RFC 9293 3.8.6.1: with a byte of data, or as Linux and BSD have it */
static void zero_window_probes_are_named(void)
{
	struct ttp_tcb *tcb = established();

	while (ttp_tcb_rcv_window(tcb))
		give(tcb, TTP_ACK, 0, min(BUILD_MSS, ttp_tcb_rcv_window(tcb)));
	give(tcb, TTP_ACK, -1, 0);
	CHECK(says("zero window probe: ACK"));
	give(tcb, TTP_ACK, 0, 1);
	CHECK(says("zero window probe: ACK"));
	CHECK_EQ(v.drop, TTP_MIB_NONE);
	give(tcb, TTP_ACK, 0, 0);
	CHECK(says(NULL));
}

static void a_fin_that_comes_again_is_named(void)
{
	struct ttp_timewait *tw;
	struct ttp_seg seg;

	give(close_wait(), TTP_FIN | TTP_ACK, -1, 0);
	CHECK(says("FIN again: ACK"));
	tw = time_wait();
	seg = (struct ttp_seg){ .flags = TTP_FIN | TTP_ACK, .ack = tw->snd_nxt,
				.seq = tw->rcv_nxt - 1 };
	ttp_timewait_arrives(tw, &seg, now, &v);
	CHECK(says("FIN again: ACK, 2 MSL anew"));
	CHECK_EQ(v.todo, TTP_DO_REPLY | TTP_DO_RESTART);
}

static void what_TIME_WAIT_answers_is_named(void)
{
	struct ttp_timewait *tw = time_wait();
	struct ttp_seg seg = { .flags = TTP_ACK, .ack = tw->snd_nxt, .seq = tw->rcv_nxt - 10,
			       .len = 10 };

	ttp_timewait_arrives(tw, &seg, now, &v);
	CHECK(says("old duplicate: ACK"));
	seg.flags = TTP_SYN;
	ttp_timewait_arrives(tw, &seg, now, &v);
	CHECK(says("challenge ACK"));
	ttp_timewait_arrives(tw, &seg, now, &v);
	CHECK(says(NULL));	/* rate limit */
	CHECK_EQ(v.drop, TTP_MIB_OUT_OF_WINDOW);
	seg.flags = TTP_ACK;
	seg.len = 0;
	ttp_timewait_arrives(tw, &seg, now, &v);
	CHECK(says(NULL));
}

static void what_is_answered_in_a_handshake_is_named(void)
{
	struct ttp_request *req = request();
	struct ttp_seg seg = { .flags = TTP_SYN, .seq = irs };

	ttp_passive_arrives(req, &seg, now, &v);
	CHECK(says("SYN again: SYN,ACK"));
	ttp_passive_arrives(req, &seg, now, &v);
	CHECK(says(NULL));	/* rate limit */
	seg = (struct ttp_seg){ .flags = TTP_ACK, .seq = irs + 1, .ack = iss };
	ttp_passive_arrives(req, &seg, now, &v);
	CHECK(says("unacceptable ACK: RST"));
	ttp_passive_listen(&seg, &v);
	CHECK(says("ACK in LISTEN: RST"));
	ttp_arrives_closed(&seg, &v);
	CHECK(says("no connection: RST"));
}

static void an_answer_that_the_rate_limit_takes_away_is_not_claimed(void)
{
	struct ttp_tcb *tcb = established();

	give(tcb, TTP_ACK, -1, 0);
	CHECK(says("keepalive: ACK"));
	now -= 1000 * cfg.invalid_ratelimit;
	give(tcb, TTP_ACK, -1, 0);
	CHECK(says(NULL));
	CHECK_EQ(v.drop, TTP_MIB_OUT_OF_WINDOW);
}

static void a_segment_that_ends_the_connection_has_no_answer(void)
{
	struct ttp_tcb *tcb = established();

	while (ttp_tcb_rcv_window(tcb))
		give(tcb, TTP_ACK, 0, min(BUILD_MSS, ttp_tcb_rcv_window(tcb)));
	give(tcb, TTP_RST, 0, 1);
	CHECK(says(NULL));
	CHECK_EQ(tcb->conn.state, TTP_CLOSED);
}

static void an_old_timestamp_is_named(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 100);

	tcb->opt.ts_ok = true;
	tcb->opt.ts_recent = 5;
	seg.has_ts = true;
	seg.tsval = 4;
	arrive(tcb, seg, &v);
	CHECK(says("old timestamp: ACK"));
}

static const struct test tests[] = {
	TEST(what_is_not_acceptable_is_named),
	TEST(challenges_are_named),
	TEST(zero_window_probes_are_named),
	TEST(a_fin_that_comes_again_is_named),
	TEST(what_TIME_WAIT_answers_is_named),
	TEST(what_is_answered_in_a_handshake_is_named),
	TEST(an_answer_that_the_rate_limit_takes_away_is_not_claimed),
	TEST(a_segment_that_ends_the_connection_has_no_answer),
	TEST(an_old_timestamp_is_named),
	{ }
};

const struct suite suite_answer = { "answer", tests };
