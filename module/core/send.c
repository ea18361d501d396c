// SPDX-License-Identifier: GPL-2.0
/*
 * send.c - what may be sent now.
 *
 * Sliding window: two windows slide over the data that the user has written, and the smaller
 * one decides.  The peer's window is flow control (RFC 9293 3.8.6), the congestion window
 * is congestion control (RFC 5681).  Within them short segments are held back by Nagle's algorithm
 * (3.7.4) and to avoid the silly window syndrome (3.8.6.2.1).
 *
 * Called by ip/xmit.c: it asks ttp_send_next() until there is nothing to send, hands
 * each segment to IP, and reports it by ttp_send_done() or ttp_send_failed().
 *
 * Next: recovery.c for what is sent again, expire.c for what timers send.
 */
#include "core.h"

/* States in which data and FIN may be sent or retransmitted */
#define MAY_SEND_DATA							\
	(BIT(TTP_ESTABLISHED) | BIT(TTP_CLOSE_WAIT) |			\
	 BIT(TTP_FIN_WAIT_1) | BIT(TTP_CLOSING) | BIT(TTP_LAST_ACK))

#define MSS_MIN	36	/* bytes of data, whatever the peer's window is */

/* At most half of the largest window of the peer, so that two packets, or segments, are in
 * flight; but a tiny window is not cut up.
 */
u32 ttp_send_half_window(const struct ttp_tcb *tcb, u32 bytes)
{
	u32 wnd = tcb->snd.max_wnd;

	return wnd ? min(bytes, wnd > TTP_MSS_DEFAULT ? wnd / 2 : wnd) : bytes;
}

/**
 * ttp_send_mss - find Eff.snd.MSS (RFC 9293 3.7.1, MUST-16)
 * @tcb: opt and asked are set
 * @mtu_data: the path's MTU less IP and transport headers without options
 */
void ttp_send_mss(struct ttp_tcb *tcb, u32 mtu_data)
{
	u32 mss = min_t(u32, tcb->opt.mss, mtu_data);

	tcb->snd.mss_path = mtu_data;
	if (tcb->flow && tcb->flow->mtu.on)
		mss = min_t(u32, mss, tcb->flow->mtu.low);
	mss = min_not_zero(mss, (u32)tcb->asked.mss_user);
	mss = max_t(u32, mss, READ_ONCE(tcb->cfg->min_snd_mss));
	if (tcb->opt.ts_ok)
		mss -= TTP_TS_LEN;
	tcb->snd.mss = max_t(u32, ttp_send_half_window(tcb, mss), MSS_MIN);
	if (tcb->flow)
		ttp_cong_set_mss(&tcb->flow->cong, tcb->snd.mss);
}

/* Flow control: choose the receive window, RCV.WND, which the next segment advertises.
 * The advertised window does not shrink (3.8.6, SHLD-14), except where data was refused for want of
 * room (arrives.c); it may stay zero for ever while nobody reads (3.8.6.1, MAY-8); its right edge
 * moves only by what is enough to tell (silly window syndrome: 3.8.6.2.2, MUST-39).
 * Return: the window in bytes, a multiple of the scale.
 */
u32 ttp_send_window(struct ttp_tcb *tcb)
{
	u32 known = ttp_tcb_rcv_window(tcb), space = ttp_autotune_window(tcb);
	u32 unit = 1U << tcb->opt.rcv_wscale;
	u32 wnd = known;

	/* room for a segment must not be scaled away, or the window would never open */
	if (space && space < unit && space >= ttp_autotune_min_update(tcb))
		space = unit;
	space -= space % unit;
	if (space > known && space - known >= ttp_autotune_min_update(tcb))
		wnd = space;
	/* round up, not down: what is no multiple of the scale was advertised already */
	wnd = min((wnd + unit - 1) / unit, 0xffffU) * unit;
	tcb->rcv.wnd = wnd;
	tcb->rcv.wup = tcb->rcv.nxt;
	return wnd;
}

