// SPDX-License-Identifier: GPL-2.0
/*
 * datagram4.c - all that datagrams need of IPv4: where one goes, its header and its route; what
 * a socket hears of one that came.
 *
 * A datagram that is longer than the path's MTU goes in fragments, unless the user forbids it
 * (IP_MTU_DISCOVER).  Nothing is kept: IP may lose it.
 *
 * A socket of AF_INET6 may send by IPv4, too, to IPv4-mapped addresses, and gets what comes so.
 *
 * Called by datagram/ and by datagram6.c.  Context: process, no locks, for what is sent and read;
 * under RCU for what arrives.
 *
 * Next: datagram6.c.
 */
#include <linux/igmp.h>
#include <linux/inetdevice.h>
#include <net/ip.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "datagram/datagram.h"
#include "see/datagrams.h"

#define LINEAR	2048	/* bytes of data that need no fragments of the sk_buff */

/* ---- what is sent ---- */

/* Where it goes, and how */
struct way {
	struct ipcm_cookie ipc;	/* what the options and the control messages say */
	struct ttp_key key;	/* both ends, once there is a route */
	__be32 daddr;
	__be16 dport;
	bool connected;	/* to where connect() said, and no other way */
	struct flowi4 fl4;
	struct rtable *rt;
};

/* Return: 0, -EDESTADDRREQ, -EINVAL, -EAFNOSUPPORT. */
static int destination(struct sock *sk, const struct msghdr *msg, struct way *w)
{
	DECLARE_SOCKADDR(struct sockaddr_in *, to, msg->msg_name);

	if (!to) {
		if (READ_ONCE(sk->sk_state) != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		w->daddr = inet_sk(sk)->inet_daddr;
		w->dport = inet_sk(sk)->inet_dport;
		w->connected = true;
		return 0;
	}
	if (msg->msg_namelen < sizeof(*to))
		return -EINVAL;
	if (to->sin_family != AF_INET && to->sin_family != AF_UNSPEC)
		return -EAFNOSUPPORT;
	w->daddr = to->sin_addr.s_addr;
	w->dport = to->sin_port;
	return w->dport ? 0 : -EINVAL;
}

/* A control message of IP; RFC 1122 4.1.4: the user may choose source, TTL and TOS. */
static int control_ip(struct cmsghdr *cmsg, struct ipcm_cookie *ipc)
{
	const struct in_pktinfo *info = CMSG_DATA(cmsg);
	const int *val = CMSG_DATA(cmsg);

	if (cmsg->cmsg_type == IP_PKTINFO && cmsg->cmsg_len == CMSG_LEN(sizeof(*info))) {
		ipc->oif = info->ipi_ifindex ?: ipc->oif;
		ipc->addr = info->ipi_spec_dst.s_addr;
		return 0;
	}
	if (cmsg->cmsg_type == IP_TOS && cmsg->cmsg_len == CMSG_LEN(sizeof(u8))) {
		ipc->tos = *(const u8 *)val;
		return 0;
	}
	if (cmsg->cmsg_len != CMSG_LEN(sizeof(*val)) || *val < 0 || *val > 255)
		return -EINVAL;
	if (cmsg->cmsg_type == IP_TTL && *val)
		ipc->ttl = *val;
	else if (cmsg->cmsg_type == IP_TOS)
		ipc->tos = *val;
	else
		return -EINVAL;
	return 0;
}

/* The same of a socket of IPv6: the source is an IPv4-mapped address.  IPv4 ignores others. */
static int control_mapped(struct cmsghdr *cmsg, struct ipcm_cookie *ipc)
{
	const struct in6_pktinfo *info = CMSG_DATA(cmsg);

	if (cmsg->cmsg_type != IPV6_PKTINFO)
		return 0;
	if (cmsg->cmsg_len < CMSG_LEN(sizeof(*info)) || !ipv6_addr_v4mapped(&info->ipi6_addr))
		return -EINVAL;
	ipc->oif = info->ipi6_ifindex ?: ipc->oif;
	ipc->addr = info->ipi6_addr.s6_addr32[3];
	return 0;
}

static int control(struct sock *sk, struct msghdr *msg, struct way *w)
{
	struct cmsghdr *cmsg;
	/* it looks at all lengths, without which there is no next one */
	int err = sock_cmsg_send(sk, msg, &w->ipc.sockc);

	if (err)
		return err;
	for_each_cmsghdr(cmsg, msg) {
		if (!err && cmsg->cmsg_level == SOL_IP)
			err = control_ip(cmsg, &w->ipc);
		else if (!err && cmsg->cmsg_level == SOL_IPV6 && sk->sk_family == AF_INET6)
			err = control_mapped(cmsg, &w->ipc);
	}
	w->connected = false;
	return err;
}

/* The route of a connected socket, with a reference, or %NULL.  One of AF_INET6 may have that of an
 * IPv6 peer: a thread has connected it anew while another one was sending.
 */
static struct rtable *known_route(struct sock *sk)
{
	struct dst_entry *dst = sk_dst_check(sk, 0);

	if (!dst || dst->ops->family == AF_INET)
		return (struct rtable *)dst;
	dst_release(dst);
	return NULL;
}

/* Return: 0 or a negative errno; the route has a reference. */
static int route(struct sock *sk, const struct msghdr *msg, struct way *w)
{
	bool direct = sock_flag(sk, SOCK_LOCALROUTE) || msg->msg_flags & MSG_DONTROUTE;
	struct inet_sock *inet = inet_sk(sk);
	struct ipcm_cookie *ipc = &w->ipc;

	if (ipv4_is_multicast(w->daddr)) {
		/* IP_MULTICAST_IF chooses among the devices of a VRF that the socket is bound to */
		if (!ipc->oif || netif_index_is_l3_master(sock_net(sk), ipc->oif))
			ipc->oif = inet->mc_index ?: ipc->oif;
		ipc->addr = ipc->addr ?: inet->mc_addr;
	} else if (!ipc->oif) {
		ipc->oif = inet->uc_index;
	} else if (ipv4_is_lbcast(w->daddr) && inet->uc_index &&
		   ipc->oif == l3mdev_master_ifindex_by_index(sock_net(sk), inet->uc_index)) {
		ipc->oif = inet->uc_index;	/* in the VRF that the socket is bound to */
	}
	w->connected &= !direct && !ipv4_is_multicast(w->daddr);
	flowi4_init_output(&w->fl4, ipc->oif, ipc->sockc.mark, get_rttos(ipc, inet),
			   direct ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE, sk->sk_protocol,
			   inet_sk_flowi_flags(sk), w->daddr, ipc->addr, w->dport,
			   inet->inet_sport, sk->sk_uid);
	w->rt = w->connected ? known_route(sk) : NULL;
	if (w->rt)
		goto found;
	security_sk_classify_flow(sk, flowi4_to_flowi_common(&w->fl4));
	w->rt = ip_route_output_flow(sock_net(sk), &w->fl4, sk);
	if (IS_ERR(w->rt))
		return PTR_ERR(w->rt);
	if (w->rt->rt_flags & RTCF_BROADCAST && !sock_flag(sk, SOCK_BROADCAST)) {
		ip_rt_put(w->rt);
		return -EACCES;
	}
	if (w->connected)
		sk_dst_set(sk, dst_clone(&w->rt->dst));
found:
	ttp_ipv4_set_key(&w->key, w->fl4.saddr, inet->inet_sport, w->fl4.daddr, w->dport);
	return 0;
}

/* May it be cut into fragments where the path needs that? */
static bool may_cut(const struct sock *sk, const struct sk_buff *skb, const struct rtable *rt)
{
	u8 pmtudisc = READ_ONCE(inet_sk(sk)->pmtudisc);

	if (pmtudisc == IP_PMTUDISC_DO || pmtudisc == IP_PMTUDISC_PROBE)
		return false;
	return skb->len + sizeof(struct iphdr) > dst_mtu(&rt->dst) ||
	       !ip_dont_fragment(sk, &rt->dst);
}

/* RFC 768: the checksum covers a pseudo-header, with 17 as the protocol; a sum of 0 is sent as
 * 0xffff, for 0 says that there is none (SO_NO_CHECK).
 */
static void put_header(struct sock *sk, struct sk_buff *skb, const struct way *w)
{
	struct udphdr *uh = skb_push(skb, sizeof(*uh));

	skb_reset_transport_header(skb);
	*uh = (struct udphdr){
		.source = w->key.lport, .dest = w->key.rport, .len = htons(skb->len),
	};
	if (!sk->sk_no_check_tx)
		uh->check = csum_tcpudp_magic(w->fl4.saddr, w->fl4.daddr, skb->len, IPPROTO_UDP,
					      skb_checksum(skb, 0, skb->len, 0)) ?:
			    CSUM_MANGLED_0;
}

/* Return: a packet with the data, or an error. */
static struct sk_buff *build(struct sock *sk, struct msghdr *msg, size_t len, const struct way *w)
{
	u32 room = LL_RESERVED_SPACE(w->rt->dst.dev) + w->rt->dst.header_len +
		   sizeof(struct iphdr) + sizeof(struct udphdr);
	u32 linear = min_t(size_t, len, LINEAR);
	struct sk_buff *skb;
	int err;

	skb = sock_alloc_send_pskb(sk, room + linear + w->rt->dst.trailer_len, len - linear,
				   msg->msg_flags & MSG_DONTWAIT, &err, PAGE_ALLOC_COSTLY_ORDER);
	if (!skb)
		return ERR_PTR(err);
	skb_reserve(skb, room);
	skb_put(skb, linear);
	skb->data_len = len - linear;
	skb->len = len;
	if (skb_copy_datagram_from_iter(skb, 0, &msg->msg_iter, len)) {
		kfree_skb(skb);
		return ERR_PTR(-EFAULT);
	}
	skb->ignore_df = ip_sk_ignore_df(sk);
	skb_dst_set(skb, dst_clone(&w->rt->dst));
	put_header(sk, skb, w);
	skb->protocol = htons(ETH_P_IP);
	skb->priority = w->ipc.tos != -1 ? rt_tos2priority(w->ipc.tos) : READ_ONCE(sk->sk_priority);
	skb->mark = w->ipc.sockc.mark;
	skb->tstamp = w->ipc.sockc.transmit_time;
	ttp_setup_tx_timestamp(skb, &w->ipc.sockc);
	skb_set_dst_pending_confirm(skb, !!(msg->msg_flags & MSG_CONFIRM));
	return skb;
}

static int transmit(struct sock *sk, struct sk_buff *skb, size_t len, const struct way *w)
{
	const struct inet_sock *inet = inet_sk(sk);
	const struct ttp_path path = {
		.tos = w->ipc.tos != -1 ? w->ipc.tos : READ_ONCE(inet->tos),
		.ttl = w->ipc.ttl ?: w->rt->rt_type == RTN_MULTICAST ? inet->mc_ttl : inet->uc_ttl,
		.protocol = sk->sk_protocol, .may_cut = may_cut(sk, skb, w->rt),
	};
	int err;

	ttp_datagrams_sent(sk, &w->key, len);
	err = ttp_ipv4_out(sock_net(sk), sk, skb, &w->key, &path);
	if (err > 0)
		err = net_xmit_errno(err);
	/* a full queue is a loss like another, unless the user asks (IP_RECVERR) */
	return err == -ENOBUFS && !ttp_inet_flag(sk, RECVERR, recverr) ? 1 : err;
}

/**
 * ttp_datagram4_send - send a datagram by IPv4
 * @sk: it has a port
 * @msg: data, and where it goes unless the socket is connected
 * @len: bytes of data
 *
 * Return: 0; 1 when it was lost within this host, which the user is not told; or a negative errno.
 */
int ttp_datagram4_send(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct way w = { .connected = false };
	struct sk_buff *skb;
	u32 most;
	int err;

	if (len > 0xffff - sizeof(struct iphdr) - sizeof(struct udphdr))
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB || rcu_access_pointer(inet_sk(sk)->inet_opt))
		return -EOPNOTSUPP;
	err = destination(sk, msg, &w);
	if (err)
		return err;
	ipcm_init_sk(&w.ipc, inet_sk(sk));
	err = msg->msg_controllen ? control(sk, msg, &w) : 0;
	if (!err)
		err = route(sk, msg, &w);
	if (err)
		return err;
	most = ip_sk_use_pmtu(sk) ? dst_mtu(&w.rt->dst) : READ_ONCE(w.rt->dst.dev->mtu);
	most -= sizeof(struct iphdr) + sizeof(struct udphdr);
	if (len > most && !ip_sk_ignore_df(sk))
		err = -EMSGSIZE;
	skb = err ? NULL : build(sk, msg, len, &w);
	if (IS_ERR(skb))
		err = PTR_ERR(skb);
	else if (skb)
		err = transmit(sk, skb, len, &w);
	ip_rt_put(w.rt);
	return err;
}

