// SPDX-License-Identifier: GPL-2.0
/*
 * t_cong.c - congestion control by loss: each algorithm is fed ACKs and losses, and
 * must draw the curve that was published.
 */
#include "check.h"
#include "port.h"

#define MSS	1000U
#define RTT	100000U

static struct ttp_cong c;
static struct ttp_ack_sample s;

/* A connection with a window of @segs, in congestion avoidance. */
static bool begin(const char *name, u32 segs)
{
	c = (struct ttp_cong){ .ops = port_cong(name) };
	s = (struct ttp_ack_sample){ .now_us = 1000000, .cwnd_limited = true, .rtt_us = RTT };
	if (!c.ops) {
		test_story("no algorithm %s", name);
		return false;
	}
	ttp_cong_begin(&c, MSS, 0);
	if (segs) {
		c.cwnd = segs * MSS;
		c.ssthresh = c.cwnd;
	}
	return true;
}

/* A whole window is acknowledged, evenly over a round trip. */
static void round_trip(void)
{
	u32 n = c.cwnd / MSS, i;
	u64 start = s.now_us;

	for (i = 1; i <= n; i++) {
		s.now_us = start + (u64)RTT * i / n;
		s.acked = MSS;
		s.delivered = MSS;
		s.in_flight = c.cwnd;
		s.total += MSS;
		s.prior_total = s.total - n * MSS;
		ttp_cong_acked(&c, &s);
	}
}

/* A loss is seen, and fast recovery is over a round trip later. */
static void lose(void)
{
	ttp_cong_loss(&c, c.cwnd);
	if (!(c.ops->flags & TTP_CONG_OWN_RECOVERY))
		c.cwnd = c.ssthresh;		/* what PRR arrives at */
	s.now_us += RTT;
	ttp_cong_recovered(&c);
}

static bool near(u64 a, u64 b, u32 percent)
{
	u64 off = a > b ? a - b : b - a;

	test_story("%llu should be %llu", (unsigned long long)a, (unsigned long long)b);
	return off * 100 <= b * percent;
}

/* RFC 5681 3.1: doubles each round trip up to ssthresh */
static void reno_doubles_in_slow_start(void)
{
	CHECK(begin("reno", 0));
	c.ssthresh = 60 * MSS;
	CHECK_EQ(c.cwnd, 10 * MSS);
	round_trip();
	CHECK_EQ(c.cwnd, 20 * MSS);
	round_trip();
	CHECK_EQ(c.cwnd, 40 * MSS);
	round_trip();
	CHECK_EQ(c.cwnd, 60 * MSS);
}

/* RFC 5681 3.1, RFC 3465: an ACK may be of more than is left to ssthresh */
static void slow_start_ends_exactly_at_ssthresh(void)
{
	CHECK(begin("reno", 0));
	c.ssthresh = c.cwnd + MSS / 2;
	s.acked = 2 * MSS;
	s.delivered = 2 * MSS;
	ttp_cong_acked(&c, &s);
	CHECK_EQ(c.cwnd, c.ssthresh);
}

static void reno_draws_a_sawtooth(void)
{
	u32 tooth, i;

	CHECK(begin("reno", 20));
	for (tooth = 0; tooth < 3; tooth++) {
		for (i = 0; i < 20; i++)
			round_trip();
		/* a segment each round trip, less one for what was begun */
		CHECK(c.cwnd >= 39 * MSS && c.cwnd <= 40 * MSS);
		ttp_cong_loss(&c, 40 * MSS);
		CHECK_EQ(c.ssthresh, 20 * MSS);
		CHECK_EQ(c.cwnd, 20 * MSS);
	}
}

/* RFC 5681 3.1: one segment after the timer, ssthresh halved once */
static void reno_begins_again_after_a_timeout(void)
{
	CHECK(begin("reno", 40));
	ttp_cong_timeout(&c, c.cwnd, true);
	CHECK_EQ(c.cwnd, MSS);
	CHECK_EQ(c.ssthresh, 20 * MSS);
	ttp_cong_timeout(&c, MSS, false);
	CHECK_EQ(c.ssthresh, 20 * MSS);
}

static void what_is_not_used_does_not_grow(void)
{
	static const char * const names[] = { "reno", "aimd", "tahoe", "cubic", "vegas" };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		CHECK(begin(names[i], 20));
		s.cwnd_limited = false;
		round_trip();
		round_trip();
		CHECK_EQ(c.cwnd, 20 * MSS);
	}
}

