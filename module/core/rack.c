// SPDX-License-Identifier: GPL-2.0
/*
 * rack.c - RACK-TLP (RFC 8985), which says with SACK what is lost.
 *
 * RACK: data is lost when data that was sent later has been delivered, and a short time has
 * passed, the reordering window, in case it was only overtaken.  TLP, the tail loss probe:
 * when the end of a flight may be lost, no later data can show it; so a probe is sent
 * before the retransmission timer would expire.
 *
 * Called by flow.c, by ack.c and recovery.c for each record that is delivered, then once for the
 * ACK; by timer.c and send.c for the tail loss probe.
 * Next: rate.c, which measures how fast data is delivered; timer.c.
 */
#include "core.h"

#define PERSIST		16	/* recoveries: RFC 8985 6.2, step 4 */
#define PROBE_US	1000000	/* 7.2: without a round trip sample */
#define ACK_DELAY_US	200000	/* WCDelAckT: the longest delayed ACK of a peer */
#define OVERTAKEN_MAX	300U	/* segments: Linux's tcp_max_reordering */
#define SLACK_US	2000	/* two round trips may be shorter than a tick of the clock */

/* Nothing was sent yet from @una on. */
void ttp_rack_init(struct ttp_rack *rack, u32 una)
{
	rack->fack = una;
	rack->end = una;
	rack->dsack_end = una;
	rack->mult = 1;
}

/* RACK_sent_after(): what was sent at the same time is ordered by sequence number. */
static bool sent_after(u64 us1, u32 end1, u64 us2, u32 end2)
{
	return us1 > us2 || (us1 == us2 && seq_gt(end1, end2));
}

/* Step 2: an ACK of what was retransmitted may be that of the original.  Timestamps tell, but not
 * of what is SACKed: the peer echoes that of the data before the gap (RFC 7323 4.3).
 */
static bool ambiguous(const struct ttp_tcb *tcb, const struct ttp_txrec *rec,
		      const struct ttp_seg *seg, u32 rtt_us)
{
	if (!(rec->flags & TTP_TX_EVER_RESENT))
		return false;
	if (tcb->opt.ts_ok && seg->has_ts && seq_leq(rec->end, seg->ack) &&
	    seq_lt(seg->tsecr, ttp_rtt_tsval(&tcb->opt, rec->sent_us)))
		return true;
	return rtt_us < tcb->flow->rack.min_rtt_us;
}

/* RACK, steps 2 and 3 (RFC 8985 6.2): the peer has @rec, which is newly acknowledged or newly
 * SACKed; its flags are still what they were.
 */
void ttp_rack_delivered(struct ttp_tcb *tcb, const struct ttp_txrec *rec, const struct ttp_seg *seg,
			u64 now)
{
	struct ttp_rack *rack = &tcb->flow->rack;
	u32 rtt_us = min_t(u64, now - rec->sent_us, U32_MAX), segs;

	tcb->segs_delivered += DIV_ROUND_UP(rec->end - rec->seq, tcb->snd.mss);
	if (seq_gt(rec->end, rack->fack)) {
		rack->fack = rec->end;
	} else if (!(rec->flags & TTP_TX_EVER_RESENT) && seq_lt(rec->end, rack->fack)) {
		rack->reordered = true;
		tcb->flow->stats.reordered++;
		segs = DIV_ROUND_UP(rack->fack - rec->seq, tcb->snd.mss);
		rack->overtaken = clamp(segs, rack->overtaken, OVERTAKEN_MAX);
	}
	if (ambiguous(tcb, rec, seg, rtt_us))
		return;
	if (!rack->xmit_us || sent_after(rec->sent_us, rec->end, rack->xmit_us, rack->end)) {
		rack->xmit_us = rec->sent_us;
		rack->end = rec->end;
		rack->rtt_us = rtt_us;
	}
}

/* RACK, step 4 (RFC 8985 6.2): a D-SACK says that something was retransmitted too early.  The
 * reordering window grows by a quarter of a round trip, once in a round trip.
 */
void ttp_rack_dsack(struct ttp_tcb *tcb)
{
	struct ttp_rack *rack = &tcb->flow->rack;

	/* it was the tail loss probe, or the network has made two of one */
	if ((rack->tlp_out && rack->tlp_resent) || tcb->flow->stats.dsacks > tcb->total_retrans)
		return;
	rack->persist = PERSIST;
	rack->reordered |= tcb->why_resent == TTP_WHY_FAST_RETRANSMIT;
	if (seq_lt(tcb->snd.una, rack->dsack_end))
		return;
	rack->dsack_end = tcb->snd.nxt;
	if (rack->mult < 255)
		rack->mult++;
}

/* A recovery has ended. */
void ttp_rack_recovered(struct ttp_tcb *tcb)
{
	struct ttp_rack *rack = &tcb->flow->rack;

	if (rack->persist && --rack->persist == 0)
		rack->mult = 1;
}

/* The reordering window (step 4): how long data may be late before it counts as lost: a quarter of
 * the least round trip, and more after D-SACKs; none as long as nothing was reordered and there
 * are other signs of loss.
 */
