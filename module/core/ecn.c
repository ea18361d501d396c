// SPDX-License-Identifier: GPL-2.0
/*
 * ecn.c - explicit congestion notification, ECN (RFC 3168 6.1; RFC 9293 3.8.2, SHLD-8): a
 * router marks a packet instead of dropping it, and the receiver echoes the mark until the
 * sender says that it has reduced its window.
 *
 *	SYN		ECE,CWR: I can do ECN
 *	SYN,ACK		ECE: so can I
 *	data		is sent as ECT(0) in the IP header, and may arrive as CE
 *	ACK		ECE: data came marked; in each ACK, until
 *	data		CWR: the window was reduced
 *
 * Called by arrives.c, ack.c, send.c, recovery.c and passive.c.
 * Next: cong.c for how the window is reduced.
 */
#include "core.h"

/* Did a SYN ask for ECN, and do we want it?  With @wanted, by the algorithm or the route, whatever
 * the configuration says.
 */
bool ttp_ecn_offered(const struct ttp_seg *seg, const struct ttp_config *cfg, bool wanted)
{
	u8 both = TTP_ECE | TTP_CWR;

	return (READ_ONCE(cfg->ecn) || wanted) && (seg->flags & both) == both;
}

/* The peer's SYN is here: is ECN agreed on?  Only on a SYN,ACK does ECE without CWR say yes. */
void ttp_ecn_answered(struct ttp_tcb *tcb, const struct ttp_seg *seg)
{
	u8 want = TTP_SYN | TTP_ACK | TTP_ECE;

	tcb->opt.ecn_ok &= (seg->flags & (want | TTP_CWR)) == want;
}

/* Data has arrived: CWR is in its header, CE in the IP header.
 * Return: true when it must be acknowledged at once.
 */
bool ttp_ecn_data(struct ttp_tcb *tcb, const struct ttp_seg *seg)
{
	bool precise = tcb->cong_ops->flags & TTP_CONG_PRECISE_ECN;	/* of this segment only */

	if (!tcb->opt.ecn_ok)
		return false;
	if (seg->ce)
		ttp_count(&tcb->conn, TTP_MIB_CE_RECEIVED);
	if (precise || seg->flags & TTP_CWR)
		tcb->ecn_echo = false;
	tcb->ecn_echo |= seg->ce;
	/* who has reduced may have one segment left in flight */
	return precise || seg->ce || seg->flags & TTP_CWR;
}

/* An ACK has arrived: was what we sent marked?  Then the window is reduced as after a loss, once
 * for a window of data, but nothing is retransmitted.
 */
void ttp_ecn_ack(struct ttp_tcb *tcb, const struct ttp_seg *seg, struct ttp_ack_sample *s)
{
	if (!tcb->opt.ecn_ok || !(seg->flags & TTP_ECE) || seg->flags & TTP_SYN)
		return;
	s->ece = true;
	if (seq_lt(tcb->snd.una, tcb->ecn_recover) || tcb->ca != TTP_CA_OPEN)
		return;
	ttp_count(&tcb->conn, TTP_MIB_ECN_REDUCTIONS);
	ttp_cong_ecn(&tcb->flow->cong, ttp_send_flight_size(tcb) + s->acked);
	ttp_ecn_reduced(tcb);
}

/* Once for a window of data (RFC 3168 6.1.2): have marks reduced it already, as a loss would? */
bool ttp_ecn_has_reduced(const struct ttp_tcb *tcb)
{
	return tcb->opt.ecn_ok && !tcb->cong_ops->ecn && seq_lt(tcb->snd.una, tcb->ecn_recover - 1);
}

/* The window was reduced, for whatever reason (RFC 3168 6.1.2): marks of what was sent by now
 * are answered with that, and new data says so by CWR.
 */
void ttp_ecn_reduced(struct ttp_tcb *tcb)
{
	tcb->ecn_recover = tcb->snd.nxt + 1;	/* the data that carries CWR ends there or later */
	tcb->ecn_cwr = true;
}

/* The window was not reduced after all, but for what marks had done before: the next mark is
 * answered, and no CWR is sent, unless these were owed then.
 */
void ttp_ecn_undo(struct ttp_tcb *tcb)
{
	tcb->ecn_recover = seq_max(tcb->flow->undo.ecn_recover, tcb->snd.una);
	tcb->ecn_cwr &= tcb->flow->undo.ecn_cwr;
}

/* Say in new data that it may be marked, and that the window was reduced.  A retransmission is
 * never ECT (RFC 3168 6.1.5).
 */
void ttp_ecn_mark(const struct ttp_tcb *tcb, struct ttp_seg *seg)
{
	if (!tcb->opt.ecn_ok)
		return;
	seg->ect = true;
	if (tcb->ecn_cwr)
		seg->flags |= TTP_CWR;
}
