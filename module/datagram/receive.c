// SPDX-License-Identifier: GPL-2.0
/*
 * receive.c - a datagram arrives: verify its length and its checksum, put it into the queue of
 * the socket that it is for; and recv().
 *
 * One that nobody waits for is answered by ICMP's "port unreachable" (RFC 1122 4.1.3.1).  A
 * broadcast or multicast datagram goes to every socket that wants it, and is never answered.
 *
 * Called by IP, for protocol 254 (softirq under RCU), and through struct proto (process).
 *
 * Next: see/datagrams.c.
 */
#include <linux/icmp.h>
#include <linux/inetdevice.h>
#include <net/icmp.h>
#include <net/inet_common.h>
#include <net/ip.h>
#include <net/xfrm.h>

#include "datagram/datagram.h"
#include "see/datagrams.h"
#include "see/trace.h"

/* ---- from IP ---- */

/* Bytes of data; the header is right. */
static u32 data_len(const struct sk_buff *skb)
{
	return ntohs(udp_hdr(skb)->len) - sizeof(struct udphdr);
}

static void tell(struct net *net, struct sock *sk, const struct ttp_key *key, u32 len,
		 enum ttp_mib drop)
{
	const struct ttp_datagram_event event = {
		.id = sk ? READ_ONCE(ttp_datagram_sk(sk)->id) : 0,
		.direction = TTP_DIRECTION_IN, .len = len, .drop = drop,
	};

	ttp_datagrams_tell(net, key, &event);
}

/* A datagram is dropped: count it, say it, free it. */
static void drop(struct net *net, struct sock *sk, const struct ttp_key *key,
		 struct sk_buff *skb, enum ttp_mib why)
{
	ttp_mib_inc(net, why);
	if (why != TTP_MIB_NO_PORTS)
		ttp_mib_inc(net, TTP_MIB_DATAGRAM_IN_ERRORS);
	tell(net, sk, key, data_len(skb), why);
	ttp_trace_done(net, skb, why);
}

/* IP_PKTINFO: on which device it came, and an address of this host.  It is noted where IP has
 * had its own notes, which begin with the device.
 */
static void note_packet_info(struct sk_buff *skb)
{
	struct in_pktinfo *info = PKTINFO_SKB_CB(skb);
	const struct rtable *rt = skb_rtable(skb);

	info->ipi_ifindex = inet_iif(skb);
	info->ipi_spec_dst.s_addr = rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST) ?
		inet_select_addr(skb->dev, ip_hdr(skb)->saddr, RT_SCOPE_UNIVERSE) :
		ip_hdr(skb)->daddr;
	skb_dst_drop(skb);
}

/* Put a datagram into the queue of a socket.  The packet is consumed. */
static void queue(struct sock *sk, const struct ttp_key *key, struct sk_buff *skb)
{
	struct net *net = sock_net(sk);
	u32 len = data_len(skb);

	if (!ttp_ip_filter(sk, skb))
		return;
	note_packet_info(skb);
	skb_pull(skb, sizeof(struct udphdr));
	/* once it is in the queue, the reader may free it */
	if (__sock_queue_rcv_skb(sk, skb)) {
		drop(net, sk, key, skb, TTP_MIB_DATAGRAM_RCVBUF_ERRORS);
		return;
	}
	ttp_mib_inc(net, TTP_MIB_IN_DATAGRAMS);
	tell(net, sk, key, len, TTP_MIB_NONE);
}

/* To each socket that wants it, a copy of the sk_buff. */
static void to_all(struct net *net, const struct ttp_key *key, struct sk_buff *skb)
{
	struct ttp_datagram_sock *dsk;
	struct sk_buff *copy;

	hlist_for_each_entry_rcu(dsk, ttp_datagram_slot(net, ntohs(key->lport)), node) {
		if (!ttp_datagram_is_for(&dsk->inet.sk, skb, key))
			continue;
		copy = skb_clone(skb, GFP_ATOMIC);
		if (copy)
			queue(&dsk->inet.sk, key, copy);
		else
			ttp_mib_inc(net, TTP_MIB_DATAGRAM_RCVBUF_ERRORS);
	}
	consume_skb(skb);
}

/* Length and checksum; what is behind the length is cut off.  Return: what is wrong. */
static enum ttp_mib verify(struct sk_buff *skb)
{
	u32 len = ntohs(udp_hdr(skb)->len);

	if (len < sizeof(struct udphdr) || len > skb->len || pskb_trim_rcsum(skb, len))
		return TTP_MIB_DATAGRAM_IN_ERRORS;
	/* the pseudo-header is UDP's */
	if (skb_checksum_init_zero_check(skb, IPPROTO_UDP, udp_hdr(skb)->check,
					 inet_compute_pseudo) ||
	    skb_checksum_complete(skb))
		return TTP_MIB_DATAGRAM_CSUM_ERRORS;
	return TTP_MIB_NONE;
}

/* skb->data is at UDP's header */
static int rcv(struct sk_buff *skb)
{
	enum ttp_mib wrong = TTP_MIB_DATAGRAM_IN_ERRORS;
	struct net *net = dev_net(skb->dev);
	struct ttp_key key;
	struct sock *sk;

	if (pskb_may_pull(skb, sizeof(struct udphdr)))
		wrong = verify(skb);
	if (wrong != TTP_MIB_NONE) {
		ttp_mib_inc(net, TTP_MIB_DATAGRAM_IN_ERRORS);
		if (wrong != TTP_MIB_DATAGRAM_IN_ERRORS)
			ttp_mib_inc(net, wrong);
		ttp_trace_done(net, skb, wrong);
		return 0;
	}
	ttp_ipv4_key(skb, &key);
	if (skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		to_all(net, &key, skb);
		return 0;
	}
	sk = ttp_datagram_find(skb, &key);
	if (sk) {
		queue(sk, &key, skb);
	} else if (!xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb)) {
		ttp_trace_drop(net, skb, SKB_DROP_REASON_XFRM_POLICY);
	} else {
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
		drop(net, NULL, &key, skb, TTP_MIB_NO_PORTS);
	}
	return 0;
}

