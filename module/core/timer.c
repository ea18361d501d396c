// SPDX-License-Identifier: GPL-2.0
/*
 * timer.c - the timers are started and stopped here: each is a deadline in the TCB, in
 * microseconds; 0 is off.
 *
 *	RTX		retransmission timer: something was sent and not acknowledged
 *			(RFC 6298 5)
 *	PERSIST		persist timer: there is something to send, nothing is outstanding,
 *			and the window or Nagle's algorithm forbids it (3.8.6.1)
 *	DELACK		delayed ACK: an ACK waits for data that can carry it (3.8.6.3); or, of a
 *			gap, for others (SACK compression, sack.c)
 *	FIN_WAIT_2	the user is gone and the peer does not close
 *	KEEPALIVE	nothing came from the peer for a long time (3.8.4)
 *	REORDER		reordering window: data is late, and will count as lost
 *			(RFC 8985 6.3)
 *	PROBE		the end of a flight is not acknowledged (RFC 8985 7)
 *	RETRY		there was no memory for what was to be sent
 *	PACE		the pacing rate of the congestion control lets data go again
 *	USER		user timeout, TTP_USER_TIMEOUT: the user waits no longer (3.10.8)
 *
 * TIME_WAIT and a request's SYN,ACK have no TCB; conn/timewait.c and conn/request.c time
 * them.  host/clock.c keeps one kernel timer for each connection's earliest deadline.
 *
 * Called wherever something is sent or acknowledged, or an option is set.
 * Next: expire.c for what is done when a deadline is reached.
 */
#include "core.h"

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

/* RTX runs from now on if anything is outstanding, else it is off (RFC 6298 5.1-3). */
void ttp_timer_rearm(struct ttp_tcb *tcb, u64 now)
{
	bool out = tcb->snd.una != tcb->snd.nxt;
	u64 at = out ? ttp_send_left_us(tcb, now) + ttp_rtt_rto(tcb) : 0;

	ttp_timer_set(tcb, TTP_TM_RTX, at);
	ttp_timer_user(tcb, now);
	if (out)
		ttp_rack_arm_probe(tcb, now);
	else
		ttp_timer_set(tcb, TTP_TM_PROBE, 0);
}

/**
 * ttp_timer_user - user timeout: how long does the user wait for what was written?
 * @tcb: something was sent or acknowledged, or the limit was set
 * @now: microseconds
 *
 * As Linux's tcp(7) says, time in which the peer's window is zero counts, too.
 * Source: RFC 9293 3.8.3 (MUST-21), RFC 5482.
 */
void ttp_timer_user(struct ttp_tcb *tcb, u64 now)
{
	bool waits = tcb->snd.una != tcb->snd.nxt || tcb->deadline[TTP_TM_PERSIST];
	u64 at = tcb->stuck_us + tcb->asked.user_timeout_ms * 1000ULL;

	ttp_timer_set(tcb, TTP_TM_USER, waits && tcb->asked.user_timeout_ms ? max(at, now + 1) : 0);
}

/* Persist timer (RFC 9293 3.8.6.1): ttp_send_next() has found nothing to send, so nothing else may
 * ever wake us, if it is not pacing that holds it back.  The first zero-window probe is sent
 * after one RTO (SHLD-29).
 */
void ttp_timer_persist(struct ttp_tcb *tcb, u64 now)
{
	if (tcb->snd.una != tcb->snd.nxt || !ttp_send_unsent(tcb) || tcb->deadline[TTP_TM_PACE]) {
		ttp_timer_set(tcb, TTP_TM_PERSIST, 0);
		ttp_timer_user(tcb, now);
		return;
	}
	if (tcb->deadline[TTP_TM_PERSIST])
		return;
	ttp_timer_set(tcb, TTP_TM_PERSIST, now + min_t(u64, ttp_rtt_rto(tcb), TTP_PERSIST_MAX_US));
	if (!tcb->deadline[TTP_TM_USER]) {
		tcb->stuck_us = now;
		ttp_timer_user(tcb, now);
	}
}

/**
 * ttp_timer_synack_us - how long a request waits for the handshake's end
 * @retransmits: SYN,ACKs sent again, each of which doubles the time
 *
 * Return: microseconds from the last SYN,ACK.
 */
u32 ttp_timer_synack_us(u8 retransmits)
{
	return 1000000U << min_t(u8, retransmits, 6);
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
	bool on = tcb->asked.keep.on && ttp_fsm_in(tcb->conn.state, TTP_SYNCHRONIZED);
	u64 at = tcb->last_rcvd_us + tcb->asked.keep.idle_s * 1000000ULL;

	ttp_timer_set(tcb, TTP_TM_KEEPALIVE, on ? max(at, now + 1) : 0);
}