static void begin(const struct ttp_tcb *tcb, struct ttp_seg *seg, u32 seq, u8 flags, u64 now)
{
	*seg = (struct ttp_seg){
		.seq = seq,
		.ack = tcb->rcv.nxt,
		.flags = flags,
		.has_ts = tcb->opt.ts_ok,
		.tsval = ttp_rtt_tsval(&tcb->opt, now),
		.tsecr = flags & TTP_ACK ? tcb->opt.ts_recent : 0,
	};
}

static void fill_header(struct ttp_tcb *tcb, struct ttp_seg *seg, u32 seq, u8 flags, u64 now)
{
	begin(tcb, seg, seq, flags, now);
	if (tcb->ecn_echo && flags & TTP_ACK)
		seg->flags |= TTP_ECE;
	if (flags & TTP_SYN) {
		seg->wnd = min(ttp_send_window(tcb), 0xffffU);
		return;
	}
	seg->wnd = ttp_send_window(tcb) >> tcb->opt.rcv_wscale;
	ttp_urgent_mark(tcb, seg);
}

/* The RST that ends a synchronized connection (RFC 9293 3.10.5): <SEQ=SND.NXT><CTL=RST>; with an
 * ACK, as Linux has it, and with timestamps (RFC 7323 3.2).
 */
void ttp_send_rst(const struct ttp_tcb *tcb, u64 now, struct ttp_seg *rst)
{
	begin(tcb, rst, tcb->snd.nxt, TTP_RST | TTP_ACK, now);
}

static bool syn(struct ttp_tcb *tcb, u64 now, struct ttp_out *out)
{
	struct ttp_seg *seg = &out->seg;
	/* SYN_RCVD, or FIN_WAIT_1 if the user did not wait for its end */
	bool ack = tcb->conn.state != TTP_SYN_SENT;

	fill_header(tcb, seg, tcb->conn.iss, ack ? TTP_SYN | TTP_ACK : TTP_SYN, now);
	/* MUST-14, SHLD-5, SHLD-5v6, MAY-3 */
	seg->mss = min_not_zero(tcb->route.advmss, tcb->asked.mss_user);
	seg->has_wscale = tcb->opt.wscale_ok;
	seg->wscale = tcb->opt.rcv_wscale;
	seg->sack_permitted = tcb->opt.sack_ok;
	/* RFC 3168 6.1.1.1: if it is lost, the next SYN does not ask for ECN */
	if (!ack && tcb->opt.ecn_ok && !tcb->retransmits)
		seg->flags |= TTP_ECE | TTP_CWR;
	out->retransmission = tcb->snd.nxt != tcb->conn.iss;
	seg->why = out->retransmission ? tcb->why_resent : TTP_WHY_NONE;
	if (!ack && !out->retransmission)
		ttp_fastopen_syn(tcb, out);
	if (ttp_fastopen_early(tcb)) {
		seg->flags |= tcb->opt.ecn_ok ? TTP_ECE : 0;
		seg->has_cookie = tcb->flow && tcb->flow->cookie.len && !out->retransmission;
		if (seg->has_cookie)
			seg->cookie = tcb->flow->cookie;
	}
	return true;
}

static bool pure_ack(struct ttp_tcb *tcb, u64 now, struct ttp_out *out)
{
	fill_header(tcb, &out->seg, tcb->snd.nxt, TTP_ACK, now);
	out->seg.why = tcb->why_ack;
	ttp_sack_fill(tcb, &out->seg);
	return true;
}

/* A zero-window probe (MUST-36), or a keepalive probe (SHLD-12): a segment whose sequence
 * number is before the window asks for an ACK and nothing else.  Deviation: 3.8.6.1 would
 * send one byte of data; this is what Linux and BSD do.
 */
static bool probe(struct ttp_tcb *tcb, u64 now, struct ttp_out *out)
{
	fill_header(tcb, &out->seg, tcb->snd.una - 1, TTP_ACK, now);
	out->seg.why = tcb->pending & TTP_PEND_PROBE ? TTP_WHY_ZERO_WINDOW_PROBE :
						       TTP_WHY_KEEPALIVE;
	return true;
}

