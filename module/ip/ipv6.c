// SPDX-License-Identifier: GPL-2.0
/*
 * ipv6.c - all that TTP knows of IPv6: its header, its routes, and the addresses of a socket.
 * The functions are those of ipv4.c.
 *
 * A socket of AF_INET6 may use IPv4, too: its addresses are then IPv4-mapped, ::ffff:192.0.2.1
 * (RFC 4291 2.5.5.2), and ipv4.c does the work.
 *
 * Called by family.c and common.c, and by what has only IPv6 (input/icmp6.c, socket/af_ttp6.c,
 * datagram/). Context: as there.
 *
 * Next: xmit.c, which sends.
 */
#include <linux/security.h>
#include <net/inet_ecn.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/transp_v6.h>

#include "ttp.h"

/* ---- a packet that arrives ---- */

/* Make a 4-tuple: @key is filled in as a whole. */
void ttp_ipv6_set_key(struct ttp_key *key, const struct in6_addr *local, __be16 lport,
		      const struct in6_addr *remote, __be16 rport)
{
	*key = (struct ttp_key){
		.local.v6 = *local, .remote.v6 = *remote,
		.lport = lport, .rport = rport, .family = AF_INET6,
	};
}

/* By it dst_check() knows whether a route is still the right one. */
u32 ttp_ipv6_cookie(const struct dst_entry *dst)
{
	return rt6_get_cookie(container_of(dst, struct rt6_info, dst));
}

/* The device that it came by; ttp_ip_iif() says the VRF of that device, if it has one. */
static int device_of(const struct sk_buff *skb)
{
	return IP6CB(skb)->iif;
}

/* Does the packet have a header that the user has asked for (IPV6_RECVHOPOPTS and others)? */
static bool has_wanted(const struct sock *sk, const struct sk_buff *skb)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);
	const struct inet6_skb_parm *opt = IP6CB(skb);

	return (opt->flags & IP6SKB_HOPBYHOP &&
		(np->rxopt.bits.hopopts || np->rxopt.bits.ohopopts)) ||
	       (np->rxopt.bits.rxflow && ip6_flowinfo(ipv6_hdr(skb))) ||
	       (opt->srcrt && (np->rxopt.bits.srcrt || np->rxopt.bits.osrcrt)) ||
	       ((opt->dst0 || opt->dst1) && (np->rxopt.bits.dstopts || np->rxopt.bits.odstopts));
}

/* IPV6_PKTOPTIONS tells of the last packet that came in order: its device, hop limit, traffic class
 * and extension headers, as far as the user has asked for them.  The socket lock is held.
 */
void ttp_ipv6_remember(struct sock *sk, const struct sk_buff *skb)
{
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct sk_buff *options = NULL;

	if (ttp_inet6_flag(sk, REPFLOW, repflow))
		np->flow_label = ip6_flowlabel(ipv6_hdr(skb));
	if (likely(!np->rxopt.all))
		return;
	np->mcast_oif = device_of(skb);
	np->mcast_hops = ipv6_hdr(skb)->hop_limit;
	np->rcv_flowinfo = ip6_flowinfo(ipv6_hdr(skb));
	if (has_wanted(sk, skb))
		options = skb_clone_and_charge_r((struct sk_buff *)skb, sk);
	kfree_skb(xchg(&np->pktoptions, options));
}

/* ---- the route of a socket ---- */

/* What routing and netfilter are to know of a socket's packets */
static void flow_of(struct sock *sk, struct flowi6 *fl6)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);

	*fl6 = (struct flowi6){
		.flowi6_oif = sk->sk_bound_dev_if,
		.flowi6_mark = sk->sk_mark,
		.flowi6_proto = IPPROTO_TTP,
		.flowi6_uid = sk->sk_uid,
		.flowlabel = ip6_make_flowinfo(np->tclass, np->flow_label),
		.daddr = sk->sk_v6_daddr,
		.saddr = np->saddr,
		.fl6_sport = inet_sk(sk)->inet_sport,
		.fl6_dport = inet_sk(sk)->inet_dport,
	};
	security_sk_classify_flow(sk, flowi6_to_flowi_common(fl6));
}

/* Look the route up.  A routing header of @sk's (IPV6_RTHDR) leads to its first hop.  IP chooses
 * the source address unless it is there.
 */
static struct dst_entry *look_up(struct net *net, struct sock *sk, struct flowi6 *fl6)
{
	struct in6_addr *final_p = NULL, final;

	if (sk) {
		rcu_read_lock();
		final_p = fl6_update_dst(fl6, rcu_dereference(inet6_sk(sk)->opt), &final);
		rcu_read_unlock();
	}
	return ip6_dst_lookup_flow(net, sk, fl6, final_p);
}