static u32 reo_wnd(const struct ttp_tcb *tcb)
{
	const struct ttp_rack *rack = &tcb->flow->rack;
	u64 wnd = (u64)rack->min_rtt_us / 4 * max_t(u8, rack->mult, 1);

	if (!rack->reordered &&
	    (tcb->ca != TTP_CA_OPEN || tcb->sacked >= ttp_dup_thresh(tcb) * tcb->snd.mss))
		return 0;
	return min_t(u64, wnd, tcb->srtt_us);
}

/* Is @rec lost?  If not yet, the timer REORDER is set to when all sent by RACK.xmit_ts will be. */
static bool is_lost(struct ttp_tcb *tcb, struct ttp_txrec *rec, u64 now)
{
	struct ttp_rack *rack = &tcb->flow->rack;
	u64 wait = (u64)rack->rtt_us + reo_wnd(tcb);

	if ((rec->flags & (TTP_TX_LOST | TTP_TX_RESENT)) == TTP_TX_LOST)
		return true;
	if (!sent_after(rack->xmit_us, rack->end, rec->sent_us, rec->end))
		return false;
	if (rec->sent_us + wait > now) {
		ttp_timer_set(tcb, TTP_TM_REORDER, rack->xmit_us + wait);
		return false;
	}
	ttp_scoreboard_lost(tcb, rec);
	return true;
}

/* RACK, step 5 (RFC 8985 6.2): mark what is lost.  The records are looked at in the order in
 * which they were sent, up to the first that is not lost, so that no ACK makes us walk
 * over the whole flight.
 */
void ttp_rack_detect(struct ttp_tcb *tcb, u64 now)
{
	struct ttp_txrec *rec, *fin = &tcb->flow->fin;

	ttp_timer_set(tcb, TTP_TM_REORDER, 0);
	if (!tcb->flow->rack.xmit_us)
		return;
	while ((rec = ttp_txq_oldest(tcb)) != NULL && is_lost(tcb, rec, now))
		ttp_txq_pass(tcb, rec);
	/* a FIN without data is in no queue */
	if (tcb->snd.fin_queued && fin->flags & TTP_TX_SENT && !(fin->flags & TTP_TX_SACKED) &&
	    seq_leq(tcb->snd.una, fin->seq))
		is_lost(tcb, fin, now);
}

/* RACK at a timeout (RFC 8985 6.3): @rec was sent so lately that it may still arrive. */
bool ttp_rack_may_arrive(const struct ttp_tcb *tcb, const struct ttp_txrec *rec, u64 now)
{
	return tcb->opt.sack_ok && rec->sent_us + tcb->flow->rack.rtt_us + reo_wnd(tcb) > now;
}

/* Is one segment in flight?  Short ones are counted by their records. */
static bool one_segment(struct ttp_tcb *tcb)
{
	struct ttp_txrec *rec = ttp_scoreboard_first(tcb);

	return ttp_send_in_flight(tcb) <= tcb->snd.mss &&
	       (!rec || tcb->snd.nxt - rec->end <= tcb->snd.fin_queued);
}

/* Tail loss probe (RFC 8985 7.2): start its timer, if a probe can help: PTO, or where the
 * retransmission timer would expire, which then waits for one RTO more.
 */
void ttp_rack_arm_probe(struct ttp_tcb *tcb, u64 now)
{
	u64 pto = PROBE_US, rtx = tcb->deadline[TTP_TM_RTX];

	ttp_timer_set(tcb, TTP_TM_PROBE, 0);
	if (!tcb->flow || !tcb->opt.sack_ok || tcb->ca != TTP_CA_OPEN || tcb->sacked ||
	    tcb->flow->rack.tlp_out || ttp_tcb_syn_out(tcb) || tcb->backoff)
		return;
	if (tcb->srtt_us)
		pto = 2ULL * tcb->srtt_us;
	pto += one_segment(tcb) ? ACK_DELAY_US : SLACK_US;
	if (rtx)
		ttp_timer_set(tcb, TTP_TM_PROBE, min(ttp_send_left_us(tcb, now) + pto, rtx));
}

/* The tail loss probe was sent; with @resent it was a retransmission. */
void ttp_rack_probe_sent(struct ttp_tcb *tcb, bool resent)
{
	tcb->flow->rack.tlp_out = true;
	tcb->flow->rack.tlp_resent = resent;
	tcb->flow->rack.tlp_end = tcb->snd.nxt;
	tcb->flow->rack.tlp_flight = ttp_send_flight_size(tcb);
	ttp_count(&tcb->conn, TTP_MIB_LOSS_PROBES);
}

/* Did the tail loss probe repair a loss that nothing else showed (RFC 8985 7.4.2)?  Then the
 * congestion control must be told.
 */
bool ttp_rack_probe_acked(struct ttp_tcb *tcb, const struct ttp_seg *seg,
			  const struct ttp_ack_report *report)
{
	struct ttp_rack *rack = &tcb->flow->rack;
	bool spurious = report->dsack || report->says_nothing;	/* cases 1 and 2 */

	if (!rack->tlp_out || seq_lt(seg->ack, rack->tlp_end))
		return false;
	if (!rack->tlp_resent || spurious) {
		rack->tlp_out = false;
		return false;
	}
	/* an ACK of all up to the probe may be that of the original */
	rack->tlp_out = seg->ack == rack->tlp_end;
	return !rack->tlp_out;
}
