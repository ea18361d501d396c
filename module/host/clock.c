// SPDX-License-Identifier: GPL-2.0
/*
 * clock.c - one kernel timer for each connection, set to its earliest deadline: sk->sk_timer;
 * and a fine one, of high resolution, for pacing and for ACKs that SACK compression holds, because
 * many segments come and go within a jiffy.  That one is allocated when it is first needed.
 *
 * A timer is never moved to a later time.  When it fires too early, nothing is due, and it
 * is set again: this is cheaper than setting it for each segment.
 *
 * conn/sock.c sets sk_timer up, with ttp_verdict_timer_fired(), and frees the other one.
 *
 * Called by ip/xmit.c and conn/verdict.c after whatever may have changed a deadline.
 * Context: socket lock held.
 *
 * Next: core/timer.c for the deadlines, conn/verdict.c for what happens when one has passed.
 */
#include <linux/hrtimer.h>

#include "ttp.h"

/* Like sk_reset_timer(), but the reference is taken before the timer can fire: for a
 * deadline that has passed it fires at the next tick, which may interrupt this process.
 */
static void start_timer(struct sock *sk, unsigned long at)
{
	sock_hold(sk);
	if (mod_timer(&sk->sk_timer, at))
		__sock_put(sk);
}

/* For deadlines that are less than a jiffy away */
struct ttp_fine {
	struct hrtimer timer;
	struct sock *sk;
};

static enum hrtimer_restart fine_fired(struct hrtimer *t)
{
	struct timer_list *timer = &container_of(t, struct ttp_fine, timer)->sk->sk_timer;

	timer->function(timer);
	return HRTIMER_NORESTART;
}

static struct ttp_fine *begin_fine(struct sock *sk)
{
	struct ttp_fine *fine = kmalloc(sizeof(*fine), GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);

	if (!fine)
		return NULL;
	fine->sk = sk;
	hrtimer_setup(&fine->timer, fine_fired, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_PINNED_SOFT);
	ttp_sk(sk)->fine = fine;
	return fine;
}

/* Return: false without memory, or when the timer cannot be moved: then the other timer does it, a
 * tick late at most.
 */
static bool start_fine(struct sock *sk, u64 at_us)
{
	struct ttp_fine *fine = ttp_sk(sk)->fine ?: begin_fine(sk);
	ktime_t at = ns_to_ktime(at_us * NSEC_PER_USEC);

	if (!fine)
		return false;
	if (!hrtimer_is_queued(&fine->timer))
		sock_hold(sk);
	else if (hrtimer_get_softexpires(&fine->timer) <= at)
		return true;
	else if (hrtimer_try_to_cancel(&fine->timer) != 1)
		return false;	/* it fires just now: perhaps it is queued, perhaps no more */
	/* else the reference that it has goes on */
	hrtimer_start(&fine->timer, at, HRTIMER_MODE_ABS_PINNED_SOFT);
	return true;
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
	    (timer_pending(&sk->sk_timer) && tsk->timer_us <= tsk->tcb.due_us &&
	     !tsk->tcb.deadline[TTP_TM_PACE] && !tsk->tcb.rcv.held))
		return;
	next = ttp_timer_next(&tsk->tcb, &which);
	tsk->tcb.due_us = next ?: U64_MAX;
	if (!next || tsk->gone)
		return;
	/* if it is one of these, all other deadlines are later */
	if ((which == TTP_TM_PACE || (which == TTP_TM_DELACK && tsk->tcb.rcv.held)) &&
	    start_fine(sk, next))
		return;
	if (timer_pending(&sk->sk_timer) && tsk->timer_us <= next)
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
	sk_stop_timer(sk, &sk->sk_timer);
	if (ttp_sk(sk)->fine && hrtimer_try_to_cancel(&ttp_sk(sk)->fine->timer) == 1)
		__sock_put(sk);
}