static void tahoe_falls_to_one_segment_and_slow_starts_to_half(void)
{
	u32 i;

	CHECK(begin("tahoe", 40));
	ttp_cong_loss(&c, c.cwnd);
	CHECK_EQ(c.cwnd, MSS);
	CHECK_EQ(c.ssthresh, 20 * MSS);
	for (i = 1; i <= 4; i++) {
		round_trip();
		CHECK_EQ(c.cwnd, MSS << i);
	}
	round_trip();
	CHECK(c.cwnd >= 20 * MSS && c.cwnd <= 21 * MSS);
	i = c.cwnd;
	round_trip();
	CHECK(c.cwnd <= i + MSS);
}

/* the ACK that ends a recovery acknowledges a window */
static void tahoe_makes_no_leap_of_one_ack(void)
{
	CHECK(begin("tahoe", 40));
	ttp_cong_loss(&c, c.cwnd);
	s.acked = 40 * MSS;
	ttp_cong_acked(&c, &s);
	CHECK_EQ(c.cwnd, 3 * MSS);
}

static void aimd_has_no_slow_start(void)
{
	u32 i;

	CHECK(begin("aimd", 0));
	CHECK_EQ(c.cwnd, 10 * MSS);
	for (i = 0; i < 30; i++)
		round_trip();
	CHECK(c.cwnd >= 39 * MSS && c.cwnd <= 40 * MSS);
	c.cwnd = 40 * MSS;
	ttp_cong_loss(&c, c.cwnd);
	CHECK_EQ(c.cwnd, 20 * MSS);
}

static void fixed_is_fixed(void)
{
	CHECK(begin("fixed", 0));
	CHECK_EQ(c.cwnd, 20 * MSS);
	round_trip();
	lose();
	CHECK_EQ(c.cwnd, 20 * MSS);
	ttp_cong_timeout(&c, c.cwnd, true);
	CHECK_EQ(c.cwnd, 20 * MSS);
	ttp_cong_idle(&c, true);
	CHECK_EQ(c.cwnd, 20 * MSS);
}

/* RFC 9438 Figure 1, the formula in its plainest form: bytes, milliseconds */
static u64 w_cubic(u32 w_max, u64 ms, u64 k_ms)
{
	u64 d = ms < k_ms ? k_ms - ms : ms - k_ms;
	u64 off = div64_u64(d * d * d * 4 * MSS, 10000000000ULL);

	return ms < k_ms ? w_max - off : w_max + off;
}

/* W_max 1000 segments: K = cbrt(1000 * 0.3 / 0.4) = 9.086 s.  The window is what the
 * formula says from the concave beginning to where it is convex (MAY-18).
 */
static void cubic_follows_its_curve(void)
{
	u64 start;
	u32 i;

	CHECK(begin("cubic", 1000));
	lose();
	CHECK_EQ(c.cwnd, 700 * MSS);
	start = s.now_us;
	for (i = 0; i < 180; i++) {
		round_trip();
		CHECK(near(c.cwnd, w_cubic(1000 * MSS, div_u64(s.now_us - start, 1000), 9086), 1));
	}
	CHECK(c.cwnd > 1200 * MSS);
}

/* 4.4: target is 1.5 * cwnd at most, however long ago the last ACK came */
static void cubic_makes_no_leap(void)
{
	u32 cwnd;

	CHECK(begin("cubic", 100));
	round_trip();
	cwnd = c.cwnd;
	s.now_us += 60000000;
	round_trip();
	CHECK(c.cwnd <= cwnd * 3 / 2 + cwnd / 4);
}

/* 4.6, and Linux: from cwnd; RFC 5681's MUST is FlightSize, which Reno goes by */
static void the_window_after_a_loss_is_of_cwnd_or_of_what_was_in_flight(void)
{
	CHECK(begin("cubic", 100));
	ttp_cong_loss(&c, 60 * MSS);
	CHECK_EQ(c.ssthresh, 70 * MSS);
	CHECK(begin("reno", 100));
	ttp_cong_loss(&c, 60 * MSS);
	CHECK_EQ(c.ssthresh, 30 * MSS);
}

/* RFC 5681 3.1 (4) says "no more than": FlightSize has what is SACKed, too */
static void a_loss_does_not_widen_the_window(void)
{
	CHECK(begin("reno", 10));
	ttp_cong_loss(&c, 60 * MSS);
	CHECK_EQ(c.ssthresh, 10 * MSS);
}

