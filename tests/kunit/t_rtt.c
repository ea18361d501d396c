// SPDX-License-Identifier: GPL-2.0
/*
 * t_rtt.c - the retransmission timeout (RFC 6298) and what gives a sample.
 */
#include "build.h"

#define MS	1000U
#define SEC	1000000U

/* 2.1: "Until a round-trip time measurement has been made ... the sender
 * SHOULD set RTO <- 1 second"
 */
static void before_the_first_sample_it_is_one_second(void)
{
	CHECK_EQ(ttp_rtt_rto(closed_()), SEC);
}

/* MUST-18.  2.2: SRTT <- R, RTTVAR <- R/2, RTO <- SRTT + max(G, 4*RTTVAR) */
static void the_first_sample_gives_three_times_itself(void)
{
	struct ttp_tcb *tcb = closed_();

	ttp_rtt_sample(tcb, 400 * MS, now);
	CHECK_EQ(tcb->srtt_us, 400 * MS);
	CHECK_EQ(tcb->rttvar_us, 200 * MS);
	CHECK_EQ(ttp_rtt_rto(tcb), 1200 * MS);
}

/* MUST-18.  2.3: RTTVAR <- 3/4 RTTVAR + 1/4 |SRTT - R'|, then SRTT <- 7/8 SRTT +
 * 1/8 R'
 */
static void a_later_sample_is_smoothed(void)
{
	struct ttp_tcb *tcb = closed_();

	ttp_rtt_sample(tcb, 400 * MS, now);
	ttp_rtt_sample(tcb, 800 * MS, now);
	CHECK_EQ(tcb->rttvar_us, 250 * MS);
	CHECK_EQ(tcb->srtt_us, 450 * MS);
	CHECK_EQ(ttp_rtt_rto(tcb), 1450 * MS);
	ttp_rtt_sample(tcb, 50 * MS, now);
	CHECK_EQ(tcb->rttvar_us, 287500);
	CHECK_EQ(tcb->srtt_us, 400 * MS);
}

static void it_converges_and_is_not_below_the_minimum(void)
{
	struct ttp_tcb *tcb = closed_();
	u32 i;

	for (i = 0; i < 200; i++)
		ttp_rtt_sample(tcb, 10 * MS, now);
	CHECK(tcb->srtt_us <= 10 * MS && tcb->srtt_us >= 9990);
	CHECK(tcb->rttvar_us < 10);
	CHECK_EQ(ttp_rtt_rto(tcb), tcb->srtt_us + cfg.rto_min_ms * MS);
}

/* 2.5: "A maximum value MAY be placed on RTO provided it is at least 60 s" */
static void it_is_not_above_two_minutes(void)
{
	struct ttp_tcb *tcb = closed_();

	ttp_rtt_sample(tcb, 0xffffffff, now);
	CHECK_EQ(ttp_rtt_rto(tcb), 120 * SEC);
	ttp_rtt_sample(tcb, 0xffffffff, now);
	CHECK_EQ(ttp_rtt_rto(tcb), 120 * SEC);
}

static void a_sample_of_nothing_counts_as_a_microsecond(void)
{
	struct ttp_tcb *tcb = closed_();
	u32 i;

	for (i = 0; i < 100; i++)
		ttp_rtt_sample(tcb, 0, now);
	CHECK(tcb->srtt_us >= 1);
}

/* RFC 8985 6.2, step 1: the path may be a longer one by now */
static void the_least_round_trip_is_that_of_the_last_minutes(void)
{
	struct ttp_tcb *tcb = closed_();
	u32 i;

	ttp_rtt_sample(tcb, 10 * MS, now);
	now += 140ULL * SEC;
	ttp_rtt_sample(tcb, 50 * MS, now);
	CHECK_EQ(tcb->flow->rack.min_rtt_us, 10 * MS);
	for (i = 0; i < 10; i++) {
		now += 30ULL * SEC;
		ttp_rtt_sample(tcb, 50 * MS, now);
	}
	CHECK_EQ(tcb->flow->rack.min_rtt_us, 50 * MS);
	now += 1000ULL * SEC;
	ttp_rtt_sample(tcb, 70 * MS, now);
	CHECK_EQ(tcb->flow->rack.min_rtt_us, 70 * MS);
}

/* MUST-19.  5.5: "RTO <- RTO * 2 ('back off the timer')" */
static void each_expiry_doubles_it(void)
{
	struct ttp_tcb *tcb = closed_();
	u32 i;

	for (i = 0; i < 255; i++) {
		tcb->backoff = i;
		CHECK_EQ(ttp_rtt_rto(tcb), i < 7 ? SEC << i : 120 * SEC);
	}
}

/* 4: the clock's ticks are milliseconds, from an offset, modulo 2^32 */
static void the_timestamp_clock_ticks_each_millisecond_and_wraps(void)
{
	struct ttp_options opt = { .ts_off = 0xffffffff };

	CHECK_EQ(ttp_rtt_tsval(&opt, 999), 0xffffffff);
	CHECK_EQ(ttp_rtt_tsval(&opt, 1000), 0);
	CHECK_EQ(ttp_rtt_tsval(&opt, 1000ULL * 0x100000001ULL), 0);
}

static void the_handshake_gives_the_first_sample(void)
{
	struct ttp_tcb *tcb = established();

	CHECK_EQ(tcb->srtt_us, 10 * MS);
}

/* 5.7: "If the timer expires awaiting the ACK of a SYN segment and the TCP
 * implementation is using an RTO less than 3 seconds, the RTO MUST be
 * re-initialized to 3 seconds when data transmission begins"
 */
