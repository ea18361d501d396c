// SPDX-License-Identifier: GPL-2.0
/*
 * user.c - the user's calls (RFC 9293 3.10.1-6): OPEN, SEND, RECEIVE, CLOSE, ABORT.  The data of
 * SEND and RECEIVE is copied by socket/stream.c.
 *
 * Called by the functions of socket/ and conn/, mostly in process context.
 * Next: arrives.c for the segments that follow, flow.c for what data needs.
 */
#include "core.h"

/**
 * ttp_user_init - a TCB in CLOSED
 * @tcb: zeroed, or reset: all that follows its cong_ops
 * @cfg: outlives @tcb
 */
void ttp_user_init(struct ttp_tcb *tcb, const struct ttp_config *cfg)
{
	tcb->conn.kind = TTP_KIND_SOCK;
	tcb->conn.state = TTP_CLOSED;
	tcb->cfg = cfg;
	tcb->opt.mss = TTP_MSS_DEFAULT;
	tcb->snd.mss = TTP_MSS_DEFAULT;
	tcb->rcv.mss = TTP_MSS_DEFAULT;
	tcb->rcv.quick = TTP_QUICK_ACKS;
	tcb->rcv.ssthresh = 0xffff;	/* what a SYN can offer */
	tcb->asked.keep.idle_s = READ_ONCE(cfg->keepalive_time);
	tcb->asked.keep.intvl_s = READ_ONCE(cfg->keepalive_intvl);
	tcb->asked.keep.cnt = READ_ONCE(cfg->keepalive_probes);
	tcb->rto_us = TTP_RTO_INITIAL_US;
	tcb->asked.arq = READ_ONCE(cfg->arq);
	tcb->cong_ops = &ttp_reno;
}

/**
 * ttp_user_listen - passive OPEN (3.10.1)
 * @tcb: in CLOSED
 */
void ttp_user_listen(struct ttp_tcb *tcb)
{
	ttp_fsm_set_state(&tcb->conn, TTP_LISTEN, TTP_BY_USER, "passive OPEN", NULL);
}

/**
 * ttp_user_connect - active OPEN (3.10.1): the three-way handshake begins
 * @tcb: in CLOSED; route, opt.rcv_wscale and opt.ts_off set
 * @iss: the initial send sequence number
 * @now: microseconds
 *
 * ttp_send_next() then sends the SYN.
 */
void ttp_user_connect(struct ttp_tcb *tcb, u32 iss, u64 now)
{
	tcb->conn.iss = iss;
	tcb->snd.una = iss;
	tcb->snd.nxt = iss;
	tcb->snd.end = iss + 1;
	ttp_recovery_init(tcb);
	tcb->opt.wscale_ok = READ_ONCE(tcb->cfg->window_scaling);
	tcb->opt.sack_ok = READ_ONCE(tcb->cfg->sack) && ttp_arq_sack(tcb->asked.arq);
	tcb->opt.ts_ok = READ_ONCE(tcb->cfg->timestamps);
	ttp_autotune_begin(tcb);
	tcb->opt.ecn_ok = READ_ONCE(tcb->cfg->ecn) == 1 || tcb->route.ecn ||
			  tcb->cong_ops->flags & TTP_CONG_NEEDS_ECN;
	tcb->last_rcvd_us = now;
	tcb->pending = TTP_PEND_SYN;
	ttp_fsm_set_state(&tcb->conn, TTP_SYN_SENT, TTP_BY_USER, "active OPEN", NULL);
	ttp_count(&tcb->conn, TTP_MIB_ACTIVE_OPENS);
}

/**
 * ttp_user_send - may data be SENT in this state (3.10.2)?
 * @tcb: any state
 *
 * Return: 0, or -EPIPE where there is no connection or it is closing.
 */
int ttp_user_send(const struct ttp_tcb *tcb)
{
	bool may = ttp_fsm_in(tcb->conn.state, BIT(TTP_SYN_SENT) | BIT(TTP_SYN_RCVD) |
			      BIT(TTP_ESTABLISHED) | BIT(TTP_CLOSE_WAIT));

	return may && !tcb->snd.fin_queued ? 0 : -EPIPE;
}

/**
 * ttp_user_receive - may RECEIVE wait for data in this state (3.10.3)?
 * @tcb: any state
 *
 * Return: 1 while data may come, 0 at the end of it, -ENOTCONN.
 */
