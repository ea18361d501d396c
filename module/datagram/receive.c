// SPDX-License-Identifier: GPL-2.0
/*
 * receive.c - a datagram arrives: verify its length and its checksum, put it into the queue of
 * the socket that it is for; and recv().
 *
 * One that nobody waits for is answered by ICMP's "port unreachable" (RFC 1122 4.1.3.1, RFC 4443
 * 3.1).  A broadcast or multicast datagram goes to every socket that wants it, and is never
 * answered.
 *
 * Called by IP, for protocol 254 (softirq under RCU), and through struct proto (process).
 *
 * Next: see/datagrams.c.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/icmp.h>
#include <net/inet_common.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/ndisc.h>
#include <net/route.h>
#include <net/transp_v6.h>

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
	ttp_mib_inc(ttp_net(net), why);
	if (why != TTP_MIB_NO_PORTS)
		ttp_mib_inc(ttp_net(net), TTP_MIB_DATAGRAM_IN_ERRORS);
	tell(net, sk, key, data_len(skb), why);
	ttp_trace_done(net, skb, why);
}

/* Put a datagram into the queue of a socket.  The packet is consumed. */
static void queue(struct sock *sk, const struct ttp_key *key, struct sk_buff *skb)
{
	struct net *net = sock_net(sk);
	u32 len = data_len(skb);

	if (!ttp_ip_filter(sk, skb)) {
		ttp_mib_inc(ttp_net(net), TTP_MIB_DATAGRAM_IN_ERRORS);
		tell(net, sk, key, len, TTP_MIB_DATAGRAM_IN_ERRORS);
		return;
	}
	if (!ttp_ip_is_v6(skb))
		ttp_datagram4_note(skb);
	skb_dst_drop(skb);
	skb_pull_rcsum(skb, sizeof(struct udphdr));	/* IP_CHECKSUM is of the data */
	/* once it is in the queue, the reader may free it */
	if (__sock_queue_rcv_skb(sk, skb)) {
		drop(net, sk, key, skb, TTP_MIB_DATAGRAM_RCVBUF_ERRORS);
		return;
	}
	ttp_mib_inc(ttp_net(net), TTP_MIB_IN_DATAGRAMS);
	tell(net, sk, key, len, TTP_MIB_NONE);
}

/* To each socket of a slot that wants it, a copy of the sk_buff */
static void to_slot(struct net *net, const struct ttp_key *key, struct sk_buff *skb,
		    struct hlist_head *slot)
{
	struct ttp_datagram_sock *dsk;
	struct sk_buff *copy;

	hlist_for_each_entry_rcu(dsk, slot, node) {
		if (!ttp_datagram_is_for(&dsk->inet.sk, skb, key))
			continue;
		copy = skb_clone(skb, GFP_ATOMIC);
		if (copy)
			queue(&dsk->inet.sk, key, copy);
		else
			ttp_mib_inc(ttp_net(net), TTP_MIB_DATAGRAM_RCVBUF_ERRORS);
	}
}

static void to_all(struct net *net, const struct ttp_key *key, struct sk_buff *skb)
{
	struct hlist_head *bound = ttp_datagram_slot(net, key, false);
	struct hlist_head *any = ttp_datagram_slot(net, key, true);

	to_slot(net, key, skb, bound);
	if (any != bound)	/* else each would get two */
		to_slot(net, key, skb, any);
	consume_skb(skb);
}

/* The pseudo-header is UDP's.  0 is no checksum, which IPv6 does not allow (RFC 8200 8.1). */
static bool sum_ok(struct sk_buff *skb)
{
	__sum16 check = udp_hdr(skb)->check;

#if IS_ENABLED(CONFIG_IPV6)
	if (ttp_ip_is_v6(skb))
		return check && !skb_checksum_init(skb, IPPROTO_UDP, ip6_compute_pseudo) &&
		       !skb_checksum_complete(skb);
#endif
	return !skb_checksum_init_zero_check(skb, IPPROTO_UDP, check, inet_compute_pseudo) &&
	       !skb_checksum_complete(skb);
}

static bool to_many(const struct sk_buff *skb)
{
	return ttp_ip_is_v6(skb) ? ttp_datagram6_to_many(skb) : ttp_datagram4_to_many(skb);
}

/* Nobody waits for it: ICMP's answer */
static void answer(struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (ttp_ip_is_v6(skb)) {
		icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, 0);
		return;
	}
#endif
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
}

/* Length and checksum; what is behind the length is cut off.  Return: what is wrong. */
static enum ttp_mib verify(struct sk_buff *skb)
{
	u32 len = ntohs(udp_hdr(skb)->len);

	if (len < sizeof(struct udphdr) || len > skb->len || pskb_trim_rcsum(skb, len))
		return TTP_MIB_DATAGRAM_IN_ERRORS;
	if (!sum_ok(skb))
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
		ttp_mib_inc(ttp_net(net), TTP_MIB_DATAGRAM_IN_ERRORS);
		if (wrong != TTP_MIB_DATAGRAM_IN_ERRORS)
			ttp_mib_inc(ttp_net(net), wrong);
		ttp_trace_done(net, skb, wrong);
		return 0;
	}
	ttp_ip_key(skb, &key);
	if (to_many(skb)) {
		to_all(net, &key, skb);
		return 0;
	}
	sk = ttp_datagram_find(skb, &key, false);
	if (sk) {
		queue(sk, &key, skb);
	} else if (!ttp_ip_policy_ok(NULL, skb)) {
		ttp_trace_drop(net, skb, SKB_DROP_REASON_XFRM_POLICY);
	} else {
		answer(skb);
		drop(net, NULL, &key, skb, TTP_MIB_NO_PORTS);
	}
	return 0;
}

/* ---- ICMP ---- */

