// SPDX-License-Identifier: GPL-2.0
/*
 * datagram6.c - all that datagrams need of IPv6: the functions are those of datagram4.c.
 *
 * IP's own functions build the packet here, and cut it: ip6_append_data() knows extension headers,
 * IPV6_DONTFRAG and the errors that IPV6_RECVERR tells.  It wants the socket's lock.
 *
 * Called by datagram/.  Context: as datagram4.c.
 *
 * Next: datagram/receive.c.
 */
#include <net/addrconf.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/transp_v6.h>

#include "datagram/datagram.h"
#include "see/datagrams.h"

/* ---- what is sent ---- */

/* Where it goes, and how */
struct way {
	struct flowi6 fl6;
	struct ipcm6_cookie ipc;	/* what the control messages say */
	struct ipv6_txoptions space;	/* extension headers that are this datagram's own */
	struct ipv6_txoptions *of_sock;	/* referenced, or NULL */
	struct ip6_flowlabel *label;	/* referenced, or NULL */
	bool connected;	/* to where connect() said */
};

/* A flow label must be one of the user's own.  Return: 0 or -EINVAL. */
static int take_label(struct sock *sk, struct way *w)
{
	struct ip6_flowlabel *label;

	if (w->label || !(w->fl6.flowlabel & IPV6_FLOWLABEL_MASK))
		return 0;
	label = fl6_sock_lookup(sk, w->fl6.flowlabel);
	if (IS_ERR(label))
		return -EINVAL;
	w->label = label;
	return 0;
}