/* The socket has the route; the reference is consumed. */
static void set_route(struct sock *sk, struct dst_entry *dst)
{
	inet6_sk(sk)->dst_cookie = ttp_ipv6_cookie(dst);
	ttp_offload_route(sk, dst);
}

struct dst_entry *ttp_ipv6_dst(struct sock *sk)
{
	struct dst_entry *dst = __sk_dst_check(sk, inet6_sk(sk)->dst_cookie);
	struct flowi6 fl6;

	if (dst)
		return dst;
	flow_of(sk, &fl6);
	dst = look_up(sock_net(sk), sk, &fl6);
	if (IS_ERR(dst)) {
		WRITE_ONCE(sk->sk_err_soft, -PTR_ERR(dst));
		return NULL;
	}
	set_route(sk, dst);
	return dst;
}

/* Bytes of the user's extension headers in each packet */
u32 ttp_ipv6_options_len(struct sock *sk)
{
	const struct ipv6_txoptions *opt;
	u32 len;

	rcu_read_lock();
	opt = rcu_dereference(inet6_sk(sk)->opt);
	len = opt ? opt->opt_flen + opt->opt_nflen : 0;
	rcu_read_unlock();
	return len;
}

/* ---- addresses and route of a socket that opens a connection ---- */

/* The connection uses IPv4: what IPv6's calls say of its addresses; the lock is held. */
void ttp_ipv6_map(struct sock *sk)
{
	struct ipv6_pinfo *np = inet6_sk(sk);

	np->saddr = sk->sk_v6_rcv_saddr;
	np->flow_label = 0;
	np->rcv_flowinfo = 0;
	np->mcast_oif = inet_sk(sk)->mc_index;
	np->mcast_hops = inet_sk(sk)->mc_ttl;
}

static struct dst_entry *connect_mapped(struct sock *sk, const struct sockaddr_in6 *addr)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = addr->sin6_port,
		.sin_addr.s_addr = addr->sin6_addr.s6_addr32[3],
	};
	struct dst_entry *dst;

	if (ipv6_only_sock(sk))
		return ERR_PTR(-ENETUNREACH);
	dst = ttp_ipv4_connect(sk, (struct sockaddr_unsized *)&sin, sizeof(sin));
	if (!IS_ERR(dst))
		ttp_ipv6_map(sk);
	return dst;
}

/* The flow label that the user wants (IPV6_FLOWINFO_SEND), which must be one of its own.
 * Return: 0 or -EINVAL.
 */
static int set_flow_label(struct sock *sk, const struct sockaddr_in6 *addr)
{
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct ip6_flowlabel *lease;
	__be32 label = 0;

	if (ttp_inet6_flag(sk, SNDFLOW, sndflow))
		label = addr->sin6_flowinfo & IPV6_FLOWINFO_MASK & ~htonl(INET_ECN_MASK << 20);
	if (label & IPV6_FLOWLABEL_MASK) {
		lease = fl6_sock_lookup(sk, label);
		if (IS_ERR(lease))
			return -EINVAL;
		fl6_sock_release(lease);
	}
	np->flow_label = label;
	return 0;
}

/* A link-local address is one of a device: that of the address, or that which the socket is
 * bound to (RFC 4007 6).  Return: 0 or -EINVAL.
 */
static int set_scope(struct sock *sk, const struct sockaddr_in6 *addr, int len)
{
	if (!__ipv6_addr_needs_scope_id(ipv6_addr_type(&addr->sin6_addr)))
		return 0;
	if (len >= sizeof(*addr) && addr->sin6_scope_id) {
		if (!sk_dev_equal_l3scope(sk, addr->sin6_scope_id))
			return -EINVAL;
		sk->sk_bound_dev_if = addr->sin6_scope_id;
	}
	return sk->sk_bound_dev_if ? 0 : -EINVAL;
}

struct dst_entry *ttp_ipv6_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int len)
{
	struct sockaddr_in6 *addr = (struct sockaddr_in6 *)uaddr;
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct inet_sock *inet = inet_sk(sk);
	struct dst_entry *dst;
	struct flowi6 fl6;