static u32 snd_right(const struct ttp_tcb *tcb)
{
	return tcb->snd.una + tcb->snd.wnd;
}

/* May the FIN be sent with this data, which it follows? */
static bool fin_follows(const struct ttp_tcb *tcb, const struct ttp_txrec *rec)
{
	const struct ttp_txrec *fin = &tcb->flow->fin;

	return tcb->snd.fin_queued && rec->end == fin->seq &&
	       (fin->flags & TTP_TX_SENT || seq_lt(fin->seq, snd_right(tcb)));
}

/* The segment of @rec: its data, and the FIN if it follows; or a FIN without data. */
static bool segment_of(struct ttp_tcb *tcb, struct ttp_txrec *rec, u64 now, struct ttp_out *out)
{
	bool has_data = rec != &tcb->flow->fin;
	u8 flags = TTP_ACK;

	/* MUST-61; and, as Linux has it, at the end of several segments */
	if (rec->flags & TTP_TX_PUSH || rec->end - rec->seq > tcb->snd.mss)
		flags |= TTP_PSH;
	if (!has_data || fin_follows(tcb, rec))
		flags |= TTP_FIN;
	fill_header(tcb, &out->seg, rec->seq, flags, now);
	if (has_data) {
		out->seg.len = rec->end - rec->seq;
		out->rec = rec;
	}
	out->retransmission = rec->flags & TTP_TX_SENT;
	if (out->retransmission)
		out->seg.why = tcb->why_resent;
	else if (has_data)
		ttp_ecn_mark(tcb, &out->seg);
	return true;
}

/* Retransmit (RFC 6675 5 C): what is lost is sent before new data, as far as the congestion
 * window lets it.  The peer's window does not count: it was open when this was sent first,
 * and may have shrunk since (SHLD-16, MAY-7).
 */
static bool resend(struct ttp_tcb *tcb, u64 now, struct ttp_out *out)
{
	struct ttp_txrec *rec;
	bool failed = false;

	if (tcb->lost == tcb->resent ||
	    (ttp_send_cwnd_room(tcb) < tcb->snd.mss && !tcb->resend_now))
		return false;
	rec = ttp_scoreboard_find(tcb, tcb->resend_from);
	for (; rec; rec = ttp_scoreboard_next(tcb, rec)) {
		if (!(rec->flags & TTP_TX_LOST) || rec->flags & TTP_TX_RESENT)
			continue;
		if (!failed)
			tcb->resend_from = rec->seq;
		if (rec->end - rec->seq > tcb->snd.mss &&
		    ttp_txq_split(tcb, rec, rec->seq + tcb->snd.mss)) {
			/* what need not be split may be sent meanwhile */
			ttp_send_failed(tcb, now);
			failed = true;
			continue;
		}
		return segment_of(tcb, rec, now, out);
	}
	return false;
}

/* Pacing: data is sent at the algorithm's rate, if it has one.  A sender that is late by up to
 * this sends faster until it has caught up.
 */
#define PACE_LATE_US	1000
/* No more than this is held by fq, which keeps no packet for more than a second, and takes few. */
#define FQ_HOLDS_US	2000000

static u64 pacing_rate(const struct ttp_tcb *tcb)
{
	u64 rate = tcb->flow->cong.pacing_rate, most = tcb->flow->pace_max;

	return min_not_zero(rate, most);
}

/* Who paces, we or the queueing discipline, sends no more before then, in microseconds; 0: nobody
 * does.
 */
static u64 paced_us(const struct ttp_tcb *tcb)
{
	return pacing_rate(tcb) ? tcb->flow->paced_us : 0;
}

/* When will all that was sent have left this host, and may more be sent?  Until then nothing can
 * be missing, and nothing be sent again.
 */
u64 ttp_send_left_us(const struct ttp_tcb *tcb, u64 now)
{
	return tcb->flow ? max(now, paced_us(tcb)) : now;
}

