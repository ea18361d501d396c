// SPDX-License-Identifier: GPL-2.0
/*
 * recovery.c - loss recovery: what follows when data is believed lost.
 *
 * Loss recovery has three phases (enum ttp_ca).  An arrow says what leaves a phase, and
 * where it leads:
 *
 *	OPEN		nothing is missing: slow start or congestion avoidance lets the
 *			window grow (RFC 5681 3.1)
 *	  -> RECOVERY	with SACK, a record is marked as lost (rack.c); without, the third
 *			duplicate ACK comes (RFC 5681 3.2)
 *	  -> LOSS	the retransmission timer expires; or the path turns out to take
 *			only smaller segments, which leaves the window as it is
 *
 *	RECOVERY	fast retransmit and fast recovery (RFC 6675; without SACK RFC 6582):
 *			what is lost is retransmitted, the window falls to ssthresh by
 *			PRR, proportional rate reduction (RFC 6937)
 *	  -> OPEN	SND.UNA reaches "recover", which is SND.NXT when the phase begins;
 *			or an ACK shows that nothing was lost: undo (RFC 3522)
 *	  -> LOSS	the retransmission timer expires
 *
 *	LOSS		after a timeout (RFC 6298 5, RFC 5681 3.1): all that is not SACKed
 *			counts as lost, but not what was sent just now; the window is one segment
 *			and grows by slow start
 *	  -> OPEN	as from RECOVERY
 *	  -> LOSS	the timer expires again; "recover" is set to SND.NXT again
 *	  -> RECOVERY	with SACK, a retransmission is marked as lost: that is a second sign
 *			of congestion (RFC 5681 4.3)
 *
 * In each phase send.c asks the same question: is there room in the congestion window?
 * There is as long as pipe, what is in the network, is less than cwnd (RFC 6675 4):
 *
 *	pipe = (SND.NXT - SND.UNA) - sacked - lost + resent
 *
 * What is SACKed has arrived and what is lost is gone, so neither is in the network any more;
 * what was lost and then retransmitted ("resent") is in it again.  scoreboard.c keeps the
 * three sums.  Without SACK "sacked" is an estimate: a segment for each duplicate ACK.
 *
 * Called by ack.c for each ACK, by expire.c, and by ip/xmit.c when ICMP reports a smaller MTU.
 * Next: rack.c, which says with SACK what is lost; send.c, which retransmits it.
 */
#include "core.h"

/* SND.UNA of a new connection is known. */
void ttp_recovery_init(struct ttp_tcb *tcb)
{
	tcb->resend_from = tcb->snd.una;
	tcb->recover = tcb->snd.una;
	tcb->snd.small = tcb->snd.una;
	tcb->ecn_recover = tcb->snd.una;
	if (tcb->flow)
		ttp_rack_init(&tcb->flow->rack, tcb->snd.una);
}

/* SND.UNA has moved, and what was remembered from before it moves too: sequence numbers compare
 * only while they are less than 2^31 apart.
 */
void ttp_recovery_una(struct ttp_tcb *tcb)
{
	struct ttp_flow *flow = tcb->flow;
	u32 una = tcb->snd.una;

	tcb->resend_from = seq_max(tcb->resend_from, una);
	if (tcb->ca == TTP_CA_OPEN)
		tcb->recover = seq_max(tcb->recover, una - 1);
	tcb->snd.small = seq_max(tcb->snd.small, una);
	tcb->ecn_recover = seq_max(tcb->ecn_recover, una);
	if (!flow)
		return;
	flow->rack.fack = seq_max(flow->rack.fack, una);
	flow->rack.dsack_end = seq_max(flow->rack.dsack_end, una);
	if (!tcb->sacked)	/* nor may blocks be remembered for that long */
		memset(flow->sack_seen, 0, sizeof(flow->sack_seen));
}

