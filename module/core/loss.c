// SPDX-License-Identifier: GPL-2.0
/*
 * loss.c - what is believed lost, and what follows: fast retransmit and fast
 * recovery with SACK (RFC 2018, 6675) or without (RFC 6582), and recovery
 * after the retransmission timer (RFC 6298 5, RFC 5681 3.1).
 *
 * The scoreboard is the flags of each struct ttp_txrec, with running sums of
 * octets in the TCB; ttp_loss_mark() is the one place that changes either.
 *
 * Next: send.c, which resends what is marked; cong.h for the window.
 */
#include "core.h"

#define DUP_THRESH	3	/* RFC 5681 3.2, RFC 6675 2 */

/**
 * ttp_loss_first - the oldest record sent and not acknowledged
 * @tcb: the connection
 *
 * Return: text, or the FIN, or %NULL.
 */
struct ttp_txrec *ttp_loss_first(struct ttp_tcb *tcb)
{
	struct ttp_txrec *rec = ttp_txq_first(tcb);

	if (rec)
		return rec->flags & TTP_TX_SENT ? rec : NULL;
	rec = &tcb->snd.fin;
	return tcb->snd.fin_queued && rec->flags & TTP_TX_SENT &&
	       seq_leq(tcb->snd.una, rec->seq) ? rec : NULL;
}

/**
 * ttp_loss_next - the record sent that follows in sequence
 * @tcb: the connection
 * @rec: of ttp_loss_first() or ttp_loss_next()
 *
 * Return: text, or the FIN, or %NULL.
 */
struct ttp_txrec *ttp_loss_next(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	if (rec == &tcb->snd.fin)
		return NULL;
	rec = ttp_txq_next(tcb, rec);
	if (!rec && tcb->snd.fin_queued)
		rec = &tcb->snd.fin;
	return rec && rec->flags & TTP_TX_SENT ? rec : NULL;
}

/**
 * ttp_loss_find - the record sent that holds a sequence number
 * @tcb: the connection
 * @seq: the number
 *
 * Return: text or the FIN; the oldest when @seq is before SND.UNA; %NULL when
 * it was not sent.
 */
struct ttp_txrec *ttp_loss_find(struct ttp_tcb *tcb, u32 seq)
{
	struct ttp_txrec *rec;

	if (seq_leq(seq, tcb->snd.una))
		return ttp_loss_first(tcb);
	rec = ttp_txq_find(tcb, seq);
	if (!rec && tcb->snd.fin_queued && seq == tcb->snd.fin.seq)
		rec = &tcb->snd.fin;
	return rec && rec->flags & TTP_TX_SENT ? rec : NULL;
}

/**
 * ttp_loss_init - the scoreboard of a new connection
 * @tcb: SND.UNA is known
 */
void ttp_loss_init(struct ttp_tcb *tcb)
{
	tcb->high_sacked = tcb->snd.una;
	tcb->lost_upto = tcb->snd.una;
	tcb->resend_from = tcb->snd.una;
	tcb->snd.small = tcb->snd.una;
}

/**
 * ttp_loss_una - SND.UNA has moved
 * @tcb: what was remembered from before it moves too: sequence numbers compare
 *	only while they are less than 2^31 apart
 */
void ttp_loss_una(struct ttp_tcb *tcb)
{
	u32 una = tcb->snd.una;

	tcb->high_sacked = seq_max(tcb->high_sacked, una);
	tcb->lost_upto = seq_max(tcb->lost_upto, una);
	tcb->resend_from = seq_max(tcb->resend_from, una);
	tcb->snd.small = seq_max(tcb->snd.small, una);
}

static void sum(struct ttp_tcb *tcb, u32 flags, s32 octets)
{
	if (flags & TTP_TX_SACKED)
		tcb->sacked += octets;
	if (flags & TTP_TX_LOST)
		tcb->lost += octets;
	if (flags & TTP_TX_RESENT)
		tcb->resent += octets;
}

/**
 * ttp_loss_mark - change a record's flags
 * @tcb: its sums change with them
 * @rec: the record
 * @set: TTP_TX_* to set
 * @clear: TTP_TX_* to clear
 */
void ttp_loss_mark(struct ttp_tcb *tcb, struct ttp_txrec *rec, u32 set, u32 clear)
{
	u32 len = rec->end - rec->seq;

	sum(tcb, rec->flags, -len);
	rec->flags = (rec->flags & ~clear) | set;
	sum(tcb, rec->flags, len);
}

/**
 * ttp_loss_acked - a record, or the beginning of one, was acknowledged
 * @tcb: its sums change
 * @rec: about to go, or to begin at @upto
 * @upto: SEG.ACK
 */
