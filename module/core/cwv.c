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

	if (!full && seq_lt(tcb->snd.una, tcb->used.end) &&
	    (tcb->used.full || in_flight <= tcb->used.most))
		return;
	tcb->used.full = full;
	tcb->used.most = in_flight;
	tcb->used.end = tcb->snd.nxt;
}

/* May an ACK make the congestion window grow?  Not if the user or the peer keeps it from being
 * used; but in slow start it may be twice what was used, for each ACK lets two segments go.
 */
bool ttp_cwv_limited(const struct ttp_tcb *tcb)
{
	return tcb->used.full ||
	       (tcb->cong.cwnd < tcb->cong.ssthresh && tcb->cong.cwnd < 2 * tcb->used.most);
}