static bool paced(struct ttp_tcb *tcb, u64 now)
{
	if (tcb->flow->ip_paces || paced_us(tcb) <= now) {
		ttp_timer_set(tcb, TTP_TM_PACE, 0);
		return false;
	}
	if (ttp_send_unsent_data(tcb) || tcb->lost != tcb->resent)
		ttp_timer_set(tcb, TTP_TM_PACE, tcb->flow->paced_us);
	return true;
}

static void pace(struct ttp_tcb *tcb, u32 bytes, u64 now)
{
	u64 rate = pacing_rate(tcb);

	if (!rate) {
		tcb->flow->paced_us = 0;
		return;
	}
	if (tcb->flow->paced_us + PACE_LATE_US < now)
		tcb->flow->paced_us = now - PACE_LATE_US;
	tcb->flow->paced_us += div64_u64(bytes * 1000000ULL, rate);
	/* nothing holds us to it here; and fq may be gone, which nobody tells */
	if (tcb->flow->ip_paces)
		tcb->flow->paced_us = min(tcb->flow->paced_us, now + FQ_HOLDS_US);
}

/* Nagle's algorithm (3.7.4, SHLD-7): hold a short segment back while an earlier one is not
 * acknowledged (in Minshall's variant: an earlier short one), or while the user says that more
 * will follow (MAY-16).  The user can switch it off (MUST-17).
 */
static bool nagle_holds(const struct ttp_tcb *tcb)
{
	if (tcb->snd.force || tcb->snd.fin_queued || tcb->snd.urgent)
		return false;
	if (tcb->snd.more || tcb->asked.cork)
		return true;
	return !tcb->asked.nodelay && seq_gt(tcb->snd.small, tcb->snd.una);
}

/* How much may be sent in one packet: with pacing, what its rate gives in a millisecond. */
static u32 burst(const struct ttp_tcb *tcb)
{
	u32 mss = tcb->snd.mss, n = tcb->snd.burst;
	u64 rate = pacing_rate(tcb);

	if (rate && !tcb->flow->ip_paces)
		n = min_t(u64, n, div_u64(rate, 1000));
	return max(mss, n - n % mss);
}

/* How much of @len bytes of new data may be sent in one packet now: as many whole segments
 * as there are (SHLD-28), nothing when the peer has shrunk its window to less than what is
 * outstanding (MUST-34, SHLD-15).
 */
static u32 sendable(struct ttp_tcb *tcb, u32 len, bool last)
{
	u32 mss = tcb->snd.mss, usable = ttp_tcb_usable(tcb);
	u32 room = ttp_arq_room(tcb, ttp_send_cwnd_room(tcb));
	u32 n = min(min(len, burst(tcb)), min(usable, room));

	if (n >= mss && (n < len || n > mss))
		return n == len && last && !nagle_holds(tcb) ? n : n - n % mss;
	if (n == len)
		return n >= mss || !last || !nagle_holds(tcb) ? n : 0;
	/* Silly window syndrome (3.8.6.2.1, MUST-38): it is less than a segment although more
	 * is waiting, so the peer's window is that small.  It is used if it is at least half of the
	 * largest window, or when the override timeout has expired.
	 */
	if (n == usable && n && (n >= tcb->snd.max_wnd / 2 || tcb->snd.force))
		return n;
	return 0;
}

static bool new_data(struct ttp_tcb *tcb, u64 now, struct ttp_out *out)
{
	struct ttp_txrec *rec = ttp_txq_unsent(tcb);
	u32 len, n, probe;

	if (!rec)
		return false;
	if (tcb->snd.una == tcb->snd.nxt && tcb->last_data_us &&
	    now - tcb->last_data_us > ttp_rtt_rto(tcb))
		ttp_cong_idle(&tcb->flow->cong, READ_ONCE(tcb->cfg->slow_start_after_idle));
	len = rec->end - rec->seq;
	probe = ttp_mtu_probe(tcb, rec, now);
	n = probe ?: sendable(tcb, len, rec->end == tcb->snd.end);
	if (!n)
		return false;
	if (n < len && ttp_txq_split(tcb, rec, rec->seq + n)) {
		ttp_send_failed(tcb, now);
		return false;
	}
	segment_of(tcb, rec, now, out);
	if (probe) {
		ttp_mtu_sent(tcb, rec);
		out->seg.why = TTP_WHY_MTU_PROBE;
	}
	return true;
}

