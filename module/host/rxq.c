// SPDX-License-Identifier: GPL-2.0
/*
 * rxq.c - the receive buffer: data received and not read.  These are core/queue.h's
 * ttp_rxq_*, with sk_buffs.
 *
 * Data in order is in sk->sk_receive_queue.  Data that came early is in the reassembly
 * queue, a tree by sequence number.  Packets may overlap; a reader goes by rcv.read.
 *
 * Called by core/arrives.c for what arrives, socket/stream.c for what is read, conn/ and others.
 * Context: socket lock held.
 *
 * Next: memory.c for the size of the buffer, core/autotune.c for the window that is
 * advertised.
 */
#include <net/xfrm.h>

#include TTP_PROTO_MEMORY_H

#include "ttp.h"

/* Flow control: the receive window is half of the free receive buffer, because the
 * truesize of a packet is more than its data.
 */
static u32 window_of(int space)
{
	return space > 0 ? space / 2 : 0;
}

u32 ttp_rxq_space(struct ttp_tcb *tcb)
{
	struct sock *sk = ttp_sock_of(tcb);
	int backlog = data_race(sk->sk_backlog.len);	/* the kernel's writes are not marked */

	return window_of(READ_ONCE(sk->sk_rcvbuf) - atomic_read(&sk->sk_rmem_alloc) - backlog);
}

u32 ttp_rxq_size(struct ttp_tcb *tcb)
{
	return window_of(READ_ONCE(ttp_sock_of(tcb)->sk_rcvbuf));
}

static void drop_ofo(struct ttp_sock *tsk, struct sk_buff *skb, enum skb_drop_reason reason)
{
	rb_erase(&skb->rbnode, &tsk->ofo);
	tsk->ofo_bytes -= skb->len;
	kfree_skb_reason(skb, reason);
}

/* ---- making room ---- */

static bool over(const struct sock *sk, int limit)
{
	return atomic_read(&sk->sk_rmem_alloc) > limit;
}

/* Room is made in steps of an eighth of the buffer, else each segment would need it. */
static int goal(const struct sock *sk)
{
	return sk->sk_rcvbuf - sk->sk_rcvbuf / 8;
}

/* The packet after @skb in @list, or in the tree if there is no list. */
static struct sk_buff *after(struct sk_buff_head *list, struct sk_buff *skb)
{
	if (!list)
		return skb_rb_next(skb);
	return skb_queue_is_last(list, skb) ? NULL : skb_queue_next(list, skb);
}

u32 ttp_rxq_lowat(struct ttp_tcb *tcb)
{
	return READ_ONCE(ttp_sock_of(tcb)->sk_rcvlowat);
}

/* Its truesize is more than the window counts for its data from @from on, and that fits a page. */
static bool wasteful(const struct sk_buff *skb, u32 from)
{
	u32 len = ttp_cb(skb)->end - seq_max(ttp_cb(skb)->seq, from);

	return skb->truesize > 2 * len && len < SKB_MAX_ORDER(0, 0);
}

/* A packet with the data of those from @first up to @stop, from sequence number @from. */
static struct sk_buff *copy_of(struct sk_buff_head *list, struct sk_buff *first,
			       const struct sk_buff *stop, u32 from, u32 to)
{
	struct sk_buff *copy = alloc_skb(to - from, GFP_ATOMIC | __GFP_NOWARN), *skb;
	u32 n;

	if (!copy)
		return NULL;
	ttp_cb(copy)->seq = from;
	for (skb = first; skb != stop; skb = after(list, skb)) {
		if (seq_leq(ttp_cb(skb)->end, from))
			continue;
		ttp_stamp_coalesce(copy, skb);
		n = ttp_cb(skb)->end - from;
		if (skb_copy_bits(skb, from - ttp_cb(skb)->seq, skb_put(copy, n), n)) {
			consume_skb(copy);
			return NULL;
		}
		from += n;
	}
	ttp_cb(copy)->end = from;
	return copy;
}

