// SPDX-License-Identifier: GPL-2.0
/*
 * vegas.c - Vegas: a queue makes the round trip time grow before it overflows
 * (Brakmo, O'Malley, Peterson, "TCP Vegas: new techniques for congestion
 * detection and avoidance", 1994).
 *
 *	Expected = cwnd / BaseRTT	without any queue
 *	Actual   = cwnd / RTT
 *	Diff     = (Expected - Actual) * BaseRTT = cwnd * (RTT - BaseRTT) / RTT,
 *		   bytes of ours that wait in queues
 *
 * Once in each round trip:
 *
 *	slow start	Diff > gamma ends it; else cwnd doubles, but only in
 *			every other round trip, so that the one between can be measured
 *	avoidance	Diff < alpha: cwnd += mss
 *			Diff > beta:  cwnd -= mss
 *	loss		as Reno
 *
 * alpha, beta and gamma are segments.  RTT is the least of a round trip, because delayed
 * ACKs make the others longer.
 *
 * Called by core/cong.c, through struct ttp_cong_ops.
 *
 * Next: dctcp.c, which uses ECN; bbr.c, which uses the delivery rate.
 */
#include "info.h"

#include "ttp_cong.h"

static unsigned int alpha = 2;
module_param(alpha, uint, 0644);
MODULE_PARM_DESC(alpha, "grow below so many segments in queues");

static unsigned int beta = 4;
module_param(beta, uint, 0644);
MODULE_PARM_DESC(beta, "shrink above so many segments in queues");

static unsigned int gamma = 1;
module_param(gamma, uint, 0644);
MODULE_PARM_DESC(gamma, "above so many slow start ends");

struct vegas {
	u32 credit;		/* Reno's; not used here */
	u32 base_rtt_us;	/* BaseRTT: the least ever; 0 unknown */
	u32 rtt_us;		/* the least of this round trip; 0 unknown */
	u32 rtts;		/* samples of it */
	bool grow;		/* this is the round trip of slow start in which cwnd doubles */
	u64 round_end;		/* bytes delivered when this round trip ends */
};

static void vegas_sample(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	struct vegas *vegas = ttp_cong_priv(cong);

	if (!s->rtt_us)
		return;
	vegas->rtts++;
	if (!vegas->base_rtt_us || s->rtt_us < vegas->base_rtt_us)
		vegas->base_rtt_us = s->rtt_us;
	if (!vegas->rtt_us || s->rtt_us < vegas->rtt_us)
		vegas->rtt_us = s->rtt_us;
}

/* A round trip has passed. */
static void adjust(struct ttp_cong *cong, struct vegas *vegas)
{
	u32 over = vegas->rtt_us - vegas->base_rtt_us, mss = cong->mss;
	u64 diff = div_u64((u64)cong->cwnd * over, vegas->rtt_us);

	if (cong->cwnd < cong->ssthresh) {
		vegas->grow = !vegas->grow;
		if (diff <= (u64)READ_ONCE(gamma) * mss)
			return;
		/* what the path holds without a queue, and one segment */
		cong->cwnd = max_t(u32, cong->cwnd - diff + mss, 2 * mss);
		cong->ssthresh = cong->cwnd;
	} else if (diff < (u64)READ_ONCE(alpha) * mss) {
		cong->cwnd += mss;
	} else if (diff > (u64)READ_ONCE(beta) * mss) {
		cong->cwnd = max(cong->cwnd - mss, 2 * mss);
		/* so that it is not slow start again */
		cong->ssthresh = min(cong->ssthresh, cong->cwnd);
	}
}

static void vegas_acked(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	struct vegas *vegas = ttp_cong_priv(cong);

	if (s->prior_total >= vegas->round_end) {
		if (vegas->rtt_us && s->cwnd_limited)
			adjust(cong, vegas);
		vegas->round_end = s->total;
		vegas->rtt_us = 0;
		vegas->rtts = 0;
	}
	if (vegas->grow && s->cwnd_limited)
		ttp_reno_slow_start(cong, s->acked);
}

static u32 vegas_info(const struct ttp_cong *cong, union tcp_cc_info *info)
{
	const struct vegas *vegas = (const void *)cong->priv;

	info->vegas = (struct tcpvegas_info){
		.tcpv_enabled = 1,
		.tcpv_rttcnt = vegas->rtts,
		.tcpv_rtt = vegas->rtt_us,
		.tcpv_minrtt = vegas->base_rtt_us,
	};
	return sizeof(info->vegas);
}

static const struct ttp_cong_ops vegas = {
	.name = "vegas",
	.flags = TTP_CONG_RESTRICTED,
	.owner = THIS_MODULE,
	.sample = vegas_sample,
	.acked = vegas_acked,
	.loss = ttp_reno_loss,
	.info = vegas_info,
};

MODULE_DESCRIPTION("TTP congestion control: Vegas");
module_ttp_cong(vegas, vegas);
