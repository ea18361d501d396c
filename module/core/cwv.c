// SPDX-License-Identifier: GPL-2.0
/*
 * cwv.c - congestion window validation (RFC 5681 4.1, RFC 9438 5.8): a window that was not used
 * says nothing of the path, and must not grow.
 *
 * Called by send.c and recovery.c.
 * Next: cong.c, ttp_cong_idle(), for a window that was not used at all.
 */
#include "core.h"

/* Data was sent.  Was the window full in this window of data, and if not, how much of it was
 * used?
 */
void ttp_cwv_sent(struct ttp_tcb *tcb)
{
	u32 in_flight = ttp_send_in_flight(tcb);
	bool full = ttp_send_cwnd_room(tcb) < tcb->snd.mss;
	struct ttp_used *used = &tcb->flow->used;

	if (!full && seq_lt(tcb->snd.una, used->end) && (used->full || in_flight <= used->most))
		return;
	used->full = full;
	used->most = in_flight;
	used->end = tcb->snd.nxt;
}

/* May an ACK make the congestion window grow?  Not if the user or the peer keeps it from being
 * used; but in slow start it may be twice what was used, for each ACK lets two segments go.
 */
bool ttp_cwv_limited(const struct ttp_tcb *tcb)
{
	const struct ttp_used *used = &tcb->flow->used;
	const struct ttp_cong *cong = &tcb->flow->cong;

	return used->full || (cong->cwnd < cong->ssthresh && cong->cwnd < 2 * used->most);
}
