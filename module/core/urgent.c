// SPDX-License-Identifier: GPL-2.0
/*
 * urgent.c - urgent data (RFC 9293 3.8.5, RFC 6093), which sockets call out-of-band data.
 *
 * The urgent pointer says how far the data is urgent; all of it stays in the stream.  Sockets
 * make a mark at the last urgent byte of it, as programs expect.  Unless SO_OOBINLINE is set,
 * that byte is left out of the stream when the reader comes to the mark, and read by MSG_OOB.
 *
 *	sender		SND.UP: the byte after the last one sent with MSG_OOB (MUST-62)
 *	receiver	RCV.UP: the same of the peer; the mark is RCV.UP - 1
 *
 * Called by send.c, ack.c and arrives.c, and by socket/stream.c, socket/sockopt.c and host/rxq.c.
 * Next: socket/stream.c for MSG_OOB, host/rxq.c for what is left out.
 */
#include "core.h"

/**
 * ttp_urgent_send - the data just written ends with an urgent byte (MUST-30)
 * @tcb: data may be sent; snd.end is moved already
 *
 * The peer is told at once, even if its window takes no data (3.8.5: "as soon as").  Call
 * ttp_send_next() after it.
 */
void ttp_urgent_send(struct ttp_tcb *tcb)
{
	tcb->snd.up = tcb->snd.end;
	tcb->snd.urgent = true;
	if (ttp_fsm_in(tcb->conn.state, TTP_SYNCHRONIZED) && !ttp_tcb_usable(tcb))
		tcb->pending |= TTP_PEND_ACK;
}

/* Put SEG.UP into a segment while there is urgent data to come: it points to the byte after the
 * urgent one (RFC 6093 3.1 and 5, MUST-62).  The pointer has 16 bits; what is further away is
 * pointed to by a later segment, so urgent data may be of any length (MUST-31).
 */
void ttp_urgent_mark(const struct ttp_tcb *tcb, struct ttp_seg *seg)
{
	if (!tcb->snd.urgent || seq_geq(seg->seq, tcb->snd.up))
		return;
	seg->flags |= TTP_URG;
	seg->up = min(tcb->snd.up - seg->seq, 0xffffU);
}

/* SND.UNA has moved. */
void ttp_urgent_acked(struct ttp_tcb *tcb)
{
	if (seq_geq(tcb->snd.una, tcb->snd.up))
		tcb->snd.urgent = false;
}

/* 3.10.7.4, sixth: check the URG bit, in ESTABLISHED, FIN_WAIT_1 or FIN_WAIT_2.  SEG.UP counts from
 * where SEG.SEQ is now.  The user is told when RCV.UP moves (MUST-32).  It only moves forward, and
 * data that is here already is not urgent any more.
 */
void ttp_urgent_arrives(struct ttp_tcb *tcb, const struct ttp_seg *seg, struct ttp_verdict *v)
{
	u32 up = seg->seq + seg->up;

	/* 0 is possible only where the pointer means the urgent byte itself, as in RFC 793 */
	if (!(seg->flags & TTP_URG) || !seg->up || seq_leq(up, tcb->rcv.nxt))
		return;
	if (tcb->rcv.urg && seq_leq(up, tcb->rcv.up))
		return;
	/* The reader is at the old mark, which is no more: its byte must not be read as data. */
	if (ttp_urgent_at_mark(tcb, tcb->rcv.read) &&
	    tcb->rcv.read != tcb->rcv.nxt && !tcb->rcv.urg_inline)
		tcb->rcv.read++;
	tcb->rcv.up = up;
	tcb->rcv.urg = TTP_URG_COMING;
	v->todo |= TTP_DO_URGENT;
	ttp_count(&tcb->conn, TTP_MIB_URGENT);
}

/* RCV.NXT has moved: is the urgent byte here now? */
void ttp_urgent_received(struct ttp_tcb *tcb)
{
	if (tcb->rcv.urg != TTP_URG_COMING || seq_lt(tcb->rcv.nxt, tcb->rcv.up))
		return;
	tcb->rcv.urg_byte = ttp_rxq_byte(tcb, tcb->rcv.up - 1);
	tcb->rcv.urg = TTP_URG_HERE;
}

