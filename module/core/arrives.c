// SPDX-License-Identifier: GPL-2.0
/*
 * arrives.c - SEGMENT ARRIVES (RFC 9293 3.10.7), in the RFC's order.
 *
 * ttp_arrives() is for connections that have a TCB.  For LISTEN and the SYN_RCVD of a passive
 * open see passive.c, for TIME_WAIT timewait.c.  A step returns false when the
 * following steps are not to see the segment.
 *
 * Called by conn/verdict.c and input/recv.c, in softirq or when the socket's lock is released.
 * Next: ack.c for what an acknowledgment does, sack.c for what is said of a gap, urgent.c for
 * the URG bit, send.c for what may be sent; answer.c for what is told of a segment that was
 * refused.
 */
#include "core.h"

/* RFC 7323 5.5: TS.Recent is invalid after 24 days without a segment. */
#define TS_RECENT_AGE_US	(24ULL * 24 * 3600 * 1000000)

/* Send an ACK at once: one, however often this is called before it is sent (MUST-58). */
static void ack_now(struct ttp_tcb *tcb, enum ttp_why why, struct ttp_verdict *v)
{
	tcb->pending |= TTP_PEND_ACK;
	tcb->why_ack = why;
	v->todo |= TTP_DO_SEND;
}

/* The same where the data is not what is next (RFC 5681 4.2): it is a duplicate ACK, unless an ACK
 * is due anyway.
 */
static void dupack_now(struct ttp_tcb *tcb, struct ttp_verdict *v)
{
	ack_now(tcb, tcb->rcv.nxt == tcb->rcv.wup ? TTP_WHY_DUPLICATE_ACK : TTP_WHY_NONE, v);
}

/* An ACK that is limited as challenge ACKs are. */
static void limited_ack(struct ttp_tcb *tcb, const char *answer, enum ttp_why why, u64 now,
			struct ttp_verdict *v)
{
	if (ttp_limited(tcb->cfg, now, &tcb->challenge_us)) {
		ttp_count(&tcb->conn, TTP_MIB_CHALLENGE_ACK_SKIPPED);
		return;
	}
	if (why == TTP_WHY_CHALLENGE_ACK)
		ttp_count(&tcb->conn, TTP_MIB_CHALLENGE_ACK);
	v->answer = answer;
	ack_now(tcb, why, v);
}

/* Challenge ACK: whoever sent the segment may be the peer, with a half-open connection after a
 * crash, or a blind attacker who guesses numbers (RFC 5961).  Only the peer sees the answer,
 * and if its connection is gone, it answers with a RST that is exact.
 */
static void challenge_ack(struct ttp_tcb *tcb, u64 now, struct ttp_verdict *v)
{
	limited_ack(tcb, "challenge ACK", TTP_WHY_CHALLENGE_ACK, now, v);
}

static void closed(struct ttp_tcb *tcb, const char *what, int err, const struct ttp_seg *seg,
		   struct ttp_verdict *v)
{
	ttp_fsm_set_state(&tcb->conn, TTP_CLOSED, TTP_BY_SEGMENT, what, seg);
	v->todo |= TTP_DO_CLOSED;
	v->todo &= ~TTP_DO_SEND;
	v->answer = NULL;
	v->err = err;
}

/**
 * ttp_arrives_closed - a segment arrives for no connection at all
 * @seg: the segment
 * @v: filled in: a RST, unless @seg is one
 *
 * So a half-open connection ends, of which only the other end knows (3.5.1).
 *
 * Source: RFC 9293 3.10.7.1.
 */
void ttp_arrives_closed(const struct ttp_seg *seg, struct ttp_verdict *v)
{
	ttp_verdict_init(v);
	v->drop = TTP_MIB_NO_SOCKET;
	if (seg->flags & TTP_RST)
		return;
	ttp_verdict_rst(v, seg, "no connection: RST");
	if (!(seg->flags & TTP_ACK))
		v->reply = (struct ttp_seg){ .ack = ttp_seg_end(seg), .flags = TTP_RST | TTP_ACK };
}