/* The order of blocks is not the order in which data was delivered (RFC 8985 6.2, step 3). */
static void sort(struct ttp_sack *block, u32 n)
{
	u32 i, j;

	for (i = 1; i < n; i++)
		for (j = i; j && seq_lt(block[j].left, block[j - 1].left); j--)
			swap(block[j], block[j - 1]);
}

/* One ACK, while its SACK blocks are entered. */
struct sacking {
	const struct ttp_seg *seg;
	u64 now;
	struct ttp_txrec *newest;	/* what it is about */
	bool uncut;	/* a record could not be cut, so its block must be entered again */
};

static bool split(struct ttp_tcb *tcb, struct ttp_txrec *rec, u32 at, struct sacking *s)
{
	if (!ttp_txq_split(tcb, rec, at))
		return true;
	s->uncut = true;
	return false;
}

/* Only a whole record can be marked: cut @rec at the block's edges, but only where a segment
 * may have ended.  Otherwise an attacker could have the queue cut into single bytes.
 * Return: true when @rec is within the block now.
 */
static bool cut_to_block(struct ttp_tcb *tcb, struct ttp_txrec *rec, struct ttp_sack block,
			 struct sacking *s)
{
	u32 at, mss = tcb->snd.mss;

	if (seq_lt(rec->seq, block.left)) {
		at = rec->seq + (block.left - rec->seq + mss - 1) / mss * mss;
		if (seq_lt(at, rec->end))
			split(tcb, rec, at, s);
		return false;
	}
	if (seq_leq(rec->end, block.right))
		return true;
	at = rec->seq + (block.right - rec->seq) / mss * mss;
	return at != rec->seq && split(tcb, rec, at, s);
}

static void mark_sacked(struct ttp_tcb *tcb, struct ttp_txrec *rec, const struct sacking *s)
{
	ttp_rack_delivered(tcb, rec, s->seg, s->now);
	ttp_rate_delivered(tcb, rec, s->newest);
	ttp_scoreboard_mark(tcb, rec, TTP_TX_SACKED, TTP_TX_LOST | TTP_TX_RESENT);
	if (rec != &tcb->flow->fin)
		ttp_txq_sacked(tcb, rec);
}

/* Neighbours that are SACKed become one record, so that a walk over the block is short the next
 * time.  Return: the record that @rec is a part of now.
 */
static struct ttp_txrec *merge(struct ttp_tcb *tcb, struct ttp_txrec *before, struct ttp_txrec *rec)
{
	if (before && before->flags & rec->flags & TTP_TX_SACKED && rec != &tcb->flow->fin &&
	    ttp_txq_merge(tcb, before))
		return before;
	return rec;
}

/* SACK @block, as far as it is between @from and @to: the rest was reported before.
 * Return: true if something was not known.
 */
static bool sack_range(struct ttp_tcb *tcb, struct ttp_sack block, u32 from, u32 to,
		       struct sacking *s)
{
	struct ttp_txrec *rec = ttp_scoreboard_find(tcb, from), *before = NULL;
	bool any = false;

	/* the oldest begins after SND.UNA while our SYN is outstanding */
	if (rec && rec != ttp_scoreboard_first(tcb))
		before = ttp_scoreboard_find(tcb, rec->seq - 1);
	for (; rec && seq_lt(rec->seq, to); rec = ttp_scoreboard_next(tcb, rec)) {
		if (!(rec->flags & TTP_TX_SACKED) && cut_to_block(tcb, rec, block, s)) {
			mark_sacked(tcb, rec, s);
			any = true;
		}
		rec = merge(tcb, before, rec);
		before = rec;
	}
	if (rec)
		merge(tcb, before, rec);
	return any;
}

/* One SACK block, without the parts that the last ACK has reported: most ACKs repeat blocks,
 * or make one of them larger.  Those that it has reported are sorted: what is new is between them.
 * Return: true if it says something new.
 */
