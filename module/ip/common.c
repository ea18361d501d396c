// SPDX-License-Identifier: GPL-2.0
/*
 * common.c - what is the same for IPv4 and IPv6: a packet that arrives is read and filtered, the
 * segment size and the path follow from a route, a child gets its addresses, checksums are made.
 *
 * Called by whatever sends, receives or opens a connection. Context: any, unless a
 * function says otherwise.
 *
 * Next: family.c for what differs.
 */
#include <linux/filter.h>
#include <linux/security.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/inet_common.h>
#include <net/inet_ecn.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>

#include "ttp.h"

#define CHECK_OFFSET	16	/* of the checksum in the header */
#define PORTS_LEN	4	/* both ports, which the header begins with */

/* ---- a packet that arrives ---- */

/* What is in skb->cb of a packet to which a fault was done when it arrived */
struct fault_cb {
	union {
		struct inet_skb_parm v4;
		struct inet6_skb_parm v6;
	} ip;
	struct ttp_fault_act act;
};

#define FAULT_DONE	BIT(15)	/* in IP's flags, of which IP has cleared those that it has not */

static u16 *flags_of(struct sk_buff *skb)
{
	return ttp_ip_is_v6(skb) ? &IP6CB(skb)->flags : &IPCB(skb)->flags;
}

/**
 * ttp_ip_set_fault - a fault is done to a packet that arrives: its event will say so
 * @skb: the packet, from IP
 * @act: what is done
 */
void ttp_ip_set_fault(struct sk_buff *skb, const struct ttp_fault_act *act)
{
	struct fault_cb *cb = (struct fault_cb *)skb->cb;

	BUILD_BUG_ON(sizeof(*cb) > sizeof(skb->cb));
	cb->act = *act;
	*flags_of(skb) |= FAULT_DONE;
}

/**
 * ttp_ip_parse - read a packet's header
 * @net: network namespace
 * @skb: skb->data is at the header, all of which is linear
 * @seg: filled in
 *
 * Return: false, and counted, when an option is malformed.
 */
bool ttp_ip_parse(struct net *net, struct sk_buff *skb, struct ttp_seg *seg)
{
	int len = ttp_wire_hdrlen(skb->data, skb->len);

	if (ttp_wire_parse(skb->data, len, skb->len, seg)) {
		ttp_mib_inc(ttp_net(net), TTP_MIB_BAD_OPTIONS);
		return false;
	}
	seg->pkt = skb;
	seg->segs = skb_shinfo(skb)->gso_segs;
	seg->each = skb_shinfo(skb)->gso_size;
	seg->ce = INET_ECN_is_ce(ttp_ip_is_v6(skb) ? ipv6_get_dsfield(ipv6_hdr(skb)) :
						     ip_hdr(skb)->tos);
	if (unlikely(*flags_of(skb) & FAULT_DONE))
		seg->fault = ((struct fault_cb *)skb->cb)->act;
	return true;
}

/**
 * ttp_ip_hops_ok - IP_MINTTL, IPV6_MINHOPCOUNT: has a packet passed few enough routers?
 * @sk: has the option
 * @left: TTL or hop limit of the packet
 * @v6: it is of IPv6
 *
 * Return: false, and counted, when it has passed too many. Source: RFC 5082.
 */
bool ttp_ip_hops_ok(struct sock *sk, u8 left, bool v6)
{
	if (left >= (v6 ? READ_ONCE(inet6_sk(sk)->min_hopcount) : READ_ONCE(inet_sk(sk)->min_ttl)))
		return true;
	ttp_mib_inc(ttp_net(sock_net(sk)), TTP_MIB_MIN_TTL_DROP);
	return false;
}

