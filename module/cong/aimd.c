// SPDX-License-Identifier: GPL-2.0
/*
 * aimd.c - additive increase, multiplicative decrease (AIMD), and nothing else.
 *
 *	each round trip	cwnd += a segments
 *	loss		cwnd *= 1 - b
 *
 * Of all linear rules only this one makes flows that share a bottleneck converge
 * to equal shares (Chiu and Jain, "Analysis of the increase and decrease
 * algorithms for congestion avoidance in computer networks", 1989).  There is no
 * slow start: a long path takes a long time to fill.
 *
 * Called by core/cong.c, through struct ttp_cong_ops.
 *
 * Next: tahoe.c, which has slow start.
 */
#include "ttp_cong.h"

static unsigned int increase = 1;
module_param(increase, uint, 0644);
MODULE_PARM_DESC(increase, "a: segments more in each round trip");

static unsigned int decrease = 50;
module_param(decrease, uint, 0644);
MODULE_PARM_DESC(decrease, "b: percent less after a loss");

struct aimd {
	u32 credit;		/* bytes acknowledged since cwnd last grew */
};

static void aimd_acked(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	struct aimd *aimd = ttp_cong_priv(cong);
	u32 a = READ_ONCE(increase);

	if (a && s->cwnd_limited)
		ttp_reno_avoid(cong, &aimd->credit, s->acked, max(cong->cwnd / a, 1U));
}

static void aimd_loss(struct ttp_cong *cong, u32 flight)
{
	struct aimd *aimd = ttp_cong_priv(cong);
	u64 left = (u64)cong->cwnd * (100 - min(READ_ONCE(decrease), 100U));

	cong->ssthresh = max_t(u32, div_u64(left, 100), 2 * cong->mss);
	cong->cwnd = cong->ssthresh;
	aimd->credit = 0;
}

static const struct ttp_cong_ops aimd = {
	.name = "aimd",
	.flags = TTP_CONG_RESTRICTED,
	.owner = THIS_MODULE,
	.acked = aimd_acked,
	.loss = aimd_loss,
};

MODULE_DESCRIPTION("TTP congestion control: additive increase, multiplicative decrease");
module_ttp_cong(aimd, aimd);