/* Agree on options with the peer's SYN: each _ok says that we take the option; afterwards, that
 * both ends do.  @mss_default: the route's
 */
void ttp_arrives_options(struct ttp_options *opt, const struct ttp_seg *seg, u16 mss_default)
{
	opt->mss = seg->mss ?: mss_default ?: TTP_MSS_DEFAULT;	/* MUST-14, MUST-15 */
	opt->sack_ok &= seg->sack_permitted;
	opt->ts_ok &= seg->has_ts;
	if (opt->ts_ok)
		opt->ts_recent = seg->tsval;
	opt->wscale_ok &= seg->has_wscale;
	opt->snd_wscale = opt->wscale_ok ? seg->wscale : 0;
	if (!opt->wscale_ok)
		opt->rcv_wscale = 0;
}

/* Both initial sequence numbers are known, and what the SYNs have agreed on. */
void ttp_arrives_begin(struct ttp_tcb *tcb, u64 now)
{
	tcb->rcv.nxt = tcb->conn.irs + 1;
	tcb->rcv.read = tcb->rcv.nxt;
	tcb->rcv.wup = tcb->rcv.nxt;
	/* so that the first acceptable segment updates the window */
	tcb->snd.wl1 = tcb->conn.irs;
	tcb->snd.wl2 = tcb->conn.iss;
	ttp_send_mss(tcb, tcb->route.mss ?: tcb->route.advmss);
	/* what a peer of such a path sends: each second one is to be acknowledged (SHLD-19) */
	tcb->rcv.mss = min_t(u32, tcb->rcv.mss, max_t(u32, tcb->snd.mss, TTP_MSS_MIN));
	ttp_flow_start(tcb, now);
}

/* The peer's SYN: its sequence number, and what was negotiated */
static void take_syn(struct ttp_tcb *tcb, const struct ttp_seg *seg, u64 now)
{
	tcb->conn.irs = seg->seq;
	ttp_arrives_options(&tcb->opt, seg, tcb->route.mss_default);
	ttp_ecn_answered(tcb, seg);
	ttp_arrives_begin(tcb, now);
}

/* Remove @n bytes, or a SYN, from the beginning of the segment. */
static void skip(struct ttp_seg *seg, u32 n)
{
	seg->seq += n;
	if (seg->up >= n)
		seg->up -= n;
	else
		seg->flags &= ~TTP_URG;
}

/* "tailor segments to be idealized": within the window, from RCV.NXT on */
static void trim(struct ttp_tcb *tcb, struct ttp_seg *seg, u32 wnd)
{
	u32 nxt = tcb->rcv.nxt, right = nxt + wnd, cut;

	if (seq_lt(seg->seq, nxt)) {
		ttp_sack_duplicate(tcb, seg);
		cut = min(nxt - seg->seq, seg->len);
		seg->off += cut;
		seg->len -= cut;
		skip(seg, nxt - seg->seq);
	}
	if (tcb->rcv.fin_seen && seq_gt(seg->seq + seg->len, tcb->rcv.fin) &&
	    seq_leq(seg->seq, tcb->rcv.fin))
		right = seq_min(right, tcb->rcv.fin);
	if (seq_gt(seg->seq + seg->len, right)) {
		seg->len = seq_gt(right, seg->seq) ? right - seg->seq : 0;
		seg->flags &= ~TTP_FIN;
	}
}

/* The handshake is over; times since the last data count from now on. */
static void established(struct ttp_tcb *tcb, const char *what, const struct ttp_seg *seg, u64 now,
			struct ttp_verdict *v)
{
	ttp_fsm_set_state(&tcb->conn, TTP_ESTABLISHED, TTP_BY_SEGMENT, what, seg);
	tcb->last_data_us = now;
	tcb->data_us = now;
	v->todo |= TTP_DO_CONNECTED | TTP_DO_WRITE;
}

/* Data that is sent meanwhile carries the ACK; see ttp_ack_arrives(). */
static void delay_ack(struct ttp_tcb *tcb, u64 now)
{
	if (!tcb->deadline[TTP_TM_DELACK])
		ttp_timer_set(tcb, TTP_TM_DELACK, now + READ_ONCE(tcb->cfg->delack_ms) * 1000ULL);
}

