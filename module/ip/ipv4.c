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
#include <net/inet_ecn.h>
#include <net/inet_hashtables.h>
#include <net/route.h>

#include "ttp.h"

/* ---- a packet that arrives ---- */

/* Make a 4-tuple: @key is filled in as a whole. */
void ttp_ipv4_set_key(struct ttp_key *key, __be32 local, __be16 lport, __be32 remote, __be16 rport)
{
	memset(key, 0, sizeof(*key));
	key->family = AF_INET;
	key->local.v4 = local;
	key->lport = lport;
	key->remote.v4 = remote;
	key->rport = rport;
}

/* A hash of the 4-tuple that nobody can guess */
u64 ttp_ipv4_hash(const struct ttp_key *key, const siphash_key_t *secret)
{
	u32 ports = (__force u32)key->lport << 16 | (__force u32)key->rport;

	return siphash_3u32((__force u32)key->local.v4, (__force u32)key->remote.v4, ports, secret);
}

/* ---- the route of a socket ---- */

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
	if (IS_ERR(rt)) {
		WRITE_ONCE(sk->sk_err_soft, -PTR_ERR(rt));	/* if it times out, that is why */
		return NULL;
	}
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
 * @uaddr: a struct sockaddr_in: where to connect to
 * @len: its length
 *
 * Return: a route, for ttp_ipv4_connect_ports(), or an ERR_PTR(): -EINVAL, -EAFNOSUPPORT,
 * -ENETUNREACH, ...
 */
struct dst_entry *ttp_ipv4_connect(struct sock *sk, const struct sockaddr_unsized *uaddr, int len)
{
	const struct sockaddr_in *addr = (const struct sockaddr_in *)uaddr;
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 *fl4 = &inet->cork.fl.u.ip4;
	const struct ip_options_rcu *opt;
	struct rtable *rt;
	bool srr;

	if (len < sizeof(*addr))
		return ERR_PTR(-EINVAL);
	if (addr->sin_family != AF_INET)
		return ERR_PTR(-EAFNOSUPPORT);
	opt = rcu_dereference_protected(inet->inet_opt, lockdep_sock_is_held(sk));
	srr = opt && opt->opt.srr;
	if (srr && !addr->sin_addr.s_addr)
		return ERR_PTR(-EINVAL);
	/* MUST-51: a source route of the user's begins with its first hop */
	rt = route(sk, srr ? opt->opt.faddr : addr->sin_addr.s_addr, addr->sin_port, fl4);
	if (IS_ERR(rt))
		return ERR_CAST(rt);
	if (!inet->inet_saddr)
		inet->inet_saddr = fl4->saddr;
	sk_rcv_saddr_set(sk, inet->inet_saddr);
	inet->inet_dport = addr->sin_port;
	sk_daddr_set(sk, srr ? addr->sin_addr.s_addr : fl4->daddr);
	ttp_ipv4_set_key(&ttp_sk(sk)->ep.key, inet->inet_saddr, inet->inet_sport,
			 inet->inet_daddr, inet->inet_dport);
	return &rt->dst;
}

/**
 * ttp_ipv4_connect_ports - the route of an active OPEN, once its port is known
 * @sk: of ttp_ipv4_connect()
 * @dst: what that returned; its reference is consumed
 * @sport: the local port with which @dst was looked up
 *
 * Return: 0, and the socket has the route; or a negative errno.
 */
int ttp_ipv4_connect_ports(struct sock *sk, struct dst_entry *dst, __be16 sport)
{
	struct rtable *rt = container_of(dst, struct rtable, dst);
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
	const struct ttp_key *key = &req->mini.ep.key;
	struct inet_sock *inet = inet_sk(sk);
	struct dst_entry *dst;

	sk_rcv_saddr_set(sk, key->local.v4);
	inet->inet_saddr = key->local.v4;
	sk_daddr_set(sk, key->remote.v4);
	inet->mc_index = inet_iif(skb);
	inet->mc_ttl = ip_hdr(skb)->ttl;
	inet->rcv_tos = ip_hdr(skb)->tos;
	dst = ttp_ipv4_route(sock_net(sk), key, &req->mini.path, &inet->cork.fl);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	sk_set_txhash(sk);
	ttp_offload_route(sk, dst);
	return 0;
}

/* ---- segments that belong to no socket ---- */

/* How the answer to a packet is sent that belongs to no connection: what is not in @path yet */
void ttp_ipv4_answer_path(struct net *net, const struct sk_buff *skb, struct ttp_path *path)
{
	if (!path->oif && netif_index_is_l3_master(net, skb->skb_iif))
		path->oif = skb->skb_iif;
	path->mark = IP4_REPLY_MARK(net, skb->mark) ?: path->mark;
	path->tos = ip_hdr(skb)->tos & ~INET_ECN_MASK;
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
struct dst_entry *ttp_ipv4_route(struct net *net, const struct ttp_key *key,
				 const struct ttp_path *path, struct flowi *flow)
{
	struct flowi local, *fl = flow ?: &local;
	struct rtable *rt;

	flowi4_init_output(&fl->u.ip4, path->oif, path->mark, RT_TOS(path->tos),
			   RT_SCOPE_UNIVERSE, IPPROTO_TTP, path->flow_flags, key->remote.v4,
			   key->local.v4, key->rport, key->lport, sock_net_uid(net, path->sk));
	fl->u.ip4.flowi4_secid = path->secid;
	rt = ip_route_output_flow(net, &fl->u.ip4, path->sk);
	return IS_ERR(rt) ? ERR_CAST(rt) : &rt->dst;
}

/**
 * ttp_ipv4_out - put an IP header before a segment or a datagram, and send it
 * @net: network namespace
 * @sk: for netfilter: whose it is, or the control socket
 * @skb: skb->data is at our header; the route is set; it is consumed
 * @key: the 4-tuple
 * @path: TTL and DS field
 *
 * Used in place of ip_queue_xmit(), which would set the mark of the control socket.
 *
 * Return: 0, or what ip_local_out() returns.
 */
int ttp_ipv4_out(struct net *net, struct sock *sk, struct sk_buff *skb,
		 const struct ttp_key *key, const struct ttp_path *path)
{
	struct iphdr *iph = skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	*iph = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tos = path->tos,
		.frag_off = path->may_cut ? 0 : htons(IP_DF),
		.ttl = path->ttl < 0 ? ip4_dst_hoplimit(skb_dst(skb)) : path->ttl,
		.protocol = path->protocol ?: IPPROTO_TTP,
		.saddr = key->local.v4,
		.daddr = key->remote.v4,
	};
	ip_select_ident(net, skb, NULL);
	return ip_local_out(net, sk, skb);
}

/* Hand a socket's segment to IP; the socket lock is held.  @ecn: bits of the DS field */
int ttp_ipv4_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn)
{
	return __ip_queue_xmit(sk, skb, &inet_sk(sk)->cork.fl, inet_sk(sk)->tos | ecn);
}