static bool sack_block(struct ttp_tcb *tcb, struct ttp_sack block, struct sacking *s)
{
	const struct ttp_sack *seen = tcb->flow->sack_seen, *end = seen + TTP_SACK_MAX;
	u32 from = block.left, to;
	bool any = false;

	for (; seen < end && seen->left != seen->right; seen++) {
		to = seq_min(seen->left, block.right);
		if (seq_lt(from, to))
			any |= sack_range(tcb, block, from, to, s);
		from = seq_max(from, seen->right);
	}
	if (seq_lt(from, block.right))
		any |= sack_range(tcb, block, from, block.right, s);
	return any;
}

/* D-SACK (RFC 2883 4): the first block reports what came twice when it is below SEG.ACK or
 * inside the second.
 */
static bool is_dsack(const struct ttp_seg *seg)
{
	struct ttp_sack first = seg->sack[0], second = seg->sack[1];

	if (seq_geq(first.left, first.right))
		return false;
	if (seq_leq(first.right, seg->ack))
		return true;
	return seg->nsack > 1 && seq_leq(second.left, first.left) &&
	       seq_geq(second.right, first.right);
}

/* Selective acknowledgment (SACK): enter the blocks of an ACK into the scoreboard (RFC 2018 5,
 * RFC 2883).  None of them can be trusted.  SND.UNA is up to date; report->dsack is set.
 * Return: true if they say something new.
 */
bool ttp_recovery_sack(struct ttp_tcb *tcb, const struct ttp_seg *seg, u64 now,
		       struct ttp_ack_report *report)
{
	struct ttp_sack sack[TTP_SACK_MAX], block;
	struct sacking s = { .seg = seg, .now = now, .newest = &report->newest };
	bool fresh = false;
	u32 i, n = 0;

	report->dsack = is_dsack(seg);
	if (report->dsack) {
		ttp_count(&tcb->conn, TTP_MIB_DSACKS);
		tcb->flow->stats.dsacks++;
		ttp_rack_dsack(tcb);
	}
	for (i = report->dsack; i < seg->nsack; i++) {
		block = seg->sack[i];
		/* a delayed report of data that is acknowledged by now */
		if (seq_leq(block.right, tcb->snd.una) && seq_lt(block.left, block.right))
			continue;
		/* who has what begins at SND.UNA acknowledges it */
		if (seq_geq(block.left, block.right) || seq_leq(block.left, tcb->snd.una) ||
		    seq_gt(block.right, tcb->snd.nxt)) {
			ttp_count(&tcb->conn, TTP_MIB_SACK_IGNORED);
			continue;
		}
		sack[n++] = block;
	}
	sort(sack, n);
	for (i = 0; i < n; i++)
		fresh |= sack_block(tcb, sack[i], &s);
	memset(tcb->flow->sack_seen, 0, sizeof(tcb->flow->sack_seen));
	if (!s.uncut)
		memcpy(tcb->flow->sack_seen, sack, n * sizeof(block));
	return fresh;
}

/* Fast retransmit: without SACK only the oldest segment is known to be missing. */
static void mark_oldest(struct ttp_tcb *tcb)
{
	struct ttp_txrec *rec = ttp_scoreboard_first(tcb);

	if (!rec || ttp_arq_lost(tcb) || rec->flags & TTP_TX_LOST)
		return;
	if (rec->end - rec->seq > tcb->snd.mss && ttp_txq_split(tcb, rec, rec->seq + tcb->snd.mss))
		return;
	ttp_scoreboard_lost(tcb, rec);
	tcb->resend_now = true;
}

/* Remember the windows, for what is done now may have to be undone. */
static void remember(struct ttp_tcb *tcb, bool reduced, u64 now)
{
	tcb->flow->undo = (struct ttp_undo){
		.on = tcb->opt.ts_ok,
		.reduced = reduced,
		.cwnd = tcb->flow->cong.cwnd,
		.ssthresh = tcb->flow->cong.ssthresh,
		.tsval = ttp_rtt_tsval(&tcb->opt, now),
		.ecn_recover = tcb->ecn_recover,
		.ecn_cwr = tcb->ecn_cwr,
	};
}