	if (len < SIN6_LEN_RFC2133)
		return ERR_PTR(-EINVAL);
	if (addr->sin6_family != AF_INET6)
		return ERR_PTR(-EAFNOSUPPORT);
	if (set_flow_label(sk, addr))
		return ERR_PTR(-EINVAL);
	/* as in BSD, no address is the host itself */
	if (ipv6_addr_any(&addr->sin6_addr)) {
		addr->sin6_addr = in6addr_loopback;
		if (ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr))
			ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK), &addr->sin6_addr);
	}
	if (ipv6_addr_is_multicast(&addr->sin6_addr))
		return ERR_PTR(-ENETUNREACH);
	if (set_scope(sk, addr, len))
		return ERR_PTR(-EINVAL);
	if (ipv6_addr_v4mapped(&addr->sin6_addr))
		return connect_mapped(sk, addr);

	sk->sk_v6_daddr = addr->sin6_addr;
	inet->inet_dport = addr->sin6_port;
	flow_of(sk, &fl6);
	if (!ipv6_addr_any(&sk->sk_v6_rcv_saddr))
		fl6.saddr = sk->sk_v6_rcv_saddr;
	dst = look_up(sock_net(sk), sk, &fl6);
	if (IS_ERR(dst)) {
		inet->inet_dport = 0;
		return dst;
	}
	np->saddr = fl6.saddr;
	sk->sk_v6_rcv_saddr = fl6.saddr;
	inet->inet_rcv_saddr = LOOPBACK4_IPV6;
	ttp_ipv6_set_key(&ttp_sk(sk)->ep.key, &np->saddr, inet->inet_sport,
			 &sk->sk_v6_daddr, inet->inet_dport);
	return dst;
}

int ttp_ipv6_connect_ports(struct sock *sk, struct dst_entry *dst)
{
	sk_set_txhash(sk);
	set_route(sk, dst);
	return 0;
}

/* A copy of a listener, before anyone sees it: it has IPv6's part for itself, and none of the
 * memory that the listener's points to.
 */
void ttp_ipv6_child_init(struct sock *sk)
{
	struct ipv6_pinfo *np = &((struct ttp6_sock *)sk)->inet6;

	inet_sk(sk)->pinet6 = np;
	np->ipv6_mc_list = NULL;
	np->ipv6_ac_list = NULL;
	ttp_ipv6_fl_list(sk) = NULL;
	np->pktoptions = NULL;
	np->rxpmtu = NULL;
	RCU_INIT_POINTER(np->opt, NULL);
}

int ttp_ipv6_child(struct sock *sk, struct ttp_req *req, const struct sk_buff *skb)
{
	const struct ttp_key *key = &req->mini.ep.key;
	const struct ipv6hdr *hdr = ipv6_hdr(skb);
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct ipv6_txoptions *opt;
	struct dst_entry *dst;

	sk->sk_v6_daddr = key->remote.v6;
	sk->sk_v6_rcv_saddr = key->local.v6;
	np->saddr = key->local.v6;
	inet_sk(sk)->inet_daddr = LOOPBACK4_IPV6;
	inet_sk(sk)->inet_saddr = LOOPBACK4_IPV6;
	inet_sk(sk)->inet_rcv_saddr = LOOPBACK4_IPV6;
	np->mcast_oif = device_of(skb);
	np->mcast_hops = hdr->hop_limit;
	np->rcv_flowinfo = ip6_flowinfo(hdr);
	np->flow_label = req->mini.path.flowlabel;
	rcu_read_lock();
	opt = rcu_dereference(inet6_sk(req->mini.path.sk)->opt);
	if (opt)
		RCU_INIT_POINTER(np->opt, ipv6_dup_options(sk, opt));
	rcu_read_unlock();
	dst = ttp_ipv6_route(sock_net(sk), key, &req->mini.path);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	sk_set_txhash(sk);
	set_route(sk, dst);
	return 0;
}

/* ---- what is sent ---- */

/* A peer with a link-local address is behind the device by which @skb came (RFC 4007), and not
 * behind a VRF, to which a listener may be bound: that is on no link.
 */
static void by_link(const struct sk_buff *skb, struct ttp_path *path)
{
	if (ipv6_addr_type(&ipv6_hdr(skb)->saddr) & IPV6_ADDR_LINKLOCAL &&
	    (!path->oif || inet6_sdif(skb)))
		path->oif = device_of(skb);
}

/* Of a handshake that @skb begins */
void ttp_ipv6_request_path(struct sock *lsk, const struct sk_buff *skb, struct ttp_path *path)
{
	by_link(skb, path);
	/* setsockopt() may change this bit: either value is right */
	if (ttp_inet6_flag(lsk, REPFLOW, repflow))
		path->flowlabel = ip6_flowlabel(ipv6_hdr(skb));
}

void ttp_ipv6_answer_path(struct net *net, const struct sk_buff *skb, struct ttp_path *path)
{
	const struct ipv6hdr *hdr = ipv6_hdr(skb);

	by_link(skb, path);
	if (!path->oif && netif_index_is_l3_master(net, skb->skb_iif))
		path->oif = skb->skb_iif;
	path->mark = IP6_REPLY_MARK(net, skb->mark) ?: path->mark;
	path->tos = ipv6_get_dsfield(hdr) & ~INET_ECN_MASK;
	if (net->ipv6.sysctl.flowlabel_reflect & FLOWLABEL_REFLECT_TCP_RESET)
		path->flowlabel = ip6_flowlabel(hdr);
}