/* Tail loss probe (RFC 8985 7.3): one segment of new data if the peer's window takes all of it
 * (3.8.6.2.1), else the last one again; the congestion window does not count.
 */
static bool tail_probe(struct ttp_tcb *tcb, u64 now, struct ttp_out *out)
{
	struct ttp_txrec *rec = ttp_txq_unsent(tcb);
	u32 mss = tcb->snd.mss, n = rec ? min(rec->end - rec->seq, mss) : 0, last;

	tcb->pending &= ~TTP_PEND_TLP;
	if (tcb->snd.una == tcb->snd.nxt)
		return false;
	if (rec && ttp_tcb_usable(tcb) >= n) {
		if (n < rec->end - rec->seq && ttp_txq_split(tcb, rec, rec->seq + n))
			return false;
	} else {
		last = tcb->snd.nxt - 1;
		if (tcb->snd.fin_queued && last == tcb->flow->fin.seq && last != tcb->snd.una)
			last--;	/* with data before it: a receiver need not report a FIN by SACK */
		rec = ttp_scoreboard_find(tcb, last);
		if (rec && rec->end - rec->seq > mss) {
			if (ttp_txq_split(tcb, rec, rec->end - mss))
				return false;
			rec = ttp_scoreboard_next(tcb, rec);
		}
		if (!rec)
			return false;
	}
	out->probe = true;
	segment_of(tcb, rec, now, out);
	out->seg.why = TTP_WHY_LOSS_PROBE;
	return true;
}

/* Data, sent for the first time or again, if neither this host's queues nor pacing say to wait. */
static bool data(struct ttp_tcb *tcb, u64 now, struct ttp_out *out)
{
	return !tcb->snd.full && !paced(tcb, now) &&
	       (resend(tcb, now, out) || new_data(tcb, now, out));
}

static bool new_fin(struct ttp_tcb *tcb, u64 now, struct ttp_out *out)
{
	if (!tcb->snd.fin_queued || tcb->flow->fin.flags & TTP_TX_SENT ||
	    ttp_send_unsent_data(tcb) || seq_geq(tcb->flow->fin.seq, snd_right(tcb)))
		return false;
	return segment_of(tcb, &tcb->flow->fin, now, out);
}

/* Is there data or a FIN that is to be sent, now or later? */
static bool text_waits(const struct ttp_tcb *tcb)
{
	return tcb->lost != tcb->resent || ttp_send_unsent(tcb);
}

/* Is there anything at all?  After most segments there is not. */
bool ttp_send_waits(const struct ttp_tcb *tcb)
{
	return tcb->pending || text_waits(tcb);
}

/* No data may be sent now: who or what is it that holds us back? */
void ttp_send_idle(struct ttp_tcb *tcb, u64 now)
{
	if (!tcb->flow)
		return;		/* there never was any */
	/* would more be sent if the user had written more? */
	if (!ttp_send_unsent_data(tcb) && tcb->lost == tcb->resent &&
	    ttp_send_cwnd_room(tcb) >= tcb->snd.mss)
		ttp_rate_app_limited(tcb);
	if (!tcb->snd.full)
		tcb->snd.force = false;
	ttp_stats_busy(tcb, now);
	ttp_timer_persist(tcb, now);
}

/**
 * ttp_send_next - what may be sent now?
 * @tcb: any state
 * @now: microseconds
 * @out: filled in when there is something, but for the ports
 *
 * Return: true when @out is to be sent; then ask again.
 */
