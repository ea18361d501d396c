// SPDX-License-Identifier: GPL-2.0
/*
 * offload.c - many segments in one packet: GSO where they are sent, GRO where they
 * arrive.
 *
 * GSO: what the core lets go at once is one packet of up to 64 KiB on its way through IP
 * and the queueing discipline.  Just before the device it is cut into segments; a device
 * of software (loopback, veth, a bridge) hands it on whole.  GRO: segments that arrive one
 * after the other become one packet before IP sees them.
 *
 * A segment looks like TCP's, so TCP's own functions cut and join it.  The kernel must
 * know that such a packet is not TCP's, though: a network card would cut it for protocol
 * 6.  So its type has a second bit, SCTP's, which software takes and no card offers: a
 * card never gets the packet whole.
 *
 * net.ttp.offload 0 switches both off, so that each packet is one segment, to be looked at;
 * and so does a fault on purpose (see/fault.c), while there is one.
 *
 * Called by xmit.c, and by the kernel's network devices. Context: softirq or process.
 *
 * Next: xmit.c.
 */
#include <net/gro.h>
#include <net/protocol.h>

#include "ttp.h"

#define SHORT_RTT_SHIFT	9	/* half a millisecond, in us: tcp_tso_rtt_log */

static bool ends;	/* the module goes: nothing is to be joined any more */

static u32 gso_type(bool v6)
{
	return (v6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4) | SKB_GSO_SCTP;
}

/* Of TCP: cuts, looks for what belongs together, and joins.  Which IP called says which; the
 * packet does not: in a tunnel or a VLAN skb->protocol is that of the outermost header.
 */
static const struct net_offload *tcp_offload(bool v6)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (v6)
		return rcu_dereference(inet6_offloads[IPPROTO_TCP]);
#endif
	return rcu_dereference(inet_offloads[IPPROTO_TCP]);
}

/**
 * ttp_offload_route - a socket gets a route: find out what its device takes
 * @sk: socket lock held, or not yet known to others
 * @dst: the route; its reference is consumed
 */
void ttp_offload_route(struct sock *sk, struct dst_entry *dst)
{
	const struct net_device *dev;

	sk->sk_gso_type = gso_type(dst->ops->family == AF_INET6);
	sk_setup_caps(sk, dst);
	/* the kernel cuts for TCP when the device's own GSO is off; so does it for us */
	if (sk_can_gso(sk) || sk->sk_gso_disabled || dst->header_len)
		return;
	sk->sk_route_caps |= NETIF_F_GSO_SOFTWARE | NETIF_F_SG | NETIF_F_HW_CSUM;
	rcu_read_lock();	/* it may go, and the route be the black hole's */
	dev = READ_ONCE(dst->dev);
	sk->sk_gso_max_size = min_t(u32, READ_ONCE(dev->gso_max_size), GSO_LEGACY_MAX_SIZE) -
			      (TTP_HEADROOM + 1);
	sk->sk_gso_max_segs = max_t(u32, READ_ONCE(dev->gso_max_segs), 1);
	rcu_read_unlock();
}

/**
 * ttp_offload_burst - how much data may one packet have?
 * @sk: connected, its pacing rate is set; socket lock held
 *
 * As much as the socket sends in a millisecond, so that others on the same device need not
 * wait for longer.
 *
 * Return: bytes; 0 for one segment.
 */
u32 ttp_offload_burst(const struct sock *sk)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	u32 mss = tcb->snd.mss, rtt_us = tcb->flow->rack.min_rtt_us;
	u64 most;

	if (!ttp_offload_on(ttp_sk_net(sk)) || !sk_can_gso(sk) || tcb->snd.urgent)
		return 0;
	most = READ_ONCE(sk->sk_pacing_rate) >> READ_ONCE(sk->sk_pacing_shift);
	/* more where the round trip is short, as in a data center: as Linux's TCP has it */
	if (rtt_us && rtt_us >> SHORT_RTT_SHIFT < 32)
		most += sk->sk_gso_max_size >> (rtt_us >> SHORT_RTT_SHIFT);
	most = max_t(u64, most, 2 * mss);
	most = min_t(u64, most, (u64)sk->sk_gso_max_segs * mss);
	return min3(most, (u64)sk->sk_gso_max_size, (u64)TTP_PACKET_MAX);
}

/* @skb, which has @seg's header and data of @sk, is to be cut into segments of @mss bytes. */
void ttp_offload_mark(struct sock *sk, struct sk_buff *skb, const struct ttp_seg *seg, u32 mss)
{
	struct skb_shared_info *sh = skb_shinfo(skb);

	sh->gso_size = mss;
	sh->gso_segs = seg->segs;
	sh->gso_type = sk->sk_gso_type;
	if (seg->flags & TTP_CWR)
		sh->gso_type |= SKB_GSO_TCP_ECN;
}

/* All segments belong to the socket whose packet it was, or the wait for the last one only
 * would hold the next packet back.  As TCP does it.
 */
static void share_owner(struct sk_buff *packet, struct sk_buff *segs)
{
	struct sock *sk = packet->sk;
	struct sk_buff *skb;
	int more = -(int)packet->truesize;

	for (skb = segs; skb; skb = skb->next) {
		more += skb->truesize;
		if (!skb->next)
			break;
		skb->sk = sk;
		skb->destructor = packet->destructor;
	}
	/* the last one takes the packet's own place */
	swap(packet->sk, skb->sk);
	swap(packet->destructor, skb->destructor);
	if (more >= 0)
		refcount_add(more, &sk->sk_wmem_alloc);
	else
		WARN_ON(refcount_sub_and_test(-more, &sk->sk_wmem_alloc));
}