/* IP_MINTTL, IPsec policies and socket filters: what they do not let pass is freed. */
static bool passes(struct sock *sk, struct sk_buff *skb)
{
	/* which a filter cannot cut off */
	u32 header = sk->sk_type == SOCK_DGRAM ? sizeof(struct udphdr) :
						 ttp_wire_hdrlen(skb->data, skb->len);
	struct net *net = sock_net(sk);
	bool v6 = ttp_ip_is_v6(skb);

	if (!ttp_ip_hops_ok(sk, v6 ? ipv6_hdr(skb)->hop_limit : ip_hdr(skb)->ttl, v6)) {
		ttp_trace_done(net, skb, TTP_MIB_MIN_TTL_DROP);
		return false;
	}
	if (!ttp_ip_policy_ok(sk, skb)) {
		ttp_trace_drop(net, skb, SKB_DROP_REASON_XFRM_POLICY);
		return false;
	}
	if (sk_filter_trim_cap(sk, skb, header)) {
		ttp_trace_drop(net, skb, SKB_DROP_REASON_SOCKET_FILTER);
		return false;
	}
	return true;
}

/**
 * ttp_ip_filter - do IP_MINTTL, IPsec policies and socket filters let a packet pass?
 * @sk: has them; for a handshake, the listener
 * @skb: if it passes, its reference of conntrack is dropped; else it is freed
 *
 * Return: false when it was dropped.
 */
bool ttp_ip_filter(struct sock *sk, struct sk_buff *skb)
{
	if (!passes(sk, skb)) {
		atomic_inc(&sk->sk_drops);
		return false;
	}
	nf_reset_ct(skb);
	return true;
}

/* Nobody but the peer sends what comes next, as far as numbers can tell. */
static bool expected(const struct ttp_tcb *tcb, const struct ttp_seg *seg)
{
	if (tcb->conn.state == TTP_SYN_SENT)
		return ttp_ack_acceptable(tcb, seg);
	return seg->seq == tcb->rcv.nxt;
}

/**
 * ttp_ip_remember - remember what a packet that arrived says of the path
 * @sk: socket lock held
 * @skb: the packet, with its route, which is remembered for early.c
 * @seg: the segment in it, not judged yet
 */
void ttp_ip_remember(struct sock *sk, const struct sk_buff *skb, const struct ttp_seg *seg)
{
	struct dst_entry *dst = rcu_dereference_protected(sk->sk_rx_dst, lockdep_sock_is_held(sk));

	if (ttp_ip_is_v6(skb) && expected(&ttp_sk(sk)->tcb, seg))
		ttp_ipv6_remember(sk, skb);
	if (dst) {
		if (sk->sk_rx_dst_ifindex == skb->skb_iif &&
		    (skb_dst(skb) == dst || dst_check(dst, sk->sk_rx_dst_cookie)))
			return;
		ttp_ip_forget(sk);
	}
	dst = skb_dst(skb);
	if (dst && dst_hold_safe(dst)) {
		WRITE_ONCE(sk->sk_rx_dst_cookie, ttp_ip_is_v6(skb) ? ttp_ipv6_cookie(dst) : 0);
		rcu_assign_pointer(sk->sk_rx_dst, dst);
		WRITE_ONCE(sk->sk_rx_dst_ifindex, skb->skb_iif);
	}
}

/* Forget that route; the socket lock is held. */
void ttp_ip_forget(struct sock *sk)
{
	dst_release(unrcu_pointer(xchg(&sk->sk_rx_dst, NULL)));
}

/* ---- segment size, and what a route says ---- */

/* The MSS option's value: bytes of data without options that a route lets us receive in
 * one segment, MMS_R - 20 (RFC 9293 3.7.1, MUST-67).  No path has less than 68 bytes, or by IPv6
 * less than 1280 (RFC 8200 5).
 */
static u32 mss(const struct dst_entry *dst)
{
	bool v6 = ttp_is_v6(dst->ops->family);
	u32 mtu = max_t(u32, dst_mtu(dst), v6 ? IPV6_MIN_MTU : IPV4_MIN_MTU);
	u32 header = v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);

	return clamp_t(u32, mtu - header - TTP_HDR_LEN, 48, 65495);
}

