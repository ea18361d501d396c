// SPDX-License-Identifier: GPL-2.0
/*
 * clock.c - one kernel timer for each connection, at its earliest deadline; and
 * one with a fine clock for pacing, where a tick would be many segments.
 *
 * The timers are never moved to a later time: one fires, finds nothing due, and
 * is set anew.  That saves touching it for each segment.
 */
#include "ttp.h"

static void run(struct sock *sk)
{
	struct ttp_verdict v;

	if (ttp_sk(sk)->tcb.conn.state == TTP_CLOSED)
		return;
	if (ttp_sk(sk)->tcb.orphan && ttp_sock_limit_orphan(sk))
		return;
	ttp_timer_expired(&ttp_sk(sk)->tcb, ttp_now(), &v);
	ttp_sock_carry_out(sk, &v);
}

/* in softirq; a timer's reference goes */
static void fired(struct ttp_sock *tsk)
{
	struct sock *sk = (struct sock *)tsk;

	bh_lock_sock(sk);
	if (sock_owned_by_user(sk))
		tsk->timer_deferred = true;
	else
		run(sk);
	bh_unlock_sock(sk);
	sock_put(sk);
}

static void timer_fired(struct timer_list *t)
{
	struct ttp_sock *tsk = from_timer(tsk, t, timer);

	fired(tsk);
}

static enum hrtimer_restart pace_fired(struct hrtimer *t)
{
	fired(container_of(t, struct ttp_sock, pace));
	return HRTIMER_NORESTART;
}

/**
 * ttp_clock_init - before the first ttp_clock_update()
 * @sk: a new socket
 */
void ttp_clock_init(struct sock *sk)
{
	struct hrtimer *pace = &ttp_sk(sk)->pace;

	timer_setup(&ttp_sk(sk)->timer, timer_fired, 0);
	hrtimer_init(pace, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_SOFT);
	pace->function = pace_fired;
}

/* Like sk_reset_timer(), but the timer has its reference before it can fire: a
 * deadline that has passed already fires at the next tick, and in a process
 * that may be right here.
 */
static void start(struct sock *sk, unsigned long at)
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

/**
 * ttp_clock_update - deadlines may have changed
 * @sk: socket lock held
 */
void ttp_clock_update(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	enum ttp_tm which;
	u64 now, next = ttp_timer_next(&tsk->tcb, &which);
	unsigned long at;

	if (!next || tsk->gone)
		return;
	now = ttp_now();
	if (which == TTP_TM_PACE) {	/* the others come after it */
		start_pace(sk, next > now ? next - now : 0);
		return;
	}
	at = jiffies;
	if (next > now)
		at += usecs_to_jiffies(min_t(u64, next - now, U32_MAX)) ?: 1;
	if (!timer_pending(&tsk->timer) || time_before(at, tsk->timer.expires))
		start(sk, at);
}

/**
 * ttp_clock_stop - no timer from now on
 * @sk: socket lock held
 */
void ttp_clock_stop(struct sock *sk)
{
	memset(ttp_sk(sk)->tcb.deadline, 0, sizeof(ttp_sk(sk)->tcb.deadline));
	sk_stop_timer(sk, &ttp_sk(sk)->timer);
	if (hrtimer_try_to_cancel(&ttp_sk(sk)->pace) == 1)
		__sock_put(sk);
}

/**
 * ttp_clock_deferred - the timer fired while the user held the lock
 * @sk: of ttp_sock_release_cb()
 */
void ttp_clock_deferred(struct sock *sk)
{
	run(sk);
}