void ttp_loss_acked(struct ttp_tcb *tcb, struct ttp_txrec *rec, u32 upto)
{
	sum(tcb, rec->flags, -(seq_min(rec->end, upto) - rec->seq));
}

static void mark_lost(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	ttp_loss_mark(tcb, rec, TTP_TX_LOST, TTP_TX_RESENT);
	tcb->resend_from = seq_min(tcb->resend_from, rec->seq);
}

/* One SACK block.  Return: true if it says something new. */
static bool sack_block(struct ttp_tcb *tcb, struct ttp_sack block)
{
	struct ttp_txrec *rec = ttp_loss_find(tcb, block.left);
	bool news = false;

	for (; rec && seq_lt(rec->seq, block.right); rec = ttp_loss_next(tcb, rec)) {
		if (rec->flags & TTP_TX_SACKED)
			continue;
		/* only a whole record can be marked: cut it at the edges */
		if (seq_lt(rec->seq, block.left)) {
			if (ttp_txq_split(tcb, rec, block.left))
				return news;
			continue;
		}
		if (seq_gt(rec->end, block.right) &&
		    ttp_txq_split(tcb, rec, block.right))
			return news;
		ttp_loss_mark(tcb, rec, TTP_TX_SACKED, TTP_TX_LOST | TTP_TX_RESENT);
		news = true;
	}
	if (seq_gt(block.right, tcb->high_sacked) || seq_leq(tcb->high_sacked, tcb->snd.una))
		tcb->high_sacked = block.right;
	return news;
}

/**
 * ttp_loss_sack - enter an ACK's SACK blocks into the scoreboard
 * @tcb: SND.UNA is up to date
 * @seg: with @seg->nsack blocks, none of them to be trusted
 *
 * Return: true if there was something new in them.  Source: RFC 2018 5.
 */
bool ttp_loss_sack(struct ttp_tcb *tcb, const struct ttp_seg *seg)
{
	struct ttp_sack block;
	bool news = false;
	u32 i;

	for (i = 0; i < seg->nsack; i++) {
		block = seg->sack[i];
		/* a D-SACK, or about text acknowledged since */
		if (seq_leq(block.right, tcb->snd.una) && seq_lt(block.left, block.right))
			continue;
		if (seq_geq(block.left, block.right) || seq_lt(block.left, tcb->snd.una) ||
		    seq_gt(block.right, tcb->snd.nxt)) {
			ttp_count(&tcb->conn, TTP_MIB_SACK_IGNORED);
			continue;
		}
		if (!memcmp(&block, &tcb->sack_seen[i], sizeof(block)))
			continue;
		news |= sack_block(tcb, block);
	}
	memset(tcb->sack_seen, 0, sizeof(tcb->sack_seen));
	memcpy(tcb->sack_seen, seg->sack, seg->nsack * sizeof(block));
	return news;
}

/* RFC 6675 4 IsLost(): more than two segments' worth above it were SACKed.
 * Walks down from the highest SACKed octet to what was decided before.
 */
static void detect(struct ttp_tcb *tcb)
{
	struct ttp_txrec *rec, *fin = &tcb->snd.fin;
	u32 seq = tcb->high_sacked - 1, above = 0, upto = 0;
	bool found = false;

	if (!tcb->sacked || seq_leq(tcb->high_sacked, tcb->snd.una))
		return;
	if (tcb->snd.fin_queued && seq == fin->seq) {
		above = 1;
		seq--;
	}
	for (rec = ttp_txq_find(tcb, seq); rec; rec = ttp_txq_prev(tcb, rec)) {
		if (seq_lt(rec->seq, tcb->lost_upto))
			break;
		if (rec->flags & TTP_TX_SACKED) {
			above += rec->end - rec->seq;
			continue;
		}
		if (above <= (DUP_THRESH - 1) * tcb->snd.mss)
			continue;
		if (!found)
			upto = rec->end;
		found = true;
		if (!(rec->flags & TTP_TX_LOST))
			mark_lost(tcb, rec);
	}
	if (found)
		tcb->lost_upto = upto;
}

/* Without SACK only the oldest segment is known to be missing. */
static void mark_oldest(struct ttp_tcb *tcb)
{
	struct ttp_txrec *rec = ttp_loss_first(tcb);

	if (!rec || rec->flags & TTP_TX_LOST)
		return;
	if (rec->end - rec->seq > tcb->snd.mss &&
	    ttp_txq_split(tcb, rec, rec->seq + tcb->snd.mss))
		return;
	mark_lost(tcb, rec);
	tcb->resend_now = true;
}