/* Eifel detection (RFC 3522): the ACK that follows a retransmission echoes a timestamp that is
 * older.  So the original has arrived, and nothing was lost.
 */
static bool was_spurious(struct ttp_tcb *tcb, const struct ttp_seg *seg)
{
	if (!tcb->flow->undo.on)
		return false;
	tcb->flow->undo.on = false;
	return seg->has_ts && seg->tsecr && seq_lt(seg->tsecr, tcb->flow->undo.tsval);
}

static void undo(struct ttp_tcb *tcb)
{
	struct ttp_txrec *rec;

	ttp_count(&tcb->conn, TTP_MIB_SPURIOUS);
	for (rec = ttp_scoreboard_first(tcb); rec; rec = ttp_scoreboard_next(tcb, rec))
		ttp_scoreboard_mark(tcb, rec, 0, TTP_TX_LOST | TTP_TX_RESENT);
	ttp_txq_recall(tcb);
	if (tcb->flow->undo.reduced)
		ttp_cong_undo(&tcb->flow->cong, tcb->flow->undo.cwnd, tcb->flow->undo.ssthresh);
	else	/* marks had: what PRR did ends, what they did stays */
		tcb->flow->cong.cwnd = max(tcb->flow->cong.cwnd, tcb->flow->undo.cwnd);
	ttp_ecn_undo(tcb);
	/* what was retransmitted was only overtaken: RACK is to wait the next time */
	tcb->flow->rack.reordered |= tcb->ca == TTP_CA_RECOVERY;
	tcb->ca = TTP_CA_OPEN;
	tcb->dupacks = 0;
	tcb->resend_now = false;
}

/* PRR, proportional rate reduction (RFC 6937): in fast recovery send in proportion to what is
 * delivered, so that the window is ssthresh at the end, with neither a pause nor a burst.
 */
static void reduce(struct ttp_tcb *tcb, const struct ttp_ack_report *report, bool more_lost)
{
	struct ttp_prr *prr = &tcb->flow->prr;
	u32 pipe = ttp_send_in_flight(tcb), ssthresh = tcb->flow->cong.ssthresh;
	s32 room;

	prr->delivered += report->s.delivered;
	if (pipe > ssthresh) {
		room = div_u64((u64)prr->delivered * ssthresh + prr->flight - 1, prr->flight);
		room -= prr->out;
	} else {
		room = max_t(s32, prr->delivered - prr->out, report->s.delivered);
		if (report->s.acked && !more_lost)
			room += tcb->snd.mss;	/* slow start reduction bound (RFC 9937: SafeACK) */
		room = min_t(s32, room, ssthresh - pipe);
	}
	tcb->flow->cong.cwnd = max(pipe + max(room, 0), tcb->snd.mss);
	if (!tcb->flow->cong.why)
		tcb->flow->cong.why = TTP_CONG_WHY_PRR;
}

/* Fast recovery begins (RFC 5681 3.2, RFC 6675 5 (4)): the window is halved, once for a window
 * of data; and once more when a retransmission is lost after a timeout (RFC 5681 4.3), where cwnd
 * is what was in the network, for FlightSize has what is lost.
 */
static void enter_recovery(struct ttp_tcb *tcb, u64 now, const struct ttp_ack_report *report)
{
	bool again = tcb->ca == TTP_CA_LOSS;
	u32 flight = min(ttp_send_flight_size(tcb), again ? tcb->flow->cong.cwnd : U32_MAX);
	bool reduced = ttp_ecn_has_reduced(tcb) && !again;

	remember(tcb, !reduced, now);
	tcb->flow->undo.on &= !again;	/* what was retransmitted before looks like an original */
	tcb->ca = TTP_CA_RECOVERY;
	tcb->why_resent = TTP_WHY_FAST_RETRANSMIT;
	tcb->flow->rack.tlp_out = false;	/* RFC 8985 7.1 */
	tcb->recover = tcb->snd.nxt;
	/* RFC 5681 3.2 (3), RFC 6675 5 (4.3): the first is retransmitted at once, although more
	 * is in flight than half the window
	 */
	tcb->resend_now = true;
	tcb->flow->prr = (struct ttp_prr){ .flight = max(flight, tcb->snd.mss) };
	if (!reduced)
		ttp_cong_loss(&tcb->flow->cong, flight);
	ttp_ecn_reduced(tcb);
	ttp_count(&tcb->conn, tcb->opt.sack_ok ? TTP_MIB_SACK_RECOVERY : TTP_MIB_RENO_RECOVERY);
	if (!tcb->opt.sack_ok)
		mark_oldest(tcb);
	if (!(tcb->cong_ops->flags & TTP_CONG_OWN_RECOVERY))
		reduce(tcb, report, true);
}

