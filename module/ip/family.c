// SPDX-License-Identifier: GPL-2.0
/*
 * family.c - IPv4 or IPv6?  Who sends, receives or opens a connection asks here, and does not
 * look at addresses; what both have in common is done here.
 *
 * A packet, a 4-tuple, and a route each say which it is.  A connection goes by its 4-tuple, not
 * by the family of its socket: with an IPv4-mapped address an AF_INET6 socket uses IPv4.
 *
 * Called by whatever sends, receives or opens a connection. Context: any, unless a
 * function says otherwise.
 *
 * Next: ipv4.c, then ipv6.c.
 */
#include <linux/bpf-cgroup.h>
#include <linux/filter.h>
#include <linux/security.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/inet_ecn.h>
#include <net/inet_hashtables.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/transp_v6.h>
#include <net/xfrm.h>

#include "ttp.h"

#define CHECK_OFFSET	16	/* of the checksum in the header */
#define PORTS_LEN	4	/* both ports, which the header begins with */

static bool is_v6(u16 family)
{
	return IS_ENABLED(CONFIG_IPV6) && family == AF_INET6;
}

static bool sk_is_v6(const struct sock *sk)
{
	return is_v6(ttp_sk(sk)->ep.key.family);
}

/* ---- a packet that arrives ---- */

/* Its 4-tuple, as seen from here; both headers are in place. */
void ttp_ip_key(const struct sk_buff *skb, struct ttp_key *key)
{
	const __be16 *port = (const __be16 *)skb_transport_header(skb);

	if (ttp_ip_is_v6(skb))
		ttp_ipv6_set_key(key, &ipv6_hdr(skb)->daddr, port[1],
				 &ipv6_hdr(skb)->saddr, port[0]);
	else
		ttp_ipv4_set_key(key, ip_hdr(skb)->daddr, port[1], ip_hdr(skb)->saddr, port[0]);
}

/* A hash of both addresses, the peer's first: for cookies that Linux's TCP would make, too. */
u64 ttp_ip_hosts_hash(const struct ttp_key *key, const siphash_key_t *secret)
{
	return is_v6(key->family) ? ttp_ipv6_hosts_hash(key, secret) :
				    ttp_ipv4_hosts_hash(key, secret);
}

/* Is it a connection within this host? */
bool ttp_ip_loopback(const struct ttp_key *key)
{
	return is_v6(key->family) ? ipv6_addr_loopback(&key->local.v6) :
				    ipv4_is_loopback(key->local.v4);
}

/* The device that it came by, or the VRF of that device */
int ttp_ip_iif(const struct sk_buff *skb)
{
	return ttp_ip_is_v6(skb) ? inet6_iif(skb) : inet_iif(skb);
}

/* 0, or the device if ttp_ip_iif() is its VRF */
int ttp_ip_sdif(const struct sk_buff *skb)
{
	return ttp_ip_is_v6(skb) ? inet6_sdif(skb) : inet_sdif(skb);
}

/* Was it sent to this host alone?  Nothing else may be answered with a RST. */
bool ttp_ip_to_us(const struct sk_buff *skb)
{
	return ttp_ip_is_v6(skb) ? ipv6_unicast_destination(skb) :
				   skb_rtable(skb)->rt_type == RTN_LOCAL;
}

/* May a SYN be answered?  IP_TRANSPARENT would let one be that was sent to many.  An IPv4-mapped
 * address is none of an IPv6 packet: it would look as if it came by IPv4.
 */
bool ttp_ip_answerable(const struct sk_buff *skb)
{
	if (ttp_ip_is_v6(skb))
		return ipv6_unicast_destination(skb) && !ipv6_addr_v4mapped(&ipv6_hdr(skb)->saddr);
	return !(skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST));
}

/* Do IPsec policies let it pass?  @sk: has them, or %NULL. */
bool ttp_ip_policy_ok(struct sock *sk, struct sk_buff *skb)
{
	return ttp_ip_is_v6(skb) ? xfrm6_policy_check(sk, XFRM_POLICY_IN, skb) :
				   xfrm4_policy_check(sk, XFRM_POLICY_IN, skb);
}

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

/**
 * ttp_ip_filter - do IP_MINTTL, IPsec policies and socket filters let a packet pass?
 * @sk: has them; for a handshake, the listener
 * @skb: if it passes, its reference of conntrack is dropped; else it is freed
 *
 * Return: false when it was dropped.
 */
bool ttp_ip_filter(struct sock *sk, struct sk_buff *skb)
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
	nf_reset_ct(skb);
	return true;
}

