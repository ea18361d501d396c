// SPDX-License-Identifier: GPL-2.0
/*
 * arq.c - automatic repeat request (ARQ): all in which the three schemes of the textbooks
 * differ.  What they send is TCP in each case, and each can talk to any TCP.
 *
 *			stop-and-wait	go-back-N	selective repeat
 *	in flight	one segment	a window	a window
 *	receiver keeps	in order	in order	what comes, and says so
 *	out of order				(SACK, RFC 2018)
 *	lost means	timeout: it	timeout, third	RACK: what is late
 *			again		duplicate ACK:
 *					all again
 *	an ACK for	each segment	two		two, or what is read
 *
 * The utilisation that follows, with a = propagation / transmission time, loss p
 * and a window of N > 1 + 2a segments: (1 - p) / (1 + 2a), (1 - p) / (1 + 2ap) and
 * 1 - p (Stallings, Data and Computer Communications, 16A).
 *
 * Called wherever they differ: by arrives.c, ack.c, recovery.c and send.c.
 * Next: recovery.c, which is the same for all three but for this.
 */
#include "core.h"

const char *const ttp_arq_names[TTP_ARQ_MAX] = {
	[TTP_ARQ_SELECTIVE_REPEAT] = "selective-repeat",
	[TTP_ARQ_GO_BACK_N] = "go-back-n",
	[TTP_ARQ_STOP_AND_WAIT] = "stop-and-wait",
};

/**
 * ttp_arq_find - look a scheme up
 * @name: as in ttp_arq_names[]
 *
 * Return: enum ttp_arq, or -ENOENT.
 */
int ttp_arq_find(const char *name)
{
	int i;

	for (i = 0; i < TTP_ARQ_MAX; i++)
		if (!strcmp(name, ttp_arq_names[i]))
			return i;
	return -ENOENT;
}

/* May SACK be offered and taken? */
bool ttp_arq_sack(u8 arq)
{
	return arq == TTP_ARQ_SELECTIVE_REPEAT;
}

/* Is data kept that came out of order?  If not, that is a deviation from SHLD-31 which the
 * user has asked for.
 */
bool ttp_arq_keeps(const struct ttp_tcb *tcb, const struct ttp_seg *seg)
{
	return tcb->asked.arq == TTP_ARQ_SELECTIVE_REPEAT || seq_leq(seg->seq, tcb->rcv.nxt);
}

/* Is each segment acknowledged at once? */
bool ttp_arq_acks_each(const struct ttp_tcb *tcb)
{
	return tcb->asked.arq == TTP_ARQ_STOP_AND_WAIT;
}

/* Is every second segment acknowledged at once, even if nobody reads? */
bool ttp_arq_acks_second(const struct ttp_tcb *tcb)
{
	return tcb->asked.arq != TTP_ARQ_SELECTIVE_REPEAT || READ_ONCE(tcb->cfg->ack_every_second);
}

/* How much new data may be sent, of the @room bytes that the windows allow? */
u32 ttp_arq_room(const struct ttp_tcb *tcb, u32 room)
{
	if (tcb->asked.arq != TTP_ARQ_STOP_AND_WAIT)
		return room;
	return tcb->snd.una == tcb->snd.nxt ? min(room, tcb->snd.mss) : 0;
}

/* Without SACK: does a duplicate ACK say that one more segment has arrived?  Not when the
 * receiver discards what comes out of order; nor after a timeout, when all counts as lost.
 */
bool ttp_arq_dupack_delivers(const struct ttp_tcb *tcb)
{
	return tcb->asked.arq != TTP_ARQ_GO_BACK_N && tcb->ca != TTP_CA_LOSS;
}

/* Without SACK: the oldest segment is lost.  Return: true when the receiver will have discarded
 * all that was sent after it; then all of it is marked as lost now.
 */
bool ttp_arq_lost(struct ttp_tcb *tcb)
{
	struct ttp_txrec *rec;

	if (tcb->asked.arq != TTP_ARQ_GO_BACK_N)
		return false;
	for (rec = ttp_scoreboard_first(tcb); rec; rec = ttp_scoreboard_next(tcb, rec))
		if ((rec->flags & (TTP_TX_LOST | TTP_TX_RESENT)) != TTP_TX_LOST)
			ttp_scoreboard_lost(tcb, rec);
	tcb->sacked = 0;
	tcb->resend_now = true;
	return true;
}

/* Without SACK, in fast recovery: is the oldest segment lost as well, or again?  A partial
 * ACK (@acked bytes; 0 for a duplicate) says so (RFC 6582).  In go-back-N, where all was sent
 * again, it takes three duplicate ACKs after a partial one.
 */
bool ttp_arq_lost_again(struct ttp_tcb *tcb, u32 acked)
{
	if (tcb->asked.arq != TTP_ARQ_GO_BACK_N)
		return acked > 0;
	if (acked)
		tcb->dupacks = 0;
	return tcb->dupacks == ttp_dup_thresh(tcb);
}
