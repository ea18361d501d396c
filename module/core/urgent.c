// SPDX-License-Identifier: GPL-2.0
/*
 * urgent.c - urgent data, as RFC 6093 leaves it (RFC 9293 3.8.5).
 *
 * The urgent pointer says how far the text is urgent; all of it stays in the
 * stream.  What sockets make of that, and programs expect, is a mark at the last
 * urgent octet.  Unless SO_OOBINLINE is set, that octet is taken out of the
 * stream when the reader comes to the mark, and read by MSG_OOB.
 *
 *	sender		SND.UP: the octet after the last one sent with MSG_OOB (MUST-62)
 *	receiver	RCV.UP: the same of the peer; the mark is RCV.UP - 1
 */
#include "core.h"

/**
 * ttp_urgent_send - the text just written ends with an urgent octet (MUST-30)
 * @tcb: text may be sent; snd.end is moved already
 *
 * The peer hears of it at once, even if its window takes no text (3.8.5: "as
 * soon as").  Call ttp_send_next() after it.
 */
void ttp_urgent_send(struct ttp_tcb *tcb)
{
	tcb->snd.up = tcb->snd.end;
	tcb->snd.urgent = true;
	if (ttp_fsm_in(tcb->conn.state, TTP_SYNCHRONIZED) && !tcb->snd.wnd)
		tcb->pending |= TTP_PEND_ACK;
}

/**
 * ttp_urgent_mark - put SEG.UP into a segment while there is urgent text to come
 * @tcb: the connection
 * @seg: with SEG.SEQ
 *
 * The pointer has 16 bits; what is further away is pointed to by a later segment,
 * so urgent text may be of any length (MUST-31).
 * Source: RFC 6093 3.1 and 5: it points to the octet after the urgent one (MUST-62).
 */
void ttp_urgent_mark(const struct ttp_tcb *tcb, struct ttp_seg *seg)
{
	if (!tcb->snd.urgent || seq_geq(seg->seq, tcb->snd.up))
		return;
	seg->flags |= TTP_URG;
	seg->up = min(tcb->snd.up - seg->seq, 0xffffU);
}

/**
 * ttp_urgent_acked - SND.UNA has moved
 * @tcb: the connection
 */
void ttp_urgent_acked(struct ttp_tcb *tcb)
{
	if (seq_geq(tcb->snd.una, tcb->snd.up))
		tcb->snd.urgent = false;
}

/**
 * ttp_urgent_arrives - 3.10.7.4, sixth: check the URG bit
 * @tcb: ESTABLISHED, FIN_WAIT_1 or FIN_WAIT_2
 * @seg: the segment; SEG.UP counts from where SEG.SEQ is now
 * @v: TTP_DO_URGENT is added when the user is to be told
 *
 * The user is told when it moves (MUST-32).  RCV.UP only moves forward, and text
 * that is here already is not urgent any more.
 */
void ttp_urgent_arrives(struct ttp_tcb *tcb, const struct ttp_seg *seg, struct ttp_verdict *v)
{
	u32 up = seg->seq + seg->up;

	/* RFC 793's reading, that it points at the octet itself, has 0 for the first */
	if (!(seg->flags & TTP_URG) || !seg->up || seq_leq(up, tcb->rcv.nxt))
		return;
	if (tcb->rcv.urg && seq_leq(up, tcb->rcv.up))
		return;
	/* The reader stands at a mark that goes now: its octet would turn up as text. */
	if (ttp_urgent_at_mark(tcb, tcb->rcv.read) &&
	    tcb->rcv.read != tcb->rcv.nxt && !tcb->rcv.urg_inline)
		tcb->rcv.read++;
	tcb->rcv.up = up;
	tcb->rcv.urg = TTP_URG_COMING;
	v->todo |= TTP_DO_URGENT;
	ttp_count(&tcb->conn, TTP_MIB_URGENT);
}

/**
 * ttp_urgent_text - RCV.NXT has moved: is the urgent octet here now?
 * @tcb: the connection
 */
void ttp_urgent_text(struct ttp_tcb *tcb)
{
	if (tcb->rcv.urg != TTP_URG_COMING || seq_lt(tcb->rcv.nxt, tcb->rcv.up))
		return;
	tcb->rcv.urg_octet = ttp_rxq_octet(tcb, tcb->rcv.up - 1);
	tcb->rcv.urg = TTP_URG_HERE;
}

/**
 * ttp_urgent_at_mark - is the octet at @seq the urgent one?
 * @tcb: the connection
 * @seq: where the reader is, or peeks
 */
bool ttp_urgent_at_mark(const struct ttp_tcb *tcb, u32 seq)
{
	return tcb->rcv.urg && seq == tcb->rcv.up - 1;
}

/**
 * ttp_urgent_before_mark - how much may be read in one go
 * @tcb: the connection
 * @seq: where the reader is, or peeks; not at the mark
 * @len: what it wants
 *
 * A read ends at the mark, so that SIOCATMARK can say where it is (MUST-33).
 */
u32 ttp_urgent_before_mark(const struct ttp_tcb *tcb, u32 seq, u32 len)
{
	u32 mark = tcb->rcv.up - 1;

	return tcb->rcv.urg && seq_gt(mark, seq) ? min(len, mark - seq) : len;
}

/**
 * ttp_urgent_read - rcv.read has moved: a mark that was passed is over
 * @tcb: the connection
 */
void ttp_urgent_read(struct ttp_tcb *tcb)
{
	if (tcb->rcv.urg && seq_geq(tcb->rcv.read, tcb->rcv.up))
		tcb->rcv.urg = TTP_URG_NONE;
}