/**
 * ttp_ip_remember - remember what a packet that arrived says of the path
 * @sk: socket lock held
 * @skb: the packet, with its route, which is remembered for early.c
 */
void ttp_ip_remember(struct sock *sk, const struct sk_buff *skb)
{
	struct dst_entry *dst = rcu_dereference_protected(sk->sk_rx_dst,
							  lockdep_sock_is_held(sk));

	if (ttp_ip_is_v6(skb))
		ttp_ipv6_remember(sk, skb);
	if (dst) {
		if (sk->sk_rx_dst_ifindex == skb->skb_iif &&
		    dst_check(dst, sk->sk_rx_dst_cookie))
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

/* ---- the route of a socket ---- */

/* The MSS option's value: bytes of data without options that a route lets us receive in
 * one segment, MMS_R - 20 (RFC 9293 3.7.1, MUST-67).  No path has less than 68 bytes, or by IPv6
 * less than 1280 (RFC 8200 5).
 */
static u32 mss(const struct dst_entry *dst)
{
	bool v6 = is_v6(dst->ops->family);
	u32 mtu = max_t(u32, dst_mtu(dst), v6 ? IPV6_MIN_MTU : IPV4_MIN_MTU);
	u32 header = v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);

	return clamp_t(u32, mtu - header - TTP_HDR_LEN, 48, 65495);
}

/* The same as far as the route says how much (ip-route(8), advmss): what we advertise. */
u32 ttp_ip_advmss(const struct dst_entry *dst)
{
	return clamp_t(u32, dst_metric_advmss(dst), 48, mss(dst));
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
		/* MUST-15v6 */
		.mss_default = is_v6(dst->ops->family) ? IPV6_MIN_MTU - 60 : 0,
		.init_cwnd = min_t(u32, dst_metric(dst, RTAX_INITCWND), U16_MAX),
		.init_rwnd = min_t(u32, dst_metric(dst, RTAX_INITRWND), U16_MAX),
		.ecn = dst_feature(dst, RTAX_FEATURE_ECN),
		.quickack = dst_metric(dst, RTAX_QUICKACK),
	};
}

/* Does it lead to one host?  MUST-63: no SYN is answered whose source is the broadcast address of a
 * network.
 */
bool ttp_ip_to_one(const struct dst_entry *dst)
{
	return is_v6(dst->ops->family) || !(container_of(dst, struct rtable, dst)->rt_flags &
					    (RTCF_BROADCAST | RTCF_MULTICAST));
}

/**
 * ttp_ip_dst - the route of a connection, looked up again if it is obsolete
 * @sk: connected; socket lock held
 *
 * Return: a route that the socket holds, or %NULL when there is none now.
 */
struct dst_entry *ttp_ip_dst(struct sock *sk)
{
	return sk_is_v6(sk) ? ttp_ipv6_dst(sk) : ttp_ipv4_dst(sk);
}

/* May IP know another route by now?  @dst: that of a connection, whose lock is held.  By IPv6 a new
 * path MTU is in another route.
 */
bool ttp_ip_obsolete(const struct sock *sk, struct dst_entry *dst)
{
	return sk_is_v6(sk) ? !dst_check(dst, inet6_sk(sk)->dst_cookie) : dst->obsolete > 0;
}

/* IP_MTU_DISCOVER: do segments become smaller when a router says so?  Of IPv6, icmp.c has asked. */
bool ttp_ip_obeys_mtu(const struct sock *sk)
{
	return sk_is_v6(sk) ||
	       (inet_sk(sk)->pmtudisc != IP_PMTUDISC_DONT && ip_sk_accept_pmtu(sk));
}

/* Bytes that the user's IP options take of each packet; the socket lock is held. */
u32 ttp_ip_options_len(struct sock *sk)
{
	return sk_is_v6(sk) ? ttp_ipv6_options_len(sk) : ttp_ipv4_options_len(sk);
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

/* ---- addresses and route of a socket that opens a connection ---- */

/**
 * ttp_ip_connect_pre - let BPF programs of the cgroup see connect()'s address
 * @sk: in CLOSED
 * @uaddr: of the socket's family; a program may write another address there
 * @len: its length
 *
 * struct proto's pre_connect: called only when such a program is attached somewhere.
 *
 * Return: 0, -EINVAL, -EPERM, or what the program says.
 */
int ttp_ip_connect_pre(struct sock *sk, struct sockaddr_unsized *uaddr, int len)
{
	if (is_v6(sk->sk_family))
		return len < SIN6_LEN_RFC2133 ? -EINVAL : ttp_bpf_connect6(sk, uaddr, len);
	return len < sizeof(struct sockaddr_in) ? -EINVAL : ttp_bpf_connect4(sk, uaddr, len);
}

/**
 * ttp_ip_connect - addresses and route of an active OPEN
 * @sk: in CLOSED; its addresses and those of its key are filled in
 * @uaddr: where to connect to, of the socket's family
 * @len: its length
 *
 * Return: a route, for ttp_ip_connect_ports(), or an ERR_PTR(): -EINVAL, -EAFNOSUPPORT,
 * -ENETUNREACH, ...
 */
struct dst_entry *ttp_ip_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int len)
{
	return is_v6(sk->sk_family) ? ttp_ipv6_connect(sk, uaddr, len) :
				      ttp_ipv4_connect(sk, uaddr, len);
}

