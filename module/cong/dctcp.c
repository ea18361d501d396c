// SPDX-License-Identifier: GPL-2.0
/*
 * dctcp.c - Data Center TCP (RFC 8257): reduces the window in proportion to the marks.
 *
 *	M	the fraction of bytes marked in an observation window, about a
 *		round trip
 *	alpha	DCTCP.Alpha, its average: alpha = alpha * (1 - g) + g * M, g = 1/16
 *	mark	cwnd = cwnd * (1 - alpha / 2), once in a round trip
 *	else	Reno: growth, losses, timeouts
 *
 * Routers must mark each packet that finds more than K in the queue, at once and not
 * on average; then the queue stays near K.  The receiver must echo exactly the marks
 * that arrive (RFC 8257 3.2): TTP_CONG_PRECISE_ECN makes the core do this, so both ends
 * need this algorithm.
 *
 * Not for the Internet: flows that halve their windows get nothing beside it.
 *
 * Called by core/cong.c, through struct ttp_cong_ops.
 *
 * Next: core/ecn.c.
 */
#include "info.h"

#include "ttp_cong.h"

#define SHIFT_G		4		/* g = 1 / 2^4 */
#define ONE		1048576U	/* alpha is in units of 2^-20 */

struct dctcp {
	u32 credit;		/* Reno's */
	u32 alpha;		/* DCTCP.Alpha */
	u32 acked;		/* DCTCP.BytesAcked */
	u32 marked;		/* DCTCP.BytesMarked */
	u64 window_end;		/* DCTCP.WindowEnd, as bytes delivered */
};

static void dctcp_init(struct ttp_cong *cong)
{
	struct dctcp *dctcp = ttp_cong_priv(cong);

	dctcp->alpha = ONE;	/* 4.1: the first mark halves */
}

/* RFC 8257 3.3, steps 1 to 9 */
static void dctcp_sample(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	struct dctcp *dctcp = ttp_cong_priv(cong);
	u64 m;

	dctcp->acked += s->delivered;
	dctcp->marked += s->ece ? s->delivered : 0;
	if (s->prior_total < dctcp->window_end || !dctcp->acked)
		return;
	m = div_u64((u64)dctcp->marked * ONE, dctcp->acked);
	dctcp->alpha += (m >> SHIFT_G) - (dctcp->alpha >> SHIFT_G);
	dctcp->alpha = min(dctcp->alpha, ONE);
	dctcp->acked = 0;
	dctcp->marked = 0;
	dctcp->window_end = s->total;
}

static void dctcp_ecn(struct ttp_cong *cong, u32 flight)
{
	struct dctcp *dctcp = ttp_cong_priv(cong);
	u32 cut = (u64)cong->cwnd * dctcp->alpha / (2 * ONE);

	cong->ssthresh = max(cong->cwnd - cut, 2 * cong->mss);
	cong->cwnd = cong->ssthresh;
}

/* dctcp_ce_state is the receiver's: the core has it. */
static u32 dctcp_info(const struct ttp_cong *cong, union tcp_cc_info *info)
{
	const struct dctcp *dctcp = (const void *)cong->priv;

	info->dctcp = (struct tcp_dctcp_info){
		.dctcp_enabled = 1,
		.dctcp_alpha = dctcp->alpha / (ONE / 1024),
		.dctcp_ab_ecn = dctcp->marked,
		.dctcp_ab_tot = dctcp->acked,
	};
	return sizeof(info->dctcp);
}

static const struct ttp_cong_ops dctcp = {
	.name = "dctcp",
	.flags = TTP_CONG_RESTRICTED | TTP_CONG_PRECISE_ECN | TTP_CONG_NEEDS_ECN,
	.owner = THIS_MODULE,
	.init = dctcp_init,
	.sample = dctcp_sample,
	.acked = ttp_reno_acked,
	.loss = ttp_reno_loss,
	.ecn = dctcp_ecn,
	.info = dctcp_info,
};

MODULE_DESCRIPTION("TTP congestion control: DCTCP");
module_ttp_cong(dctcp, dctcp);