int ttp_user_receive(const struct ttp_tcb *tcb)
{
	if (ttp_fsm_in(tcb->conn.state, BIT(TTP_SYN_SENT) | BIT(TTP_SYN_RCVD) | TTP_MAY_RECEIVE))
		return 1;
	return ttp_fsm_in(tcb->conn.state, TTP_SYNCHRONIZED) ? 0 : -ENOTCONN;
}

/* Is all read, short segments among it, that the user will not answer?  An ACK lets a peer go on
 * whom Nagle's algorithm holds back.  Of two short ones it is sent in any case, as with Linux.
 */
static bool drained(const struct ttp_tcb *tcb)
{
	u32 few = tcb->rcv.pingpong ? 1 : 0;

	return tcb->rcv.shorts > few && tcb->rcv.read == tcb->rcv.nxt && !tcb->rcv.nsack;
}

/**
 * ttp_user_read - the user has taken data out of the receive buffer
 * @tcb: rcv.read is already moved
 *
 * An ACK that has waited for this is sent: see drained() and schedule_ack().  Window update: the
 * peer is told when its window was zero and opens, or when what it knows of is less than half of
 * the receive window (silly window syndrome, 3.8.6.2.2: MUST-39).
 *
 * Return: true when an ACK is due: call ttp_send_next().
 */
bool ttp_user_read(struct ttp_tcb *tcb)
{
	u32 known = ttp_tcb_rcv_window(tcb), space;

	if (!ttp_fsm_in(tcb->conn.state, TTP_MAY_RECEIVE) && !ttp_fastopen_early(tcb))
		return false;
	if (tcb->deadline[TTP_TM_DELACK] && (ttp_tcb_two_segments(tcb) || drained(tcb))) {
		tcb->pending |= TTP_PEND_ACK;
		return true;
	}
	space = ttp_autotune_window(tcb);
	if (known > space / 2 || space - known < ttp_autotune_min_update(tcb))
		return false;
	tcb->pending |= TTP_PEND_ACK;
	tcb->why_ack = TTP_WHY_WINDOW_UPDATE;
	return true;
}

/* "queue this until all preceding SENDs have been segmentized, then form a FIN segment and
 * send it" (3.10.4); the state changes now.
 */
static bool queue_fin(struct ttp_tcb *tcb, const char *what, u64 now)
{
	u8 state = tcb->conn.state, to = state == TTP_CLOSE_WAIT ? TTP_LAST_ACK : TTP_FIN_WAIT_1;

	if (!ttp_fsm_in(state, BIT(TTP_SYN_RCVD) | BIT(TTP_ESTABLISHED) | BIT(TTP_CLOSE_WAIT)))
		return false;
	tcb->snd.more = false;
	ttp_flow_need(tcb, now, true);
	tcb->snd.fin_queued = true;
	tcb->flow->fin = (struct ttp_txrec){ .seq = tcb->snd.end, .end = tcb->snd.end + 1 };
	ttp_fsm_set_state(&tcb->conn, to, TTP_BY_USER, what, NULL);
	return true;
}

/**
 * ttp_user_shutdown - half-close (3.6): the user will send no more, but may receive
 * @tcb: any state; without effect where there is nothing to close
 * @now: microseconds
 *
 * Call ttp_send_next() after it.  Context: process, may sleep.
 */
void ttp_user_shutdown(struct ttp_tcb *tcb, u64 now)
{
	queue_fin(tcb, "SHUTDOWN", now);
}

static void reset(struct ttp_tcb *tcb, u64 now, struct ttp_verdict *v)
{
	ttp_send_rst(tcb, now, &v->reply);
	v->todo |= TTP_DO_RESET;
}

/**
 * ttp_user_linger - CLOSE by a user who waits for its end (SO_LINGER), before ttp_user_close()
 * @tcb: any state but LISTEN
 * @now: microseconds
 *
 * While he waits the connection is no orphan.  Call ttp_send_next() after it.  Context: process,
 * may sleep.
 */
void ttp_user_linger(struct ttp_tcb *tcb, u64 now)
{
	tcb->rcv_closed = true;
	queue_fin(tcb, "CLOSE", now);
}

