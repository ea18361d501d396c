// SPDX-License-Identifier: GPL-2.0
/*
 * rtt.c - round trip samples make the retransmission timeout, RTO (RFC 6298, as RFC 9293 3.8.1
 * says: MUST-18).
 *
 * Called by ack.c with each sample, by flow.c with the handshake's, and wherever the timeout is
 * used.
 * Next: timer.c, which starts the timer.
 */
#include "core.h"

#define RTO_MAX_US	120000000U	/* 2.5: at least 60 seconds; Linux's */
#define GRANULARITY_US	1000U		/* G: of the timestamps */

/* The least round trip of the last min_rtt_wlen seconds (RFC 8985 6.2, step 1), because the path
 * may have become longer since.  This window of time has two halves, each with a least of
 * its own, so its length is exact to a half.
 */
void ttp_rtt_least(struct ttp_rack *rack, u32 rtt_us, u64 now, const struct ttp_config *cfg)
{
	u64 half_us = READ_ONCE(cfg->min_rtt_wlen) * 500000ULL;

	if (now - rack->half_us >= half_us) {
		rack->older_min_us = now - rack->half_us < 2 * half_us ? rack->newer_min_us : 0;
		rack->newer_min_us = 0;
		rack->half_us = now;
	}
	if (!rack->newer_min_us || rtt_us < rack->newer_min_us)
		rack->newer_min_us = rtt_us;
	rack->min_rtt_us = min_not_zero(rack->newer_min_us, rack->older_min_us);
}

/* A round trip was measured.  Deviation: the RTO is at least rto_min_ms (200 ms, as in Linux)
 * where RFC 6298 2.4 says 1 s, because clocks are finer today.
 */
void ttp_rtt_sample(struct ttp_tcb *tcb, u32 rtt_us, u64 now)
{
	u32 delta, rto, least;

	rtt_us = clamp(rtt_us, 1U, RTO_MAX_US);
	if (tcb->flow)
		ttp_rtt_least(&tcb->flow->rack, rtt_us, now, tcb->cfg);
	if (!tcb->srtt_us) {			/* 2.2 */
		tcb->srtt_us = rtt_us;
		tcb->rttvar_us = rtt_us / 2;
	} else {				/* 2.3: beta 1/4, alpha 1/8 */
		delta = rtt_us > tcb->srtt_us ? rtt_us - tcb->srtt_us : tcb->srtt_us - rtt_us;
		tcb->rttvar_us = tcb->rttvar_us - tcb->rttvar_us / 4 + delta / 4;
		tcb->srtt_us = tcb->srtt_us - tcb->srtt_us / 8 + rtt_us / 8;
		tcb->srtt_us = max(tcb->srtt_us, 1U);
	}
	rto = max(GRANULARITY_US, 4 * tcb->rttvar_us);
	least = tcb->route.rto_min_us ?: READ_ONCE(tcb->cfg->rto_min_ms) * 1000;
	rto = tcb->srtt_us + max_t(u32, rto, min(least, RTO_MAX_US));
	tcb->rto_us = min(rto, RTO_MAX_US);	/* 2.4, 2.5 */
}

/**
 * ttp_rtt_rto - the retransmission timeout that applies now
 * @tcb: the connection
 *
 * Exponential backoff (RFC 6298 5.5): it is doubled for each expiry since the last sample.
 *
 * Return: microseconds, at most two minutes.
 */
u32 ttp_rtt_rto(const struct ttp_tcb *tcb)
{
	u64 rto = (u64)tcb->rto_us << min_t(u8, tcb->backoff, 20);

	return min_t(u64, rto, RTO_MAX_US);
}

/**
 * ttp_rtt_tsval - our timestamp clock
 * @opt: for the connection's random offset (RFC 7323 5.4)
 * @now: microseconds
 *
 * Return: TSval, which ticks each millisecond.
 */
u32 ttp_rtt_tsval(const struct ttp_options *opt, u64 now)
{
	return (u32)div_u64(now, 1000) + opt->ts_off;
}
