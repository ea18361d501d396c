// SPDX-License-Identifier: GPL-2.0
/*
 * xmit.c - a segment is sent: build a packet with its header and data, compute the
 * checksum, hand it to IP.
 *
 * A socket's segment goes through ip_queue_xmit().  A request's SYN,ACK goes as its
 * listener's, by that socket's policies.  What belongs to neither (a RST without a
 * connection, TIME_WAIT's ACK) goes through the control socket of the network namespace.
 *
 * Called by whatever may have made something to send: conn/verdict.c, socket/,
 * conn/request.c, conn/mini.c, input/recv.c.
 *
 * Context: process or softirq; the lock that guards the connection is held.
 *
 * Next: core/send.c for what may be sent, host/txq.c for the data; offload.c for many segments in
 * one packet, tsq.c for a limit of what waits.
 */
#include <net/inet_ecn.h>
#include <net/snmp.h>

#include "see/trace.h"
#include "ttp.h"

/* Let @skb share the pages of @seg's data, which is in @data. */
static void share(struct sk_buff *skb, const struct sk_buff *data, const struct ttp_seg *seg)
{
	u32 seq = seg->seq + !!(seg->flags & TTP_SYN);
	u32 off = ttp_cb_acked(data) + seq - ttp_cb(data)->rec.seq;
	u32 left = seg->len, n, size;
	const skb_frag_t *frag = skb_shinfo(data)->frags;

	for (; left; frag++) {
		size = skb_frag_size(frag);
		if (off >= size) {
			off -= size;
			continue;
		}
		n = min(left, size - off);
		get_page(skb_frag_page(frag));
		skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, skb_frag_page(frag),
				skb_frag_off(frag) + off, n, n);
		off = 0;
		left -= n;
	}
}

/* All of @data, for IP: both share the fragments and the room for headers, which is free. */
static struct sk_buff *clone(struct sk_buff *data)
{
	struct sk_buff *skb = skb_clone(data, GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb->dev = NULL;	/* a union with the queue's rbnode */
	memset(skb->cb, 0, sizeof(skb->cb));
	return skb;
}

/* A packet for some of @data, or for none, with its own room for headers. */
static struct sk_buff *fresh(struct sk_buff *data, const struct ttp_seg *seg)
{
	struct sk_buff *skb = alloc_skb(TTP_HEADROOM, GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb_reserve(skb, TTP_HEADROOM);
	if (data) {
		share(skb, data, seg);
		skb_zcopy_set(skb, skb_zcopy(data), NULL);
	}
	return skb;
}

/* A packet with @seg's header and its data, if any, which is in @data, the packet of the send
 * queue.  @again: @seg is a retransmission, and a device may still have what was sent before.
 */
static struct sk_buff *build(struct sk_buff *data, const struct ttp_seg *seg, bool again)
{
	struct sk_buff *skb;

	if (data && !again && seg->len == data->len && !skb_cloned(data))
		skb = clone(data);
	else
		skb = fresh(data, seg);
	if (!skb)
		return NULL;
	skb_push(skb, ttp_wire_size(seg));
	skb_reset_transport_header(skb);
	ttp_wire_write(seg, skb->data);
	return skb;
}

static void put_ports(struct ttp_seg *seg, const struct ttp_key *key)
{
	seg->sport = ntohs(key->lport);
	seg->dport = ntohs(key->rport);
}

static void count(struct ttp_net *tn, const struct ttp_seg *seg, u32 segs, bool retransmission,
		  int err)
{
	SNMP_ADD_STATS(tn->mib, retransmission ? TTP_MIB_RETRANS_SEGS : TTP_MIB_OUT_SEGS, segs);
	if (seg->flags & TTP_RST)
		SNMP_INC_STATS(tn->mib, TTP_MIB_OUT_RSTS);
	/* the same as a loss on the path: a timer will retransmit it */
	if (err)
		SNMP_INC_STATS(tn->mib, TTP_MIB_OUT_ERRORS);
}

/* The event, which says what was done to it, and the tracepoints */
static void tell(struct ttp_ep *ep, const struct ttp_seg *seg, bool retransmission,
		 const struct ttp_fault_act *act)
{
	trace_segment_out(ep, seg, retransmission);
	if (retransmission)
		trace_retransmit(ep, seg, retransmission);
	if (unlikely(ttp_netlink_watched(ep->tn) & BIT(TTP_GROUP_SEGMENT)))
		ttp_netlink_sent(ep, seg, retransmission, act);
}

/* A packet that belongs to no socket; its route is set. */
static int put_out(const struct ttp_ep *ep, struct sk_buff *skb, const struct ttp_path *path)
{
	struct sock *sk = ep->tn->ctl;
	int err;

	/* Its socket, for netfilter and BPF, unless it is closed by now.  A reference alone would
	 * not do: ESP's padding is added to the send buffer of what the packet belongs to.
	 */
	if (path->sk && refcount_inc_not_zero(&path->sk->sk_refcnt)) {
		sk = path->sk;
		skb_set_owner_w(skb, sk);
	}
	err = ttp_ip_out(ep->tn->net, sk, skb, &ep->key, path);
	if (sk == path->sk)
		sock_put(sk);
	return err;
}

/* Hand a packet to IP: with the TTL (MUST-49) and the DS field (MUST-48, SHLD-21, SHLD-22) that the
 * user of @sk has set; or, without a socket, by @path.  The packet is consumed.
 */
static void transmit(struct ttp_ep *ep, struct sock *sk, const struct ttp_path *path,
		     struct sk_buff *skb, const struct ttp_seg *seg, bool retransmission)
{
	u32 segs = skb_shinfo(skb)->gso_segs ?: 1;
	struct ttp_hold fault __uninitialized;
	int err = 0;

