// SPDX-License-Identifier: GPL-2.0
/*
 * expire.c - a timer has expired: what each of them does then (RFC 9293 3.10.8).
 *
 * Two limits end a connection whose peer does not answer: R2, a number of
 * retransmissions, and the user timeout, which replaces R2 (3.8.3).  Before them R1
 * is a number of retransmissions after which IP is asked for another route.
 *
 * Called by conn/verdict.c when the kernel's timer has fired, in softirq; or, if the socket
 * was locked then, when its lock is released.
 * Next: recovery.c for what a retransmission timeout does, rack.c for two other timers.
 */
#include "core.h"

static void give_up(struct ttp_tcb *tcb, const char *what, int err, struct ttp_verdict *v)
{
	if (err)
		ttp_count(&tcb->conn, TTP_MIB_ABORT_ON_TIMEOUT);
	ttp_fsm_set_state(&tcb->conn, TTP_CLOSED, TTP_BY_TIMER, what, NULL);
	v->todo = TTP_DO_CLOSED | (v->todo & TTP_DO_NO_FASTOPEN);
	v->err = err;
}

/* R2 (3.8.3, MUST-20): for a SYN (MUST-22), for the user's data, and for an orphan's. */
static u32 retry_limit(const struct ttp_tcb *tcb)
{
	if (tcb->conn.state == TTP_SYN_SENT)
		return tcb->asked.syn_retries ?: READ_ONCE(tcb->cfg->syn_retries);
	if (ttp_tcb_syn_out(tcb))
		return tcb->asked.syn_retries ?: READ_ONCE(tcb->cfg->synack_retries);
	return tcb->orphan ? READ_ONCE(tcb->cfg->orphan_retries) : READ_ONCE(tcb->cfg->retries2);
}

/* User timeout (3.8.3, MUST-21): the user may want to wait less, or longer, than R2. */
static bool out_of_time(const struct ttp_tcb *tcb, u32 tries)
{
	if (tcb->asked.user_timeout_ms)
		return false;		/* the timer USER says when */
	return tries >= retry_limit(tcb);
}

/* Keepalive (3.8.4): a peer that answers none of cnt probes is gone, not one that misses
 * a single one (MUST-29).  While data is outstanding the other timers find out, and whatever
 * arrives postpones the next probe (MUST-26).
 */
static void keepalive_expired(struct ttp_tcb *tcb, u64 now, struct ttp_verdict *v)
{
	struct ttp_keep *keep = &tcb->asked.keep;
	u64 silence = now - tcb->last_rcvd_us;
	bool busy = tcb->snd.una != tcb->snd.nxt || tcb->deadline[TTP_TM_PERSIST];

	if (busy || silence < keep->idle_s * 1000000ULL) {
		keep->probes = 0;
		ttp_timer_set(tcb, TTP_TM_KEEPALIVE, (busy ? now : tcb->last_rcvd_us) +
			      keep->idle_s * 1000000ULL);
		return;
	}
	if (keep->probes && (tcb->asked.user_timeout_ms ?
			     silence >= tcb->asked.user_timeout_ms * 1000ULL :
			     keep->probes >= keep->cnt)) {
		ttp_count(&tcb->conn, TTP_MIB_ABORT_ON_TIMEOUT);
		ttp_user_abort(tcb, TTP_BY_TIMER, "keepalive timeout", ETIMEDOUT, now, v);
		return;
	}
	keep->probes = min(keep->probes + 1, 255);
	ttp_count(&tcb->conn, TTP_MIB_KEEPALIVES);
	tcb->pending |= TTP_PEND_KEEPALIVE;
	v->todo |= TTP_DO_SEND;
	ttp_timer_set(tcb, TTP_TM_KEEPALIVE, now + keep->intvl_s * 1000000ULL);
}

/* R1 (3.8.3, MUST-20, SHLD-10): tell IP that the route may be bad.  It may be a black hole, too,
 * which drops large segments, and the ICMP messages that should say so (RFC 2923 2.1).
 */
static void r1_reached(struct ttp_tcb *tcb, u64 now, struct ttp_verdict *v)
{
	if (tcb->retransmits < READ_ONCE(tcb->cfg->retries1))
		return;
	v->todo |= TTP_DO_ADVISE;
	if (tcb->snd.wnd)
		ttp_mtu_black_hole(tcb, now);
}