/* ---- what arrives ---- */

/* How well both ends fit those of a socket of AF_INET, whose port does; -1: not at all */
int ttp_datagram4_score(const struct sock *sk, const struct ttp_key *key)
{
	__be32 addr = READ_ONCE(inet_sk(sk)->inet_rcv_saddr);
	__be32 peer = READ_ONCE(inet_sk(sk)->inet_daddr);

	if (key->family != AF_INET || (addr && addr != key->local.v4) ||
	    (peer && peer != key->remote.v4))
		return -1;
	return (addr ? 2 : 0) + (peer ? 1 : 0);
}

/* Was it sent to more than one host? */
bool ttp_datagram4_to_many(const struct sk_buff *skb)
{
	return skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST);
}

static bool has_source(const struct ip_mc_socklist *mc, __be32 source)
{
	const struct ip_sf_socklist *sources = rcu_dereference(mc->sflist);
	u32 i;

	for (i = 0; sources && i < sources->sl_count; i++)
		if (sources->sl_addr[i] == source)
			return true;
	return false;
}

/* Is @sk a member of the group, and does it want this source (IP_ADD_MEMBERSHIP,
 * IP_ADD_SOURCE_MEMBERSHIP, IP_BLOCK_SOURCE)?  Of other groups it gets what any socket of
 * this host has asked for, unless it has cleared IP_MULTICAST_ALL.
 */
