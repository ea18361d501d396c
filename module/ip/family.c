// SPDX-License-Identifier: GPL-2.0
/*
 * family.c - IPv4 or IPv6?  Who sends, receives or opens a connection asks here, and does not
 * look at addresses.
 *
 * A packet, a 4-tuple, and a route each say which it is.  A connection goes by its 4-tuple, not
 * by the family of its socket: with an IPv4-mapped address an AF_INET6 socket uses IPv4.
 *
 * Called by whatever sends, receives or opens a connection. Context: any, unless a
 * function says otherwise.
 *
 * Next: common.c for what both do alike; ipv4.c, then ipv6.c.
 */
#include <linux/bpf-cgroup.h>
#include <net/inet_hashtables.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/transp_v6.h>
#include <net/xfrm.h>

#include "ttp.h"

static bool sk_is_v6(const struct sock *sk)
{
	return ttp_is_v6(ttp_sk(sk)->ep.key.family);
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
	struct in6_addr v6[2] = { key->remote.v6, key->local.v6 };
	__be32 v4[2] = { key->remote.v4, key->local.v4 };

	return ttp_is_v6(key->family) ? siphash(v6, sizeof(v6), secret) :
					siphash(v4, sizeof(v4), secret);
}

/* Is it a connection within this host? */
bool ttp_ip_loopback(const struct ttp_key *key)
{
	return ttp_is_v6(key->family) ? ipv6_addr_loopback(&key->local.v6) :
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

/* ---- the route of a socket ---- */

/* Does it lead to one host?  MUST-63: no SYN is answered whose source is the broadcast address of a
 * network.
 */
bool ttp_ip_to_one(const struct dst_entry *dst)
{
	return ttp_is_v6(dst->ops->family) || !(container_of(dst, struct rtable, dst)->rt_flags &
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
	return sk_is_v6(sk) || (inet_sk(sk)->pmtudisc != IP_PMTUDISC_DONT && ip_sk_accept_pmtu(sk));
}

/* Bytes that the user's IP options take of each packet; the socket lock is held. */
u32 ttp_ip_options_len(struct sock *sk)
{
	return sk_is_v6(sk) ? ttp_ipv6_options_len(sk) : ttp_ipv4_options_len(sk);
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
	if (ttp_is_v6(sk->sk_family))
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
	return ttp_is_v6(sk->sk_family) ? ttp_ipv6_connect(sk, uaddr, len) :
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

/* ---- what is sent ---- */

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
	return ttp_is_v6(key->family) ? ttp_ipv6_route(net, key, path) :
					ttp_ipv4_route(net, key, path, NULL);
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
	return ttp_is_v6(key->family) ? ttp_ipv6_out(net, sk, skb, key, path) :
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
