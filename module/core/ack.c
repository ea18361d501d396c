// SPDX-License-Identifier: GPL-2.0
/*
 * ack.c - what an acknowledgment does: SND.UNA and SND.WND move, a round trip is measured,
 * a duplicate ACK is recognized (RFC 9293 3.10.7.4 fifth step, RFC 5681 2).
 *
 * Acknowledgments are cumulative: SEG.ACK says that all bytes before it have arrived.
 * What arrived beyond it is reported by SACK.
 *
 * Called by arrives.c for each segment with the ACK bit.
 * Next: rtt.c for the round trip, scoreboard.c for what is known of each byte, recovery.c for what
 * follows from it.
 */
#include "core.h"

/* Blind attacks (RFC 5961 5.2): an ACK of what was never sent, or of what is older than one
 * window, is somebody's guess.  Acceptable is SND.UNA - MAX.SND.WND =< SEG.ACK =< SND.NXT
 * (RFC 9293 3.10.7.4, MAY-12).
 */
bool ttp_ack_acceptable(const struct ttp_tcb *tcb, const struct ttp_seg *seg)
{
	return seq_leq(tcb->snd.una - tcb->snd.max_wnd, seg->ack) &&
	       seq_leq(seg->ack, tcb->snd.nxt);
}

/* Is our FIN acknowledged? */
bool ttp_ack_fin_acked(const struct ttp_tcb *tcb)
{
	return tcb->snd.fin_queued && tcb->flow->fin.flags & TTP_TX_SENT &&
	       seq_geq(tcb->snd.una, tcb->flow->fin.end);
}

/* A window that was zero opens.  One that lets nothing be sent yet (3.8.6.2.1, send.c's sendable())
 * is no reason to wait longer for it: a peer could open and shut such a one for ever.
 */
static void opens(struct ttp_tcb *tcb)
{
	u32 enough = min(min(tcb->snd.end - tcb->snd.nxt, tcb->snd.mss), tcb->snd.max_wnd / 2);
	bool sends = ttp_tcb_usable(tcb) >= enough;

	if (sends)
		tcb->deadline[TTP_TM_USER] = 0;
	if (!sends && tcb->orphan)
		return;
	tcb->deadline[TTP_TM_PERSIST] = 0;
	tcb->backoff = 0;	/* it was that of probes, and none of them was lost */
}

/* Flow control: the peer's window slides with SEG.ACK and SEG.WND (RFC 9293 3.10.7.4).  SND.WND
 * changes if the segment is not older than the one that set it; with @force, at the
 * handshake's end, it always does.  Deviation, and Linux's: it changes too if more is
 * acknowledged.  When the peer sends old data again with a new ACK, SND.UNA would move and SND.WND
 * stay, and we would send beyond the window.
 * MUST-1, REC-1: the window is unsigned, of 32 bits.
 */
void ttp_ack_window(struct ttp_tcb *tcb, const struct ttp_seg *seg, bool force)
{
	bool shut = !tcb->snd.wnd;
	u32 wnd = seg->wnd;

	/* RFC 7323 2.2: the window of a SYN is never scaled */
	if (!(seg->flags & TTP_SYN))
		wnd <<= tcb->opt.snd_wscale;
	if (!force && !seq_lt(tcb->snd.wl1, seg->seq) &&
	    !(tcb->snd.wl1 == seg->seq && seq_leq(tcb->snd.wl2, seg->ack)) &&
	    !seq_gt(seg->ack, tcb->snd.una))
		return;
	tcb->snd.wnd = wnd;
	tcb->snd.wl1 = force ? seg->seq : seq_max(tcb->snd.wl1, seg->seq);
	tcb->snd.wl2 = seg->ack;
	if (wnd > tcb->snd.max_wnd) {
		tcb->snd.max_wnd = wnd;
		ttp_send_mss(tcb, tcb->snd.mss_path);	/* half of it bounds a segment */
	}
	/* while it is open, this timer is the override timeout of 3.8.6.2.1: it goes on */
	if (wnd && shut && tcb->deadline[TTP_TM_PERSIST])
		opens(tcb);
}

/* Karn's algorithm (RFC 6298 3, MUST-18): a round trip is the time since data was sent that was
 * sent only once; else timestamps tell which segment an ACK answers (RFC 7323 4.1).
 * Exponential backoff ends only with a sample.
 */
