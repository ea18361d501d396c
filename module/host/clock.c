// SPDX-License-Identifier: GPL-2.0
/*
 * clock.c - one kernel timer for each connection, set to its earliest deadline; and a
 * high-resolution one for pacing, because many segments are sent within a jiffy.
 *
 * A timer is never moved to a later time.  When it fires too early, nothing is due, and it
 * is set again: this is cheaper than setting it for each segment.
 *
 * Called by ip/xmit.c and conn/verdict.c after whatever may have changed a deadline.
 * Context: socket lock held.
 *
 * Next: core/timer.c for the deadlines, conn/verdict.c for what happens when one has passed.
 */
#include "ttp.h"

/**
 * ttp_clock_init - before the first ttp_clock_update()
 * @sk: a new socket
 * @timer: called when a deadline has passed, in softirq; it must put a reference of @sk
 * @pace: the same, when pacing lets data be sent again
 */
void ttp_clock_init(struct sock *sk, void (*timer)(struct timer_list *),
		    enum hrtimer_restart (*pace)(struct hrtimer *))
{
	timer_setup(&ttp_sk(sk)->timer, timer, 0);
	hrtimer_setup(&ttp_sk(sk)->pace, pace, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_SOFT);
}

/* Like sk_reset_timer(), but the reference is taken before the timer can fire: for a
 * deadline that has passed it fires at the next tick, which may interrupt this process.
 */
static void start_timer(struct sock *sk, unsigned long at)
{
	sock_hold(sk);
	if (mod_timer(&ttp_sk(sk)->timer, at))
		__sock_put(sk);
}

static void start_pace(struct sock *sk, u64 us)
{
	struct hrtimer *pace = &ttp_sk(sk)->pace;

	if (hrtimer_is_queued(pace))
		return;
	sock_hold(sk);
	hrtimer_start(pace, ns_to_ktime(us * NSEC_PER_USEC), HRTIMER_MODE_REL_PINNED_SOFT);
}

/* Deadlines may have changed: set the timers. */
void ttp_clock_update(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	enum ttp_tm which;
	unsigned long at;
	u64 now, next;

	/* so it is for most segments; the deadlines need not be looked at */
	if (tsk->tcb.due_us == U64_MAX ||
	    (timer_pending(&tsk->timer) && tsk->timer_us <= tsk->tcb.due_us &&
	     !tsk->tcb.deadline[TTP_TM_PACE]))
		return;
	next = ttp_timer_next(&tsk->tcb, &which);
	tsk->tcb.due_us = next ?: U64_MAX;
	if (!next || tsk->gone)
		return;
	if (which == TTP_TM_PACE) {	/* all other deadlines are later */
		now = ttp_now();
		start_pace(sk, next > now ? next - now : 0);
		return;
	}
	if (timer_pending(&tsk->timer) && tsk->timer_us <= next)
		return;
	now = ttp_now();
	at = jiffies;
	if (next > now)
		at += usecs_to_jiffies(min_t(u64, next - now, U32_MAX)) ?: 1;
	tsk->timer_us = next;
	start_timer(sk, at);
}

/* Clear all deadlines and stop the timers. */
void ttp_clock_stop(struct sock *sk)
{
	memset(ttp_sk(sk)->tcb.deadline, 0, sizeof(ttp_sk(sk)->tcb.deadline));
	sk_stop_timer(sk, &ttp_sk(sk)->timer);
	if (hrtimer_try_to_cancel(&ttp_sk(sk)->pace) == 1)
		__sock_put(sk);
}