/* What SO_TIMESTAMPING wants to know of a packet is when its last byte goes: so does the
 * last segment tell.  TCP's function would look for a sequence number in tskey.
 */
static struct sk_buff *cut(struct sk_buff *skb, netdev_features_t features, bool v6)
{
	u8 flags = skb_shinfo(skb)->tx_flags & SKBTX_ANY_TSTAMP;
	u32 key = skb_shinfo(skb)->tskey;
	struct sk_buff *segs, *last;

	skb_shinfo(skb)->tx_flags &= ~SKBTX_ANY_TSTAMP;
	segs = tcp_offload(v6)->callbacks.gso_segment(skb, features);
	skb_shinfo(skb)->tx_flags |= flags;	/* elsewhere now, perhaps */
	if (!flags || IS_ERR_OR_NULL(segs))
		return segs;
	for (last = segs; last->next; last = last->next)
		;
	skb_shinfo(last)->tx_flags |= flags;
	skb_shinfo(last)->tskey = key;
	return segs;
}

static struct sk_buff *gso_segment(struct sk_buff *skb, netdev_features_t features, bool v6)
{
	u32 type = gso_type(v6);
	struct sk_buff *segs;
	int len;

	if ((skb_shinfo(skb)->gso_type & type) != type ||
	    skb->ip_summed != CHECKSUM_PARTIAL || !pskb_may_pull(skb, TTP_HDR_LEN))
		return ERR_PTR(-EINVAL);
	len = ttp_wire_hdrlen(skb->data, skb->len);
	if (len < 0 || !pskb_may_pull(skb, len))
		return ERR_PTR(-EINVAL);
	/* the sum is complete when a segment leaves: see ttp_ip_checksum() */
	features &= ~(NETIF_F_GSO_PARTIAL | NETIF_F_CSUM_MASK);
	segs = cut(skb, features, v6);
	if (!IS_ERR_OR_NULL(segs) && ttp_tsq_owns(skb))
		share_owner(skb, segs);
	return segs;
}

static struct sk_buff *gro_receive(struct list_head *head, struct sk_buff *skb, bool v6)
{
	if (READ_ONCE(ends) || !ttp_offload_on(ttp_net(dev_net(skb->dev))) ||
	    /* it would become a list of packets, which gso_segment() does not know */
	    skb->dev->features & NETIF_F_GRO_FRAGLIST) {
		NAPI_GRO_CB(skb)->flush = 1;
		return NULL;
	}
	/* A clone that a veth device has handed on: to join it would change the fragments of the
	 * packet in its sender's queue.  It stays alone; TCP says which packet must go before it.
	 */
	if (skb_cloned(skb))
		NAPI_GRO_CB(skb)->flush = 1;
	return tcp_offload(v6)->callbacks.gro_receive(head, skb);
}

static int gro_complete(struct sk_buff *skb, int header, bool v6)
{
	int err = tcp_offload(v6)->callbacks.gro_complete(skb, header);

	skb_shinfo(skb)->gso_type |= SKB_GSO_SCTP;
	return err;
}

static struct sk_buff *gso_segment4(struct sk_buff *skb, netdev_features_t features)
{
	return gso_segment(skb, features, false);
}

static struct sk_buff *gro_receive4(struct list_head *head, struct sk_buff *skb)
{
	return gro_receive(head, skb, false);
}

static int gro_complete4(struct sk_buff *skb, int header)
{
	return gro_complete(skb, header, false);
}

static const struct net_offload offload4 = {
	.callbacks = {
		.gso_segment = gso_segment4,
		.gro_receive = gro_receive4,
		.gro_complete = gro_complete4,
	},
};

#if IS_ENABLED(CONFIG_IPV6)
static struct sk_buff *gso_segment6(struct sk_buff *skb, netdev_features_t features)
{
	return gso_segment(skb, features, true);
}

static struct sk_buff *gro_receive6(struct list_head *head, struct sk_buff *skb)
{
	return gro_receive(head, skb, true);
}

static int gro_complete6(struct sk_buff *skb, int header)
{
	return gro_complete(skb, header, true);
}

static const struct net_offload offload6 = {
	.callbacks = {
		.gso_segment = gso_segment6,
		.gro_receive = gro_receive6,
		.gro_complete = gro_complete6,
	},
};
#endif

/* Register with both IPs.  Return: 0, or -EADDRINUSE when another module has the number. */
int ttp_offload_init(void)
{
	if (inet_add_offload(&offload4, IPPROTO_TTP))
		return -EADDRINUSE;
#if IS_ENABLED(CONFIG_IPV6)
	if (inet6_add_offload(&offload6, IPPROTO_TTP)) {
		inet_del_offload(&offload4, IPPROTO_TTP);
		return -EADDRINUSE;
	}
#endif
	return 0;
}

/* Unregister, and wait until no packet is being cut or joined. */
void ttp_offload_exit(void)
{
	WRITE_ONCE(ends, true);
	synchronize_net();
#if IS_ENABLED(CONFIG_IPV6)
	inet6_del_offload(&offload6, IPPROTO_TTP);
#endif
	inet_del_offload(&offload4, IPPROTO_TTP);
}