	ttp_hold_find(ep, seg, &fault);
	if (unlikely(fault.act.action))
		ttp_hold_ready_out(ep, sk, path, skb, seg, &fault);
	else
		ttp_ip_checksum(skb, &ep->key, !ttp_offload_on(ep->tn));
	/* before IP gets it, so that this event comes before the receiver's */
	tell(ep, seg, retransmission, &fault.act);
	if (sk) {
		ttp_tsq_add(sk, skb);
		skb_set_dst_pending_confirm(skb, READ_ONCE(sk->sk_dst_pending_confirm));
	}
	if (likely(!fault.act.action) || !ttp_hold_out(ep, skb, &fault)) {
		err = sk ? ttp_ip_xmit(sk, skb, seg->ect ? INET_ECN_ECT_0 : 0) :
			   put_out(ep, skb, path);
		if (unlikely(err == -EHOSTUNREACH) && sk && retransmission)
			ttp_ip_dst(sk);	/* why there is no route: the reason, if it times out */
		if (ttp_fault_holds(ep->tn))	/* what is to come behind it follows */
			ttp_hold_release(ep->tn->net, TTP_DIRECTION_OUT, &ep->key);
	}
	count(ep->tn, seg, segs, retransmission, net_xmit_eval(err));
}

/* Pacing is done by the queueing discipline fq, if there is one, at any time; or, for the
 * algorithms that ask for it, by the core.  SO_MAX_PACING_RATE limits both.
 */
static void pacing(struct sock *sk)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	unsigned long most = READ_ONCE(sk->sk_max_pacing_rate);

	if (tcb->flow) {
		/* pairs with sch_fq, which sets it when it first sees a packet of this socket */
		tcb->flow->ip_paces = smp_load_acquire(&sk->sk_pacing_status) == SK_PACING_FQ;
		tcb->flow->pace_max = most == ~0UL ? 0 : most;
	}
	WRITE_ONCE(sk->sk_pacing_rate, ttp_sk_pacing_rate(sk, tcb));
}

/* Send what the core has chosen, one segment after the other.
 * Return: false without memory, and nothing was sent.
 */
static bool send(struct sock *sk, struct ttp_out *out, u64 now)
{
	struct sk_buff *data = out->rec ? ttp_txq_skb(out->rec) : NULL, *skb;
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	const struct ttp_seg *seg = &out->seg;
	struct ttp_seg piece __uninitialized;
	/* many segments: the device, or what is before it, will cut the packet */
	bool many = seg->len > tcb->snd.mss && !ttp_mtu_is_probe(tcb, seg);
	bool whole = many && seg->len <= ttp_offload_burst(sk);
	u32 off = 0;

	put_ports(&out->seg, &ttp_sk(sk)->ep.key);
	if (whole)
		out->seg.segs = DIV_ROUND_UP(seg->len, tcb->snd.mss);
	do {
		if (many && !whole) {
			ttp_send_piece(tcb, &out->seg, off, &piece);
			seg = &piece;
		}
		skb = build(data, seg, out->retransmission);
		if (!skb && !off)
			return false;
		if (skb && whole)
			ttp_offload_mark(sk, skb, seg, tcb->snd.mss);
		if (!off)
			ttp_send_done(tcb, out, now);
		off += seg->len;
		if (!skb) {	/* the same as a loss on the path */
			ttp_mib_inc(ttp_sk_net(sk), TTP_MIB_OUT_ERRORS);
			continue;
		}
		if (data && !out->retransmission)
			ttp_stamp_send(skb, data, seg);
		transmit(&ttp_sk(sk)->ep, sk, NULL, skb, seg, out->retransmission);
	} while (off < out->seg.len);
	return true;
}

static bool data_waits(struct ttp_tcb *tcb)
{
	return ttp_sk_of(tcb)->txq_unsent || tcb->lost != tcb->resent;
}

/* IP may have learnt of another path MTU, from another connection. */
static void learn_mtu(struct sock *sk)
{
	struct dst_entry *dst = __sk_dst_get(sk);

	if (dst && ttp_fsm_in(ttp_sk(sk)->tcb.conn.state, TTP_SYNCHRONIZED) &&
	    (ttp_ip_obsolete(sk, dst) || dst_mtu(dst) != ttp_sk(sk)->pmtu))
		ttp_ip_sync_mss(sk);
}

/* Send what may be sent now; the socket lock is held. */
void ttp_xmit_push(struct sock *sk)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	u32 nxt = tcb->snd.nxt;
	u64 now = ttp_now();
	struct ttp_out out __uninitialized;
	u32 watched = ttp_changes_watched(sk);

