// SPDX-License-Identifier: GPL-2.0
/*
 * t_cong_model.c - congestion control by delay, by marks, by a model: each
 * algorithm sends over a bottleneck that is a queue and a line, no more.
 */
#include "check.h"
#include "cong/hystart.h"
#include "port.h"

#define MSS	1000U
#define SENT	4096
#define START	1000000000ULL	/* us: a machine has been up for a while */

/* One segment takes service_us on the line, and rtt_us go by besides. */
static struct pipe {
	u32 service_us;
	u32 rtt_us;
	u32 mark;		/* above so many segments in the queue; 0 off */
	struct ttp_cong cong;
	u64 now, line_free, paced;
	u64 delivered, delivered_us;
	u32 first, next;	/* of sent */
	u32 queue, max_queue, marked, acked;
	struct {
		u64 at, acked_at, delivered, delivered_us, first_us;
		bool ce;
	} sent[SENT];
} p;

static bool begin(const char *name, u32 service_us, u32 rtt_us)
{
	memset(&p, 0, sizeof(p));
	p.service_us = service_us;
	p.rtt_us = rtt_us;
	p.now = START;
	p.cong.ops = port_cong(name);
	if (p.cong.ops)
		ttp_cong_begin(&p.cong, MSS, 0);
	return p.cong.ops;
}

static void send(void)
{
	u32 i = p.next++ % SENT;
	u64 begins = max(p.now, p.line_free);

	if (p.next - p.first == 1)
		p.delivered_us = p.now;
	p.queue = div_u64(begins - p.now, p.service_us);
	p.max_queue = max(p.max_queue, p.queue);
	p.line_free = begins + p.service_us;
	p.sent[i].at = p.now;
	p.sent[i].acked_at = p.line_free + p.rtt_us;
	p.sent[i].delivered = p.delivered;
	p.sent[i].delivered_us = p.delivered_us;
	p.sent[i].ce = p.mark && p.queue >= p.mark;
	if (p.cong.pacing_rate)
		p.paced = p.now + div64_u64(MSS * 1000000ULL, p.cong.pacing_rate);
}

static void ack(void)
{
	static u64 cut_until;
	u32 i = p.first % SENT;
	struct ttp_ack_sample s = {
		.now_us = p.now,
		.acked = MSS,
		.delivered = MSS,
		.in_flight = (p.next - p.first) * MSS,
		.rtt_us = p.now - p.sent[i].at,
		.prior_total = p.sent[i].delivered,
		.cwnd_limited = true,
		.ece = p.sent[i].ce,
	};

	p.delivered += MSS;
	p.acked++;
	p.marked += s.ece;
	s.total = p.delivered;
	s.rate = div64_u64((p.delivered - p.sent[i].delivered) * 1000000,
			   p.now - p.sent[i].delivered_us);
	p.delivered_us = p.now;
	p.first++;
	if (p.delivered == MSS)
		cut_until = 0;
	if (s.ece && s.prior_total >= cut_until) {
		ttp_cong_ecn(&p.cong, s.in_flight);
		cut_until = p.delivered;
	}
	ttp_cong_acked(&p.cong, &s);
}

/* So many seconds go by. */
static void run(u32 ms)
{
	u64 end = p.now + ms * 1000ULL, at;
	bool may;

	p.max_queue = 0;
	p.marked = 0;
	p.acked = 0;
	while (p.now < end) {
		may = (p.next - p.first + 1) * MSS <= p.cong.cwnd && p.next - p.first < SENT;
		at = p.first != p.next ? p.sent[p.first % SENT].acked_at : end;
		if (may && max(p.now, p.paced) < at) {
			p.now = max(p.now, p.paced);
			send();
			continue;
		}
		p.now = max(p.now, at);
		if (p.first != p.next)
			ack();
	}
	test_story("after %u ms: cwnd %u, queue %u, at most %u, acked %u, marked %u", ms,
		   p.cong.cwnd, p.queue, p.max_queue, p.acked, p.marked);
}

/* 1 ms and 40 ms: 40 segments fill the path */
static void vegas_keeps_two_to_four_segments_queued(void)
{
	u32 i;

	CHECK(begin("vegas", 1000, 40000));
	run(4000);
	for (i = 0; i < 20; i++) {
		run(200);
		CHECK(p.acked >= 199);
		CHECK(p.queue >= 1 && p.max_queue <= 5);
	}
}

static void vegas_leaves_slow_start_without_a_loss(void)
{
	CHECK(begin("vegas", 1000, 40000));
	run(2000);
	CHECK(p.cong.ssthresh < 60 * MSS);
	CHECK(p.max_queue <= 45);
}