/* SYN-SENT (3.10.7.3).  Return: true when the segment's data and FIN remain to be processed. */
static bool syn_sent(struct ttp_tcb *tcb, struct ttp_seg *seg, u64 now, struct ttp_verdict *v)
{
	bool ack = seg->flags & TTP_ACK;

	/* First, check the ACK bit: any other one is of an older connection, which may be
	 * half-open at the peer (3.5.1)
	 */
	if (ack && (seq_leq(seg->ack, tcb->conn.iss) || seq_gt(seg->ack, tcb->snd.nxt))) {
		v->drop = TTP_MIB_BAD_ACK;
		if (!(seg->flags & TTP_RST))
			ttp_verdict_rst(v, seg, "unacceptable ACK: RST");
		return false;
	}
	/* Second, check the RST bit; without an ACK anybody may have sent it */
	if (seg->flags & TTP_RST) {
		if (ack)
			closed(tcb, "RST", ECONNREFUSED, seg, v);
		else
			v->drop = TTP_MIB_RST_IGNORED;
		return false;
	}
	/* Fourth, check the SYN bit */
	if (!(seg->flags & TTP_SYN)) {
		v->drop = TTP_MIB_NO_SOCKET;
		return false;
	}
	take_syn(tcb, seg, now);
	if (!ack) {
		/* Simultaneous open (3.5, MUST-10).  Deviation: data on this SYN is not kept; the
		 * peer retransmits it.
		 */
		ttp_fsm_set_state(&tcb->conn, TTP_SYN_RCVD, TTP_BY_SEGMENT, "SYN", seg);
		tcb->retransmits = 0;
		tcb->backoff = 0;
		tcb->pending = TTP_PEND_SYN;
		tcb->why_resent = TTP_WHY_NONE;
		v->todo |= TTP_DO_SEND;
		return false;
	}
	tcb->pending = 0;
	established(tcb, "SYN,ACK", seg, now, v);
	ttp_ack_arrives(tcb, seg, now, v);
	ttp_fastopen_synack(tcb, seg, v);
	ttp_ack_window(tcb, seg, true);
	if (tcb->rcv.pingpong)		/* TTP_QUICKACK says that it can wait */
		delay_ack(tcb, now);
	else
		ack_now(tcb, TTP_WHY_NONE, v);
	seg->flags &= ~TTP_SYN;
	skip(seg, 1);
	trim(tcb, seg, ttp_tcb_rcv_window(tcb));
	return true;
}

/* Simultaneous open (3.5 figure 7): the SYN comes once more, now with an ACK, and only the
 * ACK is new.  The state is SYN_RCVD, or FIN_WAIT_1 if the user has closed meanwhile.
 */
static void forget_second_syn(struct ttp_tcb *tcb, struct ttp_seg *seg)
{
	if (!ttp_tcb_syn_out(tcb) || seg->seq != tcb->conn.irs ||
	    (seg->flags & (TTP_SYN | TTP_ACK | TTP_RST)) != (TTP_SYN | TTP_ACK))
		return;
	seg->flags &= ~TTP_SYN;
	skip(seg, 1);
	/* step 5 will scale it, which a SYN's is not (RFC 7323 2.2) */
	seg->wnd >>= tcb->opt.snd_wscale;
}

/* Answer a segment that is not acceptable; RFC 5961 4: a SYN by a challenge ACK, whatever
 * its sequence number is.
 */
static void not_acceptable(struct ttp_tcb *tcb, const struct ttp_seg *seg, const char *answer,
			   u64 now, struct ttp_verdict *v)
{
	if (seg->flags & TTP_SYN) {
		limited_ack(tcb, answer, TTP_WHY_CHALLENGE_ACK, now, v);
	} else if (!ttp_seg_len(seg)) {
		limited_ack(tcb, answer, TTP_WHY_NONE, now, v);
	} else {
		v->answer = answer;
		dupack_now(tcb, v);
	}
}

