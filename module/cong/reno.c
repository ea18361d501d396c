// SPDX-License-Identifier: GPL-2.0
/*
 * reno.c - Reno: slow start and congestion avoidance (RFC 5681; RFC 9293
 * MUST-19), with NewReno's fast recovery (RFC 6582) in core/recovery.c.
 *
 *	slow start	below ssthresh: cwnd += what was acknowledged,
 *			which doubles it each round trip
 *	avoidance	cwnd += mss for each cwnd acknowledged
 *	loss		ssthresh = half of what was in flight, cwnd = ssthresh
 *
 * So the window draws a sawtooth between W/2 and W, and the throughput is about
 * mss / rtt * sqrt(3 / 2p) at a loss rate p (Mathis et al., 1997).
 *
 * Compiles on the host too: it knows nothing but struct ttp_cong.
 */
#include "ttp_cong.h"
#include "hystart.h"

static bool hystart;
module_param_named(reno_hystart, hystart, bool, 0644);
MODULE_PARM_DESC(reno_hystart, "HyStart++ (RFC 9406) in Reno's slow start");

struct reno {
	u32 credit;		/* octets acknowledged since cwnd last grew */
	struct ttp_hystart hystart;
};

/**
 * ttp_reno_slow_start - grow by what was acknowledged, up to ssthresh
 * @cong: cwnd grows
 * @acked: octets
 *
 * Return: the octets that are left for congestion avoidance.
 * Source: RFC 5681 3.1 with RFC 3465 (byte counting).
 */
u32 ttp_reno_slow_start(struct ttp_cong *cong, u32 acked)
{
	u32 room;

	if (cong->cwnd >= cong->ssthresh)
		return acked;
	room = min(acked, cong->ssthresh - cong->cwnd);
	cong->cwnd = min(cong->cwnd + room, TTP_CWND_MAX);
	return acked - room;
}
EXPORT_SYMBOL_GPL(ttp_reno_slow_start);

/**
 * ttp_reno_avoid - grow by a segment for so many octets acknowledged
 * @cong: cwnd grows
 * @credit: octets acknowledged that did not count yet; kept by the algorithm
 * @acked: octets, of this ACK
 * @per: a segment for so many octets: cwnd, for one in each round trip
 */
void ttp_reno_avoid(struct ttp_cong *cong, u32 *credit, u32 acked, u32 per)
{
	*credit = min(*credit + acked, TTP_CWND_MAX);
	cong->cwnd = min_t(u64, cong->cwnd + (u64)cong->mss * (*credit / per), TTP_CWND_MAX);
	*credit %= per;
}
EXPORT_SYMBOL_GPL(ttp_reno_avoid);

/**
 * ttp_reno_acked - slow start, then congestion avoidance
 * @cong: of an algorithm whose first private word is its credit
 * @s: an ACK
 */
void ttp_reno_acked(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	struct reno *reno = ttp_cong_priv(cong);
	u32 left;

	if (!s->cwnd_limited)
		return;
	left = ttp_reno_slow_start(cong, s->acked);
	ttp_reno_avoid(cong, &reno->credit, left, cong->cwnd);
}
EXPORT_SYMBOL_GPL(ttp_reno_acked);

/**
 * ttp_reno_loss - halve
 * @cong: of an algorithm whose first private word is its credit
 * @flight: FlightSize, octets
 *
 * Source: RFC 5681 3.2, equation (4).
 */
void ttp_reno_loss(struct ttp_cong *cong, u32 flight)
{
	struct reno *reno = ttp_cong_priv(cong);

	cong->ssthresh = max(flight / 2, 2 * cong->mss);
	cong->cwnd = cong->ssthresh;
	reno->credit = 0;
}
EXPORT_SYMBOL_GPL(ttp_reno_loss);

static void acked(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	struct reno *reno = ttp_cong_priv(cong);
	u32 left;

	if (!READ_ONCE(hystart) || !s->cwnd_limited) {
		ttp_reno_acked(cong, s);
		return;
	}
	left = ttp_hystart_slow_start(cong, &reno->hystart, s);
	ttp_reno_avoid(cong, &reno->credit, left, cong->cwnd);
}

const struct ttp_cong_ops ttp_reno = {
	.name = "reno",
	.acked = acked,
	.loss = ttp_reno_loss,
};