/**
 * ttp_ip_connect_ports - the route of an active OPEN, once its port is known
 * @sk: of ttp_ip_connect()
 * @dst: what that returned; its reference is consumed
 * @sport: the local port with which @dst was looked up
 *
 * Return: 0, and the socket has the route; or a negative errno.
 */
int ttp_ip_connect_ports(struct sock *sk, struct dst_entry *dst, __be16 sport)
{
	return sk_is_v6(sk) ? ttp_ipv6_connect_ports(sk, dst) :
			      ttp_ipv4_connect_ports(sk, dst, sport);
}

/* A copy of a listener, before anyone sees it */
void ttp_ip_child_init(struct sock *sk)
{
	atomic_set(&inet_sk(sk)->inet_id, get_random_u16());
	inet_sk(sk)->mc_list = NULL;
	RCU_INIT_POINTER(inet_sk(sk)->inet_opt, NULL);
	memset(&inet_sk(sk)->cork.fl, 0, sizeof(inet_sk(sk)->cork.fl));
	if (is_v6(sk->sk_family))
		ttp_ipv6_child_init(sk);
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
	const struct ttp_key *key = &req->ep.key;
	struct inet_sock *inet = inet_sk(sk);
	int err;

	inet->inet_num = ntohs(key->lport);
	inet->inet_sport = key->lport;
	inet->inet_dport = key->rport;
	sk->sk_bound_dev_if = req->path.oif;
	sk->sk_mark = req->path.mark;
	ttp_sk(sk)->ep.key = *key;
	if (is_v6(key->family))
		return ttp_ipv6_child(sk, req, skb);
	err = ttp_ipv4_child(sk, req, skb);
	if (is_v6(sk->sk_family))
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
	if (is_v6(family)) {
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

/**
 * ttp_ip_route - the route to a peer, for an end point without a socket
 * @net: network namespace
 * @key: the connection's 4-tuple
 * @path: of the packets; routing rules for a user's packets see the listener's
 *
 * Return: a route, or an ERR_PTR().
 */
struct dst_entry *ttp_ip_route(struct net *net, const struct ttp_key *key,
			       const struct ttp_path *path)
{
	return is_v6(key->family) ? ttp_ipv6_route(net, key, path) :
				    ttp_ipv4_route(net, key, path, NULL);
}

/* The sum of the pseudo-header and @rest, for a segment of @len bytes: folded.  The protocol in it
 * is 6, though that in the IP header is 253 (MUST-2).
 */
static __sum16 sum(const struct ttp_key *key, u32 len, __wsum rest)
{
	if (is_v6(key->family))
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
	*check = ~sum(key, skb->len, ports);
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
		*check = sum(key, skb->len, skb_checksum(skb, 0, skb->len, 0));
	}
}

/**
 * ttp_ip_out - put an IP header before a segment that belongs to no socket, and send it
 * @net: network namespace
 * @sk: for netfilter: the listener, or the control socket
 * @skb: skb->data is at our header; the route is set; it is consumed
 * @key: the 4-tuple
 * @path: what is in the header
 *
 * Return: 0, or a negative errno or NET_XMIT_ code.
 */
int ttp_ip_out(struct net *net, struct sock *sk, struct sk_buff *skb,
	       const struct ttp_key *key, const struct ttp_path *path)
{
	return is_v6(key->family) ? ttp_ipv6_out(net, sk, skb, key, path) :
				    ttp_ipv4_out(net, sk, skb, key, path);
}

/**
 * ttp_ip_xmit - hand a socket's segment to IP
 * @sk: socket lock held
 * @skb: skb->data is at our header; it is consumed
 * @ecn: ECN bits of the DS field
 *
 * Return: as ttp_ip_out().
 */
int ttp_ip_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn)
{
	return sk_is_v6(sk) ? ttp_ipv6_xmit(sk, skb, ecn) : ttp_ipv4_xmit(sk, skb, ecn);
}