/* 4.7: who had to give way before its last maximum gives more */
static void cubic_converges_fast(void)
{
	u32 i;

	CHECK(begin("cubic", 1000));
	lose();
	lose();		/* at 700: W_max = 700 * 0.85 = 595, K = cbrt(105 / 0.4) = 6.403 s */
	CHECK_EQ(c.cwnd, 490 * MSS);
	for (i = 0; i < 64; i++)
		round_trip();
	CHECK(near(c.cwnd, 595 * MSS, 1));
}

/* 4.3: where Reno would have more, so has CUBIC: alpha_cubic = 9 / 17 segments each
 * round trip up to the last maximum, then 1.
 */
static void cubic_is_no_less_than_reno(void)
{
	u32 i;

	CHECK(begin("cubic", 20));
	lose();
	CHECK_EQ(c.cwnd, 14 * MSS);
	for (i = 0; i < 10; i++)
		round_trip();
	CHECK(near(c.cwnd, 14 * MSS + 10 * MSS * 9 / 17, 2));
	for (; i < 12; i++)
		round_trip();
	CHECK(near(c.cwnd, 20 * MSS + MSS / 3, 3));
	for (; i < 22; i++)
		round_trip();
	CHECK(near(c.cwnd, 30 * MSS + MSS / 3, 3));
}

/* 4.8: after a timeout K is 0 and W_max where avoidance begins */
static void cubic_after_a_timeout_is_convex_at_once(void)
{
	u64 start;
	u32 i;

	CHECK(begin("cubic", 1000));
	ttp_cong_timeout(&c, c.cwnd, true);
	CHECK_EQ(c.ssthresh, 700 * MSS);
	while (c.cwnd < c.ssthresh)
		round_trip();
	start = s.now_us;
	for (i = 0; i < 80; i++)
		round_trip();
	CHECK(near(c.cwnd, w_cubic(700 * MSS, div_u64(s.now_us - start, 1000), 0), 1));
}

/* CUBIC a while after a loss.  Return: cwnd; 0: there is no CUBIC. */
static u32 grown(void)
{
	u32 i;

	if (!begin("cubic", 1000))
		return 0;
	lose();
	for (i = 0; i < 20; i++)
		round_trip();
	return c.cwnd;
}

/* 5.8: time in which the user wrote less does not count */
static void cubic_does_not_count_idle_time(void)
{
	u32 i, cwnd = grown();

	CHECK(cwnd);
	s.cwnd_limited = false;
	for (i = 0; i < 200; i++)
		round_trip();
	CHECK_EQ(c.cwnd, cwnd);
	s.cwnd_limited = true;
	round_trip();
	CHECK(near(c.cwnd, w_cubic(1000 * MSS, 2100, 9086), 1));
}

/* 4.9 */
static void cubic_takes_back_what_was_no_loss(void)
{
	u32 i, cwnd, ssthresh;
	u64 start;

	CHECK(begin("cubic", 1000));
	lose();
	start = s.now_us;
	for (i = 0; i < 40; i++)
		round_trip();
	cwnd = c.cwnd;
	ssthresh = c.ssthresh;
	ttp_cong_loss(&c, c.cwnd);
	ttp_cong_undo(&c, cwnd, ssthresh);
	CHECK_EQ(c.cwnd, cwnd);
	for (i = 0; i < 20; i++)
		round_trip();
	CHECK(near(c.cwnd, w_cubic(1000 * MSS, div_u64(s.now_us - start, 1000), 9086), 1));
}

/* A number from the edges of its range. */
static u32 edge(u32 *n)
{
	static const u32 edges[] = { 0, 1, 2, 99, MSS - 1, MSS, 1460000, 0x7fffffff, 0xffffffff };

	*n = *n * 1103515245 + 12345;
	return edges[(*n >> 16) % ARRAY_SIZE(edges)];
}

static void any_sample(u32 *n)
{
	s.now_us += edge(n);
	s.acked = edge(n);
	s.delivered = edge(n);
	s.lost = edge(n);
	s.in_flight = edge(n);
	s.rtt_us = edge(n);
	s.rate = (u64)edge(n) * edge(n);
	s.total += edge(n);
	s.prior_total = s.total - min_t(u64, s.total, edge(n));
	s.rate_limited_by_app = edge(n) & 1;
	s.cwnd_limited = edge(n) & 1;
	s.ece = edge(n) & 1;
	s.recovery = edge(n) & 1;
	ttp_cong_acked(&c, &s);
}