static void vegas_shrinks_when_the_path_does(void)
{
	CHECK(begin("vegas", 1000, 40000));
	run(4000);
	p.service_us = 2000;	/* BaseRTT is what it was, but for one service */
	run(4000);
	run(1000);
	CHECK(p.acked >= 490);
	CHECK(p.max_queue <= 6);
}

/* RFC 8257 3.3: alpha is 1 at first, the first mark halves */
static void dctcp_halves_at_the_first_mark(void)
{
	CHECK(begin("dctcp", 1000, 40000));
	p.cong.cwnd = 40 * MSS;
	ttp_cong_ecn(&p.cong, 40 * MSS);
	CHECK_EQ(p.cong.cwnd, 20 * MSS);
	CHECK_EQ(p.cong.ssthresh, 20 * MSS);
	ttp_cong_loss(&p.cong, 20 * MSS);
	CHECK_EQ(p.cong.cwnd, 10 * MSS);
}

/* One byte in @of is marked for long: alpha = 1 / of, so the cut is 1 / (2 * of) */
static void dctcp_cuts_by_half_of_what_was_marked(void)
{
	static const u32 ofs[] = { 2, 4, 10, 100 };
	struct ttp_ack_sample s = { .acked = MSS, .delivered = MSS };
	u32 i, n, cut;

	for (i = 0; i < ARRAY_SIZE(ofs); i++) {
		CHECK(begin("dctcp", 1000, 40000));
		s.total = 0;
		for (n = 0; n < 300 * 100; n++) {
			s.ece = n % ofs[i] == 0;
			s.total += MSS;
			s.prior_total = s.total > 100 * MSS ? s.total - 100 * MSS : 0;
			ttp_cong_acked(&p.cong, &s);
		}
		p.cong.cwnd = 1000 * MSS;
		ttp_cong_ecn(&p.cong, 1000 * MSS);
		cut = 1000 * MSS - p.cong.cwnd;
		test_story("1 / %u marked: cut by %u", ofs[i], cut);
		CHECK(cut * 100ULL >= 98 * (500 * MSS / ofs[i]));
		CHECK(cut * 100ULL <= 102 * (500 * MSS / ofs[i]));
	}
}

static void dctcp_forgets_marks_that_no_longer_come(void)
{
	struct ttp_ack_sample s = { .acked = MSS, .delivered = MSS };
	u32 n;

	CHECK(begin("dctcp", 1000, 40000));
	for (n = 0; n < 16; n++) {
		s.total += MSS;
		s.prior_total = s.total - MSS;
		ttp_cong_acked(&p.cong, &s);
	}
	p.cong.cwnd = 1000 * MSS;
	ttp_cong_ecn(&p.cong, 1000 * MSS);
	/* (1 - 1/16)^16 = 0.356 */
	CHECK(p.cong.cwnd > 815 * MSS && p.cong.cwnd < 830 * MSS);
}

/* K 20 segments: the queue stays near, and the line is never idle */
static void dctcp_keeps_the_queue_near_the_mark(void)
{
	CHECK(begin("dctcp", 1000, 40000));
	p.mark = 20;
	run(10000);
	run(5000);
	CHECK(p.acked >= 4990);
	CHECK(p.max_queue >= 20 && p.max_queue <= 30);
}

/* 1 ms and 40 ms: 1 MB/s */
static void bbr_finds_the_bandwidth_and_empties_the_queue(void)
{
	CHECK(begin("bbr", 1000, 40000));
	run(2000);
	run(5000);
	CHECK(p.acked >= 4750);
	/* ProbeBW: a quarter of the path more, for one round trip */
	CHECK(p.max_queue <= 20);
	CHECK(p.cong.cwnd >= 2 * 39 * MSS && p.cong.cwnd <= 2 * 48 * MSS);
}

/* BBRInit: RTprop is as old as the connection, whatever the clock says */
static void bbr_begins_with_startup(void)
{
	CHECK(begin("bbr", 1000, 40000));
	run(130);
	CHECK(p.cong.cwnd >= 30 * MSS);
}

static void bbr_paces_around_the_bandwidth(void)
{
	u64 sum = 0;
	u32 i;

	CHECK(begin("bbr", 1000, 40000));
	run(3000);
	for (i = 0; i < 1000; i++) {
		run(3);
		CHECK(p.cong.pacing_rate >= 700000 && p.cong.pacing_rate <= 1320000);
		sum += p.cong.pacing_rate;
	}
	CHECK(sum >= 950 * 1000000ULL && sum <= 1050 * 1000000ULL);
}

/* Every 10 s the window is 4 segments for 200 ms, and then what it was. */
static void bbr_probes_the_round_trip(void)
{
	u32 before;
	u64 from;

	CHECK(begin("bbr", 1000, 40000));
	run(9000);
	before = p.cong.cwnd;
	while (p.cong.cwnd > 4 * MSS)
		run(5);
	from = p.now;
	CHECK(from >= START + 10000000 && from <= START + 10400000);
	while (p.cong.cwnd <= 4 * MSS)
		run(5);
	/* until no more is in flight, and a round trip after */
	CHECK(p.now - from >= 200000 && p.now - from <= 350000);
	CHECK(p.cong.cwnd >= before - 5 * MSS && p.cong.cwnd <= before + 5 * MSS);
}