/* What a route says of its connections (ip-route(8)). */
struct ttp_metrics ttp_ip_metrics(const struct dst_entry *dst)
{
	return (struct ttp_metrics){
		/* as TCP: only where it is to override what was measured */
		.rto_min_us = dst_metric_locked(dst, RTAX_RTO_MIN) ?
			      min_t(u64, (u64)dst_metric(dst, RTAX_RTO_MIN) * USEC_PER_MSEC,
				    U32_MAX) : 0,
		.window = dst_metric(dst, RTAX_WINDOW),
		.mss = mss(dst),
		.advmss = clamp_t(u32, dst_metric_advmss(dst), 48, mss(dst)),
		/* MUST-15v6 */
		.mss_default = ttp_is_v6(dst->ops->family) ? IPV6_MIN_MTU - 60 : 0,
		.init_cwnd = min_t(u32, dst_metric(dst, RTAX_INITCWND), U16_MAX),
		.init_rwnd = min_t(u32, dst_metric(dst, RTAX_INITRWND), U16_MAX),
		.ecn = dst_feature(dst, RTAX_FEATURE_ECN),
		.quickack = dst_metric(dst, RTAX_QUICKACK),
	};
}

/* Path MTU discovery: the segment size follows what IP knows of the path (RFC 1191, RFC 8201).
 * The socket lock is held.
 */
void ttp_ip_sync_mss(struct sock *sk)
{
	struct dst_entry *dst = ttp_ip_dst(sk);

	if (!dst)
		return;
	ttp_sk(sk)->pmtu = dst_mtu(dst);
	ttp_send_mss(&ttp_sk(sk)->tcb, mss(dst) - ttp_ip_options_len(sk));
}

/* ---- a child ---- */

/* A copy of a listener, before anyone sees it */
void ttp_ip_child_init(struct sock *sk)
{
	atomic_set(&inet_sk(sk)->inet_id, get_random_u16());
	inet_sk(sk)->mc_list = NULL;
	RCU_INIT_POINTER(inet_sk(sk)->inet_opt, NULL);
	memset(&inet_sk(sk)->cork.fl, 0, sizeof(inet_sk(sk)->cork.fl));
	if (ttp_is_v6(sk->sk_family))
		ttp_ipv6_child_init(sk);
}

/* What inet_create() and inet6_create() have a socket end with. */
void ttp_ip_destruct(struct sock *sk)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (ttp_is_v6(sk->sk_family)) {
		inet6_sock_destruct(sk);
		return;
	}
#endif
	inet_sock_destruct(sk);
}

/**
 * ttp_ip_child - 4-tuple, addresses and route of a child
 * @sk: new
 * @req: the request that it comes from
 * @skb: the packet that makes it one
 *
 * Return: 0, or a negative errno when there is no route.
 */
int ttp_ip_child(struct sock *sk, struct ttp_req *req, const struct sk_buff *skb)
{
	const struct ttp_key *key = &req->mini.ep.key;
	struct inet_sock *inet = inet_sk(sk);
	int err;

	inet->inet_num = ntohs(key->lport);
	inet->inet_sport = key->lport;
	inet->inet_dport = key->rport;
	sk->sk_bound_dev_if = req->mini.path.oif;
	sk->sk_mark = req->mini.path.mark;
	ttp_sk(sk)->ep.key = *key;
	if (ttp_is_v6(key->family))
		return ttp_ipv6_child(sk, req, skb);
	err = ttp_ipv4_child(sk, req, skb);
	if (ttp_is_v6(sk->sk_family))
		ttp_ipv6_map(sk);
	return err;
}

/* ---- what is sent ---- */

/**
 * ttp_ip_path - how the segments of a socket are sent
 * @sk: locked or not
 * @family: of the segments: a listener may have connections of both
 *
 * Return: all but &ttp_path.sk, which needs a reference.
 */
struct ttp_path ttp_ip_path(struct sock *sk, u16 family)
{
	struct flowi_common flow = {};
	struct ttp_path path;

	security_sk_classify_flow(sk, &flow);
	path = (struct ttp_path){
		.oif = READ_ONCE(sk->sk_bound_dev_if),
		.mark = READ_ONCE(sk->sk_mark),
		.priority = READ_ONCE(sk->sk_priority),
		.secid = flow.flowic_secid,
	};
	if (ttp_is_v6(family)) {
		/* setsockopt() may change these: either value is right */
		path.ttl = data_race(inet6_sk(sk)->hop_limit);
		path.tos = READ_ONCE(inet6_sk(sk)->tclass);
		path.flowlabel = READ_ONCE(inet6_sk(sk)->flow_label) & IPV6_FLOWLABEL_MASK;
	} else {
		path.ttl = READ_ONCE(inet_sk(sk)->uc_ttl);
		path.tos = READ_ONCE(inet_sk(sk)->tos);
		path.flow_flags = inet_sk_flowi_flags(sk);
	}
	return path;
}