static void sample_rtt(struct ttp_tcb *tcb, const struct ttp_seg *seg, u64 sent_us,
		       struct ttp_ack_sample *s)
{
	u64 now = s->now_us;
	u32 ms;

	if (sent_us) {
		s->rtt_us = clamp(now - sent_us, 1ULL, (u64)U32_MAX);
		ttp_rtt_sample(tcb, s->rtt_us, now);
		tcb->backoff = 0;
	} else if (tcb->opt.ts_ok && seg->has_ts && seg->tsecr) {
		ms = ttp_rtt_tsval(&tcb->opt, now) - seg->tsecr;
		if ((s32)ms < 0)
			return;
		ttp_rtt_sample(tcb, clamp(ms, 1U, U32_MAX / 1000) * 1000, now);
		tcb->backoff = 0;
	}
}

/* SND.UNA moves to SEG.ACK.  Return: when the newest data that it covers was sent; 0 when some
 * of it was retransmitted, because the receiver may have delayed the ACK of the rest until then.
 */
static u64 advance(struct ttp_tcb *tcb, const struct ttp_seg *seg, u64 now,
		   struct ttp_txrec *newest)
{
	struct ttp_txrec *rec, part;
	u32 ack = seg->ack;
	bool resent = false;
	u64 sent_us = 0;

	for (rec = ttp_scoreboard_first(tcb); rec; rec = ttp_scoreboard_next(tcb, rec)) {
		if (seq_geq(rec->seq, ack))
			break;
		part = *rec;
		part.end = seq_min(rec->end, ack);
		resent |= rec->flags & TTP_TX_EVER_RESENT;
		if (!(rec->flags & TTP_TX_SACKED)) {
			sent_us = rec->sent_us;
			ttp_rack_delivered(tcb, &part, seg, now);
			ttp_rate_delivered(tcb, &part, newest);
		}
		ttp_scoreboard_acked(tcb, rec, ack);
	}
	tcb->snd.una = ack;
	ttp_recovery_una(tcb);
	ttp_urgent_acked(tcb);
	ttp_txq_acked(tcb, ack);
	return resent ? 0 : sent_us;
}

/* Our SYN is acknowledged.  Return: when it was sent; 0 when more than once. */
static u64 syn_acked(struct ttp_tcb *tcb)
{
	tcb->segs_delivered++;
	/* RFC 6298 5.7 */
	if (tcb->retransmits)
		tcb->rto_us = TTP_RTO_AFTER_SYN_US;
	/* RFC 5681 3.1; one retransmission may only mean that RFC 6298's first RTO is short */
	tcb->snd.syn_lost = tcb->retransmits > 1;
	if (tcb->snd.syn_lost && tcb->flow)
		tcb->flow->cong.cwnd = tcb->snd.mss;
	tcb->backoff = 0;
	tcb->snd.una++;
	return tcb->syn_us;
}

/* The ACK is cumulative: all before SEG.ACK has arrived, some of it newly. */
static void take_ack(struct ttp_tcb *tcb, const struct ttp_seg *seg, struct ttp_ack_report *report)
{
	struct ttp_ack_sample *s = &report->s;
	u64 syn_us = ttp_tcb_syn_out(tcb) ? syn_acked(tcb) : 0;

	s->acked = seg->ack - tcb->snd.una;
	sample_rtt(tcb, seg, advance(tcb, seg, s->now_us, &report->newest) ?: syn_us, s);
	tcb->retransmits = 0;
	tcb->stuck_us = s->now_us;
	tcb->bytes_acked += s->acked;
}

/* A duplicate ACK (RFC 5681 2) carries no data, SYN or FIN, acknowledges nothing new and
 * changes no window, while something is outstanding; with SACK (RFC 6675 2) it is one
 * that reports something new.
 */
static void says_no_more(struct ttp_tcb *tcb, const struct ttp_seg *seg, bool same_wnd, bool sacked,
			 struct ttp_ack_report *report)
{
	report->says_nothing = !seg->nsack && same_wnd;
	report->dupack = tcb->snd.nxt != tcb->snd.una && (tcb->opt.sack_ok ? sacked : same_wnd);
	if (report->dupack)
		ttp_count(&tcb->conn, TTP_MIB_DUP_ACKS);
}