static void bbr_follows_a_path_that_gets_slower_or_faster(void)
{
	CHECK(begin("bbr", 1000, 40000));
	run(4000);
	p.service_us = 2000;
	run(8000);
	run(1000);
	CHECK(p.acked >= 470);
	CHECK(p.max_queue <= 40);
	p.service_us = 1000;
	run(4000);
	run(1000);
	CHECK(p.acked >= 950);
}

/* 4.2.3.4: for a round trip what is sent is what is delivered; then as before */
static void bbr_answers_a_loss_by_packet_conservation(void)
{
	struct ttp_ack_sample s = { .recovery = true };
	u32 cwnd, i;

	CHECK(begin("bbr", 1000, 40000));
	run(4000);
	cwnd = p.cong.cwnd;
	ttp_cong_loss(&p.cong, 40 * MSS);
	s.now_us = p.now;
	s.total = p.delivered;
	s.in_flight = 40 * MSS;
	s.delivered = MSS;
	s.lost = 10 * MSS;
	for (i = 0; i < 10; i++) {
		s.total += MSS;
		s.prior_total = s.total - 30 * MSS;
		ttp_cong_acked(&p.cong, &s);
		CHECK_EQ(p.cong.cwnd, 30 * MSS);
		s.lost = 0;
		s.in_flight = 30 * MSS;
	}
	ttp_cong_recovered(&p.cong);
	CHECK_EQ(p.cong.cwnd, cwnd);
}

static struct ttp_hystart hy;

static void hy_acked(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	ttp_hystart_slow_start(cong, &hy, s);
}

static void hy_loss(struct ttp_cong *cong, u32 in_flight)
{
}

static const struct ttp_cong_ops hy_ops = { .name = "hy", .acked = hy_acked, .loss = hy_loss };

static void hystart(u32 service_us, u32 rtt_us)
{
	memset(&hy, 0, sizeof(hy));
	begin("reno", service_us, rtt_us);
	p.cong.ops = &hy_ops;
}

/* RFC 9406: 100 segments fill the path; without it, nothing would end slow start */
static void hystart_ends_slow_start_when_the_round_trip_grows(void)
{
	hystart(1000, 100000);
	run(10000);
	CHECK(p.cong.ssthresh != TTP_SSTHRESH_INFINITE);
	CHECK_EQ(p.cong.ssthresh, p.cong.cwnd);
	CHECK(p.cong.cwnd > 100 * MSS && p.cong.cwnd < 1200 * MSS);
}

/* with GRO, tens of segments may be acknowledged at once, and a path of a gigabit is filled so */
static void hystart_grows_by_all_that_an_ACK_acknowledges(void)
{
	struct ttp_ack_sample s = { .acked = 45 * MSS, .rtt_us = 100000 };
	u32 was;

	hystart(1000, 100000);
	was = p.cong.cwnd;
	hy_acked(&p.cong, &s);
	CHECK_EQ(p.cong.cwnd, was + s.acked);
}

static void hystart_is_conservative_for_five_rounds(void)
{
	u32 rounds = 0, was;

	hystart(1000, 100000);
	while (!hy.css_rounds)
		run(1);
	while (p.cong.ssthresh == TTP_SSTHRESH_INFINITE) {
		was = hy.css_rounds;
		run(1);
		rounds += hy.css_rounds > was;
		CHECK(rounds < 10);
	}
	CHECK_EQ(rounds, 5);
}

/* A round of so many samples, all alike. */
static void hy_round(u32 n, u32 rtt_us)
{
	struct ttp_ack_sample s = { .acked = MSS, .rtt_us = rtt_us };

	s.prior_total = hy.window_end - 1;
	s.total = hy.window_end;
	while (--n)
		hy_acked(&p.cong, &s);
	s.prior_total = hy.window_end;
	s.total = hy.window_end + 100 * MSS;
	hy_acked(&p.cong, &s);
}

/* 4.3: by an eighth, 4 ms at least and 16 at most; 8 samples must say so */
static void hystart_knows_how_much_is_more(void)
{
	static const struct {
		u32 before, n, after;
		bool more;
	} cases[] = {
		{ 100000, 8, 112499, false }, { 100000, 8, 112500, true },
		{ 100000, 7, 150000, false }, { 8000, 8, 11999, false },
		{ 8000, 8, 12000, true }, { 400000, 8, 415999, false },
		{ 400000, 8, 416000, true },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		hystart(1000, 100000);
		hy.window_end = 100 * MSS;
		hy_round(10, cases[i].before);
		hy_round(cases[i].n, cases[i].after);
		test_story("%u, then %u us", cases[i].before, cases[i].after);
		CHECK_EQ(hy.css_rounds > 0, cases[i].more);
	}
}