bool ttp_send_next(struct ttp_tcb *tcb, u64 now, struct ttp_out *out)
{
	out->rec = NULL;
	out->retransmission = false;
	out->probe = false;

	if (!ttp_send_waits(tcb)) {
		ttp_send_idle(tcb, now);
		return false;
	}
	if (ttp_fsm_in(tcb->conn.state, BIT(TTP_CLOSED) | BIT(TTP_LISTEN)))
		return false;
	if (tcb->pending & TTP_PEND_SYN)
		return syn(tcb, now, out);
	if (tcb->conn.state == TTP_SYN_SENT)
		return false;
	/* SACK blocks are sent in segments without data, before it; or the ACK is all there is */
	if (tcb->pending & TTP_PEND_ACK && (tcb->rcv.nsack || ttp_sack_dsack(tcb) ||
					    (tcb->pending == TTP_PEND_ACK && !text_waits(tcb))))
		return pure_ack(tcb, now, out);
	if (tcb->pending & (TTP_PEND_PROBE | TTP_PEND_KEEPALIVE))
		return probe(tcb, now, out);
	if (tcb->flow && ((ttp_fsm_in(tcb->conn.state, MAY_SEND_DATA) && !ttp_tcb_syn_out(tcb)) ||
			  ttp_fastopen_early(tcb)))
		if ((tcb->pending & TTP_PEND_TLP && tail_probe(tcb, now, out)) ||
		    data(tcb, now, out) || new_fin(tcb, now, out))
			return true;
	ttp_send_idle(tcb, now);
	if (tcb->pending & TTP_PEND_ACK)
		return pure_ack(tcb, now, out);
	return false;
}

/**
 * ttp_send_piece - one segment of what ttp_send_next() lets be sent in one packet
 * @tcb: the connection
 * @all: out->seg, whose data may be that of many segments
 * @off: bytes of it that earlier segments have
 * @seg: filled in whole
 */
void ttp_send_piece(const struct ttp_tcb *tcb, const struct ttp_seg *all, u32 off,
		    struct ttp_seg *seg)
{
	u32 most = ttp_mtu_is_probe(tcb, all) ? all->len : tcb->snd.mss;

	*seg = *all;
	seg->len = min(all->len - off, most);
	if (off + seg->len < all->len)
		seg->flags &= ~(TTP_FIN | TTP_PSH);
	if (!off)
		return;
	seg->seq += off;
	seg->flags &= ~(TTP_CWR | TTP_URG);	/* RFC 3168 6.1.2: once */
	seg->up = 0;
	ttp_urgent_mark(tcb, seg);
}

/* New data was sent.  If it answers what came just now, ACKs are piggybacked on answers: none is
 * sent alone at once, as at the beginning (Linux's "pingpong" mode).
 */
static void note_answer(struct ttp_tcb *tcb, u64 now)
{
	u64 soon_us = READ_ONCE(tcb->cfg->delack_ms) * 1000ULL;

	if (!tcb->bytes_received || now - tcb->data_us >= soon_us)
		return;
	tcb->rcv.pingpong = true;
	tcb->rcv.quick = 0;
}

/* @rec was sent. */
static void record_sent(struct ttp_tcb *tcb, struct ttp_txrec *rec, u64 now)
{
	u32 set = TTP_TX_SENT;

	ttp_rate_sent(tcb, rec, now);
	if (rec->flags & TTP_TX_SENT) {
		set |= TTP_TX_EVER_RESENT;
		if (rec->seq == tcb->flow->mtu.seq)
			tcb->flow->mtu.probe = 0;	/* it would prove nothing */
	}
	if (rec->flags & TTP_TX_LOST) {
		set |= TTP_TX_RESENT;
		tcb->resend_now = false;
	}
	ttp_scoreboard_mark(tcb, rec, set, 0);
	rec->sent_us = now;
	tcb->snd.nxt = seq_max(tcb->snd.nxt, rec->end);
	if (tcb->ca == TTP_CA_RECOVERY)
		tcb->flow->prr.out += rec->end - rec->seq;
}

/**
 * ttp_send_done - IP has taken a segment
 * @tcb: the connection
 * @out: what ttp_send_next() said
 * @now: microseconds
 */
