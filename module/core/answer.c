// SPDX-License-Identifier: GPL-2.0
/*
 * answer.c - what a segment is that was refused, and how it is answered: in words, for who
 * watches (ttp monitor), and nothing else.
 *
 * Called by arrives.c, passive.c and timewait.c, which choose the answer.
 * Next: arrives.c.
 */
#include "core.h"

/* What a segment is that is not acceptable, by PAWS or by its sequence number, and how it is
 * answered.  @nxt: RCV.NXT
 */
const char *ttp_answer_to(const struct ttp_seg *seg, u32 nxt, enum ttp_mib drop)
{
	if (drop == TTP_MIB_PAWS)
		return "old timestamp: ACK";
	if (seg->flags & TTP_SYN)
		return "challenge ACK";
	return seq_lt(seg->seq, nxt) ? "old duplicate: ACK" : "outside the window: ACK";
}

/* The same where there is a TCB, and what was there before is known; as far as it can be seen:
 * a keepalive probe and a zero-window probe look the same.
 */
const char *ttp_answer_to_known(const struct ttp_tcb *tcb, const struct ttp_seg *seg)
{
	u32 nxt = tcb->rcv.nxt;

	if (seg->flags & TTP_SYN && seg->seq != tcb->conn.irs)
		return "challenge ACK";
	if (seg->flags & TTP_SYN)
		return seg->flags & TTP_ACK ? "SYN,ACK again: ACK" : "SYN again: ACK";
	if (seg->flags & TTP_FIN && tcb->rcv.fin_seen && ttp_seg_end(seg) == nxt)
		return "FIN again: ACK";
	if (!ttp_seg_len(seg) && seg->seq == nxt - 1)
		return ttp_tcb_rcv_window(tcb) ? "keepalive: ACK" : "zero window probe: ACK";
	return ttp_answer_to(seg, nxt, TTP_MIB_NONE);
}