/* Header prediction (Van Jacobson 1990), the receiver's half of it: nothing is outstanding or
 * waits to be sent, and the window is @wnd as before.  So it is with most segments of a peer
 * that only sends.
 */
static bool is_silent(struct ttp_tcb *tcb, const struct ttp_seg *seg, u32 wnd)
{
	return seg->ack == tcb->snd.nxt && tcb->snd.una == tcb->snd.nxt && tcb->snd.wnd == wnd &&
	       !seg->nsack && !(seg->flags & TTP_ECE) && !(tcb->flow && tcb->flow->rack.tlp_out) &&
	       !ttp_send_unsent(tcb);
}

/* What was known before an ACK */
struct before {
	u32 una;
	u32 wnd;
	u32 sacked;
	u32 delivered;	/* segments */
};

/* What an ACK means for the data that was sent. */
static void look_at_data(struct ttp_tcb *tcb, const struct ttp_seg *seg, const struct before *was,
			 struct ttp_ack_report *report, u64 now)
{
	struct ttp_ack_sample *s = &report->s;
	bool sacked = false;

	ttp_mtu_acked(tcb);
	if (tcb->opt.sack_ok && seg->nsack)
		sacked = ttp_recovery_sack(tcb, seg, now, report);
	if (seg->ack == was->una && !ttp_seg_len(seg))
		says_no_more(tcb, seg, tcb->snd.wnd == was->wnd, sacked, report);
	s->delivered = s->acked + tcb->sacked - was->sacked;
	if (!tcb->opt.sack_ok)
		s->delivered = report->dupack && ttp_arq_dupack_delivers(tcb) ?
			       tcb->snd.mss : s->acked - min(s->acked, was->sacked);
	ttp_rate_sample(tcb, report);
	if (seg->flags & TTP_ECE && tcb->opt.ecn_ok)
		tcb->flow->stats.segs_ce += tcb->segs_delivered - was->delivered;
	ttp_ecn_ack(tcb, seg, s);
	ttp_recovery_ack(tcb, seg, report, now);
}

/* What an ACK says of what was sent, or of the window; @wnd: SND.WND before it */
static void hear(struct ttp_tcb *tcb, const struct ttp_seg *seg, u32 wnd, u64 now,
		 struct ttp_verdict *v)
{
	struct ttp_ack_report report = { .s.now_us = now, .s.in_flight = ttp_send_in_flight(tcb) };
	struct before was = { tcb->snd.una, wnd, tcb->sacked, tcb->segs_delivered };
	bool syn = ttp_tcb_syn_out(tcb);

	if (!seg->len || seg->ack != was.una)
		tcb->snd.more = false;	/* MSG_MORE waits no longer than for an ACK */
	if (seq_gt(seg->ack, was.una)) {
		take_ack(tcb, seg, &report);
		v->todo |= TTP_DO_WRITE;
	}
	if (tcb->flow)
		look_at_data(tcb, seg, &was, &report, now);
	if (report.s.acked || syn)
		ttp_timer_rearm(tcb, now);
	if (ttp_send_waits(tcb))
		v->todo |= TTP_DO_SEND;
	else
		ttp_send_idle(tcb, now);
}

/* Process SEG.ACK and SEG.WND of a segment for which ttp_ack_acceptable() holds (RFC 9293
 * 3.10.7.4, fifth step); bits are added to @v.
 */
void ttp_ack_arrives(struct ttp_tcb *tcb, const struct ttp_seg *seg, u64 now, struct ttp_verdict *v)
{
	bool old = seq_lt(seg->ack, tcb->snd.una);
	u32 wnd = tcb->snd.wnd;

	tcb->probes = 0;	/* MUST-37: it answers, whatever its window is */
	tcb->asked.keep.probes = 0;
	/* an ACK that was overtaken says nothing new, but in its SACK blocks (RFC 6675 5) */
	if (old && !(tcb->opt.sack_ok && seg->nsack))
		return;

	tcb->ack_us = now;
	if (!(seg->flags & TTP_SYN) && !old)
		ttp_ack_window(tcb, seg, false);
	if (!is_silent(tcb, seg, wnd))
		hear(tcb, seg, wnd, now, v);
}
