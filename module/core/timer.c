// SPDX-License-Identifier: GPL-2.0
/*
 * timer.c - every timer, as a deadline in microseconds; 0 is off.
 *
 *	RTX		something was sent and not acknowledged (RFC 6298 5)
 *	PERSIST		there is something to send, nothing is outstanding, and
 *			the window or Nagle's algorithm forbids it (3.8.6.1)
 *	DELACK		an ACK waits for text to ride on (3.8.6.3)
 *	FIN_WAIT_2	the user is gone and the peer does not close
 *	KEEPALIVE	the peer was silent for long (3.8.4)
 *	REORDER		text is late, and will be lost (RFC 8985 6.3)
 *	PROBE		the end of a flight is not acknowledged (RFC 8985 7)
 *	RETRY		there was no memory for what was to be sent
 *	PACE		the congestion control's rate lets text go again
 *	USER		TTP_USER_TIMEOUT: the user waits no longer (3.10.8)
 *
 * TIME_WAIT and a request's SYN,ACK have no TCB: the plumbing times them.
 * The plumbing keeps one real timer for the earliest deadline.
 */
#include "core.h"

#define PERSIST_MAX_US	120000000ULL

/**
 * ttp_timer_next - the timer that expires first
 * @tcb: the connection
 * @which: set when not %NULL and a timer runs
 *
 * Return: its deadline, or 0 when none runs, or no TCB is left to time.
 */
u64 ttp_timer_next(const struct ttp_tcb *tcb, enum ttp_tm *which)
{
	u64 first = 0;
	u32 i;

	if (ttp_fsm_in(tcb->conn.state, BIT(TTP_CLOSED) | BIT(TTP_TIME_WAIT)))
		return 0;
	for (i = 0; i < TTP_TM_MAX; i++) {
		if (!tcb->deadline[i] || (first && first <= tcb->deadline[i]))
			continue;
		first = tcb->deadline[i];
		if (which)
			*which = i;
	}
	return first;
}

/**
 * ttp_timer_set - start a timer, or start it again
 * @tcb: the connection
 * @which: the timer
 * @at: microseconds
 */
void ttp_timer_set(struct ttp_tcb *tcb, enum ttp_tm which, u64 at)
{
	tcb->deadline[which] = at;
}

/**
 * ttp_timer_rearm - RTX from now on if anything is outstanding, else off
 * @tcb: the connection
 * @now: microseconds
 *
 * Source: RFC 6298 5.1-3.
 */
void ttp_timer_rearm(struct ttp_tcb *tcb, u64 now)
{
	u64 at = tcb->snd.una == tcb->snd.nxt ? 0 : now + ttp_rtt_rto(tcb);

	ttp_timer_set(tcb, TTP_TM_RTX, at);
	ttp_timer_user(tcb, now);
	if (at)
		ttp_rack_arm_probe(tcb, now);
	else
		ttp_timer_set(tcb, TTP_TM_PROBE, 0);
}

/**
 * ttp_timer_user - time how long the user waits for what was written
 * @tcb: something was sent or acknowledged, or the limit was set
 * @now: microseconds
 *
 * As Linux's tcp(7) has it, time behind a shut window counts: the user said so.
 * Source: RFC 9293 3.8.3 (MUST-21), RFC 5482.
 */
void ttp_timer_user(struct ttp_tcb *tcb, u64 now)
{
	bool waits = tcb->snd.una != tcb->snd.nxt || tcb->deadline[TTP_TM_PERSIST];
	bool on = tcb->user_timeout_ms && !tcb->orphan;
	u64 at = tcb->stuck_us + tcb->user_timeout_ms * 1000ULL;

	ttp_timer_set(tcb, TTP_TM_USER, waits && on ? max(at, now + 1) : 0);
}

static bool something_to_send(struct ttp_tcb *tcb)
{
	return ttp_txq_unsent(tcb) ||
	       (tcb->snd.fin_queued && !(tcb->snd.fin.flags & TTP_TX_SENT));
}

/**
 * ttp_timer_persist - start PERSIST if nothing else would ever wake us
 * @tcb: ttp_send_next() has found nothing to send
 * @now: microseconds
 *
 * Source: RFC 9293 3.8.6.1: the first probe after one RTO (SHLD-29).
 */
void ttp_timer_persist(struct ttp_tcb *tcb, u64 now)
{
	if (tcb->snd.una != tcb->snd.nxt || !something_to_send(tcb)) {
		ttp_timer_set(tcb, TTP_TM_PERSIST, 0);
		ttp_timer_user(tcb, now);
		return;
	}
	if (tcb->deadline[TTP_TM_PERSIST])
		return;
	ttp_timer_set(tcb, TTP_TM_PERSIST,
		      now + min_t(u64, ttp_rtt_rto(tcb), PERSIST_MAX_US));
	if (!tcb->deadline[TTP_TM_USER]) {
		tcb->stuck_us = now;
		ttp_timer_user(tcb, now);
	}
}