/* @copy takes the place of the packets from @first up to @stop. */
static void replace(struct sock *sk, struct sk_buff_head *list, struct sk_buff *first,
		    const struct sk_buff *stop, struct sk_buff *copy)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct sk_buff *skb, *next;

	for (skb = after(list, first); skb != stop; skb = next) {
		next = after(list, skb);
		ttp_mib_inc(ttp_sk_net(sk), TTP_MIB_RCV_COLLAPSED);
		if (list)
			sk_eat_skb(sk, skb);
		else
			drop_ofo(tsk, skb, SKB_DROP_REASON_TCP_OFOMERGE);
	}
	if (list) {
		__skb_queue_before(list, first, copy);
		__skb_unlink(first, list);
	} else {
		rb_replace_node(&first->rbnode, &copy->rbnode, &tsk->ofo);
		tsk->ofo_bytes += copy->len - first->len;
	}
	consume_skb(first);
	skb_set_owner_r(copy, sk);
}

/* Copy @first and the packets that follow without a gap into one, if that saves memory.  A
 * packet out of order that has no neighbours is not copied: else a peer could have each
 * byte copied.  Return: the packet after them.
 */
static struct sk_buff *gather(struct sock *sk, struct sk_buff_head *list, struct sk_buff *first)
{
	u32 from = seq_max(ttp_cb(first)->seq, ttp_sk(sk)->tcb.rcv.read);
	struct sk_buff *skb, *copy;
	u32 to, truesize = 0, n = 0;

	/* what the packet before it has, too, is passed over */
	if (list && !skb_queue_is_first(list, first))
		from = seq_max(from, ttp_cb(skb_queue_prev(list, first))->end);
	to = from;
	for (skb = first; skb && wasteful(skb, to); skb = after(list, skb), n++) {
		if (seq_gt(ttp_cb(skb)->seq, to) ||
		    seq_gt(ttp_cb(skb)->end, from + SKB_MAX_ORDER(0, 0)))
			break;
		to = seq_max(to, ttp_cb(skb)->end);
		truesize += skb->truesize;
	}
	if (!n)
		return after(list, first);
	if ((n == 1 && !list) || to == from || truesize <= SKB_TRUESIZE(to - from))
		return skb;
	copy = copy_of(list, first, skb, from, to);
	if (copy && copy->truesize < truesize)
		replace(sk, list, first, skb, copy);
	else
		consume_skb(copy);
	return skb;
}

static void collapse_list(struct sock *sk, struct sk_buff_head *list)
{
	struct sk_buff *skb = list ? skb_peek(list) : skb_rb_first(&ttp_sk(sk)->ofo);

	while (skb && over(sk, goal(sk)))
		skb = gather(sk, list, skb);
}

/* Collapse: copy wasteful packets into fewer.  When all were looked at and too little was
 * won, nothing more is tried until an eighth of the buffer has arrived, or all of it if nothing
 * was won: else a peer that has filled it with single bytes makes each of its segments cost a walk
 * over all of them.
 */
static void collapse(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	int before = atomic_read(&sk->sk_rmem_alloc);

	if (tsk->collapse_after)
		return;
	collapse_list(sk, NULL);
	collapse_list(sk, &sk->sk_receive_queue);
	if (over(sk, goal(sk)))
		tsk->collapse_after = over(sk, before - 1) ? sk->sk_rcvbuf : sk->sk_rcvbuf / 8;
}

/* Reneging: drop data out of order, the latest first; the peer still has it (RFC 2018 8).
 * Only what is later than @seq is dropped.  Return: true when something was.
 */
static bool prune(struct sock *sk, u32 seq)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	int enough = atomic_read(&sk->sk_rmem_alloc) - sk->sk_rcvbuf / 8;
	struct rb_node *last = rb_last(&tsk->ofo);
	bool pruned = false;

	enough = max(min(enough, goal(sk)), 0);
	while (last && seq_gt(ttp_cb(rb_to_skb(last))->seq, seq) && over(sk, enough)) {
		drop_ofo(tsk, rb_to_skb(last), SKB_DROP_REASON_TCP_OFO_QUEUE_PRUNE);
		last = rb_last(&tsk->ofo);
		pruned = true;
	}
	if (pruned) {
		ttp_mib_inc(ttp_sk_net(sk), TTP_MIB_OFO_PRUNED);
		/* SACK blocks begin anew with the next data out of order */
		tsk->tcb.rcv.nsack = 0;
	}
	return pruned;
}