/* RFC 5681 3.2, RFC 6675 5 (4): halve the window, once for a window of text */
static void enter_recovery(struct ttp_tcb *tcb, u32 in_flight)
{
	tcb->ca = TTP_CA_RECOVERY;
	tcb->recover = tcb->snd.nxt;
	/* RFC 5681 3.2 (3), RFC 6675 5 (4.3): the first goes at once, though
	 * more is in flight than half the window
	 */
	tcb->resend_now = true;
	ttp_cong_loss(&tcb->cong, in_flight);
	ttp_count(&tcb->conn, TTP_MIB_FAST_RETRANS);
	ttp_count(&tcb->conn, tcb->opt.sack_ok ? TTP_MIB_SACK_RECOVERY :
						 TTP_MIB_RENO_RECOVERY);
	if (!tcb->opt.sack_ok)
		mark_oldest(tcb);
}

static void leave_recovery(struct ttp_tcb *tcb)
{
	if (tcb->ca == TTP_CA_RECOVERY)
		ttp_cong_recovered(&tcb->cong, ttp_send_in_flight(tcb));
	tcb->ca = TTP_CA_OPEN;
	tcb->dupacks = 0;
}

/* Without SACK each duplicate ACK says that one segment left the network
 * (RFC 6582 3.2 inflates the window for it; it is the same to count it as
 * SACKed).
 */
static void count_dupack(struct ttp_tcb *tcb, u32 acked, bool dupack)
{
	if (acked)
		tcb->sacked -= min(tcb->sacked, acked);
	if (dupack) {
		tcb->dupacks++;
		tcb->sacked = min(tcb->sacked + tcb->snd.mss, tcb->snd.nxt - tcb->snd.una);
	}
}

/**
 * ttp_loss_ack - what an ACK means for recovery and for the congestion window
 * @tcb: SND.UNA and the scoreboard are up to date
 * @acked: octets newly acknowledged
 * @in_flight: octets that were in flight before
 * @dupack: it was a duplicate ACK
 */
void ttp_loss_ack(struct ttp_tcb *tcb, u32 acked, u32 in_flight, bool dupack)
{
	bool lost;

	if (tcb->opt.sack_ok)
		detect(tcb);
	else
		count_dupack(tcb, acked, dupack);

	if (tcb->ca != TTP_CA_OPEN && acked && seq_geq(tcb->snd.una, tcb->recover)) {
		if (!tcb->opt.sack_ok)
			tcb->sacked = 0;
		leave_recovery(tcb);
	}
	switch ((enum ttp_ca)tcb->ca) {
	case TTP_CA_OPEN:
		if (acked && !tcb->opt.sack_ok)
			tcb->dupacks = 0;
		lost = tcb->opt.sack_ok ? tcb->lost : tcb->dupacks >= DUP_THRESH;
		if (lost) {
			enter_recovery(tcb, in_flight);
			return;
		}
		break;
	case TTP_CA_RECOVERY:
		/* a partial ACK: the next hole is lost as well (RFC 6582) */
		if (acked && !tcb->opt.sack_ok)
			mark_oldest(tcb);
		return;
	case TTP_CA_LOSS:
		break;
	}
	/* grow, unless the user or the peer kept the window from being used */
	if (acked && in_flight * 2 >= tcb->cong.cwnd)
		ttp_cong_acked(&tcb->cong, acked);
}

/**
 * ttp_loss_timeout - the retransmission timer has expired
 * @tcb: with text or a FIN outstanding
 *
 * All that is outstanding and not SACKed counts as lost, and the window falls
 * to one segment.  Source: RFC 5681 3.1, RFC 6298 5.4-5.
 */
void ttp_loss_timeout(struct ttp_tcb *tcb)
{
	struct ttp_txrec *rec = ttp_loss_first(tcb);
	/* RFC 2018 8: a receiver may take back what it SACKed; if the very
	 * oldest is SACKed, it did.
	 */
	u32 forget = rec && rec->flags & TTP_TX_SACKED ? TTP_TX_SACKED : 0;
	bool first = tcb->ca != TTP_CA_LOSS || seq_geq(tcb->snd.una, tcb->recover);

	ttp_cong_timeout(&tcb->cong, ttp_send_in_flight(tcb), first && !tcb->retransmits);
	if (!tcb->opt.sack_ok)
		tcb->sacked = 0;
	for (; rec; rec = ttp_loss_next(tcb, rec)) {
		if (rec->flags & TTP_TX_SACKED & ~forget)
			continue;
		ttp_loss_mark(tcb, rec, TTP_TX_LOST, TTP_TX_RESENT | forget);
	}
	memset(tcb->sack_seen, 0, sizeof(tcb->sack_seen));
	tcb->ca = TTP_CA_LOSS;
	tcb->resend_now = false;
	tcb->dupacks = 0;
	tcb->recover = tcb->snd.nxt;
	tcb->lost_upto = tcb->snd.nxt;
	tcb->resend_from = tcb->snd.una;
}
