// SPDX-License-Identifier: GPL-2.0
/*
 * destroy.c - ABORT by the administrator: a connection, handshake or listener is ended from
 * outside, by its number or as `ss -K` would (SOCK_DESTROY).
 *
 * Called by see/netlink.c, to which main.c hands it, and through struct proto.
 *
 * Context: process.
 *
 * Next: conn/verdict.c for ABORT.
 */
#include "ttp.h"

/* The same for a listener as for a connection that ends: its program is told. */
static void abort_listener(struct sock *sk, int err)
{
	ttp_listen_stop(sk);
	synchronize_rcu();	/* who searches listeners must not be led elsewhere by it */
	WRITE_ONCE(sk->sk_err, err);
	smp_wmb();	/* as in ttp_sock_done() */
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	sk_error_report(sk);
	sk->sk_state_change(sk);
}

/* Lock a socket, if no process has it locked.
 * Return: false if one has, also after as long as a system call takes.
 */
static bool lock_soon(struct sock *sk)
{
	bool ok = false;
	int tries;

	for (tries = 0; !ok && tries < 100; tries++) {
		if (tries)
			usleep_range(100, 200);
		spin_lock_bh(&sk->sk_lock.slock);
		if (!sock_owned_by_user(sk)) {
			mutex_acquire(&sk->sk_lock.dep_map, 0, 1, _RET_IP_);
			sk->sk_lock.owned = 1;
			ok = true;
		}
		spin_unlock_bh(&sk->sk_lock.slock);
	}
	return ok;
}

static int close_listener(struct sock *sk, int err)
{
	if (!lock_soon(sk))
		return -EBUSY;
	if (ttp_sk(sk)->tcb.conn.state == TTP_LISTEN)
		abort_listener(sk, err);
	release_sock(sk);
	return 0;
}

/**
 * ttp_destroy_sock - ABORT by the administrator (struct proto's diag_destroy)
 * @sk: any state, not locked; a reference is held
 * @err: positive errno for the program
 *
 * Who asks holds a lock of all of generic netlink, and a process that has the socket locked may
 * sleep for as long as it likes, as on memory that another one is to bring.  So nobody waits
 * for that: a connection ends when the process lets go of it.  A listener, whose end takes more
 * than a moment, is left alone then.
 *
 * Context: process.
 * Return: 0; -ENOENT when there is no connection, and it does not listen; -EBUSY: it listens,
 * and a process keeps it locked.
 */
int ttp_destroy_sock(struct sock *sk, int err)
{
	u8 state;

	spin_lock_bh(&sk->sk_lock.slock);
	state = ttp_sk(sk)->tcb.conn.state;
	if (state != TTP_LISTEN && state != TTP_CLOSED) {
		if (sock_owned_by_user(sk))
			ttp_sk(sk)->abort_deferred = err;	/* ttp_verdict_release_cb() */
		else
			ttp_verdict_abort(sk, TTP_BY_USER, "destroyed", err);
	}
	spin_unlock_bh(&sk->sk_lock.slock);
	if (state == TTP_LISTEN)
		return close_listener(sk, err);
	return state == TTP_CLOSED ? -ENOENT : 0;
}

/* Has it the number?  Then it is referenced. */
static bool has_id(struct ttp_ep *ep, void *id)
{
	return READ_ONCE(ep->conn->id) == *(u64 *)id && ttp_demux_get(ep);
}

/**
 * ttp_destroy - end what has a number, as the administrator asks
 * @net: where to look for it
 * @id: struct ttp_conn's
 *
 * Context: process. Return: 0; -ENOENT when there is none; -EBUSY: ttp_destroy_sock()'s.
 */
int ttp_destroy(struct net *net, u64 id)
{
	struct ttp_ep *ep;
	int err = 0;

again:
	/* what has no number yet is not meant */
	ep = id ? ttp_walk_find(net, has_id, &id) : NULL;
	if (!ep)
		return -ENOENT;
	switch ((enum ttp_kind)ep->kind) {
	case TTP_KIND_SOCK:
		err = ttp_ep_sock(ep)->sk_prot->diag_destroy(ttp_ep_sock(ep), ECONNABORTED);
		break;
	case TTP_KIND_REQUEST:
		if (ttp_mini_end(ttp_ep_mini(ep), TTP_BY_USER, "destroyed"))
			break;
		/* it has become a connection, which has its number: a request dies once */
		ttp_demux_put(ep);
		goto again;
	case TTP_KIND_TIMEWAIT:
		ttp_mini_end(ttp_ep_mini(ep), TTP_BY_KERNEL, "destroyed");
		break;
	case TTP_KIND_NONE:
		break;
	}
	ttp_demux_put(ep);
	return err;
}