/* Return: 0, -EDESTADDRREQ, -EINVAL. */
static int destination(struct sock *sk, const struct sockaddr_in6 *to, int len, struct way *w)
{
	struct flowi6 *fl6 = &w->fl6;

	if (!to) {
		if (READ_ONCE(sk->sk_state) != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		fl6->daddr = sk->sk_v6_daddr;
		fl6->fl6_dport = inet_sk(sk)->inet_dport;
		fl6->flowlabel = inet6_sk(sk)->flow_label;
		w->connected = true;
		return 0;
	}
	if (!to->sin6_port)
		return -EINVAL;
	fl6->daddr = to->sin6_addr;
	fl6->fl6_dport = to->sin6_port;
	if (ttp_inet6_flag(sk, SNDFLOW, sndflow))
		fl6->flowlabel = to->sin6_flowinfo & IPV6_FLOWINFO_MASK;
	if (len >= sizeof(*to) && to->sin6_scope_id &&
	    __ipv6_addr_needs_scope_id(__ipv6_addr_type(&fl6->daddr)))
		fl6->flowi6_oif = to->sin6_scope_id;
	return take_label(sk, w);
}

/* Control messages, and extension headers: those of a message, or else the socket's */
static int options(struct sock *sk, struct msghdr *msg, struct way *w)
{
	struct ipv6_txoptions *opt = NULL;
	int err;

	if (msg->msg_controllen) {
		w->connected = false;	/* it may go another way */
		w->space = (struct ipv6_txoptions){ .tot_len = sizeof(w->space) };
		w->ipc.opt = &w->space;
		err = ip6_datagram_send_ctl(sock_net(sk), sk, msg, &w->fl6, &w->ipc) ?:
		      take_label(sk, w);
		if (err)
			return err;
		if (w->space.opt_nflen || w->space.opt_flen)
			opt = &w->space;
	}
	if (!opt) {
		w->of_sock = txopt_get(inet6_sk(sk));
		opt = w->of_sock;
	}
	if (w->label)
		opt = fl6_merge_options(&w->space, w->label, opt);
	w->ipc.opt = ipv6_fixup_options(&w->space, opt);
	return 0;
}

/* Return: a route, or an ERR_PTR(). */
static struct dst_entry *route(struct sock *sk, struct way *w)
{
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct in6_addr *final_p, final;
	struct flowi6 *fl6 = &w->fl6;

	fl6->flowi6_proto = sk->sk_protocol;
	fl6->flowi6_mark = w->ipc.sockc.mark;
	fl6->flowi6_uid = sk->sk_uid;
	fl6->fl6_sport = inet_sk(sk)->inet_sport;
	if (ipv6_addr_any(&fl6->daddr))	/* as in BSD, no address is the host itself */
		fl6->daddr = in6addr_loopback;
	if (ipv6_addr_any(&fl6->saddr))
		fl6->saddr = np->saddr;
	final_p = fl6_update_dst(fl6, w->ipc.opt, &final);
	if (!fl6->flowi6_oif)
		fl6->flowi6_oif = ipv6_addr_is_multicast(&fl6->daddr) ? np->mcast_oif :
								np->ucast_oif;
	if (w->ipc.tclass < 0)
		w->ipc.tclass = np->tclass;
	fl6->flowlabel = ip6_make_flowinfo(w->ipc.tclass, fl6->flowlabel);
	security_sk_classify_flow(sk, flowi6_to_flowi_common(fl6));
	return ip6_dst_lookup_flow(sock_net(sk), sk, fl6, final_p);
}

/* Its checksum is over all that waits to be sent; RFC 8200 8.1: none has 0. */
static void put_header(struct sock *sk, u16 len, const struct flowi6 *fl6)
{
	struct udphdr *uh = udp_hdr(skb_peek(&sk->sk_write_queue));
	struct sk_buff *part;
	__wsum sum;

	*uh = (struct udphdr){
		.source = fl6->fl6_sport, .dest = fl6->fl6_dport, .len = htons(len),
	};
	sum = csum_partial(uh, sizeof(*uh), 0);
	skb_queue_walk(&sk->sk_write_queue, part)
		sum = csum_add(sum, part->csum);
	uh->check = csum_ipv6_magic(&fl6->saddr, &fl6->daddr, len, IPPROTO_UDP, sum) ?:
		    CSUM_MANGLED_0;
}

/* Return: 0 or a negative errno. */
static int transmit(struct sock *sk, struct msghdr *msg, size_t len, struct way *w,
		    struct dst_entry *dst)
{
	size_t total = len + sizeof(struct udphdr);
	struct ttp_key key;
	int err;

	ttp_ipv6_set_key(&key, &w->fl6.saddr, w->fl6.fl6_sport, &w->fl6.daddr, w->fl6.fl6_dport);
	if (w->ipc.hlimit < 0)
		w->ipc.hlimit = ip6_sk_dst_hoplimit(inet6_sk(sk), &w->fl6, dst);
	lock_sock(sk);
	err = ip6_append_data(sk, ip_generic_getfrag, msg, total, sizeof(struct udphdr), &w->ipc,
			      &w->fl6, container_of(dst, struct rt6_info, dst),
			      msg->msg_flags & (MSG_DONTWAIT | MSG_CONFIRM));
	if (err) {
		ip6_flush_pending_frames(sk);
	} else {
		put_header(sk, total, &w->fl6);
		ttp_datagrams_sent(sk, &key, len);
		err = ip6_push_pending_frames(sk);
	}
	if (w->connected) {	/* IPV6_MTU tells of this route */
		sk_dst_set(sk, dst_clone(dst));
		inet6_sk(sk)->dst_cookie = ttp_ipv6_cookie(dst);
	}
	release_sock(sk);
	return err;
}

static int send(struct sock *sk, struct msghdr *msg, size_t len, struct way *w)
{
	struct dst_entry *dst;
	int err;

	if (!w->fl6.flowi6_oif)
		w->fl6.flowi6_oif = READ_ONCE(sk->sk_bound_dev_if) ?:
				    inet6_sk(sk)->sticky_pktinfo.ipi6_ifindex;
	err = options(sk, msg, w);
	if (err)
		return err;
	dst = route(sk, w);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	err = transmit(sk, msg, len, w, dst);
	dst_release(dst);
	/* a full queue is a loss like another, unless the user asks (IPV6_RECVERR) */
	return err == -ENOBUFS && !ttp_inet6_flag(sk, RECVERR6, recverr) ? 1 : err;
}

/* By IPv4.  @to: an IPv4-mapped address, or %NULL: @msg says it, or connect() has said it */
static int send_mapped(struct sock *sk, struct msghdr *msg, size_t len,
		       const struct sockaddr_in6 *to)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	void *name = msg->msg_name;
	int err, name_len = msg->msg_namelen;

	if (ipv6_only_sock(sk))
		return -ENETUNREACH;
	if (to) {
		sin.sin_port = to->sin6_port;
		sin.sin_addr.s_addr = to->sin6_addr.s6_addr32[3];
		msg->msg_name = &sin;
		msg->msg_namelen = sizeof(sin);
	}
	err = ttp_datagram4_send(sk, msg, len);
	msg->msg_name = name;
	msg->msg_namelen = name_len;
	return err;
}

int ttp_datagram6_send(struct sock *sk, struct msghdr *msg, size_t len)
{
	DECLARE_SOCKADDR(struct sockaddr_in6 *, to, msg->msg_name);
	struct way w = { .label = NULL };
	int err;

	if (to && msg->msg_namelen < offsetofend(struct sockaddr, sa_family))
		return -EINVAL;
	if (to && to->sin6_family == AF_UNSPEC) {	/* as if there were none, by IPv4, too */
		to = NULL;
		msg->msg_name = NULL;
		msg->msg_namelen = 0;
	}
	if (to && to->sin6_family == AF_INET)
		return send_mapped(sk, msg, len, NULL);
	if (to && (to->sin6_family != AF_INET6 || msg->msg_namelen < SIN6_LEN_RFC2133))
		return -EINVAL;
	if (to && ipv6_addr_any(&to->sin6_addr) && ipv6_addr_v4mapped(&inet6_sk(sk)->saddr))
		ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK), &to->sin6_addr);
	if (to ? ipv6_addr_v4mapped(&to->sin6_addr) :
		 READ_ONCE(sk->sk_state) == TCP_ESTABLISHED && ipv6_addr_v4mapped(&sk->sk_v6_daddr))
		return send_mapped(sk, msg, len, to);
	if (len > IPV6_MAXPLEN - sizeof(struct udphdr))
		return -EMSGSIZE;
	w.ipc = (struct ipcm6_cookie){ .hlimit = -1, .tclass = -1,
				       .dontfrag = ttp_inet6_flag(sk, DONTFRAG, dontfrag) };
	sockcm_init(&w.ipc.sockc, sk);
	w.ipc.sockc.mark = READ_ONCE(sk->sk_mark);
	err = destination(sk, to, msg->msg_namelen, &w) ?: send(sk, msg, len, &w);
	fl6_sock_release(w.label);
	txopt_put(w.of_sock);
	return err;
}

