// SPDX-License-Identifier: GPL-2.0
/*
 * tahoe.c - Tahoe, the first of all (Jacobson, "Congestion avoidance and
 * control", 1988; 4.3BSD-Tahoe).
 *
 *	cwnd < ssthresh	slow start: doubles each round trip
 *	else		one segment more each round trip
 *	loss		ssthresh = half of what was in flight, cwnd = one segment,
 *			whether three duplicate ACKs told of it or the timer
 *
 * There is no fast recovery: what follows a loss is slow start up to half of what
 * was, then avoidance.  Compare reno, which begins at that half.
 */
#include "ttp_cong.h"

struct tahoe {
	u32 credit;		/* octets acknowledged since cwnd last grew */
};

/* The ACK that ends a recovery is of a whole window: as in Tahoe's time, no ACK
 * counts for more than the two segments of a delayed one (RFC 3465, L = 2).
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
