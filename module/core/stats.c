// SPDX-License-Identifier: GPL-2.0
/*
 * stats.c - what TTP_INFO tells and the protocol does not need: what kept the
 * sender from sending, and how fast text is delivered.
 */
#include "core.h"

/* What the sender does, or waits for. */
static enum ttp_busy what_for(struct ttp_tcb *tcb)
{
	struct ttp_txrec *rec = ttp_txq_unsent(tcb);
	u32 right = tcb->snd.una + tcb->snd.wnd, usable = 0;

	if (!ttp_fsm_in(tcb->conn.state, TTP_SYNCHRONIZED))
		return TTP_BUSY_NOT;
	if (!rec && tcb->snd.una == tcb->snd.nxt)
		return TTP_BUSY_NOT;
	if (!rec)
		return tcb->snd.no_room ? TTP_BUSY_SNDBUF : TTP_BUSY;
	if (seq_gt(right, tcb->snd.nxt))
		usable = right - tcb->snd.nxt;
	if (usable < min(rec->end - rec->seq, tcb->snd.mss) &&
	    ttp_send_in_flight(tcb) + tcb->snd.mss <= tcb->cong.cwnd)
		return TTP_BUSY_RWND;
	return TTP_BUSY;
}

/**
 * ttp_stats_busy - something was sent, acknowledged or written: account the time
 * @tcb: any state
 * @now: microseconds
 */
void ttp_stats_busy(struct ttp_tcb *tcb, u64 now)
{
	struct ttp_stats *stats = &tcb->stats;

	stats->busy_us[stats->busy] += now - stats->since_us;
	stats->since_us = now;
	stats->busy = what_for(tcb);
}

/**
 * ttp_stats_delivered - an ACK has come
 * @tcb: SND.UNA is up to date
 * @octets: so many are known to be with the peer that were not
 * @now: microseconds
 *
 * The rate is that of a whole round trip: until what was out at its beginning is
 * acknowledged.  One in which there was nothing to send, in the end, tells less
 * than the path could do, and does not replace a better one.
 */
void ttp_stats_delivered(struct ttp_tcb *tcb, u32 octets, u64 now)
{
	struct ttp_stats *stats = &tcb->stats;
	u64 rate;

	stats->delivered += octets;
	if (seq_lt(tcb->snd.una, stats->round_end))
		return;
	if (stats->round_us && now > stats->round_us && stats->delivered) {
		rate = div_u64(stats->delivered * 1000000ULL,
			       min_t(u64, now - stats->round_us, U32_MAX));
		stats->app_limited = tcb->snd.una == tcb->snd.nxt;
		if (!stats->app_limited || rate > stats->rate)
			stats->rate = rate;
	}
	stats->delivered = 0;
	stats->round_end = tcb->snd.nxt;
	stats->round_us = tcb->snd.una == tcb->snd.nxt ? 0 : now;
}

/**
 * ttp_stats_begin - text is sent while nothing is out: a round trip begins
 * @tcb: SND.NXT has moved
 * @now: microseconds
 */
void ttp_stats_begin(struct ttp_tcb *tcb, u64 now)
{
	tcb->stats.round_us = now;
	tcb->stats.round_end = tcb->snd.nxt;
	tcb->stats.delivered = 0;
}