static bool fits(struct sock *sk, struct sk_buff *skb)
{
	return !over(sk, sk->sk_rcvbuf) && sk_rmem_schedule(sk, skb, skb->truesize);
}

/* Is there memory for @skb, whose data begins at @seq?  The last packet may exceed the
 * buffer.  If there is none, packets are collapsed, then data out of order is dropped.
 * Data that is next in order is always taken if the user has nothing to read: else the
 * connection would never go on.
 */
static bool admit(struct sock *sk, struct sk_buff *skb, u32 seq)
{
	if (fits(sk, skb))
		return true;
	if (seq == ttp_sk(sk)->tcb.rcv.nxt && !ttp_sock_unread(sk)) {
		ttp_memory_force(sk, skb->truesize);
		return true;
	}
	ttp_mib_inc(ttp_sk_net(sk), TTP_MIB_PRUNE_CALLED);
	ttp_memory_overrun(sk);
	if (over(sk, sk->sk_rcvbuf))
		collapse(sk);
	while (!fits(sk, skb))
		if (!prune(sk, seq))
			return false;
	return true;
}

/* ---- the queues ---- */

/* Append @skb's data to @to; both are charged to the socket. */
static bool coalesce(struct sock *sk, struct sk_buff *to, struct sk_buff *skb)
{
	bool stolen;
	int delta;

	if (ttp_cb(to)->end != ttp_cb(skb)->seq || !skb_try_coalesce(to, skb, &stolen, &delta))
		return false;
	atomic_add(delta, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, delta);
	ttp_cb(to)->end = ttp_cb(skb)->end;
	ttp_stamp_coalesce(to, skb);
	kfree_skb_partial(skb, stolen);
	return true;
}

/* Append @skb to what can be read; it is charged to the socket already, or not. */
static void append(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);

	if (tail && coalesce(sk, tail, skb))
		return;
	if (!skb->sk)
		skb_set_owner_r(skb, sk);
	__skb_queue_tail(&sk->sk_receive_queue, skb);
}

/* Reassembly: data that was out of order follows @nxt now.  All of it becomes readable
 * before anything is acknowledged (MUST-59).  Return: the new RCV.NXT.
 */
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
		skb->dev = NULL;	/* rbnode is in a union with it */
		if (seq_leq(ttp_cb(skb)->end, nxt)) {
			kfree_skb_reason(skb, SKB_DROP_REASON_TCP_OFO_DROP);
			continue;
		}
		nxt = ttp_cb(skb)->end;
		append(sk, skb);
	}
	return nxt;
}

/* Reassembly: keep data that is out of order.  A packet that another one covers is
 * dropped.
 */
static void insert_ofo(struct sock *sk, struct sk_buff *skb)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct rb_node *last = rb_last(&tsk->ofo), **p = &tsk->ofo.rb_node, *parent = NULL;
	struct sk_buff *near, *before = NULL;
	u32 len = skb->len;

	/* where most of it belongs */
	if (last && seq_geq(ttp_cb(skb)->seq, ttp_cb(rb_to_skb(last))->seq))
		p = &last;
	while (*p) {
		parent = *p;
		near = rb_to_skb(parent);
		if (seq_leq(ttp_cb(near)->seq, ttp_cb(skb)->seq) &&
		    seq_geq(ttp_cb(near)->end, ttp_cb(skb)->end)) {
			ttp_mib_inc(ttp_sk_net(sk), TTP_MIB_DUP_TEXT);
			kfree_skb_reason(skb, SKB_DROP_REASON_TCP_OFOMERGE);
			return;
		}
		if (seq_lt(ttp_cb(skb)->seq, ttp_cb(near)->seq)) {
			p = &parent->rb_left;
		} else {
			p = &parent->rb_right;
			before = near;
		}
	}
	tsk->ofo_bytes += len;
	if (before && coalesce(sk, before, skb)) {
		skb = before;
	} else {
		rb_link_node(&skb->rbnode, parent, p);
		rb_insert_color(&skb->rbnode, &tsk->ofo);
		skb_set_owner_r(skb, sk);
	}
	while ((near = skb_rb_next(skb)) != NULL && seq_leq(ttp_cb(near)->end, ttp_cb(skb)->end))
		drop_ofo(tsk, near, SKB_DROP_REASON_TCP_OFOMERGE);
}

