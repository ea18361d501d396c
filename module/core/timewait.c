// SPDX-License-Identifier: GPL-2.0
/*
 * timewait.c - what a segment does in TIME_WAIT (RFC 9293 3.10.7.4, 3.6.1).
 *
 * TIME_WAIT has two purposes: to acknowledge the peer's FIN once more if our last ACK was lost,
 * and to keep old duplicates out of the next connection with the same 4-tuple.
 *
 * Called by conn/mini.c and conn/timewait.c, mostly in softirq.
 * Next: fsm.c for the states; expire.c does not time TIME_WAIT, conn/timewait.c does.
 */
#include "core.h"

/**
 * ttp_timewait_init - keep of a connection what TIME_WAIT needs
 * @tw: filled in whole
 * @tcb: in TIME_WAIT; @tw takes the state over, and the TCB is in CLOSED again, which is no
 *	transition of the connection
 */
void ttp_timewait_init(struct ttp_timewait *tw, struct ttp_tcb *tcb)
{
	tw->cfg = tcb->cfg;
	tw->conn = tcb->conn;
	tw->conn.kind = TTP_KIND_TIMEWAIT;
	tw->opt = tcb->opt;
	tw->snd_nxt = tcb->snd.nxt;
	tw->rcv_nxt = tcb->rcv.nxt;
	tw->rcv_wnd = tcb->rcv.wnd;
	tw->last_sent_us = tcb->last_sent_us;
	tw->answer_us = 0;
	tcb->conn.state = TTP_CLOSED;
}

static void reply_ack(struct ttp_timewait *tw, const struct ttp_seg *seg, const char *answer,
		      u64 now, struct ttp_verdict *v)
{
	if (ttp_answer_limited(tw->cfg, seg, now, &tw->answer_us)) {
		ttp_count(&tw->conn, TTP_MIB_ACK_SKIPPED_TIME_WAIT);
		return;
	}
	tw->last_sent_us = now;
	ttp_verdict_ack(v, seg, answer, &tw->opt, now);
	v->reply.seq = tw->snd_nxt;
	v->reply.ack = tw->rcv_nxt;
	v->reply.wnd = min_t(u32, tw->rcv_wnd >> tw->opt.rcv_wscale, 0xffff);
}

/* A SYN may open the connection anew when it cannot be an old duplicate: by timestamps (RFC 6191;
 * SHLD-4), else by a sequence number above all that were used (RFC 9293 3.6.1, MAY-2).
 */
static bool may_reopen(const struct ttp_timewait *tw, const struct ttp_seg *seg)
{
	if ((seg->flags & (TTP_SYN | TTP_ACK | TTP_RST | TTP_FIN)) != TTP_SYN)
		return false;
	/* The SYN of this connection is an old duplicate, whatever its numbers say: its sequence
	 * number is "above" after 2 GiB, its timestamp when TS.Recent was not set since.
	 */
	if (seg->seq == tw->conn.irs)
		return false;
	if (seq_gt(seg->seq, tw->rcv_nxt))
		return true;
	return tw->opt.ts_ok && seg->has_ts && seq_gt(seg->tsval, tw->opt.ts_recent);
}

/**
 * ttp_timewait_iss - where the connection that follows this one begins
 * @tw: the connection
 *
 * Above all that this one may have sent into an unscaled window.  It may have been faster than
 * the clock of ttp_isn().
 *
 * Return: an initial send sequence number, never 0.
 * Source: RFC 9293 3.6.1 (MAY-2), RFC 6191 2.
 */
u32 ttp_timewait_iss(const struct ttp_timewait *tw)
{
	return tw->snd_nxt + 65535 + 2 ?: 1;
}

/**
 * ttp_timewait_may_connect - may an active OPEN end TIME_WAIT?
 * @tw: the connection
 * @asked: the user asked for this port
 * @now: microseconds
 *
 * As soon as the clock of timestamps has ticked, segments of the old connection that are still in
 * the network have older timestamps than those of the new one.  Where another port can be
 * chosen, a second must have passed, as with Linux.
 * Source: RFC 6191, RFC 7323 5.8.
 */
bool ttp_timewait_may_connect(const struct ttp_timewait *tw, bool asked, u64 now)
{
	return tw->opt.ts_ok && now - tw->last_sent_us >= (asked ? 1000 : 1000000);
}

/**
 * ttp_timewait_arrives - a segment arrives for a connection in TIME_WAIT
 * @tw: the connection
 * @seg: the segment
 * @now: microseconds
 * @v: filled in
 */
void ttp_timewait_arrives(struct ttp_timewait *tw, const struct ttp_seg *seg, u64 now,
			  struct ttp_verdict *v)
{
	bool old_ts = ttp_paws_old(&tw->opt, seg);

	ttp_verdict_init(v);

	if (may_reopen(tw, seg) && !old_ts) {
		ttp_fsm_set_state(&tw->conn, TTP_CLOSED, TTP_BY_SEGMENT, "new SYN", seg);
		ttp_count(&tw->conn, TTP_MIB_TIME_WAIT_RECYCLED);
		v->todo = TTP_DO_REOPEN;
		return;
	}
	/* TIME-WAIT assassination (RFC 1337): a RST, which may itself be an old duplicate,
	 * must not end TIME_WAIT.  Deviation: RFC 9293 would let it.
	 */
	if (seg->flags & TTP_RST) {
		v->drop = TTP_MIB_RST_IGNORED;
		return;
	}
	/* The only thing that can arrive is the peer's FIN again: acknowledge
	 * it and wait another 2 MSL.
	 */
	if (seg->flags & TTP_FIN && ttp_seg_end(seg) == tw->rcv_nxt && !old_ts) {
		v->todo = TTP_DO_RESTART;
		v->drop = TTP_MIB_OUT_OF_WINDOW;
		reply_ack(tw, seg, "FIN again: ACK, 2 MSL anew", now, v);
		return;
	}
	/* Anything else that takes sequence space is answered; a plain ACK is
	 * not, or two ends in TIME_WAIT could answer each other for ever.
	 */
	v->drop = old_ts ? TTP_MIB_PAWS : TTP_MIB_OUT_OF_WINDOW;
	if (ttp_seg_len(seg))
		reply_ack(tw, seg, ttp_answer_to(seg, tw->rcv_nxt, v->drop), now, v);
}