static struct ttp_path path_of(struct sock *sk, const struct sk_buff *skb)
{
	return ttp_ip_path(sk, ttp_ip_is_v6(skb) ? AF_INET6 : AF_INET);
}

/* The same of a handshake that @skb begins at a listener */
struct ttp_path ttp_ip_request_path(struct sock *lsk, const struct sk_buff *skb)
{
	struct ttp_path path = path_of(lsk, skb);

	if (ttp_ip_is_v6(skb))
		ttp_ipv6_request_path(lsk, skb, &path);
	return path;
}

/**
 * ttp_ip_answer_path - how the answer to a packet is sent that belongs to no connection
 * @net: network namespace
 * @lsk: the listener that the packet was for, or %NULL
 * @skb: the packet
 *
 * Return: as ttp_ip_path(), and &ttp_path.sk is @lsk.
 */
struct ttp_path ttp_ip_answer_path(struct net *net, struct sock *lsk, struct sk_buff *skb)
{
	struct ttp_path path = { .ttl = -1 };
	struct flowi_common flow = {};

	if (lsk)
		path = path_of(lsk, skb);
	path.sk = lsk;
	security_skb_classify_flow(skb, &flow);
	path.secid = flow.flowic_secid;
	if (ttp_ip_is_v6(skb))
		ttp_ipv6_answer_path(net, skb, &path);
	else
		ttp_ipv4_answer_path(net, skb, &path);
	return path;
}

/* The sum of the pseudo-header and @rest, for a segment of @len bytes: folded.  The protocol in it
 * is 6, though that in the IP header is 253 (MUST-2).
 */
static __sum16 pseudo_sum(const struct ttp_key *key, u32 len, __wsum rest)
{
	if (ttp_is_v6(key->family))
		return csum_ipv6_magic(&key->local.v6, &key->remote.v6, len, IPPROTO_TCP, rest);
	return csum_tcpudp_magic(key->local.v4, key->remote.v4, len, IPPROTO_TCP, rest);
}

/* Sum the pseudo-header, and @ports; leave the rest of the checksum, what is behind the first @from
 * bytes, to who sends the packet to a wire.  Within a host nobody computes it.
 */
static void sum_later(struct sk_buff *skb, u32 from, __wsum ports, const struct ttp_key *key)
{
	__sum16 *check = (__sum16 *)(skb->data + CHECK_OFFSET);

	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head + from;
	skb->csum_offset = CHECK_OFFSET - from;
	*check = ~pseudo_sum(key, skb->len, ports);
}

/**
 * ttp_ip_checksum - put the checksum into a segment
 * @skb: skb->data is at our header
 * @key: the 4-tuple
 * @whole: it is to be complete; else it may be completed by the device
 *
 * Some devices can sum TCP and UDP only.  The kernel knows them, but tells these two by where
 * their checksum is in what is to be summed; so they would get our packet, and not recognise
 * it.  Therefore the ports are summed here: what remains has its checksum elsewhere, and the
 * kernel sums it if the device cannot sum whatever it gets.  GSO needs TCP's place; its
 * packets never reach a device whole (offload.c).
 */
void ttp_ip_checksum(struct sk_buff *skb, const struct ttp_key *key, bool whole)
{
	__sum16 *check = (__sum16 *)(skb->data + CHECK_OFFSET);

	if (skb_is_gso(skb)) {
		sum_later(skb, 0, 0, key);
	} else if (!whole) {
		sum_later(skb, PORTS_LEN, *(__wsum *)skb->data, key);
	} else {
		skb->ip_summed = CHECKSUM_NONE;
		*check = pseudo_sum(key, skb->len, skb_checksum(skb, 0, skb->len, 0));
	}
}