/* CVE-2016-2070 was a division by a window of 0: numbers as no peer can bring them about,
 * in any order; nothing is divided by 0, and one segment may always go
 */
static void no_sample_breaks_an_algorithm(void)
{
	static const char * const names[] = {
		"reno", "aimd", "tahoe", "cubic", "vegas", "dctcp", "bbr",
	};
	u32 i, k, n = 1;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		CHECK(begin(names[i], 0));
		for (k = 0; k < 20000; k++) {
			switch (edge(&n) % 7) {
			case 0: ttp_cong_loss(&c, edge(&n)); break;
			case 1: ttp_cong_timeout(&c, edge(&n), edge(&n) & 1); break;
			case 2: ttp_cong_ecn(&c, edge(&n)); break;
			case 3: ttp_cong_recovered(&c); break;
			case 4: ttp_cong_undo(&c, edge(&n), edge(&n)); break;
			case 5: ttp_cong_idle(&c, true); break;
			}
			any_sample(&n);
			CHECK(c.cwnd >= MSS && c.cwnd <= TTP_CWND_MAX);
			CHECK(c.ssthresh >= MSS);
		}
	}
}

static void init_to_nothing(struct ttp_cong *cong)
{
	cong->cwnd = 0;
	cong->ssthresh = 0;
}

/* What it leaves is divided by before its first sample. */
static void an_algorithm_that_begins_with_no_window_breaks_nothing(void)
{
	struct ttp_cong_ops nothing = { .name = "nothing", .init = init_to_nothing };

	CHECK(begin("reno", 0));
	nothing.acked = c.ops->acked;
	ttp_cong_change(&c, &nothing);
	CHECK(c.cwnd >= MSS);
	CHECK(c.ssthresh >= MSS);
	ttp_cong_change(&c, port_cong("reno"));
	ttp_cong_acked(&c, &s);
	CHECK(c.cwnd >= MSS);
}

/* 5.8, whatever slow_start_after_idle is: the core calls the hook in both cases */
static void cubic_does_not_count_silence(void)
{
	u32 cwnd = grown();

	CHECK(cwnd);
	s.now_us += 60000000;
	ttp_cong_idle(&c, false);
	CHECK_EQ(c.cwnd, cwnd);
	round_trip();
	CHECK(c.cwnd <= cwnd + cwnd / 20);
}

static void boundless(struct ttp_cong *cong, u32 flight)
{
	cong->ssthresh = ~0U;
}

static void no_algorithm_has_a_window_without_bounds(void)
{
	struct ttp_cong_ops ops;

	if (!begin("reno", 10))
		return;
	ops = *c.ops;
	ops.loss = boundless;
	c.ops = &ops;
	ttp_cong_loss(&c, c.cwnd);
	ttp_cong_recovered(&c);
	CHECK_EQ(c.ssthresh, TTP_SSTHRESH_INFINITE);
	CHECK_EQ(c.cwnd, 10 * MSS);
	ttp_cong_timeout(&c, c.cwnd, true);
	CHECK_EQ(c.ssthresh, TTP_SSTHRESH_INFINITE);
}

static const struct test tests[] = {
	TEST(reno_doubles_in_slow_start),
	TEST(slow_start_ends_exactly_at_ssthresh),
	TEST(reno_draws_a_sawtooth),
	TEST(reno_begins_again_after_a_timeout),
	TEST(what_is_not_used_does_not_grow),
	TEST(tahoe_falls_to_one_segment_and_slow_starts_to_half),
	TEST(tahoe_makes_no_leap_of_one_ack),
	TEST(aimd_has_no_slow_start),
	TEST(fixed_is_fixed),
	TEST(cubic_follows_its_curve),
	TEST(cubic_makes_no_leap),
	TEST(the_window_after_a_loss_is_of_cwnd_or_of_what_was_in_flight),
	TEST(a_loss_does_not_widen_the_window),
	TEST(cubic_converges_fast),
	TEST(cubic_is_no_less_than_reno),
	TEST(cubic_after_a_timeout_is_convex_at_once),
	TEST(cubic_does_not_count_idle_time),
	TEST(cubic_takes_back_what_was_no_loss),
	TEST(no_sample_breaks_an_algorithm),
	TEST(an_algorithm_that_begins_with_no_window_breaks_nothing),
	TEST(cubic_does_not_count_silence),
	TEST(no_algorithm_has_a_window_without_bounds),
	{ }
};

const struct suite suite_cong = { "cong", tests };
