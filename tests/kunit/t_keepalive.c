// SPDX-License-Identifier: GPL-2.0
/* t_keepalive.c - is a peer that says nothing still there (RFC 9293 3.8.4)? */
#include "build.h"

static struct ttp_verdict v;

static struct ttp_tcb *kept(void)
{
	struct ttp_tcb *tcb = established();

	tcb->last_rcvd_us = now;
	tcb->asked.keep = (struct ttp_keep){ .on = true, .idle_s = 100, .intvl_s = 10, .cnt = 3 };
	ttp_timer_keepalive(tcb, now);
	return tcb;
}

/* MUST-25 */
static void keepalive_is_off_unless_asked_for(void)
{
	struct ttp_tcb *tcb = established();

	ttp_timer_keepalive(tcb, now);
	CHECK_EQ(ttp_timer_next(tcb, NULL), 0);
}

/* MUST-24 */
static void keepalive_may_be_turned_off_again(void)
{
	struct ttp_tcb *tcb = kept();

	CHECK(ttp_timer_next(tcb, NULL));
	tcb->asked.keep.on = false;
	ttp_timer_keepalive(tcb, now);
	CHECK_EQ(ttp_timer_next(tcb, NULL), 0);
}

/* MUST-26: not before nothing came for the whole interval */
static void what_arrives_puts_the_first_probe_off(void)
{
	struct ttp_tcb *tcb = kept();
	u64 then;

	now += 60000000;
	then = now;
	arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
	CHECK_EQ(expire(tcb, &v), TTP_TM_KEEPALIVE);
	CHECK_EQ(send_all(tcb), 0);
	CHECK_EQ(expire(tcb, &v), TTP_TM_KEEPALIVE);
	CHECK_EQ(now - then, 100000000);
	CHECK_EQ(send_all(tcb), 1);
}

/* MUST-26: nor while anything is outstanding */
static void while_data_is_out_there_is_no_keepalive(void)
{
	struct ttp_tcb *tcb = kept();
	u32 i, n = 0;

	port_write(tcb, 100);
	send_all(tcb);
	for (i = 0; i < 12; i++) {
		n += expire(tcb, &v) == TTP_TM_KEEPALIVE;
		CHECK(!(tcb->pending & TTP_PEND_PROBE));
		send_all(tcb);
	}
	CHECK(n);
}

/* MUST-27, MAY-5: after the time that was asked for; SHLD-12: without data */
static void a_silent_peer_is_probed_and_then_given_up(void)
{
	struct ttp_tcb *tcb = kept();
	u64 start = now;
	struct ttp_out out;
	u32 i;

	for (i = 0; i < 3; i++) {
		CHECK_EQ(expire(tcb, &v), TTP_TM_KEEPALIVE);
		CHECK_EQ(now - start, (100 + 10 * i) * 1000000ULL);
		CHECK(send_one(tcb, &out));
		CHECK_EQ(out.seg.seq, tcb->snd.una - 1);
		CHECK_EQ(out.seg.len, 0);
	}
	CHECK_EQ(expire(tcb, &v), TTP_TM_KEEPALIVE);
	CHECK(v.todo & TTP_DO_CLOSED);
	CHECK(v.todo & TTP_DO_RESET);
	CHECK_EQ(v.err, ETIMEDOUT);
}

static void a_peer_that_answers_keepalives_is_kept(void)
{
	struct ttp_tcb *tcb = kept();
	struct ttp_out out;
	u32 i;

	for (i = 0; i < 10; i++) {
		CHECK_EQ(expire(tcb, &v), TTP_TM_KEEPALIVE);
		while (send_one(tcb, &out))
			arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
		CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
	}
}

/* MUST-29: cnt in a row are needed */
static void a_peer_that_misses_some_keepalives_is_kept(void)
{
	struct ttp_tcb *tcb = kept();
	u32 i;

	for (i = 0; i < 30; i++) {
		CHECK_EQ(expire(tcb, &v), TTP_TM_KEEPALIVE);
		send_all(tcb);
		if (i % 3 == 2)
			arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
		CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
	}
}

static const struct test tests[] = {
	TEST(keepalive_is_off_unless_asked_for),
	TEST(keepalive_may_be_turned_off_again),
	TEST(what_arrives_puts_the_first_probe_off),
	TEST(while_data_is_out_there_is_no_keepalive),
	TEST(a_silent_peer_is_probed_and_then_given_up),
	TEST(a_peer_that_answers_keepalives_is_kept),
	TEST(a_peer_that_misses_some_keepalives_is_kept),
	{ }
};

const struct suite suite_keepalive = { "keepalive", tests };
