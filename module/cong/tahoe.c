// SPDX-License-Identifier: GPL-2.0
/*
 * tahoe.c - Tahoe, the first of all (Jacobson, "Congestion avoidance and
 * control", 1988; 4.3BSD-Tahoe).
 *
 *	cwnd < ssthresh	slow start: doubles each round trip
 *	else		congestion avoidance: one segment more each round trip
 *	loss		ssthresh = half of what was in flight, cwnd = one segment,
 *			after three duplicate ACKs as after a retransmission timeout
 *
 * There is no fast recovery: after a loss there is slow start up to half of the window
 * before, then congestion avoidance.  Reno begins at that half.
 *
 * Called by core/cong.c, through struct ttp_cong_ops.
 *
 * Next: reno.c.
 */
#include "ttp_cong.h"

struct tahoe {
	u32 credit;		/* bytes acknowledged since cwnd last grew */
};

/* The ACK that ends a recovery covers a whole window.  As in Tahoe's time, an ACK counts for
 * at most the two segments of a delayed ACK (RFC 3465, L = 2).
 */
static void tahoe_acked(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	struct tahoe *tahoe = ttp_cong_priv(cong);
	u32 left;

	if (!s->cwnd_limited)
		return;
	left = ttp_reno_slow_start(cong, min(s->acked, 2 * cong->mss));
	ttp_reno_avoid(cong, &tahoe->credit, left, cong->cwnd);
}

static void tahoe_loss(struct ttp_cong *cong, u32 flight)
{
	ttp_reno_loss(cong, flight);
	cong->cwnd = cong->mss;
}

static const struct ttp_cong_ops tahoe = {
	.name = "tahoe",
	.flags = TTP_CONG_RESTRICTED | TTP_CONG_OWN_RECOVERY,
	.owner = THIS_MODULE,
	.acked = tahoe_acked,
	.loss = tahoe_loss,
};

MODULE_DESCRIPTION("TTP congestion control: Tahoe");
module_ttp_cong(tahoe, tahoe);