/**
 * ttp_user_close - CLOSE (3.10.4): the user will neither send nor receive any more
 * @tcb: any state but LISTEN
 * @unread: data was received that the user did not read
 * @now: microseconds
 * @v: filled in
 *
 * Data that arrives from now on is answered by a RST, and so is unread data
 * (3.6.1, MAY-1; SHLD-3: "data was lost").  Context: process, may sleep.
 */
void ttp_user_close(struct ttp_tcb *tcb, bool unread, u64 now, struct ttp_verdict *v)
{
	ttp_verdict_init(v);
	tcb->orphan = true;
	ttp_timer_set(tcb, TTP_TM_USER, 0);
	tcb->rcv_closed = true;
	tcb->snd.more = false;
	if (unread && ttp_fsm_in(tcb->conn.state, TTP_SYNCHRONIZED | BIT(TTP_SYN_RCVD))) {
		ttp_count(&tcb->conn, TTP_MIB_ABORT_ON_CLOSE);
		/* where ABORT itself sends none */
		if (ttp_fsm_in(tcb->conn.state, BIT(TTP_CLOSING) | BIT(TTP_LAST_ACK)))
			reset(tcb, now, v);
		ttp_user_abort(tcb, TTP_BY_USER, "CLOSE with data unread", 0, now, v);
		return;
	}
	if (tcb->conn.state == TTP_SYN_SENT) {
		ttp_user_abort(tcb, TTP_BY_USER, "CLOSE", 0, now, v);
		return;
	}
	if (queue_fin(tcb, "CLOSE", now))
		v->todo = TTP_DO_SEND;
	if (tcb->conn.state == TTP_FIN_WAIT_2)
		ttp_user_fin_wait_2(tcb, now, v);
}

/* FIN_WAIT_2: how long to wait for a peer that does not close?  As long as it likes while there
 * is a user.  Return: false when the connection is gone.
 */
bool ttp_user_fin_wait_2(struct ttp_tcb *tcb, u64 now, struct ttp_verdict *v)
{
	u32 s = tcb->asked.linger2_s ?: READ_ONCE(tcb->cfg->fin_timeout);

	if (!tcb->orphan)
		return true;
	if (tcb->asked.linger2_s < 0) {
		ttp_count(&tcb->conn, TTP_MIB_ABORT_ON_LINGER);
		ttp_user_abort(tcb, TTP_BY_USER, "ABORT", 0, now, v);
		return false;
	}
	ttp_timer_set(tcb, TTP_TM_FIN_WAIT_2, now + s * 1000000ULL);
	return true;
}

/**
 * ttp_user_quickack - TTP_QUICKACK: delay no ACKs for a while, or all that may be
 * @tcb: any state
 * @val: 0: all that may be; else none, and the one that waits is sent; an even number
 *	with one that waits: only that one
 *
 * Return: true when an ACK is due: call ttp_send_next().
 */
bool ttp_user_quickack(struct ttp_tcb *tcb, int val)
{
	bool waits = tcb->deadline[TTP_TM_DELACK];

	tcb->rcv.pingpong = !(val & 1 || (val && !waits));
	tcb->rcv.quick = tcb->rcv.pingpong ? 0 : TTP_QUICK_ACKS;
	if (!val || !waits)
		return false;
	tcb->pending |= TTP_PEND_ACK;
	return true;
}

/**
 * ttp_user_abort - ABORT (3.10.5), for the user or on someone else's behalf
 * @tcb: any state; CLOSED is left alone
 * @kind: enum ttp_by
 * @what: the cause in words
 * @err: positive errno for the user
 * @now: microseconds
 * @v: bits are added: a RST if the peer knows of the connection
 */
void ttp_user_abort(struct ttp_tcb *tcb, u8 kind, const char *what, int err, u64 now,
		    struct ttp_verdict *v)
{
	u8 state = tcb->conn.state;

	if (state == TTP_CLOSED)
		return;
	/* and whose last data does not come, as with Linux */
	if (ttp_fsm_in(state, BIT(TTP_SYN_RCVD) | TTP_MAY_RECEIVE | BIT(TTP_CLOSE_WAIT)) ||
	    (ttp_fsm_in(state, BIT(TTP_CLOSING) | BIT(TTP_LAST_ACK)) && ttp_send_unsent(tcb)))
		reset(tcb, now, v);
	ttp_fsm_set_state(&tcb->conn, TTP_CLOSED, kind, what, NULL);
	v->todo |= TTP_DO_CLOSED;
	v->todo &= ~TTP_DO_SEND;
	v->err = err;
}
