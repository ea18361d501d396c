// SPDX-License-Identifier: GPL-2.0
/*
 * listen.c - passive OPEN (RFC 9293 3.10.1): listen(), accept(), and the end of LISTEN.
 *
 * Called through struct proto and proto_ops. Context: process.
 *
 * A listener's segments are processed without its socket lock: ttp_listener.lock
 * guards what it has.
 *
 * Next: conn/request.c for a SYN that arrives.
 */
#include "ttp.h"

static void switch_on(struct ttp_listener *l, bool on)
{
	spin_lock_bh(&l->lock);
	l->on = on;
	spin_unlock_bh(&l->lock);
}

/* What a listener has; the socket keeps it, for it may listen again.
 * Return: 0 or -ENOMEM.
 */
static int begin(struct sock *sk)
{
	struct ttp_listener *l;

	if (ttp_sk(sk)->listener)
		return 0;
	l = kzalloc(sizeof(*l), GFP_KERNEL_ACCOUNT);
	if (!l)
		return -ENOMEM;
	l->of = ttp_sk(sk);
	spin_lock_init(&l->lock);
	INIT_LIST_HEAD(&l->accept);
	INIT_LIST_HEAD(&l->requests);
	l->early_resets_end = jiffies;
	l->cookies_sent = jiffies - TTP_ISN_COOKIE_LIFE - 1;
	smp_store_release(&ttp_sk(sk)->listener, l);	/* before the state: see/snapshot.c */
	return 0;
}

static int start(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct inet_sock *inet = inet_sk(sk);
	int err = inet->inet_num ? 0 : ttp_port_bind(sk, 0);

	if (err)
		return err;
	inet->inet_sport = htons(inet->inet_num);
	ttp_sk_bound(sk, &tsk->ep.key);
	ttp_user_listen(&tsk->tcb);
	/* Whether others have the port is asked only after the state is LISTEN: of two
	 * that try at once, one must see the other (MUST-41).
	 */
	err = ttp_port_bind(sk, inet->inet_num);
	if (!err) {
		switch_on(tsk->listener, true);
		err = ttp_demux_listen(sk);
	}
	if (err) {
		switch_on(tsk->listener, false);
		ttp_fsm_set_state(&tsk->tcb.conn, TTP_CLOSED, TTP_BY_USER, "port in use", NULL);
		inet_sk_set_state(sk, TTP_CLOSED);
		return err;
	}
	sk_dst_reset(sk);
	return 0;
}

/**
 * ttp_listen - passive OPEN (struct proto_ops' listen)
 * @sock: bound or not
 * @backlog: how many connections may wait for accept()
 *
 * Return: 0, -EINVAL when connected, -EADDRINUSE, -ENOMEM.
 */
int ttp_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	u8 state;
	int err = -EINVAL;

	lock_sock(sk);
	state = ttp_sk(sk)->tcb.conn.state;
	if (sock->state != SS_UNCONNECTED || !ttp_fsm_in(state, BIT(TTP_CLOSED) | BIT(TTP_LISTEN)))
		goto out;
	err = begin(sk);
	if (err)
		goto out;
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	if (state == TTP_CLOSED) {
		ttp_sk(sk)->tcb.conn.id = ttp_net_new_id();
		WRITE_ONCE(sk->sk_ack_backlog, 0);
		ttp_fastopen_listen_all(sk, backlog);
		err = start(sk);
	}
out:
	release_sock(sk);
	return err;
}

static struct sock *dequeue(struct sock *lsk)
{
	struct ttp_listener *l = ttp_sk(lsk)->listener;
	struct ttp_sock *tsk;

	spin_lock_bh(&l->lock);
	tsk = list_first_entry_or_null(&l->accept, struct ttp_sock, accept_node);
	if (tsk) {
		list_del(&tsk->accept_node);
		tsk->syn_msg = NULL;
		tsk->syn_copied = 0;
		sk_acceptq_removed(lsk);
	}
	spin_unlock_bh(&l->lock);
	return (struct sock *)tsk;
}

static int wait_for_child(struct sock *sk, long timeo, struct sock **child)
{
	DEFINE_WAIT(wait);
	bool empty;
	int err;

	for (;;) {
		err = -EINVAL;
		if (ttp_sk(sk)->tcb.conn.state != TTP_LISTEN)
			break;
		err = 0;
		*child = dequeue(sk);
		if (*child)
			break;
		err = timeo ? sock_intr_errno(timeo) : -EAGAIN;
		if (!timeo || signal_pending(current))
			break;
		/* who leaves is no sleeper any more: a wake-up, for one, goes to the next */
		prepare_to_wait_exclusive(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
		empty = list_empty(&ttp_sk(sk)->listener->accept);
		release_sock(sk);
		if (empty)
			timeo = schedule_timeout(timeo);
		__set_current_state(TASK_RUNNING);
		lock_sock(sk);
	}
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

/**
 * ttp_listen_accept - take a connection from the accept queue (struct proto's accept)
 * @sk: in LISTEN
 * @arg: flags: O_NONBLOCK; err is set
 *
 * Return: a socket without a struct socket, or %NULL.
 */
struct sock *ttp_listen_accept(struct sock *sk, struct proto_accept_arg *arg)
{
	struct sock *child = NULL;

	lock_sock(sk);
	arg->err = wait_for_child(sk, sock_rcvtimeo(sk, arg->flags & O_NONBLOCK), &child);
	release_sock(sk);
	return child;
}

/* LISTEN to CLOSED (RFC 9293 3.10.4): requests are dropped, and connections that nobody
 * accepted are reset. The socket lock is held.
 */
void ttp_listen_stop(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct ttp_listener *l = tsk->listener;
	struct sock *child;

	ttp_demux_unlisten(sk);
	switch_on(l, false);
	ttp_fsm_set_state(&tsk->tcb.conn, TTP_CLOSED, TTP_BY_USER, "CLOSE", NULL);
	inet_sk_set_state(sk, TTP_CLOSED);

	ttp_request_stop(sk);
	while ((child = dequeue(sk)) != NULL) {
		sock_hold(child);
		spin_lock_bh(&child->sk_lock.slock);
		ttp_verdict_discard(child);
		spin_unlock_bh(&child->sk_lock.slock);
		sock_put(child);
		cond_resched();
	}
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		ttp_port_put(sk);
}