/* First, check sequence number */
static bool step1_sequence(struct ttp_tcb *tcb, struct ttp_seg *seg, u64 now, struct ttp_verdict *v)
{
	u32 nxt = tcb->rcv.nxt, wnd = ttp_tcb_rcv_window(tcb);
	bool acceptable;

	forget_second_syn(tcb, seg);
	if (ttp_fastopen_early(tcb) && ttp_fastopen_again(tcb, seg, now, v))
		return false;
	/* PAWS (RFC 7323 5.3) */
	if (ttp_paws_old(&tcb->opt, seg) && now - tcb->last_rcvd_us <= TS_RECENT_AGE_US) {
		v->drop = TTP_MIB_PAWS;
		/* an ACK that was overtaken by others is old, and no reason to answer */
		if (ttp_seg_len(seg) || seg->seq != nxt || seq_gt(seg->ack, tcb->snd.una))
			not_acceptable(tcb, seg, "old timestamp: ACK", now, v);
		return false;
	}
	acceptable = ttp_acceptable(seg, nxt, wnd);
	/* "special allowance should be made to accept valid ACKs, URGs, and RSTs" when the
	 * window is zero (MUST-66)
	 */
	if (!acceptable && wnd == 0 && seg->seq == nxt) {
		acceptable = true;
		if (!(seg->flags & TTP_SYN))	/* step 4 answers that */
			ack_now(tcb, TTP_WHY_NONE, v);
		if (seg->len && !(seg->flags & TTP_SYN))
			v->answer = "zero window probe: ACK";
	}
	if (!acceptable) {
		/* both ends are asked for: half the number space ahead, one looks old */
		v->drop = seg->len && seq_lt(seg->seq, nxt) && seq_leq(ttp_seg_end(seg), nxt) ?
			  TTP_MIB_DUP_TEXT : TTP_MIB_OUT_OF_WINDOW;
		if (seg->flags & TTP_RST)
			return false;
		if (v->drop == TTP_MIB_DUP_TEXT)
			ttp_sack_duplicate(tcb, seg);
		not_acceptable(tcb, seg, ttp_answer_to_known(tcb, seg), now, v);
		return false;
	}
	/* of data that begins before the window, a zero one leaves nothing; the ACK is owed */
	if (wnd == 0 && seq_lt(seg->seq, nxt) && seq_gt(seg->seq + seg->len, nxt) &&
	    !(seg->flags & (TTP_RST | TTP_SYN)))
		ack_now(tcb, TTP_WHY_NONE, v);
	/* RST and SYN are not trimmed: steps 2 and 4 look at their sequence number, and a RST with
	 * data that begins before RCV.NXT would become one that is exact
	 */
	if (!(seg->flags & (TTP_RST | TTP_SYN)))
		trim(tcb, seg, wnd);
	return true;
}

/* Second, check the RST bit (3.10.7.4, RFC 5961 3): in a blind attack its number is not exact.
 * Data with it is ignored (SHLD-2).
 */
static bool step2_rst(struct ttp_tcb *tcb, struct ttp_seg *seg, u64 now, struct ttp_verdict *v)
{
	int err = ECONNRESET;

	if (!(seg->flags & TTP_RST))
		return true;
	if (seg->seq != tcb->rcv.nxt) {
		v->drop = TTP_MIB_RST_IGNORED;
		challenge_ack(tcb, now, v);
		return false;
	}
	if (tcb->conn.state == TTP_SYN_RCVD && !tcb->fastopen.child)
		err = ECONNREFUSED;
	else if (tcb->conn.state == TTP_CLOSE_WAIT)
		err = EPIPE;
	closed(tcb, "RST", err, seg, v);
	if (tcb->fastopen.child)
		v->todo |= TTP_DO_NOTE_RST;
	return false;
}

/* Fourth, check the SYN bit: RFC 5961 4 in every synchronized state, and in
 * SYN_RCVD too, where RFC 9293 leaves a choice.
 */