static void flow_of_path(struct net *net, const struct ttp_key *key, const struct ttp_path *path,
			 struct flowi6 *fl6)
{
	*fl6 = (struct flowi6){
		.flowi6_oif = path->oif,
		.flowi6_mark = path->mark,
		.flowi6_proto = IPPROTO_TTP,
		.flowi6_secid = path->secid,
		.flowi6_uid = sock_net_uid(net, path->sk),
		.flowlabel = ip6_make_flowinfo(path->tos, path->flowlabel),
		.daddr = key->remote.v6,
		.saddr = key->local.v6,
		.fl6_sport = key->lport,
		.fl6_dport = key->rport,
	};
}

struct dst_entry *ttp_ipv6_route(struct net *net, const struct ttp_key *key,
				 const struct ttp_path *path)
{
	struct flowi6 fl6;

	flow_of_path(net, key, path, &fl6);
	return look_up(net, path->sk, &fl6);
}

/* A listener's packet has what that socket has; ip6_xmit() needs one of IPv6. */
int ttp_ipv6_out(struct net *net, struct sock *sk, struct sk_buff *skb,
		 const struct ttp_key *key, const struct ttp_path *path)
{
	struct ipv6hdr *hdr;
	struct flowi6 fl6;
	int err;

	flow_of_path(net, key, path, &fl6);
	if (sk->sk_family == AF_INET6) {
		rcu_read_lock();
		err = ip6_xmit(sk, skb, &fl6, path->mark, rcu_dereference(inet6_sk(sk)->opt),
			       path->tos, path->priority);
		rcu_read_unlock();
		return err;
	}
	hdr = skb_push(skb, sizeof(*hdr));
	skb_reset_network_header(skb);
	ip6_flow_hdr(hdr, path->tos, ip6_make_flowlabel(net, skb, path->flowlabel,
							ip6_default_np_autolabel(net), &fl6));
	hdr->nexthdr = IPPROTO_TTP;
	hdr->hop_limit = path->ttl < 0 ? ip6_dst_hoplimit(skb_dst(skb)) : path->ttl;
	hdr->saddr = key->local.v6;
	hdr->daddr = key->remote.v6;
	return ip6_local_out(net, sk, skb);
}

int ttp_ipv6_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);
	struct dst_entry *dst = ttp_ipv6_dst(sk);
	struct flowi6 fl6;
	int err;

	if (!dst) {
		kfree_skb(skb);
		return -EHOSTUNREACH;
	}
	flow_of(sk, &fl6);
	skb_set_hash_from_sk(skb, sk);	/* of which the flow label is made */
	rcu_read_lock();
	skb_dst_set_noref(skb, dst);
	err = ip6_xmit(sk, skb, &fl6, sk->sk_mark, rcu_dereference(np->opt), np->tclass | ecn,
		       sk->sk_priority);
	rcu_read_unlock();
	return err;
}

/* ---- a new socket ---- */

/**
 * ttp_ipv6_ops - the operations of IPv6's sockets are IPv4's, but for these
 * @ops6: filled in
 * @ops: IPv4's
 */
void ttp_ipv6_ops(struct proto_ops *ops6, const struct proto_ops *ops)
{
	*ops6 = *ops;
	ops6->family = PF_INET6;
	ops6->release = inet6_release;
	ops6->bind = inet6_bind;
	ops6->getname = inet6_getname;
	ops6->ioctl = inet6_ioctl;
#ifdef CONFIG_COMPAT
	ops6->compat_ioctl = inet6_compat_ioctl;
#endif
}

/* What inet6_create() does beyond inet_create(). */
void ttp_ipv6_init_sock(struct sock *sk)
{
	struct ipv6_pinfo *np = (void *)sk + sk->sk_prot->obj_size - sizeof(*np);
	const struct net *net = sock_net(sk);

	inet_sk(sk)->pinet6 = np;
	sk->sk_destruct = inet6_sock_destruct;
	sk->sk_ipv6only = net->ipv6.sysctl.bindv6only;
	np->hop_limit = -1;
	np->mcast_hops = IPV6_DEFAULT_MCASTHOPS;
	ttp_inet6_assign(sk, MC6_LOOP, mc_loop, 1);
	ttp_inet6_assign(sk, MC6_ALL, mc_all, 1);
	np->pmtudisc = IPV6_PMTUDISC_WANT;
	ttp_inet6_assign(sk, REPFLOW, repflow,
			 net->ipv6.sysctl.flowlabel_reflect & FLOWLABEL_REFLECT_ESTABLISHED);
}