/**
 * ttp_timer_synack_us - how long a request waits for the handshake's end
 * @req: the request; its count of retransmissions doubles the time
 *
 * Return: microseconds from the last SYN,ACK.
 */
u32 ttp_timer_synack_us(const struct ttp_request *req)
{
	return 1000000U << min_t(u8, req->retransmits, 6);
}

/**
 * ttp_timer_keepalive - SO_KEEPALIVE or one of its times was set
 * @tcb: any state; keep is set
 * @now: microseconds
 *
 * Also when the connection is established.  Source: RFC 9293 3.8.4 (MAY-5).
 */
void ttp_timer_keepalive(struct ttp_tcb *tcb, u64 now)
{
	bool on = tcb->keep.on && ttp_fsm_in(tcb->conn.state, TTP_SYNCHRONIZED);
	u64 at = tcb->last_rcvd_us + tcb->keep.idle_s * 1000000ULL;

	ttp_timer_set(tcb, TTP_TM_KEEPALIVE, on ? max(at, now + 1) : 0);
}

static void give_up(struct ttp_tcb *tcb, const char *what, int err, struct ttp_verdict *v)
{
	if (err)
		ttp_count(&tcb->conn, TTP_MIB_ABORT_ON_TIMEOUT);
	ttp_fsm_set_state(&tcb->conn, TTP_CLOSED, TTP_BY_TIMER, what, NULL);
	v->todo = TTP_DO_CLOSED;
	v->err = err;
}

/* RFC 9293 3.8.3: R2 (MUST-20), for a SYN (MUST-22), for the user's text, and
 * for an orphan's
 */
static u32 retry_limit(const struct ttp_tcb *tcb)
{
	if (tcb->conn.state == TTP_SYN_SENT)
		return tcb->asked.syn_retries ?: READ_ONCE(tcb->cfg->syn_retries);
	if (tcb->snd.una == tcb->conn.iss)
		return READ_ONCE(tcb->cfg->synack_retries);
	return tcb->orphan ? READ_ONCE(tcb->cfg->orphan_retries) : READ_ONCE(tcb->cfg->retries2);
}

/* The user may want to wait less, or more, than R2 (3.8.3, MUST-21). */
static bool out_of_time(const struct ttp_tcb *tcb, u32 tries)
{
	if (tcb->user_timeout_ms && !tcb->orphan)
		return false;		/* USER says when */
	return tries >= retry_limit(tcb);
}

/* 3.8.4: a peer that does not answer cnt probes is gone, not one that missed a
 * single one (MUST-29).  While text is out the other timers see to that, and
 * whatever comes puts the next probe off (MUST-26).
 */
static void keepalive_expired(struct ttp_tcb *tcb, u64 now, struct ttp_verdict *v)
{
	struct ttp_keep *keep = &tcb->keep;
	u64 silence = now - tcb->last_rcvd_us;
	bool busy = tcb->snd.una != tcb->snd.nxt || tcb->deadline[TTP_TM_PERSIST];

	if (busy || silence < keep->idle_s * 1000000ULL) {
		keep->probes = 0;
		ttp_timer_set(tcb, TTP_TM_KEEPALIVE, (busy ? now : tcb->last_rcvd_us) +
			      keep->idle_s * 1000000ULL);
		return;
	}
	if (keep->probes && (tcb->user_timeout_ms ?
			     silence >= tcb->user_timeout_ms * 1000ULL :
			     keep->probes >= keep->cnt)) {
		ttp_count(&tcb->conn, TTP_MIB_ABORT_ON_TIMEOUT);
		ttp_user_abort(tcb, TTP_BY_TIMER, "keepalive timeout", ETIMEDOUT, v);
		return;
	}
	keep->probes++;
	ttp_count(&tcb->conn, TTP_MIB_KEEPALIVES);
	tcb->pending |= TTP_PEND_PROBE;
	v->todo |= TTP_DO_SEND;
	ttp_timer_set(tcb, TTP_TM_KEEPALIVE, now + keep->intvl_s * 1000000ULL);
}

/* 3.8.3 (MUST-20, SHLD-10): tell IP that the way may be bad; and large segments
 * may not come through it where ICMP messages do not, either (RFC 2923 2.1).
 */
static void r1_reached(struct ttp_tcb *tcb, u64 now, struct ttp_verdict *v)
{
	if (tcb->retransmits < READ_ONCE(tcb->cfg->retries1))
		return;
	v->todo |= TTP_DO_ADVISE;
	if (tcb->snd.wnd)
		ttp_send_black_hole(tcb, now);
}