static bool step4_syn(struct ttp_tcb *tcb, struct ttp_seg *seg, u64 now, struct ttp_verdict *v)
{
	if (!(seg->flags & TTP_SYN))
		return true;
	v->drop = TTP_MIB_SYN_CHALLENGE;
	challenge_ack(tcb, now, v);
	return false;
}

/* RFC 7323 4.3: remember the timestamp of what we acknowledge next.  Deviation, and Linux's: not
 * when SEG.ACK is old.  In a blind attack, TS.Recent could be set to a time that is ahead of
 * the peer's clock, and then PAWS would drop all that the peer sends.
 */
static void remember_ts(struct ttp_tcb *tcb, const struct ttp_seg *seg, u32 seq)
{
	if (tcb->opt.ts_ok && seg->has_ts && seq_leq(seq, tcb->rcv.wup) &&
	    seq_geq(seg->ack, tcb->snd.una))
		tcb->opt.ts_recent = seg->tsval;
}

/* Our FIN is acknowledged.  Return: is there more to do with the segment? */
static bool fin_acked(struct ttp_tcb *tcb, const struct ttp_seg *seg, u64 now,
		      struct ttp_verdict *v)
{
	if (tcb->conn.state == TTP_FIN_WAIT_1) {
		ttp_fsm_set_state(&tcb->conn, TTP_FIN_WAIT_2, TTP_BY_SEGMENT, "ACK of FIN", seg);
		v->todo |= TTP_DO_FIN_ACKED;
		return ttp_user_fin_wait_2(tcb, now, v);
	}
	if (tcb->conn.state == TTP_CLOSING) {
		ttp_fsm_set_state(&tcb->conn, TTP_TIME_WAIT, TTP_BY_SEGMENT, "ACK of FIN", seg);
		v->todo |= TTP_DO_TIME_WAIT;
		return false;
	}
	if (tcb->conn.state != TTP_LAST_ACK)
		return true;
	closed(tcb, "ACK of FIN", 0, seg, v);
	return false;
}

/* Fifth, check the ACK field; @seq is SEG.SEQ before the segment was trimmed. */
static bool step5_ack(struct ttp_tcb *tcb, struct ttp_seg *seg, u32 seq, u64 now,
		      struct ttp_verdict *v)
{
	bool syn;

	if (!(seg->flags & TTP_ACK)) {
		v->drop = TTP_MIB_NO_ACK;
		return false;
	}
	if (tcb->conn.state == TTP_SYN_RCVD) {
		if (seq_leq(seg->ack, tcb->snd.una) || seq_gt(seg->ack, tcb->snd.nxt)) {
			v->drop = TTP_MIB_BAD_ACK;
			ttp_verdict_rst(v, seg, "unacceptable ACK: RST");
			return false;
		}
		tcb->pending &= ~TTP_PEND_SYN;
		established(tcb, "ACK of SYN", seg, now, v);
		ttp_ack_window(tcb, seg, true);
	}
	if (!ttp_ack_acceptable(tcb, seg)) {
		v->drop = TTP_MIB_BAD_ACK;
		challenge_ack(tcb, now, v);
		return false;
	}
	remember_ts(tcb, seg, seq);
	syn = ttp_tcb_syn_out(tcb);
	ttp_ack_arrives(tcb, seg, now, v);
	if (syn)
		ttp_fastopen_synack(tcb, seg, v);
	return !ttp_ack_fin_acked(tcb) || fin_acked(tcb, seg, now, v);
}

/* Sixth, check the URG bit; after the peer's FIN nothing urgent can follow. */
static void step6_urg(struct ttp_tcb *tcb, const struct ttp_seg *seg, struct ttp_verdict *v)
{
	if (ttp_fsm_in(tcb->conn.state, TTP_MAY_RECEIVE))
		ttp_urgent_arrives(tcb, seg, v);
}

/* Data has come behind a gap: a duplicate ACK says so at once (RFC 5681 4.2, MAY-13), or, when
 * others have said it, soon.
 */
static void duplicate_ack(struct ttp_tcb *tcb, bool urgent, u64 now, struct ttp_verdict *v)
{
	if (urgent || !ttp_sack_hold(tcb, now))
		dupack_now(tcb, v);
}