	/* the windows have changed: that is told before what they let go is sent */
	if (unlikely(watched))
		ttp_changes_tell(sk, watched & ~BIT(TTP_GROUP_TIMER));
	if (data_waits(tcb)) {
		learn_mtu(sk);
		pacing(sk);
		if (tcb->snd.end - tcb->snd.nxt > tcb->snd.mss)
			tcb->snd.burst = ttp_offload_burst(sk) ?: TTP_PACKET_MAX;
	}
	tcb->snd.no_room = ttp_sk_no_room(sk);
	for (;;) {
		tcb->snd.full = data_waits(tcb) && ttp_tsq_full(sk);
		if (!ttp_send_next(tcb, now, &out))
			break;
		if (!send(sk, &out, now)) {
			ttp_send_failed(tcb, now);
			break;
		}
		if (data_waits(tcb))
			now = ttp_now();	/* timers and round trips count from each packet */
	}
	if (tcb->snd.nxt != nxt)	/* who waits until less is unsent waits for no ACK */
		ttp_memory_wake_writer(sk);
	ttp_clock_update(sk);
	if (unlikely(watched))
		ttp_changes_tell(sk, watched);
}

/**
 * ttp_xmit_mtu - path MTU discovery: ICMP says that the path's MTU is smaller
 * @sk: socket lock held
 * @mtu: the next hop's, bytes
 *
 * A black hole, where packets are lost and no ICMP comes, is found by core/mtu.c.
 *
 * Source: RFC 1191; RFC 9293 3.7.2.
 */
void ttp_xmit_mtu(struct sock *sk, u32 mtu)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	struct dst_entry *dst = ttp_ip_dst(sk);
	u32 mss;

	if (!dst || ttp_fsm_in(tcb->conn.state, BIT(TTP_LISTEN) | BIT(TTP_CLOSED)))
		return;
	dst->ops->update_pmtu(dst, sk, NULL, mtu, true);
	/* IP stores what it has learnt in another route */
	dst = ttp_ip_dst(sk);
	if (!dst || !ttp_ip_obeys_mtu(sk) || dst_mtu(dst) == ttp_sk(sk)->pmtu)
		return;		/* or it is the same again */
	mss = tcb->snd.mss;
	ttp_ip_sync_mss(sk);
	if (tcb->snd.mss >= mss)
		return;
	ttp_recovery_too_big(tcb);
	ttp_xmit_push(sk);
}

/**
 * ttp_xmit_reset - send one segment without data, never retransmitted
 * @sk: socket lock held; connected, or it was until now
 * @seg: a RST, or an ACK; the ports are filled in here
 */
void ttp_xmit_reset(struct sock *sk, struct ttp_seg *seg)
{
	struct sk_buff *skb;

	put_ports(seg, &ttp_sk(sk)->ep.key);
	skb = build(NULL, seg, false);
	if (skb)
		transmit(&ttp_sk(sk)->ep, sk, NULL, skb, seg, false);
}

/**
 * ttp_xmit_ep - send a segment of an end point that has no socket
 * @ep: a request or a TIME_WAIT
 * @seg: without data; the ports are filled in here
 * @retransmission: it was sent before
 * @path: how it is sent
 * @dst: of ttp_ip_route(), whose reference is consumed; or %NULL: it is looked up
 *
 * Without a route or memory nothing is sent: a timer of either end repeats it.
 */
void ttp_xmit_ep(struct ttp_ep *ep, struct ttp_seg *seg, bool retransmission,
		 const struct ttp_path *path, struct dst_entry *dst)
{
	struct sk_buff *skb;

	put_ports(seg, &ep->key);
	if (!dst)
		dst = ttp_ip_route(ep->tn->net, &ep->key, path);
	if (IS_ERR(dst))
		return;
	skb = build(NULL, seg, false);
	if (!skb) {
		dst_release(dst);
		return;
	}
	skb->mark = path->mark;
	skb->priority = path->priority;
	skb_dst_set(skb, dst);
	transmit(ep, NULL, path, skb, seg, retransmission);
}

/**
 * ttp_xmit_answer - answer a packet that belongs to no connection
 * @net: network namespace
 * @lsk: the listener that it was for, or %NULL
 * @skb: the packet, network header in place
 * @reply: a RST; ports and addresses are filled in here
 */
void ttp_xmit_answer(struct net *net, struct sock *lsk, struct sk_buff *skb, struct ttp_seg *reply)
{
	struct ttp_conn conn = { .state = TTP_CLOSED, .kind = TTP_KIND_NONE };
	struct ttp_ep ep = { .tn = ttp_net(net), .conn = &conn };
	struct ttp_path path = ttp_ip_answer_path(net, lsk, skb);

	ttp_ip_key(skb, &ep.key);
	ttp_xmit_ep(&ep, reply, false, &path, NULL);
}