static void rtx_expired(struct ttp_tcb *tcb, u64 now, struct ttp_verdict *v)
{
	/* A peer that shrank its window to nothing, and answers, is alive
	 * (SHLD-17).  It answers what is sent, which probes its window
	 * (MUST-35), and at last is once in PERSIST_MAX_US.  While our SYN is
	 * not acknowledged there is no window yet.
	 */
	bool shut = !tcb->snd.wnd && tcb->snd.una != tcb->conn.iss &&
		    now - tcb->last_rcvd_us < 2 * PERSIST_MAX_US && !tcb->orphan &&
		    ttp_fsm_in(tcb->conn.state, TTP_SYNCHRONIZED);

	v->todo |= TTP_DO_SEND;
	if (tcb->snd.una == tcb->snd.nxt)
		return;
	if (out_of_time(tcb, tcb->retransmits) && !shut) {
		give_up(tcb, "retransmission timeout", ETIMEDOUT, v);
		return;
	}
	ttp_count(&tcb->conn, TTP_MIB_TIMEOUTS);
	if (tcb->snd.una == tcb->conn.iss) {
		tcb->pending |= TTP_PEND_SYN;
		ttp_count(&tcb->conn, tcb->conn.state == TTP_SYN_SENT ?
			  TTP_MIB_SYN_RETRANS : TTP_MIB_SYNACK_RETRANS);
	} else {
		r1_reached(tcb, now, v);
		ttp_recovery_timeout(tcb, now);
	}
	tcb->retransmits = min(tcb->retransmits + 1, 255);
	tcb->backoff = min(tcb->backoff + 1, 255);	/* RFC 6298 5.5, MUST-19 */
	ttp_timer_rearm(tcb, now);		/* 5.6 */
}

static void persist_expired(struct ttp_tcb *tcb, struct ttp_verdict *v)
{
	if (!something_to_send(tcb))
		return;
	v->todo |= TTP_DO_SEND;
	if (tcb->snd.wnd) {
		tcb->snd.force = true;	/* the override timeout of 3.8.6.2.1; MUST-60 */
		return;
	}
	/* A window may stay shut for ever as long as the peer answers
	 * (MUST-37), but nobody waits for an orphan.
	 */
	if (out_of_time(tcb, tcb->probes) || (tcb->orphan && tcb->backoff >= retry_limit(tcb))) {
		give_up(tcb, "zero window probe timeout", ETIMEDOUT, v);
		return;
	}
	tcb->probes++;
	ttp_count(&tcb->conn, TTP_MIB_WINDOW_PROBES);
	tcb->backoff = min(tcb->backoff + 1, 255);	/* SHLD-30 */
	tcb->pending |= TTP_PEND_PROBE;
}

/**
 * ttp_timer_expired - the real timer has fired
 * @tcb: the connection
 * @now: microseconds; what is due by then is done
 * @v: filled in
 *
 * Source: RFC 9293 3.10.8.
 */
void ttp_timer_expired(struct ttp_tcb *tcb, u64 now, struct ttp_verdict *v)
{
	u32 i;

	ttp_verdict_init(v);
	if (!ttp_timer_next(tcb, NULL))
		return;
	for (i = 0; i < TTP_TM_MAX && !(v->todo & TTP_DO_CLOSED); i++) {
		if (!tcb->deadline[i] || tcb->deadline[i] > now)
			continue;
		tcb->deadline[i] = 0;
		switch ((enum ttp_tm)i) {
		case TTP_TM_RTX:
			rtx_expired(tcb, now, v);
			break;
		case TTP_TM_PERSIST:
			persist_expired(tcb, v);
			break;
		case TTP_TM_DELACK:
			ttp_count(&tcb->conn, TTP_MIB_DELAYED_ACKS);
			tcb->pending |= TTP_PEND_ACK;
			v->todo |= TTP_DO_SEND;
			break;
		case TTP_TM_FIN_WAIT_2:
			give_up(tcb, "FIN_WAIT_2 timeout", 0, v);
			break;
		case TTP_TM_REORDER:
			ttp_recovery_late(tcb, now);
			v->todo |= TTP_DO_SEND;
			break;
		case TTP_TM_PROBE:
			tcb->pending |= TTP_PEND_TLP;
			v->todo |= TTP_DO_SEND;
			break;
		case TTP_TM_KEEPALIVE:
			keepalive_expired(tcb, now, v);
			break;
		case TTP_TM_RETRY:
		case TTP_TM_PACE:
			v->todo |= TTP_DO_SEND;
			break;
		case TTP_TM_USER:
			give_up(tcb, "user timeout", ETIMEDOUT, v);
			break;
		case TTP_TM_MAX:
			break;
		}
	}
}