/* Is an ACK of two full segments sent before they are read?  It is when its window would tell of
 * as much room as the last one's.  If not, the reader is busy: it will call
 * ttp_user_read(), and then one ACK is of all that came meanwhile.  A reader that waits for more
 * (SO_RCVLOWAT) will not.  Deviation from SHLD-19, and Linux's; ack_every_second undoes it.
 */
static bool ack_before_read(struct ttp_tcb *tcb)
{
	return ttp_arq_acks_second(tcb) || ttp_autotune_window(tcb) >= tcb->rcv.wnd ||
	       tcb->rcv.nxt - tcb->rcv.read < ttp_rxq_lowat(tcb);
}

/* Delayed ACK (3.8.6.3): data is acknowledged within delack_ms (SHLD-18, MUST-40), so that the
 * ACK can piggyback on data of the other direction; but two full segments (SHLD-19) at once, or
 * when they are read, and at once when a gap was filled.
 */
static void schedule_ack(struct ttp_tcb *tcb, bool urgent, u64 now, struct ttp_verdict *v)
{
	if (tcb->rcv.quick) {
		tcb->rcv.quick--;
		urgent = true;
	}
	if (urgent || tcb->route.quickack || ttp_arq_acks_each(tcb) ||
	    (ttp_tcb_two_segments(tcb) && ack_before_read(tcb))) {
		ack_now(tcb, TTP_WHY_NONE, v);
	} else {
		delay_ack(tcb, now);
	}
}

/* The peer has sent nothing for longer than a timeout: its window is small again (RFC 5681 4.1),
 * and no ACK should make it wait.
 */
static void after_pause(struct ttp_tcb *tcb, u64 now)
{
	if (!tcb->rcv.pingpong && now - tcb->data_us > ttp_rtt_rto(tcb))
		tcb->rcv.quick = TTP_QUICK_ACKS;
}

/* Seventh, process the segment text; the FIN's number is noted, too. */
static bool step7_text(struct ttp_tcb *tcb, struct ttp_seg *seg, u64 now, struct ttp_verdict *v)
{
	struct ttp_rx_result res;
	bool urgent = tcb->rcv.nsack, marked;	/* a gap may be filled */

	if (!ttp_fsm_in(tcb->conn.state, TTP_MAY_RECEIVE))
		return false;	/* after the peer's FIN this should not occur */
	if (!ttp_arq_keeps(tcb, seg)) {
		v->drop = TTP_MIB_OFO_DROP;
		v->answer = "out of order, not kept: ACK";
		dupack_now(tcb, v);
		return true;
	}
	if (seg->flags & TTP_FIN && !tcb->rcv.fin_seen) {
		tcb->rcv.fin_seen = true;
		tcb->rcv.fin = seg->seq + seg->len;
	}
	if (!seg->len)
		return true;
	if (tcb->rcv_closed && tcb->snd.fin_queued) {
		/* nobody will ever read this: a RST says so (3.6.1, SHLD-3) */
		ttp_count(&tcb->conn, TTP_MIB_ABORT_ON_DATA);
		v->todo |= TTP_DO_RESET;
		ttp_send_rst(tcb, now, &v->reply);
		closed(tcb, "data after CLOSE", ECONNRESET, seg, v);
		return false;
	}
	marked = ttp_ecn_data(tcb, seg);
	tcb->rcv.mss = max(tcb->rcv.mss, min_t(u32, ttp_seg_each(seg), tcb->route.advmss));
	after_pause(tcb, now);

	res.taken = false;
	if (ttp_flow_need(tcb, now, false))
		ttp_rxq_add(tcb, seg, &res);
	if (!res.taken) {
		v->drop = TTP_MIB_OFO_DROP;
		if (seg->seq == tcb->rcv.nxt)
			v->drop = TTP_MIB_RCVQ_DROP;
		/* The window promised too much: its peer must probe, not retransmit.  But what is
		 * behind a gap waits for just this; in a full buffer nobody would open it again.
		 */
		if (seg->seq == tcb->rcv.nxt && !tcb->rcv.nsack) {
			tcb->rcv.wnd = 0;
			tcb->rcv.wup = tcb->rcv.nxt;
		}
		v->answer = "no room: ACK";
		v->todo |= TTP_DO_READ;		/* only the user can make room */
		duplicate_ack(tcb, marked || seg->seq == tcb->rcv.nxt, now, v);
		return true;
	}
	v->todo |= TTP_DO_TAKEN;
	tcb->data_us = now;
	if (res.nxt == tcb->rcv.nxt) {
		ttp_count(&tcb->conn, TTP_MIB_OFO_QUEUE);
		tcb->flow->stats.segs_early += ttp_seg_count(seg);
		ttp_sack_early(tcb, seg);
		duplicate_ack(tcb, marked, now, v);
		return true;
	}
	tcb->bytes_received += res.nxt - tcb->rcv.nxt;
	tcb->rcv.nxt = res.nxt;
	ttp_urgent_received(tcb);
	ttp_sack_forget(tcb);
	ttp_autotune_data(tcb, seg, res.truesize, res.under_pressure, now);
	if (ttp_seg_each(seg) < tcb->rcv.mss)
		tcb->rcv.shorts = min(tcb->rcv.shorts + 1, 2);
	schedule_ack(tcb, urgent || marked, now, v);
	v->todo |= TTP_DO_READ;
	return true;
}