/* ---- ICMP ---- */

/* Does it say that there is no use in trying again? */
static bool is_hard(const struct icmphdr *icmp)
{
	if (icmp->type != ICMP_DEST_UNREACH)
		return icmp->type == ICMP_PARAMETERPROB;
	return icmp->code == ICMP_FRAG_NEEDED ||
	       (icmp->code <= NR_ICMP_UNREACH && icmp_err_convert[icmp->code].fatal);
}

/* An ICMP message about a datagram of ours: skb->data is at its IP header.  As with UDP, the
 * user of a connected socket is told of hard errors, and one with IP_RECVERR of all.
 */
static int icmp_error(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct udphdr *uh = (const struct udphdr *)(skb->data + iph->ihl * 4);
	const struct icmphdr *icmp = icmp_hdr(skb);
	struct ttp_key key;
	struct sock *sk;
	bool asked;
	int err;

	ttp_ipv4_set_key(&key, iph->saddr, uh->source, iph->daddr, uh->dest);
	sk = ttp_datagram_find(skb, &key);
	if (!sk) {
		__ICMP_INC_STATS(dev_net(skb->dev), ICMP_MIB_INERRORS);
		return -ENOENT;
	}
	if (icmp->type == ICMP_REDIRECT) {
		ipv4_redirect(skb, sock_net(sk), 0, IPPROTO_TTP_DATAGRAM);
		return 0;
	}
	if (icmp->type == ICMP_DEST_UNREACH && icmp->code == ICMP_FRAG_NEEDED) {
		ipv4_update_pmtu(skb, sock_net(sk), info, 0, IPPROTO_TTP_DATAGRAM);
		if (READ_ONCE(inet_sk(sk)->pmtudisc) == IP_PMTUDISC_DONT)
			return 0;
	}
	err = -ttp_icmp_errno(icmp);
	asked = ttp_inet_flag(sk, RECVERR, recverr);
	if (!err || (!asked && !(is_hard(icmp) && READ_ONCE(sk->sk_state) == TCP_ESTABLISHED)))
		return 0;
	if (asked)
		ttp_icmp_queue_error(sk, skb, iph->ihl * 4 + sizeof(*uh), err, uh->dest, info,
				     false);
	WRITE_ONCE(sk->sk_err, err);
	sk_error_report(sk);
	return 0;
}

/* ---- recv() ---- */

/**
 * ttp_datagram_recvmsg - receive a datagram (struct proto's recvmsg)
 * @sk: the socket
 * @msg: where the data goes; what does not fit is lost, and MSG_TRUNC set
 * @len: bytes of room
 * @flags: MSG_PEEK, MSG_TRUNC, MSG_DONTWAIT, MSG_ERRQUEUE
 *
 * Return: how many bytes were copied, with MSG_TRUNC how many the datagram has; or a negative
 * errno.
 */
int ttp_datagram_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	DECLARE_SOCKADDR(struct sockaddr_in *, from, msg->msg_name);
	int off = sk_peek_offset(sk, flags), err;
	struct sk_buff *skb;
	size_t has, n;

	if (flags & MSG_ERRQUEUE)
		return ttp_recv_error(sk, msg, len);
	skb = __skb_recv_datagram(sk, &sk->sk_receive_queue, flags, &off, &err);
	if (!skb)
		return err;
	has = skb->len - off;
	n = min(len, has);
	if (n < has)
		msg->msg_flags |= MSG_TRUNC;
	err = skb_copy_datagram_msg(skb, off, msg, n);
	if (!err) {
		sock_recv_cmsgs(msg, sk, skb);
		if (from) {
			memset(from, 0, sizeof(*from));
			from->sin_family = AF_INET;
			from->sin_port = udp_hdr(skb)->source;
			from->sin_addr.s_addr = ip_hdr(skb)->saddr;
			msg->msg_namelen = sizeof(*from);
		}
		if (ttp_inet_cmsg_flags(sk))
			ip_cmsg_recv_offset(msg, sk, skb, sizeof(struct udphdr), off);
		err = flags & MSG_TRUNC ? has : n;
	}
	if (!(flags & MSG_PEEK))
		sk_peek_offset_bwd(sk, skb->len);
	else if (err >= 0)
		sk_peek_offset_fwd(sk, n);
	skb_free_datagram(sk, skb);
	return err;
}

static const struct net_protocol protocol = {
	.handler = rcv,
	.err_handler = icmp_error,
	.no_policy = 1,
};

/* Register protocol 254 with IP.  Return: 0, or -EADDRINUSE when another module has it. */
int ttp_datagram_receive_init(void)
{
	if (!inet_add_protocol(&protocol, IPPROTO_TTP_DATAGRAM))
		return 0;
	pr_err("IP protocol %d is taken by another module\n", IPPROTO_TTP_DATAGRAM);
	return -EADDRINUSE;
}

/* Unregister it, and wait until no datagram is being processed. */
void ttp_datagram_receive_exit(void)
{
	inet_del_protocol(&protocol, IPPROTO_TTP_DATAGRAM);
}
