// SPDX-License-Identifier: GPL-2.0
/*
 * child.c - the end of the three-way handshake at a listener: a request becomes a
 * socket, which waits for accept().
 *
 * Called by mini.c and fastopen.c. Context: softirq, the request's lock held.
 *
 * Next: socket/listen.c for accept(), sock.c for what the child is made of.
 */
#include "ttp.h"

/* A copy of the listener takes the request's place, in SYN_RCVD.
 * Return: false when that could not be, and the request lives on.
 */
static bool child_begin(struct sock *sk, struct ttp_req *req, const struct sk_buff *skb)
{
	sk->sk_state = TTP_CLOSED;	/* the listener's came with the copy */
	ttp_sock_child_init(sk);
	if (ttp_ip_child(sk, req, skb) || !ttp_demux_replace(&req->mini.ep, &ttp_sk(sk)->ep))
		return false;
	swap(ttp_sk(sk)->saved_syn, req->saved_syn);
	ttp_cong_sock_route(sk, __sk_dst_get(sk));
	ttp_passive_promote(&req->req, &ttp_sk(sk)->tcb, ttp_now());
	ttp_sk_set_hash(sk);
	inet_sk_set_state(sk, TTP_SYN_RCVD);
	ttp_port_share(&ttp_sk(sk)->ep, &ttp_sk(req->mini.path.sk)->ep);
	ttp_mini_kill(&req->mini);
	return true;
}

/* The handshake has ended: queue the child for accept(). */
static bool child_queue(struct sock *lsk, struct sock *sk)
{
	struct ttp_listener *l = ttp_sk(lsk)->listener;
	bool on;

	spin_lock(&l->lock);
	on = l->on;
	if (on) {
		list_add_tail(&ttp_sk(sk)->accept_node, &l->accept);
		sk_acceptq_added(lsk);
	}
	spin_unlock(&l->lock);
	return on;
}

/**
 * ttp_child_make - a request becomes a child
 * @req: its lock held
 * @skb: consumed if it does: the segment that ends the handshake, or with @cookie the SYN
 *	that begins it (TCP Fast Open)
 * @cookie: for the SYN,ACK, may be empty; or %NULL
 *
 * Context: softirq. Return: false when that could not be, and the request lives on.
 */
bool ttp_child_make(struct ttp_req *req, struct sk_buff *skb, const struct ttp_cookie *cookie)
{
	struct sock *lsk = req->mini.path.sk, *sk = sk_clone_lock(lsk, GFP_ATOMIC);
	bool begun, queued = false;

	if (!sk)
		return false;
	__acquire(&sk->sk_lock.slock);	/* says sparse what sk_clone_lock() did */
	begun = child_begin(sk, req, skb);
	if (begun) {
		skb->dev = NULL;	/* as in to_sock() */
		if (cookie)
			ttp_fastopen_first(lsk, sk, skb, cookie);
		else
			ttp_verdict_first(sk, skb);
		queued = child_queue(lsk, sk);
	}
	if (!queued)
		ttp_verdict_discard(sk);
	bh_unlock_sock(sk);
	if (queued)
		lsk->sk_data_ready(lsk);
	sock_put(sk);
	return begun;
}

/**
 * ttp_child_promote - the ACK that ends the handshake: a request becomes a child
 * @req: its lock held
 * @skb: that ACK, consumed if the request became one
 *
 * Context: softirq. Return: %TTP_MIB_NONE, or, counted, what drops the ACK.
 */
enum ttp_mib ttp_child_promote(struct ttp_req *req, struct sk_buff *skb)
{
	struct sock *lsk = req->mini.path.sk;

	if (sk_acceptq_is_full(lsk)) {
		/* like Linux: as if the ACK was lost, until there is room */
		ttp_mib_inc(ttp_sk_net(lsk), TTP_MIB_LISTEN_OVERFLOWS);
		ttp_passive_wait(&req->req);
		return TTP_MIB_LISTEN_OVERFLOWS;
	}
	if (ttp_child_make(req, skb, NULL))
		return TTP_MIB_NONE;
	ttp_mib_inc(ttp_sk_net(lsk), TTP_MIB_LISTEN_DROPS);
	return TTP_MIB_LISTEN_DROPS;
}