/* Eighth, check the FIN bit, once all data before it has come. */
static void step8_fin(struct ttp_tcb *tcb, const struct ttp_seg *seg, u64 now,
		      struct ttp_verdict *v)
{
	u8 to = TTP_TIME_WAIT;

	if (!tcb->rcv.fin_seen)
		return;
	if (seq_lt(tcb->rcv.nxt, tcb->rcv.fin)) {
		if (seg->flags & TTP_FIN)
			dupack_now(tcb, v);	/* says what is missing */
		return;
	}

	if (tcb->conn.state == TTP_ESTABLISHED)
		to = TTP_CLOSE_WAIT;
	else if (tcb->conn.state == TTP_FIN_WAIT_1)
		to = TTP_CLOSING;	/* simultaneous close: ours is not acknowledged yet */
	else
		v->todo |= TTP_DO_TIME_WAIT;
	ttp_fsm_set_state(&tcb->conn, to, TTP_BY_SEGMENT, "FIN", seg);
	tcb->rcv.nxt++;
	tcb->rcv.nsack = 0;
	/* our FIN may follow soon, and carry the ACK as data would; if it was sent, nothing does */
	schedule_ack(tcb, to != TTP_CLOSE_WAIT, now, v);
	v->todo |= TTP_DO_READ;
}

/**
 * ttp_arrives - a segment arrives for a connection that has a TCB
 * @tcb: any state but LISTEN and TIME_WAIT
 * @seg: the segment; trimmed to what is new in it
 * @now: microseconds
 * @v: filled in
 *
 * Source: RFC 9293 3.10.7.1, 3.10.7.3 and 3.10.7.4.
 */
void ttp_arrives(struct ttp_tcb *tcb, struct ttp_seg *seg, u64 now, struct ttp_verdict *v)
{
	u32 seq = seg->seq;

	ttp_verdict_init(v);
	tcb->segs_in += ttp_seg_count(seg);
	tcb->data_segs_in += seg->len ? ttp_seg_count(seg) : 0;
	if (tcb->conn.state == TTP_CLOSED) {
		ttp_arrives_closed(seg, v);
		return;
	}
	if (tcb->conn.state == TTP_SYN_SENT) {
		if (!syn_sent(tcb, seg, now, v))
			return;
	} else if (!step1_sequence(tcb, seg, now, v) || !step2_rst(tcb, seg, now, v) ||
		   !step4_syn(tcb, seg, now, v) || !step5_ack(tcb, seg, seq, now, v)) {
		return;
	}
	tcb->last_rcvd_us = now;
	step6_urg(tcb, seg, v);
	if (step7_text(tcb, seg, now, v))
		step8_fin(tcb, seg, now, v);
}