/* ---- what arrives ---- */

/* A socket of AF_INET6 takes what came by IPv4, too, unless IPV6_V6ONLY is set. */
int ttp_datagram6_score(const struct sock *sk, const struct ttp_key *key)
{
	struct in6_addr addr, peer, local = key->local.v6, remote = key->remote.v6;
	bool v4 = key->family == AF_INET, any;

	if (v4) {
		ipv6_addr_set_v4mapped(key->local.v4, &local);
		ipv6_addr_set_v4mapped(key->remote.v4, &remote);
	}
	/* not locked: bind() may change it at this moment */
	data_race(addr = sk->sk_v6_rcv_saddr);
	/* and so may connect() */
	data_race(peer = sk->sk_v6_daddr);
	/* and setsockopt() this bit: either value is right */
	if (v4 && data_race(!!ipv6_only_sock(sk)))
		return -1;
	/* ::ffff:0.0.0.0 is any of IPv4 */
	any = ipv6_addr_any(&addr) || (v4 && ipv6_addr_v4mapped(&addr) && !addr.s6_addr32[3]);
	if ((!any && !ipv6_addr_equal(&addr, &local)) ||
	    (!ipv6_addr_any(&peer) && !ipv6_addr_equal(&peer, &remote)))
		return -1;
	return (any ? 0 : 2) + (ipv6_addr_any(&peer) ? 0 : 1);
}

bool ttp_datagram6_to_many(const struct sk_buff *skb)
{
	return ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr);
}

static bool has_source(const struct ipv6_mc_socklist *mc, const struct in6_addr *source)
{
	const struct ip6_sf_socklist *sources = rcu_dereference(mc->sflist);
	u32 i;

	for (i = 0; sources && i < sources->sl_count; i++)
		if (ipv6_addr_equal(&sources->sl_addr[i], source))
			return true;
	return false;
}

/* As of IPv4: IPV6_JOIN_GROUP, MCAST_JOIN_SOURCE_GROUP, IPV6_MULTICAST_ALL.  That the group is one
 * of the device, IP has seen.
 */
bool ttp_datagram6_member(struct sock *sk, const struct sk_buff *skb)
{
	const struct ipv6hdr *hdr = ipv6_hdr(skb);
	const struct ipv6_mc_socklist *mc;

	if (!ttp_datagram_is_v6(sk))
		return false;
	for (mc = rcu_dereference(inet6_sk(sk)->ipv6_mc_list); mc; mc = rcu_dereference(mc->next))
		if (ipv6_addr_equal(&mc->addr, &hdr->daddr))
			return (mc->sfmode == MCAST_INCLUDE) == has_source(mc, &hdr->saddr);
	return ttp_inet6_flag(sk, MC6_ALL, mc_all);
}

/* ---- what the user reads ---- */

/* IPV6_PKTINFO of a datagram that came by IPv4 */
static void tell_mapped_info(struct msghdr *msg, const struct sk_buff *skb)
{
	struct in6_pktinfo info = { .ipi6_ifindex = PKTINFO_SKB_CB(skb)->ipi_ifindex };

	ipv6_addr_set_v4mapped(ip_hdr(skb)->daddr, &info.ipi6_addr);
	put_cmsg(msg, SOL_IPV6, IPV6_PKTINFO, sizeof(info), &info);
}

/* Of a socket of AF_INET6, whatever the datagram came by */
void ttp_datagram6_tell(struct sock *sk, struct msghdr *msg, struct sk_buff *skb, int off)
{
	DECLARE_SOCKADDR(struct sockaddr_in6 *, from, msg->msg_name);
	struct ipv6_pinfo *np = inet6_sk(sk);
	bool v6 = ttp_ip_is_v6(skb);

	if (from) {
		*from = (struct sockaddr_in6){ .sin6_family = AF_INET6,
					       .sin6_port = udp_hdr(skb)->source };
		if (v6) {
			from->sin6_addr = ipv6_hdr(skb)->saddr;
			from->sin6_scope_id = ipv6_iface_scope_id(&from->sin6_addr, inet6_iif(skb));
		} else {
			ipv6_addr_set_v4mapped(ip_hdr(skb)->saddr, &from->sin6_addr);
		}
		msg->msg_namelen = sizeof(*from);
	}
	if (v6 && np->rxopt.all) {
		ip6_datagram_recv_ctl(sk, msg, skb);
	} else if (!v6) {
		if (np->rxopt.bits.rxinfo)
			tell_mapped_info(msg, skb);
		if (ttp_inet_cmsg_flags(sk))
			ip_cmsg_recv_offset(msg, sk, skb, sizeof(struct udphdr), off);
	}
}