bool ttp_datagram4_member(struct sock *sk, const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct ip_mc_socklist *mc;

	if (!ipv4_is_multicast(iph->daddr))
		return true;
	for (mc = rcu_dereference(inet_sk(sk)->mc_list); mc; mc = rcu_dereference(mc->next_rcu))
		if (mc->multi.imr_multiaddr.s_addr == iph->daddr &&
		    (mc->multi.imr_ifindex == inet_iif(skb) ||
		     (inet_sdif(skb) && mc->multi.imr_ifindex == inet_sdif(skb))))
			return (mc->sfmode == MCAST_INCLUDE) == has_source(mc, iph->saddr);
	return ttp_inet_flag(sk, MC_ALL, mc_all);
}

/* IP_PKTINFO: on which device it came, and an address of this host.  It is noted where IP has
 * had its own notes, which begin with the device: that itself, and not its VRF.
 */
void ttp_datagram4_note(struct sk_buff *skb)
{
	struct in_pktinfo *info = PKTINFO_SKB_CB(skb);
	const struct rtable *rt = skb_rtable(skb);

	if (rt->rt_iif)	/* it has not left this host */
		info->ipi_ifindex = rt->rt_iif;
	info->ipi_spec_dst.s_addr = rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST) ?
		inet_select_addr(skb->dev, ip_hdr(skb)->saddr, RT_SCOPE_UNIVERSE) :
		ip_hdr(skb)->daddr;
}

/* ---- what the user reads ---- */

/* Who sent it, and what the user of a socket of AF_INET has asked for; skb->data is behind UDP's
 * header, @off bytes of data were read before.
 */
void ttp_datagram4_tell(struct sock *sk, struct msghdr *msg, struct sk_buff *skb, int off)
{
	DECLARE_SOCKADDR(struct sockaddr_in *, from, msg->msg_name);

	if (from) {
		memset(from, 0, sizeof(*from));
		from->sin_family = AF_INET;
		from->sin_port = udp_hdr(skb)->source;
		from->sin_addr.s_addr = ip_hdr(skb)->saddr;
		msg->msg_namelen = sizeof(*from);
	}
	if (ttp_inet_cmsg_flags(sk))
		ip_cmsg_recv_offset(msg, sk, skb, sizeof(struct udphdr), off);
}
