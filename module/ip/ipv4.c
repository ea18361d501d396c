// SPDX-License-Identifier: GPL-2.0
/*
 * ipv4.c - all that TTP knows of IPv4: its header, its routes, the path MTU that IP knows,
 * and the addresses of a socket.
 *
 * Called by whatever sends, receives or opens a connection. Context: any, unless a
 * function says otherwise.
 *
 * Next: xmit.c, which sends.
 */
#include <linux/filter.h>
#include <linux/security.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/inet_ecn.h>
#include <net/inet_hashtables.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "ttp.h"

#define CHECK_OFFSET	16	/* of the checksum in the header */
#define PORTS_LEN	4	/* both ports, which the header begins with */

/* ---- a packet that arrives ---- */

/* Make a 4-tuple: @key is filled in as a whole. */
void ttp_ipv4_set_key(struct ttp_key *key, __be32 local, __be16 lport,
		      __be32 remote, __be16 rport)
{
	memset(key, 0, sizeof(*key));
	key->family = AF_INET;
	key->local.v4 = local;
	key->lport = lport;
	key->remote.v4 = remote;
	key->rport = rport;
}

/* The 4-tuple of a packet that arrives, as seen from here; both headers are in place. */
void ttp_ipv4_key(const struct sk_buff *skb, struct ttp_key *key)
{
	const __be16 *port = (const __be16 *)skb_transport_header(skb);

	ttp_ipv4_set_key(key, ip_hdr(skb)->daddr, port[1], ip_hdr(skb)->saddr, port[0]);
}

/* What is in skb->cb of a packet to which a fault was done when it arrived */
struct fault_cb {
	struct inet_skb_parm ip;
	struct ttp_fault_act act;
};

#define FAULT_DONE	BIT(15)	/* in its flags, of which IP has cleared those that it has not */

/**
 * ttp_ipv4_set_fault - a fault is done to a packet that arrives: its event will say so
 * @skb: the packet, from IP
 * @act: what is done
 */
void ttp_ipv4_set_fault(struct sk_buff *skb, const struct ttp_fault_act *act)
{
	struct fault_cb *cb = (struct fault_cb *)skb->cb;

	BUILD_BUG_ON(sizeof(*cb) > sizeof(skb->cb));
	cb->act = *act;
	cb->ip.flags |= FAULT_DONE;
}

/**
 * ttp_ipv4_parse - read a packet's header
 * @net: network namespace
 * @skb: skb->data is at the header, all of which is linear
 * @seg: filled in
 *
 * Return: false, and counted, when an option is malformed.
 */
bool ttp_ipv4_parse(struct net *net, struct sk_buff *skb, struct ttp_seg *seg)
{
	int len = ttp_wire_hdrlen(skb->data, skb->len);

	if (ttp_wire_parse(skb->data, len, skb->len, seg)) {
		ttp_mib_inc(net, TTP_MIB_BAD_OPTIONS);
		return false;
	}
	seg->pkt = skb;
	seg->segs = skb_shinfo(skb)->gso_segs;
	seg->each = skb_shinfo(skb)->gso_size;
	seg->ce = INET_ECN_is_ce(ip_hdr(skb)->tos);
	if (unlikely(IPCB(skb)->flags & FAULT_DONE))
		seg->fault = ((struct fault_cb *)skb->cb)->act;
	return true;
}

/* A hash of the 4-tuple that nobody can guess */
u64 ttp_ipv4_hash(const struct ttp_key *key, const siphash_key_t *secret)
{
	u32 ports = (__force u32)key->lport << 16 | (__force u32)key->rport;

	return siphash_3u32((__force u32)key->local.v4, (__force u32)key->remote.v4, ports, secret);
}

/* A hash of both addresses, the peer's first: for cookies that Linux's TCP would make, too. */
u64 ttp_ipv4_hosts_hash(const struct ttp_key *key, const siphash_key_t *secret)
{
	__be32 addrs[2] = { key->remote.v4, key->local.v4 };

	return siphash(addrs, sizeof(addrs), secret);
}

