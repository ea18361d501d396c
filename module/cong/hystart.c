// SPDX-License-Identifier: GPL-2.0
/*
 * hystart.c - HyStart++ (RFC 9406): slow start ends when the round trip time
 * grows, before the queue overflows and a whole window is lost at once.
 *
 *	each round	a round trip; its least RTT counts, of 8 samples at least
 *	RTT grew	by RttThresh = lastRoundMinRTT / 8, 4 ms at least and 16 at
 *			most: conservative slow start (CSS), which grows by a quarter
 *	in CSS		the RTT is less than when CSS began: it was a false alarm,
 *			back to slow start
 *	5 rounds of it	ssthresh = cwnd: congestion avoidance
 *
 * For the first slow start only, while ssthresh is infinite (4.3).  Deviation, and Linux's: one ACK
 * may add as much as it acknowledges (L of 4.2 would be 8 segments where nothing is paced), for a
 * receiver with GRO acknowledges tens of segments at once.
 *
 * Called by algorithms with slow start: reno.c, cubic.c. Next: cubic.c.
 */
#include "ttp_cong.h"
#include "hystart.h"

/* RFC 9406 4.3 */
#define MIN_RTT_THRESH		4000U	/* microseconds */
#define MAX_RTT_THRESH		16000U
#define MIN_RTT_DIVISOR		8
#define N_RTT_SAMPLE		8
#define CSS_GROWTH_DIVISOR	4
#define CSS_ROUNDS		5

/* In slow start: has the RTT grown? */
static void check_delay(struct ttp_hystart *h)
{
	u32 thresh = clamp(h->last_min_rtt / MIN_RTT_DIVISOR, MIN_RTT_THRESH, MAX_RTT_THRESH);

	if (h->samples < N_RTT_SAMPLE || !h->last_min_rtt || h->min_rtt < h->last_min_rtt + thresh)
		return;
	h->baseline = h->min_rtt;
	h->css_rounds = 1;
}

/* In conservative slow start: was it a false alarm? */
static void check_false_alarm(struct ttp_hystart *h)
{
	if (h->samples >= N_RTT_SAMPLE && h->min_rtt < h->baseline)
		h->css_rounds = 0;
}

static void next_round(struct ttp_cong *cong, struct ttp_hystart *h, u64 total)
{
	if (h->css_rounds && h->css_rounds++ >= CSS_ROUNDS)
		cong->ssthresh = cong->cwnd;
	h->window_end = total;
	h->last_min_rtt = h->min_rtt;
	h->min_rtt = 0;
	h->samples = 0;
}

/**
 * ttp_hystart_slow_start - slow start with HyStart++, in place of ttp_reno_slow_start()
 * @cong: cwnd grows, or ssthresh is set
 * @h: kept by the algorithm
 * @s: an ACK, when cwnd was in use
 *
 * Return: the bytes that are left for congestion avoidance.
 * Source: RFC 9406 4.2.
 */
u32 ttp_hystart_slow_start(struct ttp_cong *cong, struct ttp_hystart *h,
			   const struct ttp_ack_sample *s)
{
	u32 acked = s->acked;

	if (cong->ssthresh != TTP_SSTHRESH_INFINITE)
		return ttp_reno_slow_start(cong, acked);
	if (s->rtt_us) {
		h->min_rtt = h->min_rtt ? min(h->min_rtt, s->rtt_us) : s->rtt_us;
		h->samples++;
	}
	if (h->css_rounds) {
		h->credit += acked;
		acked = h->credit / CSS_GROWTH_DIVISOR;
		h->credit %= CSS_GROWTH_DIVISOR;
	}
	ttp_reno_slow_start(cong, acked);
	if (h->css_rounds)
		check_false_alarm(h);
	else
		check_delay(h);
	if (s->prior_total >= h->window_end)
		next_round(cong, h, s->total);
	return 0;
}
EXPORT_SYMBOL_GPL(ttp_hystart_slow_start);