/* 4.2: the round trip was long by chance */
static void hystart_goes_on_after_a_false_alarm(void)
{
	hystart(10, 100000);
	run(200);
	p.rtt_us = 130000;
	while (!hy.baseline)
		run(1);
	p.rtt_us = 100000;
	run(400);
	CHECK_EQ(hy.css_rounds, 0);
	CHECK_EQ(p.cong.ssthresh, TTP_SSTHRESH_INFINITE);
}

/* 4.3: not after the first loss */
static void hystart_is_for_the_first_slow_start(void)
{
	hystart(1000, 100000);
	p.cong.ssthresh = 400 * MSS;
	run(3000);
	CHECK_EQ(p.cong.cwnd, 400 * MSS);
	CHECK_EQ(hy.samples, 0);
}

/* 4.3.5: in ProbeRTT rates are low because the window is, which is no end of Startup */
static void bbr_does_not_take_ProbeRTT_for_a_full_pipe(void)
{
	struct ttp_ack_sample s = { .acked = 2 * MSS, .delivered = 2 * MSS, .in_flight = 2 * MSS };
	u32 i;

	CHECK(begin("bbr", 1000, 40000));
	/* the user writes two segments in a round trip, for longer than RTpropFilterLen */
	for (i = 0; i < 270; i++) {
		p.now += 40000;
		s.now_us = p.now;
		s.rtt_us = 40000 + 100 * !!i;
		s.rate = 50000;
		s.prior_total = s.total;
		s.total += 2 * MSS;
		s.rate_limited_by_app = true;
		ttp_cong_acked(&p.cong, &s);
		if (p.cong.cwnd == 4 * MSS)
			break;
	}
	CHECK(i < 270);
	/* from now on much, but ProbeRTT lets four segments go */
	s.rate_limited_by_app = false;
	s.rate = 100000;
	for (i = 0; i < 10; i++) {
		p.now += 40000;
		s.now_us = p.now;
		s.prior_total = s.total;
		s.total += 4 * MSS;
		ttp_cong_acked(&p.cong, &s);
		if (p.cong.cwnd > 4 * MSS)
			break;
	}
	/* Startup: 2.88 times the rate, and not the 1.25 of ProbeBW at most */
	CHECK(i < 10);
	CHECK(p.cong.pacing_rate > 200000);
}

/* 4.2.3.4: the window from before a timeout comes back when all has arrived */
static void bbr_has_its_window_again_after_a_timeout(void)
{
	u32 cwnd;

	CHECK(begin("bbr", 1000, 40000));
	run(4000);
	cwnd = p.cong.cwnd;
	ttp_cong_timeout(&p.cong, 40 * MSS, true);
	ttp_cong_timeout(&p.cong, 40 * MSS, false);
	CHECK_EQ(p.cong.cwnd, MSS);
	ttp_cong_loss(&p.cong, 40 * MSS);	/* a retransmission was lost, too */
	ttp_cong_recovered(&p.cong);
	CHECK_EQ(p.cong.cwnd, cwnd);
}

static const struct test tests[] = {
	TEST(vegas_keeps_two_to_four_segments_queued),
	TEST(vegas_leaves_slow_start_without_a_loss),
	TEST(vegas_shrinks_when_the_path_does),
	TEST(dctcp_halves_at_the_first_mark),
	TEST(dctcp_cuts_by_half_of_what_was_marked),
	TEST(dctcp_forgets_marks_that_no_longer_come),
	TEST(dctcp_keeps_the_queue_near_the_mark),
	TEST(bbr_finds_the_bandwidth_and_empties_the_queue),
	TEST(bbr_begins_with_startup),
	TEST(bbr_paces_around_the_bandwidth),
	TEST(bbr_probes_the_round_trip),
	TEST(bbr_follows_a_path_that_gets_slower_or_faster),
	TEST(bbr_answers_a_loss_by_packet_conservation),
	TEST(hystart_ends_slow_start_when_the_round_trip_grows),
	TEST(hystart_grows_by_all_that_an_ACK_acknowledges),
	TEST(hystart_is_conservative_for_five_rounds),
	TEST(hystart_knows_how_much_is_more),
	TEST(hystart_goes_on_after_a_false_alarm),
	TEST(hystart_is_for_the_first_slow_start),
	TEST(bbr_does_not_take_ProbeRTT_for_a_full_pipe),
	TEST(bbr_has_its_window_again_after_a_timeout),
	{ }
};

const struct suite suite_cong_model = { "cong_model", tests };
