// SPDX-License-Identifier: GPL-2.0
/*
 * sock.c - a socket begins and ends: what it has when it is new, when it is copied from
 * a listener, when its connection is over, and when it is freed.
 *
 * Called by request.c, child.c, verdict.c, timewait.c, and by af_ttp.c, connect.c and close.c of
 * socket/.
 *
 * Context: process with the socket lock, or softirq with bh_lock_sock() while
 * no process has it, unless a function says otherwise.
 *
 * Next: verdict.c for what happens to its connection; idle.c for sockets without one.
 */
#include <net/xfrm.h>

#include "ttp.h"

/**
 * ttp_sock_wscale - window scaling: the shift by which 16 bits advertise the largest window
 * @sk: about to send a SYN, or a listener about to answer one
 *
 * Return: 0 to 14. Source: RFC 7323 2.3.
 */
u8 ttp_sock_wscale(const struct sock *sk)
{
	u32 space = max_t(u32, READ_ONCE(ttp_net(sock_net(sk))->rmem[2]), READ_ONCE(sk->sk_rcvbuf));

	/* of a listener, which is not locked: setsockopt() may change it just now */
	if (data_race(!!(sk->sk_userlocks & SOCK_RCVBUF_LOCK)))
		space = READ_ONCE(sk->sk_rcvbuf);
	return min(fls(space >> 16), TTP_WSCALE_MAX);
}

static void init_tcb(struct sock *sk)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;

	ttp_user_init(tcb, &ttp_net(sock_net(sk))->cfg);
	tcb->snd.burst = TTP_PACKET_MAX;
}

/**
 * ttp_sock_reset_tcb - a TCB in CLOSED, with what the user had set
 * @sk: its TCB is in CLOSED, without a flow; or was copied from a listener's
 */
void ttp_sock_reset_tcb(struct sock *sk)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	struct ttp_asked asked = tcb->asked;
	const struct ttp_cong_ops *cong = tcb->cong_ops;

	memset_after(tcb, 0, cong_ops);
	init_tcb(sk);
	tcb->cong_ops = cong;
	tcb->asked = asked;
	tcb->asked.keep.probes = 0;
}

/* What a new socket, and a child, has of its own */
static void init_own(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);

	tsk->ep = (struct ttp_ep){
		.tn = ttp_net(sock_net(sk)),
		.conn = &tsk->tcb.conn,
		.kind = TTP_KIND_SOCK,
		.key.family = sk->sk_family,	/* until it is connected */
	};
	sk->tcp_rtx_queue = RB_ROOT;
	memset_startat(tsk, 0, timer_us);
	sk->sk_tsq_flags = 0;
	INIT_LIST_HEAD(&tsk->txq_sent);
	INIT_LIST_HEAD(&tsk->txq_lost);
	timer_setup(&sk->sk_timer, ttp_verdict_timer_fired, 0);
}

/* Nobody has a reference any more; not even a request or a timer, which may outlive the end of
 * ttp_sock_destroy().
 */
static void destruct(struct sock *sk)
{
	kfree(ttp_sk(sk)->listener);
	ttp_memory_flow_free(ttp_sk(sk)->tcb.flow);
	kfree(ttp_sk(sk)->fine);	/* neither timer runs */
	ttp_ip_destruct(sk);
}

/**
 * ttp_sock_init - a new socket (struct proto's init)
 * @sk: zeroed but for what struct sock and inet_sock have
 */
int ttp_sock_init(struct sock *sk)
{
	struct ttp_net *tn = ttp_net(sock_net(sk));

	init_tcb(sk);
	ttp_cong_sock_init(sk);
	init_own(sk);
	sock_set_flag(sk, SOCK_RCU_FREE);
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	sk->sk_destruct = destruct;
	WRITE_ONCE(sk->sk_sndbuf, READ_ONCE(tn->wmem[1]));
	WRITE_ONCE(sk->sk_rcvbuf, READ_ONCE(tn->rmem[1]));
	sk_sockets_allocated_inc(sk);
	ttp_idle_add(sk);
	return 0;
}

/**
 * ttp_sock_uninit - take ttp_sock_init() back (struct proto's destroy)
 * @sk: a socket that was refused while it was being made; ttp_idle_remove() is called next
 */
void ttp_sock_uninit(struct sock *sk)
{
	ttp_cong_sock_exit(sk);
	sk_sockets_allocated_dec(sk);
}

/**
 * ttp_sock_child_init - a socket cloned from a listener, before anyone sees it
 * @sk: what sk_clone_lock() returned
 */
void ttp_sock_child_init(struct sock *sk)
{
	atomic64_set(&sk->sk_cookie, 0);	/* SO_COOKIE is not the listener's */
	ttp_sock_reset_tcb(sk);
	ttp_cong_sock_child(sk);
	init_own(sk);
	sk->sk_shutdown = 0;
	sk->sk_max_ack_backlog = 0;
	sk->sk_ack_backlog = 0;
	ttp_ip_child_init(sk);
}

/**
 * ttp_sock_destroy - free what a socket holds
 * @sk: in CLOSED, and its user has closed it; the reference of the connection goes
 */
void ttp_sock_destroy(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);

	if (tsk->gone)
		return;
	tsk->gone = true;
	WARN_ON_ONCE(tsk->tcb.conn.state != TTP_CLOSED);
	ttp_clock_stop(sk);
	ttp_cong_sock_exit(sk);
	ttp_demux_remove(&tsk->ep);
	ttp_idle_remove(sk);
	ttp_port_release(&tsk->ep);
	ttp_txq_purge(sk);
	ttp_rxq_purge(sk);
	kfree(tsk->saved_syn);
	kfree(tsk->told);
	tsk->told = NULL;
	ttp_fastopen_over(sk, false);
	kfree_rcu(rcu_dereference_protected(tsk->fastopen_keys, true), rcu);
	if (tsk->tcb.orphan)
		atomic_dec(&ttp_net(sock_net(sk))->orphans);
	sk_sockets_allocated_dec(sk);
	sk_stream_kill_queues(sk);
	xfrm_sk_free_policy(sk);
	sock_put(sk);
}

/**
 * ttp_sock_done - the connection is over; its user may still hold the socket
 * @sk: the TCB is in CLOSED
 * @err: positive errno for the user, who is to know an abort from a close
 *	(RFC 9293 3.6, MUST-12), or 0
 */
void ttp_sock_done(struct sock *sk, int err)
{
	struct ttp_sock *tsk = ttp_sk(sk);

	ttp_clock_stop(sk);
	if (unlikely(ttp_changes_watched(sk)))
		ttp_changes_tell(sk, ttp_changes_watched(sk));
	kfree(tsk->told);	/* what was told of this connection's windows */
	tsk->told = NULL;
	ttp_demux_remove(&tsk->ep);
	/* bind() may choose another; getsockname() goes on to tell this one */
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK)) {
		ttp_port_release(&tsk->ep);
		WRITE_ONCE(inet_sk(sk)->inet_num, 0);
	}
	ttp_txq_purge(sk);
	if (err)
		WRITE_ONCE(sk->sk_err, err);
	smp_wmb();	/* the reason before the state: see ttp_stream_poll() */
	inet_sk_set_state(sk, TTP_CLOSED);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (err)
		sk_error_report(sk);
	if (sock_flag(sk, SOCK_DEAD))
		ttp_sock_destroy(sk);
	else
		sk->sk_state_change(sk);
}