/**
 * ttp_ipv4_ttl_ok - IP_MINTTL: has a packet passed few enough routers?
 * @sk: has the option
 * @iph: header of the packet
 *
 * Return: false, and counted, when it has passed too many. Source: RFC 5082.
 */
bool ttp_ipv4_ttl_ok(struct sock *sk, const struct iphdr *iph)
{
	if (iph->ttl >= READ_ONCE(inet_sk(sk)->min_ttl))
		return true;
	ttp_mib_inc(sock_net(sk), TTP_MIB_MIN_TTL_DROP);
	return false;
}

/**
 * ttp_ipv4_filter - do IP_MINTTL, IPsec policies and socket filters let a packet pass?
 * @sk: has them; for a handshake, the listener
 * @skb: if it passes, its reference of conntrack is dropped; else it is freed
 *
 * Return: false when it was dropped.
 */
bool ttp_ipv4_filter(struct sock *sk, struct sk_buff *skb)
{
	/* which a filter cannot cut off */
	u32 header = sk->sk_type == SOCK_DGRAM ? sizeof(struct udphdr) :
						 ttp_wire_hdrlen(skb->data, skb->len);
	struct net *net = sock_net(sk);

	if (!ttp_ipv4_ttl_ok(sk, ip_hdr(skb))) {
		ttp_trace_done(net, skb, TTP_MIB_MIN_TTL_DROP);
		return false;
	}
	if (!xfrm4_policy_check(sk, XFRM_POLICY_IN, skb)) {
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
 * ttp_ipv4_remember - remember the route of a packet that arrived, for early.c
 * @sk: socket lock held
 * @skb: the packet, with its route
 */
void ttp_ipv4_remember(struct sock *sk, const struct sk_buff *skb)
{
	struct dst_entry *dst = rcu_dereference_protected(sk->sk_rx_dst,
							  lockdep_sock_is_held(sk));

	if (dst) {
		if (sk->sk_rx_dst_ifindex == skb->skb_iif && dst_check(dst, 0))
			return;
		ttp_ipv4_forget(sk);
	}
	dst = skb_dst(skb);
	if (dst && dst_hold_safe(dst)) {
		rcu_assign_pointer(sk->sk_rx_dst, dst);
		WRITE_ONCE(sk->sk_rx_dst_ifindex, skb->skb_iif);
	}
}

/* Forget that route; the socket lock is held. */
void ttp_ipv4_forget(struct sock *sk)
{
	dst_release(unrcu_pointer(xchg(&sk->sk_rx_dst, NULL)));
}

/* ---- the route of a socket ---- */

/* The MSS option's value: bytes of data without options that a route lets us receive in
 * one segment, MMS_R - 20 (RFC 9293 3.7.1, MUST-67).
 */
u32 ttp_ipv4_mss(const struct dst_entry *dst)
{
	u32 mtu = max_t(u32, dst_mtu(dst), 68);

	return clamp_t(u32, mtu - sizeof(struct iphdr) - TTP_HDR_LEN, 48, 65495);
}

/* The same as far as the route says how much (ip-route(8), advmss): what we advertise. */
u32 ttp_ipv4_advmss(const struct dst_entry *dst)
{
	return clamp_t(u32, dst_metric_advmss(dst), 48, ttp_ipv4_mss(dst));
}

/* What a route says of its connections (ip-route(8)). */
struct ttp_metrics ttp_ipv4_metrics(const struct dst_entry *dst)
{
	return (struct ttp_metrics){
		/* as TCP: only where it is to override what was measured */
		.rto_min_us = dst_metric_locked(dst, RTAX_RTO_MIN) ?
			      min_t(u64, (u64)dst_metric(dst, RTAX_RTO_MIN) * USEC_PER_MSEC,
				    U32_MAX) : 0,
		.window = dst_metric(dst, RTAX_WINDOW),
		.mss = ttp_ipv4_mss(dst),
		.init_cwnd = min_t(u32, dst_metric(dst, RTAX_INITCWND), U16_MAX),
		.init_rwnd = min_t(u32, dst_metric(dst, RTAX_INITRWND), U16_MAX),
		.ecn = dst_feature(dst, RTAX_FEATURE_ECN),
		.quickack = dst_metric(dst, RTAX_QUICKACK),
	};
}

/**
 * ttp_ipv4_dst - the route of a connection, looked up again if it is obsolete
 * @sk: connected; socket lock held
 *
 * Return: a route that the socket holds, or %NULL when there is none now.
 */
struct dst_entry *ttp_ipv4_dst(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);
	struct dst_entry *dst = __sk_dst_check(sk, 0);
	const struct ip_options_rcu *opt;
	__be32 daddr = inet->inet_daddr;
	struct rtable *rt;

	if (dst)
		return dst;
	rcu_read_lock();
	opt = rcu_dereference(inet->inet_opt);
	if (opt && opt->opt.srr)
		daddr = opt->opt.faddr;
	rcu_read_unlock();
	rt = ip_route_output_ports(sock_net(sk), &inet->cork.fl.u.ip4, sk, daddr,
				   inet->inet_saddr, inet->inet_dport, inet->inet_sport,
				   sk->sk_protocol, RT_CONN_FLAGS(sk), sk->sk_bound_dev_if);
	if (IS_ERR(rt))
		return NULL;
	ttp_offload_route(sk, &rt->dst);
	return &rt->dst;
}

/* Bytes that the user's IP options take of each packet; the socket lock is held. */
u32 ttp_ipv4_options_len(struct sock *sk)
{
	const struct ip_options_rcu *opt;
	u32 len;

	rcu_read_lock();
	opt = rcu_dereference(inet_sk(sk)->inet_opt);
	len = opt ? opt->opt.optlen : 0;
	rcu_read_unlock();
	return len;
}

/* Path MTU discovery: the segment size follows what IP knows of the path (RFC 1191).  The
 * socket lock is held.
 */
void ttp_ipv4_sync_mss(struct sock *sk)
{
	struct dst_entry *dst = ttp_ipv4_dst(sk);

	if (!dst)
		return;
	ttp_sk(sk)->pmtu = dst_mtu(dst);
	ttp_send_mss(&ttp_sk(sk)->tcb, ttp_ipv4_mss(dst) - ttp_ipv4_options_len(sk));
}

/* Route to @daddr; flow and source address are left in @fl4.  IP chooses the source
 * address (MUST-44) unless bind() has (MUST-43).  There is no route to a broadcast or
 * multicast address (MUST-46).
 */
static struct rtable *route(struct sock *sk, __be32 daddr, __be16 dport, struct flowi4 *fl4)
{
	struct inet_sock *inet = inet_sk(sk);
	struct rtable *rt;

	rt = ip_route_connect(fl4, daddr, inet->inet_saddr, sk->sk_bound_dev_if,
			      IPPROTO_TTP, inet->inet_sport, dport, sk);
	if (IS_ERR(rt)) {
		if (PTR_ERR(rt) == -ENETUNREACH)
			IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
		return rt;
	}
	if (rt->rt_flags & (RTCF_MULTICAST | RTCF_BROADCAST)) {
		ip_rt_put(rt);
		return ERR_PTR(-ENETUNREACH);
	}
	return rt;
}

/**
 * ttp_ipv4_connect - addresses and route of an active OPEN
 * @sk: in CLOSED; its addresses and those of its key are filled in
 * @addr: where to connect to
 *
 * Return: a route, for ttp_ipv4_connect_ports(), or an ERR_PTR(): -EINVAL,
 * -ENETUNREACH, ...
 */
struct rtable *ttp_ipv4_connect(struct sock *sk, const struct sockaddr_in *addr)
{
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 *fl4 = &inet->cork.fl.u.ip4;
	const struct ip_options_rcu *opt;
	struct rtable *rt;
	bool srr;

	opt = rcu_dereference_protected(inet->inet_opt, lockdep_sock_is_held(sk));
	srr = opt && opt->opt.srr;
	if (srr && !addr->sin_addr.s_addr)
		return ERR_PTR(-EINVAL);
	/* MUST-51: a source route of the user's begins with its first hop */
	rt = route(sk, srr ? opt->opt.faddr : addr->sin_addr.s_addr, addr->sin_port, fl4);
	if (IS_ERR(rt))
		return rt;
	if (!inet->inet_saddr)
		inet->inet_saddr = fl4->saddr;
	inet->inet_rcv_saddr = inet->inet_saddr;
	inet->inet_dport = addr->sin_port;
	sk_daddr_set(sk, srr ? addr->sin_addr.s_addr : fl4->daddr);
	ttp_ipv4_set_key(&ttp_sk(sk)->ep.key, inet->inet_saddr, inet->inet_sport,
			 inet->inet_daddr, inet->inet_dport);
	return rt;
}

/**
 * ttp_ipv4_connect_ports - the route of an active OPEN, once its port is known
 * @sk: of ttp_ipv4_connect()
 * @rt: what that returned; its reference is consumed
 * @sport: the local port with which @rt was looked up
 *
 * Return: 0, and the socket has the route; or a negative errno.
 */
int ttp_ipv4_connect_ports(struct sock *sk, struct rtable *rt, __be16 sport)
{
	struct inet_sock *inet = inet_sk(sk);

	rt = ip_route_newports(&inet->cork.fl.u.ip4, rt, sport, inet->inet_dport,
			       inet->inet_sport, inet->inet_dport, sk);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	sk_set_txhash(sk);
	ttp_offload_route(sk, &rt->dst);
	atomic_set(&inet->inet_id, get_random_u16());
	return 0;
}

/**
 * ttp_ipv4_child - 4-tuple, addresses and route of a child
 * @sk: new
 * @req: the request that it comes from
 * @skb: the packet that makes it one, of which IP_PKTOPTIONS tells
 *
 * The address that the peer's SYN was sent to is our address from now on (MUST-45).
 *
 * Return: 0, or a negative errno when there is no route.
 */
int ttp_ipv4_child(struct sock *sk, struct ttp_req *req, const struct sk_buff *skb)
{
	const struct ttp_key *key = &req->ep.key;
	struct inet_sock *inet = inet_sk(sk);
	struct rtable *rt;

	inet->inet_rcv_saddr = key->local.v4;
	inet->inet_saddr = key->local.v4;
	inet->inet_daddr = key->remote.v4;
	inet->inet_num = ntohs(key->lport);
	inet->inet_sport = key->lport;
	inet->inet_dport = key->rport;
	inet->mc_index = inet_iif(skb);
	inet->mc_ttl = ip_hdr(skb)->ttl;
	inet->rcv_tos = ip_hdr(skb)->tos;
	sk->sk_bound_dev_if = req->path.oif;
	sk->sk_mark = req->path.mark;
	ttp_sk(sk)->ep.key = *key;
	rt = ttp_ipv4_route(sock_net(sk), key, &req->path, &inet->cork.fl);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	sk_set_txhash(sk);
	ttp_offload_route(sk, &rt->dst);
	return 0;
}

/* ---- segments that belong to no socket ---- */

/* How the segments of a socket are sent; the socket is locked or not.
 * &ttp_path.sk is not set: that needs a reference.
 */
struct ttp_path ttp_ipv4_path(struct sock *sk)
{
	struct flowi_common flow = {};

	security_sk_classify_flow(sk, &flow);
	return (struct ttp_path){
		.oif = READ_ONCE(sk->sk_bound_dev_if),
		.mark = READ_ONCE(sk->sk_mark),
		.priority = READ_ONCE(sk->sk_priority),
		.secid = flow.flowic_secid,
		.ttl = READ_ONCE(inet_sk(sk)->uc_ttl),
		.tos = READ_ONCE(inet_sk(sk)->tos),
		.flow_flags = inet_sk_flowi_flags(sk),
	};
}

/**
 * ttp_ipv4_answer_path - how the answer to a packet is sent that belongs to no connection
 * @net: network namespace
 * @lsk: the listener that the packet was for, or %NULL
 * @skb: the packet
 *
 * Return: as ttp_ipv4_path(), and &ttp_path.sk is @lsk.
 */
struct ttp_path ttp_ipv4_answer_path(struct net *net, struct sock *lsk, struct sk_buff *skb)
{
	struct ttp_path path = { .ttl = -1 };
	struct flowi_common flow = {};

	if (lsk)
		path = ttp_ipv4_path(lsk);
	path.sk = lsk;
	if (!path.oif && netif_index_is_l3_master(net, skb->skb_iif))
		path.oif = skb->skb_iif;
	path.mark = IP4_REPLY_MARK(net, skb->mark) ?: path.mark;
	path.tos = ip_hdr(skb)->tos & ~INET_ECN_MASK;
	security_skb_classify_flow(skb, &flow);
	path.secid = flow.flowic_secid;
	return path;
}

/**
 * ttp_ipv4_route - the route to a peer, for an end point without a socket
 * @net: network namespace
 * @key: the connection's 4-tuple
 * @path: of the packets; routing rules for a user's packets see the listener's
 * @flow: filled in; or %NULL
 *
 * Return: a route, or an ERR_PTR().
 */
struct rtable *ttp_ipv4_route(struct net *net, const struct ttp_key *key,
			      const struct ttp_path *path, struct flowi *flow)
{
	struct flowi local, *fl = flow ?: &local;

	flowi4_init_output(&fl->u.ip4, path->oif, path->mark, RT_TOS(path->tos),
			   RT_SCOPE_UNIVERSE, IPPROTO_TTP, path->flow_flags, key->remote.v4,
			   key->local.v4, key->rport, key->lport, sock_net_uid(net, path->sk));
	fl->u.ip4.flowi4_secid = path->secid;
	return ip_route_output_flow(net, &fl->u.ip4, path->sk);
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
	*check = ~csum_tcpudp_magic(key->local.v4, key->remote.v4, skb->len, IPPROTO_TCP, ports);
}

/**
 * ttp_ipv4_checksum - put the checksum into a segment
 * @skb: skb->data is at our header
 * @key: the 4-tuple
 * @whole: it is to be complete; else it may be completed by the device
 *
 * The protocol in the pseudo-header is 6, though that in the IP header is 253 (MUST-2).
 *
 * Some devices can sum TCP and UDP only.  The kernel knows them, but tells these two by where
 * their checksum is in what is to be summed; so they would get our packet, and not recognise
 * it.  Therefore the ports are summed here: what remains has its checksum elsewhere, and the
 * kernel sums it if the device cannot sum whatever it gets.  GSO needs TCP's place; its
 * packets never reach a device whole (offload.c).
 */
void ttp_ipv4_checksum(struct sk_buff *skb, const struct ttp_key *key, bool whole)
{
	__sum16 *check = (__sum16 *)(skb->data + CHECK_OFFSET);

	if (skb_is_gso(skb)) {
		sum_later(skb, 0, 0, key);
	} else if (!whole) {
		sum_later(skb, PORTS_LEN, *(__wsum *)skb->data, key);
	} else {
		skb->ip_summed = CHECKSUM_NONE;
		*check = csum_tcpudp_magic(key->local.v4, key->remote.v4, skb->len, IPPROTO_TCP,
					   skb_checksum(skb, 0, skb->len, 0));
	}
}

/**
 * ttp_ipv4_put_header - put an IP header before a segment
 * @net: network namespace
 * @skb: skb->data is at our header; the route is set
 * @key: the 4-tuple
 * @path: TTL and DS field
 *
 * Used in place of ip_queue_xmit(), which would set the mark of the control socket.
 */
void ttp_ipv4_put_header(struct net *net, struct sk_buff *skb,
			 const struct ttp_key *key, const struct ttp_path *path)
{
	struct iphdr *iph = skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	*iph = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tos = path->tos,
		.frag_off = htons(IP_DF),
		.ttl = path->ttl < 0 ? ip4_dst_hoplimit(skb_dst(skb)) : path->ttl,
		.protocol = IPPROTO_TTP,
		.saddr = key->local.v4,
		.daddr = key->remote.v4,
	};
	ip_select_ident(net, skb, NULL);
}