/* A message about a datagram of ours: skb->data is at its IP header, UDP's is @headers bytes
 * behind.  As with UDP, the user of a connected socket is told of hard errors, and one with
 * IP_RECVERR or IPV6_RECVERR of all.
 */
static void to_sock(struct sock *sk, struct sk_buff *skb, u32 headers, int err, bool hard, u32 info)
{
	const struct udphdr *uh = (const struct udphdr *)(skb->data + headers);
	bool v6 = ttp_ip_is_v6(skb);
	bool asked = v6 ? ttp_inet6_flag(sk, RECVERR6, recverr) :
			  ttp_inet_flag(sk, RECVERR, recverr);

	if (!err || (!asked && !(hard && READ_ONCE(sk->sk_state) == TCP_ESTABLISHED)))
		return;
	if (asked)
		ttp_icmp_queue_error(sk, skb, headers + sizeof(*uh), err, uh->dest, info, v6);
	WRITE_ONCE(sk->sk_err, err);
	sk_error_report(sk);
}

/* Does it say that there is no use in trying again? */
static bool is_hard(const struct icmphdr *icmp)
{
	if (icmp->type != ICMP_DEST_UNREACH)
		return icmp->type == ICMP_PARAMETERPROB;
	return icmp->code == ICMP_FRAG_NEEDED ||
	       (icmp->code <= NR_ICMP_UNREACH && icmp_err_convert[icmp->code].fatal);
}

static int icmp_error(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct udphdr *uh = (const struct udphdr *)(skb->data + iph->ihl * 4);
	const struct icmphdr *icmp = icmp_hdr(skb);
	struct ttp_key key;
	struct sock *sk;

	ttp_ipv4_set_key(&key, iph->saddr, uh->source, iph->daddr, uh->dest);
	sk = ttp_datagram_find(skb, &key, true);
	if (!sk) {
		__ICMP_INC_STATS(dev_net(skb->dev), ICMP_MIB_INERRORS);
		return -ENOENT;
	}
	if (icmp->type == ICMP_REDIRECT) {
		ipv4_sk_redirect(skb, sk);
		return 0;
	}
	if (icmp->type == ICMP_DEST_UNREACH && icmp->code == ICMP_FRAG_NEEDED) {
		ipv4_sk_update_pmtu(skb, sk, info);	/* if IP_MTU_DISCOVER lets it */
		if (READ_ONCE(inet_sk(sk)->pmtudisc) == IP_PMTUDISC_DONT)
			return 0;
	}
	to_sock(sk, skb, iph->ihl * 4, -ttp_icmp_errno(icmp), is_hard(icmp), info);
	return 0;
}

#if IS_ENABLED(CONFIG_IPV6)
static int icmp_error6(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code,
		       int offset, __be32 info)
{
	const struct ipv6hdr *hdr = (const struct ipv6hdr *)skb->data;
	const struct udphdr *uh = (const struct udphdr *)(skb->data + offset);
	struct ttp_key key;
	struct sock *sk;
	bool hard;
	int err;

	ttp_ipv6_set_key(&key, &hdr->saddr, uh->source, &hdr->daddr, uh->dest);
	sk = ttp_datagram_find(skb, &key, true);
	if (!sk) {
		__ICMP6_INC_STATS(dev_net(skb->dev), __in6_dev_get(skb->dev), ICMP6_MIB_INERRORS);
		return -ENOENT;
	}
	if (type == NDISC_REDIRECT) {
		ip6_sk_redirect(skb, sk);
		return 0;
	}
	hard = icmpv6_err_convert(type, code, &err);
	if (type == ICMPV6_PKT_TOOBIG) {
		if (!ip6_sk_accept_pmtu(sk))
			return 0;
		ip6_sk_update_pmtu(skb, sk, info);
		hard = inet6_sk(sk)->pmtudisc != IPV6_PMTUDISC_DONT;
	}
	to_sock(sk, skb, offset, err, hard, ntohl(info));
	return 0;
}
#endif

/* ---- recv() ---- */

static int recv_error(struct sock *sk, struct msghdr *msg, int len)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		return ttp_recv_error6(sk, msg, len);
#endif
	return ttp_recv_error(sk, msg, len);
}

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
	int off = sk_peek_offset(sk, flags), err;
	struct sk_buff *skb;
	size_t has, n;

	if (flags & MSG_ERRQUEUE)
		return recv_error(sk, msg, len);
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
		if (ttp_datagram_is_v6(sk))
			ttp_datagram6_tell(sk, msg, skb, off);
		else
			ttp_datagram4_tell(sk, msg, skb, off);
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

#if IS_ENABLED(CONFIG_IPV6)
static const struct inet6_protocol protocol6 = {
	.handler = rcv,
	.err_handler = icmp_error6,
	.flags = INET6_PROTO_NOPOLICY | INET6_PROTO_FINAL,
};
#endif

/* Register protocol 254 with IP.  Return: 0, or -EADDRINUSE when another module has it. */
int ttp_datagram_receive_init(void)
{
	if (inet_add_protocol(&protocol, IPPROTO_TTP_DATAGRAM))
		goto taken;
	if (!inet6_add_protocol(&protocol6, IPPROTO_TTP_DATAGRAM))
		return 0;
	inet_del_protocol(&protocol, IPPROTO_TTP_DATAGRAM);
taken:
	pr_err("IP protocol %d is taken by another module\n", IPPROTO_TTP_DATAGRAM);
	return -EADDRINUSE;
}

/* Unregister it, and wait until no datagram is being processed. */
void ttp_datagram_receive_exit(void)
{
	inet6_del_protocol(&protocol6, IPPROTO_TTP_DATAGRAM);
	inet_del_protocol(&protocol, IPPROTO_TTP_DATAGRAM);
}