void ttp_rxq_add(struct ttp_tcb *tcb, const struct ttp_seg *seg, struct ttp_rx_result *res)
{
	struct sock *sk = ttp_sock_of(tcb);
	struct sk_buff *skb = seg->pkt;
	bool in_order = seg->seq == tcb->rcv.nxt;
	u32 off, old;

	res->nxt = tcb->rcv.nxt;
	res->taken = false;
	res->truesize = skb->truesize;
	res->under_pressure = sk_under_memory_pressure(sk);
	skb_orphan(skb);	/* of early demultiplexing */
	if (!admit(sk, skb, seg->seq))
		return;
	/* Data that came before is passed over only as far as it is linear, as the header is: else
	 * it would have to be copied.
	 */
	off = min(seg->off, skb_headlen(skb));
	old = seg->off - off;
	__skb_pull(skb, off);
	if (pskb_trim(skb, old + seg->len))	/* fails only without memory */
		return;
	ttp_sk(sk)->collapse_after -= min(ttp_sk(sk)->collapse_after, skb->truesize);
	skb_dst_drop(skb);
	secpath_reset(skb);
	skb_reset_transport_header(skb);
	ttp_cb(skb)->seq = seg->seq - old;
	ttp_cb(skb)->end = seg->seq + seg->len;
	res->taken = true;
	if (!in_order) {
		insert_ofo(sk, skb);
		return;
	}
	append(sk, skb);
	res->nxt = drain(sk, seg->seq + seg->len);
}

u8 ttp_rxq_byte(struct ttp_tcb *tcb, u32 seq)
{
	struct sk_buff *skb;
	u8 byte = 0;

	skb_queue_reverse_walk(&ttp_sock_of(tcb)->sk_receive_queue, skb) {
		if (seq_leq(ttp_cb(skb)->seq, seq)) {
			skb_copy_bits(skb, seq - ttp_cb(skb)->seq, &byte, 1);
			break;
		}
	}
	return byte;
}

/* Drop what is out of order: the connection is over. */
void ttp_rxq_purge(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct sk_buff *skb;

	while ((skb = skb_rb_first(&tsk->ofo)) != NULL)
		drop_ofo(tsk, skb, SKB_DROP_REASON_TCP_CLOSE);
	tsk->collapse_after = 0;
}

/* ---- how much can be read ---- */

/* Bytes that one read can return: it ends at the urgent mark (SIOCINQ, as TCP has it). */
u32 ttp_rxq_before_mark(const struct sock *sk)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	u32 n = ttp_sock_unread(sk);

	if (sock_flag(sk, SOCK_URGINLINE))
		return n;
	if (ttp_urgent_at_mark(tcb, tcb->rcv.read))
		return 0;
	return ttp_urgent_before_mark(tcb, tcb->rcv.read, n);
}

/* May the peer send nothing more before something is read?  The buffer is nearly full, the window
 * nearly shut, or memory is short.
 */
static bool stuck(const struct sock *sk)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	int size = READ_ONCE(sk->sk_rcvbuf);

	return atomic_read(&sk->sk_rmem_alloc) > size - size / 8 ||
	       sk_under_memory_pressure(sk) ||
	       /* not locked: who looks again after an event sees the right one */
	       data_race(ttp_tcb_rcv_window(tcb)) <= READ_ONCE(tcb->rcv.mss);
}

/* Is there as much data as SO_RCVLOWAT asks for, or all that can come?  The socket is locked
 * or not.
 */
bool ttp_rxq_readable(const struct sock *sk)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	u32 unread = ttp_sock_unread(sk);

	/* the urgent byte at the mark is not read as data */
	if (unread && !sock_flag(sk, SOCK_URGINLINE) &&
	    ttp_urgent_at_mark(tcb, READ_ONCE(tcb->rcv.read)))
		unread--;
	return unread >= sock_rcvlowat(sk, 0, INT_MAX) || (unread && stuck(sk));
}
