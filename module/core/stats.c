// SPDX-License-Identifier: GPL-2.0
/*
 * stats.c - for TTP_INFO, not for the protocol: for how long the sender waited, and for what.
 *
 * Called by send.c, each time that there is nothing more to send.
 * Next: see/info.c, which tells of it.
 */
#include "core.h"

/* What the sender does, or waits for. */
static enum ttp_busy what_for(struct ttp_tcb *tcb)
{
	u32 unsent = ttp_send_unsent_data(tcb) ? tcb->snd.end - tcb->snd.nxt : 0;

	if (!ttp_fsm_in(tcb->conn.state, TTP_SYNCHRONIZED) ||
	    (!unsent && tcb->snd.una == tcb->snd.nxt))
		return TTP_BUSY_NOT;
	if (!unsent)
		return tcb->snd.no_room ? TTP_BUSY_SNDBUF : TTP_BUSY;
	if (ttp_tcb_usable(tcb) < min(unsent, tcb->snd.mss) &&
	    ttp_send_in_flight(tcb) + tcb->snd.mss <= tcb->flow->cong.cwnd)
		return TTP_BUSY_RWND;
	return TTP_BUSY;
}

/* Something was sent, acknowledged or written: account the time until now. */
void ttp_stats_busy(struct ttp_tcb *tcb, u64 now)
{
	struct ttp_stats *stats = &tcb->flow->stats;

	stats->busy_us[stats->busy] += now - stats->since_us;
	stats->since_us = now;
	stats->busy = what_for(tcb);
}