/* A tail loss probe has repaired a loss (RFC 8985 7.4.2): the window is reduced as for any loss,
 * but there is nothing to recover.
 */
static void reduce_once(struct ttp_tcb *tcb)
{
	ttp_cong_loss(&tcb->flow->cong, tcb->flow->rack.tlp_flight);
	ttp_cong_recovered(&tcb->flow->cong);
	tcb->flow->cong.why = TTP_CONG_WHY_PROBE;
	ttp_ecn_reduced(tcb);
}

static void leave_recovery(struct ttp_tcb *tcb)
{
	if (!tcb->opt.sack_ok)
		tcb->sacked = 0;
	if (tcb->ca == TTP_CA_RECOVERY || tcb->cong_ops->flags & TTP_CONG_OWN_RECOVERY)
		ttp_cong_recovered(&tcb->flow->cong);
	tcb->ca = TTP_CA_OPEN;
	tcb->flow->cong.why = TTP_CONG_WHY_RECOVERED;
	tcb->dupacks = 0;
	tcb->resend_now = false;
	ttp_rack_recovered(tcb);
}

/* Without SACK each duplicate ACK says that one segment has left the network.  It is counted as
 * SACKed, so pipe falls, which has the effect of two RFCs: limited transmit, where the
 * first two duplicate ACKs let new data be sent (RFC 3042), and the inflated window of fast
 * recovery (RFC 6582 3.2).
 */
static void count_dupack(struct ttp_tcb *tcb, u32 acked, bool dupack)
{
	if (acked)
		tcb->sacked -= min(tcb->sacked, acked);
	if (!dupack)
		return;
	tcb->dupacks++;
	if (ttp_arq_dupack_delivers(tcb))
		tcb->sacked = min(tcb->sacked + tcb->snd.mss, tcb->snd.nxt - tcb->snd.una);
}

/* RACK: what is lost now?  Return: a retransmission is, too. */
static bool detect(struct ttp_tcb *tcb, u64 now)
{
	u32 resent = tcb->resent;

	ttp_rack_detect(tcb, now);
	return tcb->resent < resent;
}

/* In OPEN data is lost: by congestion, or because it was a probe of the path's MTU. */
static void loss_begins(struct ttp_tcb *tcb, u64 now, const struct ttp_ack_report *report)
{
	if (!ttp_mtu_lost(tcb)) {
		enter_recovery(tcb, now, report);
		return;
	}
	ttp_recovery_not_taken(tcb);
	if (!tcb->opt.sack_ok)
		ttp_arq_lost(tcb);
}