/* Retransmission timeout, with exponential backoff (RFC 6298 5.4-6). */
static void rtx_expired(struct ttp_tcb *tcb, u64 now, struct ttp_verdict *v)
{
	/* A peer that shrank its window to zero, and answers, is alive (SHLD-17).  What is
	 * retransmitted probes its window (MUST-35), and that is in the end once in
	 * TTP_PERSIST_MAX_US.  While our SYN is not acknowledged there is no window yet.
	 */
	bool zero_wnd = !tcb->snd.wnd && !ttp_tcb_syn_out(tcb) && !tcb->orphan &&
		    ttp_fsm_in(tcb->conn.state, TTP_SYNCHRONIZED);
	bool silent = now - tcb->last_rcvd_us >= 2 * TTP_PERSIST_MAX_US;

	v->todo |= TTP_DO_SEND;
	if (tcb->snd.una == tcb->snd.nxt)
		return;
	if (zero_wnd ? silent && !tcb->asked.user_timeout_ms : out_of_time(tcb, tcb->retransmits)) {
		ttp_fastopen_timeout(tcb, true, v);
		give_up(tcb, "retransmission timeout", ETIMEDOUT, v);
		return;
	}
	if (!zero_wnd)
		ttp_fastopen_timeout(tcb, false, v);
	ttp_count(&tcb->conn, TTP_MIB_TIMEOUTS);
	if (ttp_tcb_syn_out(tcb)) {
		tcb->pending |= TTP_PEND_SYN;
		tcb->why_resent = TTP_WHY_RTO;
		if (tcb->retransmits)	/* SHLD-10 */
			v->todo |= TTP_DO_ADVISE;
		ttp_count(&tcb->conn, tcb->conn.state == TTP_SYN_SENT ?
			  TTP_MIB_SYN_RETRANS : TTP_MIB_SYNACK_RETRANS);
	} else {
		r1_reached(tcb, now, v);
		ttp_recovery_timeout(tcb, now);
	}
	if (!zero_wnd || !tcb->retransmits)	/* what probes a window is no try in vain */
		tcb->retransmits = min(tcb->retransmits + 1, 255);
	tcb->backoff = min(tcb->backoff + 1, 255);	/* RFC 6298 5.5, MUST-19 */
	ttp_timer_rearm(tcb, now);		/* 5.6 */
}

/**
 * ttp_expire_probe_first - was a tail loss probe due no later than a retransmission?
 * @tcb: the connection
 * @rtx: when the retransmission is due
 *
 * Return: whether it was, and so goes first, as RFC 8985 7.2 has it.
 */
bool ttp_expire_probe_first(const struct ttp_tcb *tcb, u64 rtx)
{
	return tcb->deadline[TTP_TM_PROBE] && tcb->deadline[TTP_TM_PROBE] <= rtx;
}

/* Persist timer: a zero-window probe is due. */
static void persist_expired(struct ttp_tcb *tcb, struct ttp_verdict *v)
{
	if (!ttp_send_unsent(tcb))
		return;
	v->todo |= TTP_DO_SEND;
	if (tcb->snd.wnd) {
		tcb->snd.force = true;	/* the override timeout of 3.8.6.2.1; MUST-60 */
		return;
	}
	/* A window may stay zero for ever as long as the peer answers (MUST-37), but not if
	 * this is an orphan.
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
 * ttp_expire_timers - the kernel's timer has fired
 * @tcb: the connection
 * @now: what is due by then is done
 * @v: filled in
 *
 * Source: RFC 9293 3.10.8.
 */
void ttp_expire_timers(struct ttp_tcb *tcb, u64 now, struct ttp_verdict *v)
{
	u64 at;
	u32 i;

	ttp_verdict_init(v);
	if (!ttp_timer_next(tcb, NULL))
		return;
	for (i = 0; i < TTP_TM_MAX && !(v->todo & TTP_DO_CLOSED); i++) {
		at = tcb->deadline[i];
		if (!at || at > now)
			continue;
		tcb->deadline[i] = 0;
		switch ((enum ttp_tm)i) {
		case TTP_TM_RTX:
			if (ttp_expire_probe_first(tcb, at))
				ttp_timer_set(tcb, TTP_TM_RTX, now + ttp_rtt_rto(tcb));
			else
				rtx_expired(tcb, now, v);
			break;
		case TTP_TM_PERSIST:
			persist_expired(tcb, v);
			break;
		case TTP_TM_DELACK:
			if (!tcb->rcv.held)
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