static void after_a_lost_syn_it_starts_at_three_seconds(void)
{
	struct ttp_tcb *tcb = syn_sent();
	struct ttp_verdict v;

	cfg.timestamps = 0;
	CHECK_EQ(expire(tcb, &v), TTP_TM_RTX);
	CHECK_EQ(send_all(tcb), 1);
	arrive(tcb, (struct ttp_seg){
		.seq = irs, .ack = iss + 1, .flags = TTP_SYN | TTP_ACK,
		.wnd = BUILD_WND, .mss = BUILD_MSS,
	}, &v);
	CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
	CHECK_EQ(tcb->srtt_us, 0);
	CHECK_EQ(ttp_rtt_rto(tcb), 3 * SEC);
}

/* MUST-18.  3 (Karn): "RTT samples MUST NOT be made using segments that were
 * retransmitted"; and the timer stays backed off until there is a sample.
 */
static void data_sent_twice_gives_no_sample_and_keeps_the_back_off(void)
{
	struct ttp_tcb *tcb = no_probes(established());
	struct ttp_verdict v;
	u32 srtt = tcb->srtt_us, rto = ttp_rtt_rto(tcb);

	port_write(tcb, 100);
	CHECK_EQ(send_all(tcb), 1);
	CHECK_EQ(expire(tcb, &v), TTP_TM_RTX);
	CHECK_EQ(send_all(tcb), 1);
	CHECK_EQ(ttp_rtt_rto(tcb), 2 * rto);
	now += 1000;
	arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
	CHECK_EQ(tcb->snd.una, tcb->snd.nxt);
	CHECK_EQ(tcb->srtt_us, srtt);
	CHECK_EQ(ttp_rtt_rto(tcb), 2 * rto);

	port_write(tcb, 100);
	CHECK_EQ(send_all(tcb), 1);
	now += 10 * MS;
	arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
	CHECK_EQ(tcb->backoff, 0);
}

/* What was sent once may have waited for what was lost. */
static void data_behind_what_was_sent_twice_gives_no_sample(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_verdict v;
	u32 srtt = tcb->srtt_us;

	port_write(tcb, 3000);
	CHECK_EQ(send_all(tcb), 3);
	while (expire(tcb, &v) != TTP_TM_RTX)
		tcb->pending &= ~TTP_PEND_TLP;
	CHECK_EQ(send_all(tcb), 1);
	now += 1000;
	arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
	CHECK_EQ(tcb->snd.una, tcb->snd.nxt);
	CHECK_EQ(tcb->srtt_us, srtt);
}

/* RFC 7323 4.1: with timestamps a retransmission gives one, for the echo
 * says which of the two was answered
 */
static void a_timestamp_tells_retransmissions_apart(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_verdict v;
	struct ttp_seg seg;
	struct ttp_out out;

	tcb->opt.ts_ok = true;
	port_write(tcb, 100);
	send_all(tcb);
	expire(tcb, &v);
	CHECK(send_one(tcb, &out));
	now += 50 * MS;
	seg = from_peer(tcb, TTP_ACK, 0);
	seg.tsecr = out.seg.tsval;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->backoff, 0);
	CHECK_EQ(tcb->srtt_us, 10 * MS - 1250 + 50 * MS / 8);
}

/* The ACK that ends a passive open comes @us later: what is SRTT then? */
static void end_handshake(struct ttp_request *req, u32 us, u32 srtt_us)
{
	struct ttp_seg seg = {
		.seq = irs + 1, .ack = iss + 1, .flags = TTP_ACK, .wnd = BUILD_WND,
	};
	struct ttp_tcb *tcb;
	struct ttp_verdict v;

	now += us;
	ttp_passive_arrives(req, &seg, now, &v);
	CHECK_EQ(v.todo, TTP_DO_PROMOTE);
	tcb = closed_();
	ttp_passive_promote(req, tcb, now);
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
	CHECK_EQ(tcb->srtt_us, srtt_us);
}

static void a_passive_open_takes_a_sample_too(void)
{
	end_handshake(request(), 70 * MS, 70 * MS);
}

/* Karn */
static void a_SYN_ACK_that_was_sent_again_gives_none(void)
{
	struct ttp_request *req = request();
	struct ttp_seg syn = { .seq = irs, .flags = TTP_SYN, .wnd = BUILD_WND };
	struct ttp_verdict v;

	ttp_passive_arrives(req, &syn, now, &v);
	CHECK_EQ(v.todo, TTP_DO_REPLY);
	end_handshake(req, 70 * MS, 0);
}

/* It is not the first that could have ended the handshake. */
static void nor_does_an_ACK_that_had_to_wait(void)
{
	struct ttp_request *req = request();

	ttp_passive_wait(req);
	end_handshake(req, 70 * MS, 0);
}

static const struct test tests[] = {
	TEST(before_the_first_sample_it_is_one_second),
	TEST(the_first_sample_gives_three_times_itself),
	TEST(a_later_sample_is_smoothed),
	TEST(it_converges_and_is_not_below_the_minimum),
	TEST(it_is_not_above_two_minutes),
	TEST(a_sample_of_nothing_counts_as_a_microsecond),
	TEST(the_least_round_trip_is_that_of_the_last_minutes),
	TEST(each_expiry_doubles_it),
	TEST(the_timestamp_clock_ticks_each_millisecond_and_wraps),
	TEST(the_handshake_gives_the_first_sample),
	TEST(a_passive_open_takes_a_sample_too),
	TEST(a_SYN_ACK_that_was_sent_again_gives_none),
	TEST(nor_does_an_ACK_that_had_to_wait),
	TEST(after_a_lost_syn_it_starts_at_three_seconds),
	TEST(data_sent_twice_gives_no_sample_and_keeps_the_back_off),
	TEST(data_behind_what_was_sent_twice_gives_no_sample),
	TEST(a_timestamp_tells_retransmissions_apart),
	{ }
};

const struct suite suite_rtt = { "rtt", tests };