/* What the phase does about an ACK; it may enter RECOVERY.  @again: a retransmission is lost. */
static void act(struct ttp_tcb *tcb, const struct ttp_ack_report *report, bool repaired,
		bool again, u32 was_lost, u64 now)
{
	bool lost;

	switch ((enum ttp_ca)tcb->ca) {
	case TTP_CA_OPEN:
		if (report->s.acked && !tcb->opt.sack_ok)
			tcb->dupacks = 0;
		lost = tcb->opt.sack_ok ? tcb->lost : tcb->dupacks >= ttp_dup_thresh(tcb) &&
						      seq_gt(tcb->snd.una, tcb->recover);
		if (lost)
			loss_begins(tcb, now, report);
		else if (repaired)
			reduce_once(tcb);
		break;
	case TTP_CA_RECOVERY:
		if (!tcb->opt.sack_ok && ttp_arq_lost_again(tcb, report->s.acked))
			mark_oldest(tcb);
		if (!(tcb->cong_ops->flags & TTP_CONG_OWN_RECOVERY))
			reduce(tcb, report, tcb->lost > was_lost || again);
		break;
	case TTP_CA_LOSS:
		if (again)
			enter_recovery(tcb, now, report);
		break;
	}
}

/* What an ACK means for recovery and for the congestion window.  SND.UNA and the scoreboard are up
 * to date; the sample in @report is completed.
 */
void ttp_recovery_ack(struct ttp_tcb *tcb, const struct ttp_seg *seg, struct ttp_ack_report *report,
		      u64 now)
{
	bool recovering = tcb->ca == TTP_CA_RECOVERY, timed_out = tcb->ca == TTP_CA_LOSS;
	struct ttp_ack_sample *s = &report->s;
	u32 was_lost = tcb->lost;
	bool again = false;	/* a retransmission is lost */
	bool repaired;		/* by a tail loss probe */

	if (s->acked && tcb->ca != TTP_CA_OPEN && was_spurious(tcb, seg))
		undo(tcb);
	if (tcb->sacked) {	/* with SACK, what is lost will be seen without a probe */
		ttp_timer_set(tcb, TTP_TM_PROBE, 0);
		tcb->pending &= ~TTP_PEND_TLP;
	}
	if (tcb->opt.sack_ok)
		again = detect(tcb, now);
	else
		count_dupack(tcb, s->acked, report->dupack);

	if (tcb->ca != TTP_CA_OPEN && s->acked && seq_geq(tcb->snd.una, tcb->recover))
		leave_recovery(tcb);
	repaired = ttp_rack_probe_acked(tcb, seg, report);
	if (repaired)
		ttp_count(&tcb->conn, TTP_MIB_LOSS_PROBE_RECOVERY);
	act(tcb, report, repaired, again, was_lost, now);
	if (!s->delivered)
		return;
	/* the ACK that ends fast recovery makes the window ssthresh, and no larger */
	s->recovery = recovering || tcb->ca == TTP_CA_RECOVERY;
	s->acked = min(s->acked, s->delivered);	/* the rest was SACKed before */
	if (timed_out)
		s->acked = min(s->acked, tcb->snd.mss);
	s->lost = tcb->lost > was_lost ? tcb->lost - was_lost : 0;
	s->cwnd_limited = ttp_cwv_limited(tcb);
	ttp_cong_acked(&tcb->flow->cong, s);
}

/* The timer REORDER has expired: data was late, and now it is lost. */
void ttp_recovery_late(struct ttp_tcb *tcb, u64 now)
{
	struct ttp_ack_report none = { 0 };
	bool again = detect(tcb, now);

	if (tcb->lost && tcb->ca == TTP_CA_OPEN)
		loss_begins(tcb, now, &none);
	else if (again && tcb->ca == TTP_CA_LOSS)
		enter_recovery(tcb, now, &none);
	else if (tcb->ca == TTP_CA_RECOVERY)
		tcb->resend_now = true;
}

/* Data counts as lost, but the path is not to blame: the windows stay. */
static void no_congestion(struct ttp_tcb *tcb)
{
	if (tcb->ca != TTP_CA_OPEN)
		return;
	tcb->ca = TTP_CA_LOSS;
	tcb->flow->cong.why = TTP_CONG_WHY_MSS;
	tcb->why_resent = TTP_WHY_NONE;
	tcb->flow->undo.on = false;
	tcb->recover = tcb->snd.nxt;
}