void ttp_send_done(struct ttp_tcb *tcb, struct ttp_out *out, u64 now)
{
	const struct ttp_seg *seg = &out->seg;
	bool outstanding = tcb->snd.una != tcb->snd.nxt;

	tcb->segs_out += max(DIV_ROUND_UP(seg->len, tcb->snd.mss), 1U);
	tcb->last_sent_us = now;
	if (!outstanding)
		tcb->stuck_us = now;
	tcb->total_retrans += out->retransmission;
	if (seg->why == TTP_WHY_FAST_RETRANSMIT)
		ttp_count(&tcb->conn, TTP_MIB_FAST_RETRANS);
	if (seg->flags & TTP_ACK) {
		/* piggyback: whatever was sent carried the ACK that was due */
		tcb->pending &= ~TTP_PEND_ACK;
		tcb->why_ack = TTP_WHY_NONE;
		tcb->rcv.shorts = 0;
		if (seg->nsack || !tcb->rcv.held) {	/* data carries no SACK blocks */
			tcb->deadline[TTP_TM_DELACK] = 0;
			tcb->rcv.held = 0;
		}
	}
	if (seg->flags & TTP_CWR && seg->len)
		tcb->ecn_cwr = false;
	if (seg->flags & TTP_SYN) {
		tcb->pending &= ~TTP_PEND_SYN;
		tcb->syn_us = out->retransmission ? 0 : now;
		tcb->snd.nxt = seq_max(tcb->snd.nxt, tcb->conn.iss + 1);
	} else if (seg->seq == tcb->snd.una - 1) {
		tcb->pending &= ~(TTP_PEND_PROBE | TTP_PEND_KEEPALIVE);
		if (tcb->snd.urgent)	/* nobody looks at the URG of what is before the window */
			tcb->pending |= TTP_PEND_ACK;
	}
	if (out->rec) {
		if (!out->retransmission && seg->len % tcb->snd.mss &&
		    !(seg->flags & TTP_SYN) && !ttp_mtu_is_probe(tcb, seg))
			tcb->snd.small = out->rec->end;
		if (!out->retransmission)
			note_answer(tcb, now);
		record_sent(tcb, out->rec, now);
		ttp_txq_sent(tcb, out->rec);
		ttp_cwv_sent(tcb);
		pace(tcb, seg->len, now);
		tcb->bytes_sent += seg->len;
		tcb->flow->stats.bytes_resent += out->retransmission ? seg->len : 0;
		tcb->flow->stats.data_segs_out += DIV_ROUND_UP(seg->len, tcb->snd.mss);
		tcb->last_data_us = now;
	}
	if (seg->flags & TTP_FIN)
		record_sent(tcb, &tcb->flow->fin, now);
	else if (!out->rec && seg->nsack)
		tcb->flow->dsack = (struct ttp_sack){ 0 };
	if (out->probe)
		ttp_rack_probe_sent(tcb, out->retransmission);
	/* new data postpones the tail loss probe; RTX runs from when the oldest was sent, but a
	 * SYN,ACK that answers a SYN again postpones nothing: the peer could do so for ever
	 */
	if (ttp_seg_len(seg) &&
	    (!outstanding || !tcb->deadline[TTP_TM_RTX] || out->probe ||
	     (out->retransmission && seg->seq == tcb->snd.una && !(seg->flags & TTP_SYN))))
		ttp_timer_rearm(tcb, now);
	else if (ttp_seg_len(seg))
		ttp_rack_arm_probe(tcb, now);
}

/**
 * ttp_send_failed - there was no memory for a segment
 * @tcb: the connection
 * @now: microseconds
 *
 * Nothing is lost: a timer tries again.
 */
void ttp_send_failed(struct ttp_tcb *tcb, u64 now)
{
	if (tcb->flow && tcb->flow->mtu.seq == tcb->snd.nxt)	/* an MTU probe that was not sent */
		tcb->flow->mtu.probe = 0;
	if (!tcb->deadline[TTP_TM_RETRY])
		ttp_timer_set(tcb, TTP_TM_RETRY, now + READ_ONCE(tcb->cfg->delack_ms) * 1000ULL);
}
