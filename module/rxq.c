// SPDX-License-Identifier: GPL-2.0
/*
 * rxq.c - text received and not read: core/queue.h's ttp_rxq_* with sk_buffs.
 *
 * Text in order is in sk->sk_receive_queue, text that came too early in a tree
 * by sequence number.  Packets may overlap; who reads goes by rcv.read.
 *
 * Context: socket lock held.
 */
#include <net/xfrm.h>

#include "ttp.h"

/* Part of the buffer is for what packets weigh beyond their text. */
static u32 window_of(int space)
{
	return space > 0 ? space / 2 : 0;
}

u32 ttp_rxq_space(struct ttp_tcb *tcb)
{
	struct sock *sk = ttp_sock_of(tcb);

	return window_of(READ_ONCE(sk->sk_rcvbuf) - atomic_read(&sk->sk_rmem_alloc) -
			 READ_ONCE(sk->sk_backlog.len));
}

u32 ttp_rxq_size(struct ttp_tcb *tcb)
{
	return window_of(READ_ONCE(ttp_sock_of(tcb)->sk_rcvbuf));
}

/* Give up text out of order, the latest first: the peer has not forgotten it
 * (RFC 2018 8).  Text in order must never be refused for its sake.
 */
static void prune(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct rb_node *last;
	struct sk_buff *skb;

	if (RB_EMPTY_ROOT(&tsk->ofo))
		return;
	ttp_mib_inc(sock_net(sk), TTP_MIB_RCV_PRUNED);
	while (atomic_read(&sk->sk_rmem_alloc) > READ_ONCE(sk->sk_rcvbuf) &&
	       (last = rb_last(&tsk->ofo)) != NULL) {
		skb = rb_to_skb(last);
		rb_erase(last, &tsk->ofo);
		tsk->ofo_bytes -= skb->len;
		kfree_skb(skb);
	}
	/* what is left is reported anew as it grows */
	tsk->tcb.rcv.nsack = 0;
}

static bool full(struct sock *sk, u32 limit)
{
	return atomic_read(&sk->sk_rmem_alloc) > limit;
}

/* Is there memory for @skb?  The last packet may overdraw the buffer.  Text in
 * order, which the window has promised to take, may by as much again: packets
 * can weigh more than the half of the buffer that window_of() leaves for it.
 */
static bool admit(struct sock *sk, struct sk_buff *skb, bool in_order)
{
	u32 limit = READ_ONCE(sk->sk_rcvbuf);

	if (full(sk, limit)) {
		prune(sk);
		if (full(sk, in_order ? 2 * limit : limit))
			return false;
	}
	return sk_rmem_schedule(sk, skb, skb->truesize);
}

/* Append @skb's text to @to; both are charged to the socket. */
static bool coalesce(struct sock *sk, struct sk_buff *to, struct sk_buff *skb)
{
	bool stolen;
	int delta;

	if (ttp_cb(to)->end != ttp_cb(skb)->seq ||
	    !skb_try_coalesce(to, skb, &stolen, &delta))
		return false;
	atomic_add(delta, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, delta);
	ttp_cb(to)->end = ttp_cb(skb)->end;
	kfree_skb_partial(skb, stolen);
	return true;
}

/* @skb goes to the end of what can be read; it is owned by the socket or not. */
static void append(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);

	if (tail && !skb->sk && coalesce(sk, tail, skb))
		return;
	if (!skb->sk)
		skb_set_owner_r(skb, sk);
	__skb_queue_tail(&sk->sk_receive_queue, skb);
}

/* Text came that fills a gap: what waited behind it is in order now. */
static u32 drain(struct sock *sk, u32 nxt)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct rb_node *first;
	struct sk_buff *skb;

	while ((first = rb_first(&tsk->ofo)) != NULL) {
		skb = rb_to_skb(first);
		if (seq_gt(ttp_cb(skb)->seq, nxt))
			break;
		rb_erase(first, &tsk->ofo);
		tsk->ofo_bytes -= skb->len;
		skb->next = NULL;	/* the tree's node lay over these three */
		skb->prev = NULL;
		skb->dev = NULL;
		if (seq_leq(ttp_cb(skb)->end, nxt)) {
			kfree_skb(skb);
			continue;
		}
		nxt = ttp_cb(skb)->end;
		append(sk, skb);
	}
	return nxt;
}

static void drop_ofo(struct ttp_sock *tsk, struct sk_buff *skb)
{
	rb_erase(&skb->rbnode, &tsk->ofo);
	tsk->ofo_bytes -= skb->len;
	kfree_skb(skb);
}

/* Text before its turn.  What it covers goes, what covers it makes it go. */
static void insert_ofo(struct sock *sk, struct sk_buff *skb)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct rb_node **p = &tsk->ofo.rb_node, *parent = NULL;
	struct sk_buff *near;

	while (*p) {
		parent = *p;
		near = rb_to_skb(parent);
		if (seq_leq(ttp_cb(near)->seq, ttp_cb(skb)->seq) &&
		    seq_geq(ttp_cb(near)->end, ttp_cb(skb)->end)) {
			ttp_mib_inc(sock_net(sk), TTP_MIB_DUP_TEXT);
			kfree_skb(skb);
			return;
		}
		if (seq_lt(ttp_cb(skb)->seq, ttp_cb(near)->seq))
			p = &parent->rb_left;
		else
			p = &parent->rb_right;
	}
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &tsk->ofo);
	skb_set_owner_r(skb, sk);
	tsk->ofo_bytes += skb->len;
	while ((near = skb_rb_next(skb)) != NULL &&
	       seq_leq(ttp_cb(near)->end, ttp_cb(skb)->end))
		drop_ofo(tsk, near);
}

void ttp_rxq_add(struct ttp_tcb *tcb, const struct ttp_seg *seg,
		 struct ttp_rx_result *res)
{
	struct sock *sk = ttp_sock_of(tcb);
	struct sk_buff *skb = seg->pkt;
	bool in_order = seg->seq == tcb->rcv.nxt;

	res->nxt = tcb->rcv.nxt;
	res->taken = false;
	res->weight = skb->truesize;
	res->pressed = sk_under_memory_pressure(sk);
	skb_orphan(skb);	/* early demux may have lent it a socket */
	if (!admit(sk, skb, in_order))
		return;
	/* fails for want of memory only */
	if (!pskb_pull(skb, seg->off) || pskb_trim(skb, seg->len))
		return;
	skb_dst_drop(skb);
	secpath_reset(skb);
	skb_reset_transport_header(skb);
	ttp_cb(skb)->seq = seg->seq;
	ttp_cb(skb)->end = seg->seq + seg->len;
	res->taken = true;
	if (!in_order) {
		insert_ofo(sk, skb);
		return;
	}
	append(sk, skb);
	res->nxt = drain(sk, seg->seq + seg->len);
}

/**
 * ttp_rxq_purge - throw away what came out of order
 * @sk: the connection is over
 */
void ttp_rxq_purge(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct sk_buff *skb;

	while ((skb = skb_rb_first(&tsk->ofo)) != NULL)
		drop_ofo(tsk, skb);
}