/**
 * ttp_recovery_too_big - path MTU discovery: the path takes only smaller segments than were sent
 * @tcb: snd.mss is what it takes; what is longer is retransmitted, in pieces
 *
 * That is no sign of congestion: the window stays.  Source: RFC 1191 6.
 */
void ttp_recovery_too_big(struct ttp_tcb *tcb)
{
	struct ttp_txrec *rec;
	bool any = false;

	if (!tcb->flow)
		return;		/* nothing was sent */
	memset(tcb->flow->sack_seen, 0, sizeof(tcb->flow->sack_seen));	/* records are cut anew */
	for (rec = ttp_scoreboard_first(tcb); rec; rec = ttp_scoreboard_next(tcb, rec)) {
		if (rec->flags & TTP_TX_SACKED || rec->end - rec->seq <= tcb->snd.mss)
			continue;
		ttp_scoreboard_lost(tcb, rec);
		any = true;
	}
	if (any)
		no_congestion(tcb);
}

/* The first record is sent again, but nothing was lost on the way: it was the data of our SYN
 * (fastopen.c), or too large (mtu.c).  But a peer may SACK even what begins at SND.UNA.
 */
void ttp_recovery_not_taken(struct ttp_tcb *tcb)
{
	struct ttp_txrec *rec = ttp_scoreboard_first(tcb);

	if (rec && !(rec->flags & (TTP_TX_LOST | TTP_TX_SACKED)))
		ttp_scoreboard_lost(tcb, rec);
	no_congestion(tcb);
}

/* Retransmission timeout (RFC 5681 3.1, RFC 6298 5.4-5): all that is outstanding and not SACKed
 * counts as lost, and the congestion window falls to one segment.  With SACK, what was sent less
 * than a round trip ago may still arrive (RFC 8985 6.3): only the oldest record counts in any case.
 */
void ttp_recovery_timeout(struct ttp_tcb *tcb, u64 now)
{
	struct ttp_txrec *oldest = ttp_scoreboard_first(tcb), *rec;
	/* RFC 2018 8: a receiver may discard what it has SACKed.  If the oldest record is
	 * SACKed, it has, or SND.UNA would be beyond it.
	 */
	u32 forget = oldest && oldest->flags & TTP_TX_SACKED ? TTP_TX_SACKED : 0;
	bool first = !tcb->retransmits;		/* for the oldest record */
	struct ttp_cong *cong = &tcb->flow->cong;

	/* in fast recovery cwnd is PRR's: what may be sent now, not what the path takes */
	if (tcb->ca == TTP_CA_RECOVERY && !(cong->ops->flags & TTP_CONG_OWN_RECOVERY))
		cong->cwnd = max(cong->cwnd, min(cong->ssthresh, tcb->flow->prr.flight));
	if (first)
		remember(tcb, true, now);
	ttp_cong_timeout(cong, ttp_send_flight_size(tcb), first);
	if (!tcb->opt.sack_ok)
		tcb->sacked = 0;
	for (rec = oldest; rec; rec = ttp_scoreboard_next(tcb, rec)) {
		if (rec->flags & TTP_TX_SACKED & ~forget)
			continue;
		if (rec != oldest && !((rec->flags & TTP_TX_LOST) | forget) &&
		    ttp_rack_may_arrive(tcb, rec, now))
			continue;
		if (rec->flags & forget && rec != &tcb->flow->fin)
			ttp_txq_unsacked(tcb, rec);
		ttp_scoreboard_mark(tcb, rec, TTP_TX_LOST, TTP_TX_RESENT | forget);
	}
	memset(tcb->flow->sack_seen, 0, sizeof(tcb->flow->sack_seen));
	tcb->ca = TTP_CA_LOSS;
	tcb->why_resent = TTP_WHY_RTO;
	tcb->flow->rack.tlp_out = false;
	tcb->resend_now = true;		/* the oldest, whatever may still be in the network */
	tcb->dupacks = 0;
	tcb->recover = tcb->snd.nxt;
	tcb->resend_from = tcb->snd.una;
	ttp_ecn_reduced(tcb);
}
