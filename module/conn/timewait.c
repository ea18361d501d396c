// SPDX-License-Identifier: GPL-2.0
/*
 * timewait.c - TIME_WAIT in a small structure: the socket and its buffers are freed; the
 * 4-tuple, a few numbers and a timer of 2 MSL are kept.
 *
 * Called by verdict.c when a connection reaches TIME_WAIT, by mini.c, by port.c when connect()
 * wants its 4-tuple (TIME_WAIT reuse), and by main.c when a namespace ends.
 *
 * Context: softirq, or process with BH off.
 *
 * Next: mini.c, which takes its segments; core/timewait.c for what they do.
 */
#include "ttp.h"

/* It is out of the table: the table's reference goes, and the port.  Lock held, and a reference. */
void ttp_timewait_forget(struct ttp_tw *tw)
{
	atomic_dec(&tw->mini.ep.tn->timewaits);
	ttp_port_release(&tw->mini.ep);
	ttp_mini_put(&tw->mini);
}

static void expired(struct timer_list *t)
{
	struct ttp_tw *tw = timer_container_of(tw, t, mini.timer);

	if (ttp_mini_end(&tw->mini, TTP_BY_TIMER, "2 MSL"))
		ttp_mib_inc(tw->mini.ep.tn, TTP_MIB_TIME_WAITS);
	ttp_mini_put(&tw->mini);
}

/* 2 MSL from now on (MUST-13), and not less because a jiffy is half over */
void ttp_timewait_restart(struct ttp_tw *tw)
{
	u32 msl = READ_ONCE(tw->mini.ep.tn->cfg.msl_ms);

	if (!mod_timer(&tw->mini.timer, jiffies + msecs_to_jiffies(2 * msl) + 1))
		refcount_inc(&tw->mini.ref);
}

static bool reusable(const struct ttp_tw *tw, bool asked)
{
	u32 reuse = READ_ONCE(tw->mini.ep.tn->cfg.reuse_timewait);

	if (tw->mini.ep.dead || !ttp_timewait_may_connect(&tw->tw, asked, ttp_now()))
		return false;
	return asked || reuse == 1 || (reuse == 2 && ttp_ip_loopback(&tw->mini.ep.key));
}

/* TIME_WAIT reuse: @ep gets the place in the table and the port.  The lock is held. */
static u32 hand_over(struct ttp_tw *tw, struct ttp_ep *ep)
{
	/* the 4-tuple may be that of a socket of the device, too */
	if (tw->mini.path.oif != READ_ONCE(ttp_ep_sock(ep)->sk_bound_dev_if) ||
	    !ttp_demux_replace(&tw->mini.ep, ep))
		return 0;
	if (!ep->port)
		ttp_port_share(ep, &tw->mini.ep);
	ttp_fsm_set_state(&tw->tw.conn, TTP_CLOSED, TTP_BY_KERNEL,
			  "connect() takes the 4-tuple", NULL);
	ttp_count(&tw->tw.conn, TTP_MIB_TIME_WAIT_RECYCLED);
	ttp_mini_kill(&tw->mini);
	return ttp_timewait_iss(&tw->tw);
}

/**
 * ttp_timewait_reuse - let connect() have the 4-tuple of a connection in TIME_WAIT
 * @ep: its key is the 4-tuple; it takes the other's place, and holds the same port
 * @asked: the user asked for its port; else net.ttp.tw_reuse decides
 *
 * Context: BH on or off; ports are not locked: that lock comes after that of TIME_WAIT.
 * Return: where to begin (ttp_timewait_iss()), or 0 when the 4-tuple stays taken.
 */
u32 ttp_timewait_reuse(struct ttp_ep *ep, bool asked)
{
	struct ttp_ep *old = ttp_demux_find_same(ep);
	struct ttp_tw *tw;
	u32 iss = 0;

	if (!old)
		return 0;
	if (old->kind == TTP_KIND_TIMEWAIT) {
		tw = ttp_ep_tw(old);
		spin_lock_bh(&tw->mini.lock);
		if (reusable(tw, asked))
			iss = hand_over(tw, ep);
		spin_unlock_bh(&tw->mini.lock);
	}
	ttp_demux_put(old);
	return iss;
}

/* @why: filled in when there is none */
static struct ttp_tw *create(struct sock *sk, const char **why)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct ttp_net *tn = ttp_sk_net(sk);
	struct ttp_tw *tw;

	*why = "too many TIME_WAIT";
	if (atomic_read(&tn->timewaits) >= READ_ONCE(tn->cfg.max_tw_buckets))
		return NULL;
	*why = "no memory";
	tw = kmem_cache_zalloc(ttp_mini_timewaits, GFP_ATOMIC);
	if (!tw)
		return NULL;
	atomic_inc(&tn->timewaits);
	refcount_set(&tw->mini.ref, 1);		/* the table's */
	spin_lock_init(&tw->mini.lock);
	timer_setup(&tw->mini.timer, expired, 0);
	ttp_timewait_init(&tw->tw, &tsk->tcb);
	tw->mini.ep.tn = tn;
	tw->mini.ep.key = tsk->ep.key;
	tw->mini.ep.conn = &tw->tw.conn;
	tw->mini.ep.kind = TTP_KIND_TIMEWAIT;
	INIT_HLIST_NODE(&tw->mini.ep.port_node);
	tw->mini.path = ttp_ip_path(sk, tsk->ep.key.family);
	tw->uid = sk->sk_uid;
	tw->reuse = sk->sk_reuse;
	tw->reuseport = sk->sk_reuseport;
	return tw;
}

/**
 * ttp_timewait_enter - a connection has reached TIME_WAIT: let its socket go
 * @sk: socket lock held; the connection is over for it afterwards
 *
 * Without memory for it, or with too many of them, the connection is closed at once, and counted.
 */
void ttp_timewait_enter(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	const char *why;
	struct ttp_tw *tw = create(sk, &why);

	if (!tw) {
		ttp_mib_inc(ttp_sk_net(sk), TTP_MIB_TIME_WAIT_OVERFLOW);
		ttp_fsm_set_state(&tsk->tcb.conn, TTP_CLOSED, TTP_BY_KERNEL, why, NULL);
		ttp_sock_done(sk, 0);
		return;
	}
	spin_lock_bh(&tw->mini.lock);
	ttp_port_share(&tw->mini.ep, &tsk->ep);
	if (!WARN_ON_ONCE(!ttp_demux_replace(&tsk->ep, &tw->mini.ep)))
		ttp_timewait_restart(tw);
	else
		ttp_mini_kill(&tw->mini);
	spin_unlock_bh(&tw->mini.lock);

	ttp_sock_done(sk, 0);
}

static bool end_one(struct ttp_ep *ep, void *any)
{
	if (!WARN_ON_ONCE(ep->kind != TTP_KIND_TIMEWAIT)) {
		*(bool *)any = true;
		ttp_mini_end(ttp_ep_mini(ep), TTP_BY_KERNEL, "namespace exit");
	}
	return false;	/* the next one, too */
}

/**
 * ttp_timewait_end_all - nobody will answer for TIME_WAIT any more
 * @net: a network namespace that ends; what is left in its tables can only be in
 *	TIME_WAIT
 *
 * Context: process; waits for running timers.
 */
void ttp_timewait_end_all(struct net *net)
{
	bool any;

	do {
		any = false;
		ttp_walk_find(net, end_one, &any);
		cond_resched();
	} while (any);
	synchronize_rcu();
}
