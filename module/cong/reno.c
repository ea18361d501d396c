// SPDX-License-Identifier: GPL-2.0
/*
 * reno.c - Reno: slow start and congestion avoidance (RFC 5681; RFC 9293
 * MUST-19), with NewReno's fast recovery (RFC 6582) in core/recovery.c.
 *
 *	slow start		below ssthresh: cwnd += what was acknowledged,
 *				which doubles it each round trip
 *	congestion avoidance	cwnd += mss for each cwnd acknowledged
 *	loss			ssthresh = half of what was in flight, cwnd = ssthresh
 *
 * So the window is a sawtooth between W/2 and W, and the throughput is about
 * mss / rtt * sqrt(3 / 2p) at a loss rate p (Mathis et al., 1997).
 *
 * Called by core/cong.c through struct ttp_cong_ops, and by algorithms that share parts
 * of it.  It compiles on the host, too: it uses only struct ttp_cong.
 *
 * Next: hystart.c for a slow start that ends earlier.
 */
#include "ttp_cong.h"
#include "hystart.h"

static bool hystart;
module_param_named(reno_hystart, hystart, bool, 0644);
MODULE_PARM_DESC(reno_hystart, "HyStart++ (RFC 9406) in Reno's slow start");

struct reno {
	u32 credit;		/* bytes acknowledged since cwnd last grew */
	struct ttp_hystart hystart;
};

/**
 * ttp_reno_slow_start - slow start: grow by what was acknowledged, up to ssthresh
 * @cong: cwnd grows
 * @acked: bytes
 *
 * Return: the bytes that are left for congestion avoidance.
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
 * ttp_reno_avoid - congestion avoidance: grow by a segment for so many bytes acknowledged
 * @cong: cwnd grows
 * @credit: bytes acknowledged that did not count yet; kept by the algorithm
 * @acked: bytes, of this ACK
 * @per: bytes for each segment of growth: cwnd, for one in each round trip
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
 * ttp_reno_loss - multiplicative decrease: halve the window
 * @cong: of an algorithm whose first private word is its credit
 * @flight: FlightSize, bytes
 *
 * Source: RFC 5681 3.2, equation (4), "no more than": what is SACKed counts in FlightSize, so
 * that half of it may be more than cwnd, which must not grow by a loss.
 */
void ttp_reno_loss(struct ttp_cong *cong, u32 flight)
{
	struct reno *reno = ttp_cong_priv(cong);

	cong->ssthresh = max(min(flight / 2, cong->cwnd), 2 * cong->mss);
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
