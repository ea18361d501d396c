// SPDX-License-Identifier: GPL-2.0
/*
 * scoreboard.c - what is known of each byte that was sent: the scoreboard, as selective
 * acknowledgments (SACK) make it (RFC 2018 5, RFC 6675 3).
 *
 * The retransmission queue holds what was sent and is not acknowledged, as records in
 * the order of their sequence numbers (struct ttp_txrec).  The flags of a record say
 * what is known of it: SACKed, believed lost, retransmitted since.  Running sums of bytes in
 * the TCB go with the flags, so that nobody has to walk the queue to know "pipe":
 * ttp_scoreboard_mark() and ttp_scoreboard_acked() are the only places that change either.
 *
 * Called by ack.c, recovery.c, rack.c, arq.c, send.c, mtu.c and fastopen.c.
 * Next: recovery.c, which enters SACK blocks here and acts on what is lost.
 */
#include "core.h"

/* @rec, or where there is no more data the FIN; NULL if it was not sent, or is acknowledged. */
static struct ttp_txrec *sent(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	if (!rec && tcb->snd.fin_queued && seq_leq(tcb->snd.una, tcb->flow->fin.seq))
		rec = &tcb->flow->fin;
	return rec && rec->flags & TTP_TX_SENT ? rec : NULL;
}

/* The oldest record sent and not acknowledged: data, or the FIN, or NULL. */
struct ttp_txrec *ttp_scoreboard_first(struct ttp_tcb *tcb)
{
	return sent(tcb, ttp_txq_first(tcb));
}

/* The record sent that follows @rec in sequence: data, or the FIN, or NULL. */
struct ttp_txrec *ttp_scoreboard_next(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	return rec == &tcb->flow->fin ? NULL : sent(tcb, ttp_txq_next(tcb, rec));
}

/* The record sent that holds sequence number @seq: data or the FIN; the oldest when @seq is before
 * SND.UNA; NULL when it was not sent.
 */
struct ttp_txrec *ttp_scoreboard_find(struct ttp_tcb *tcb, u32 seq)
{
	if (seq_leq(seq, tcb->snd.una))
		return ttp_scoreboard_first(tcb);
	return seq_lt(seq, tcb->snd.nxt) ? sent(tcb, ttp_txq_find(tcb, seq)) : NULL;
}

static void sum(struct ttp_tcb *tcb, u32 flags, s32 bytes)
{
	if (flags & TTP_TX_SACKED)
		tcb->sacked += bytes;
	if (flags & TTP_TX_LOST)
		tcb->lost += bytes;
	if (flags & TTP_TX_RESENT)
		tcb->resent += bytes;
}

/* Change a record's flags, and with them the sums. */
void ttp_scoreboard_mark(struct ttp_tcb *tcb, struct ttp_txrec *rec, u32 set, u32 clear)
{
	u32 len = rec->end - rec->seq;

	sum(tcb, rec->flags, -len);
	rec->flags = (rec->flags & ~clear) | set;
	sum(tcb, rec->flags, len);
}

/* @rec, or its beginning, is acknowledged by SEG.ACK, which is @ack: the sums change, before
 * the record goes or is cut.
 */
void ttp_scoreboard_acked(struct ttp_tcb *tcb, struct ttp_txrec *rec, u32 ack)
{
	sum(tcb, rec->flags, -(seq_min(rec->end, ack) - rec->seq));
}

/* @rec is believed lost, for the first time or again: send.c will retransmit it.  It is
 * neither SACKed, nor marked since it was sent last.
 */
void ttp_scoreboard_lost(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	ttp_scoreboard_mark(tcb, rec, TTP_TX_LOST, TTP_TX_RESENT);
	tcb->resend_from = seq_min(tcb->resend_from, rec->seq);
}
