// SPDX-License-Identifier: GPL-2.0
/*
 * icmp.c - an error of ICMP or ICMPv6 arrives about a segment of ours (RFC 9293 3.9.2.2,
 * RFC 5927).
 *
 * Against blind attacks, it counts only if the sequence number in it is in flight.  It
 * aborts a handshake.  For an established connection it is kept, as the error for the user
 * if the connection times out later.  Deviation, as by Linux: soft errors abort a
 * handshake, too (MUST-56; RFC 5461 4), hard errors abort nothing else (SHLD-26; RFC 5927).
 *
 * Called by IPv4's ICMP, and by icmp6.c; datagram/receive.c uses parts of it.
 * Context: softirq under RCU.
 *
 * Next: icmp6.c for ICMPv6; conn/verdict.c for the abort, ip/xmit.c for path MTU discovery.
 */
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/icmp.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "input/icmp.h"

/* The negative errno of a message of ICMP; 0: it is ignored, such as source quench (MUST-55). */
int ttp_icmp_errno(const struct icmphdr *icmp)
{
	switch (icmp->type) {
	case ICMP_PARAMETERPROB:
		return -EPROTO;
	case ICMP_DEST_UNREACH:
		if (icmp->code > NR_ICMP_UNREACH)
			return 0;
		return -icmp_err_convert[icmp->code].errno;
	case ICMP_TIME_EXCEEDED:
		return -EHOSTUNREACH;
	}
	return 0;
}

static void redirect(struct sock *sk, struct sk_buff *skb)
{
	struct dst_entry *dst = __sk_dst_get(sk);

	if (dst && !ttp_ip_obsolete(sk, dst))
		dst->ops->redirect(dst, sk, skb);
}

static void too_big(struct sock *sk, u32 mtu)
{
	if (sock_owned_by_user(sk))	/* an old router's 0 is no "none" */
		ttp_sk(sk)->icmp_mtu = mtu ?: 1;	/* for ttp_verdict_release_cb() */
	else
		ttp_xmit_mtu(sk, mtu);
}

/* IP_RECVERR, IPV6_RECVERR */
static bool wants_errors(const struct sock *sk, bool v6)
{
	return v6 ? ttp_inet6_flag(sk, RECVERR6, recverr) : ttp_inet_flag(sk, RECVERR, recverr);
}

/* IP_RECVERR_RFC4884: where do extensions begin in what the user gets?  A message that has some
 * says how much of the packet it quotes.
 */
static void note_extensions(const struct sock *sk, const struct sk_buff *skb, bool v6,
			    struct sock_ee_data_rfc4884 *out)
{
	u32 quoted = 0;

	if (v6) {
		if (ttp_inet6_flag(sk, RECVERR6_RFC4884, recverr_rfc4884) &&
		    (icmp6_hdr(skb)->icmp6_type == ICMPV6_DEST_UNREACH ||
		     icmp6_hdr(skb)->icmp6_type == ICMPV6_TIME_EXCEED))
			quoted = icmp6_hdr(skb)->icmp6_datagram_len * 8;
	} else if (ttp_inet_flag(sk, RECVERR_RFC4884, recverr_rfc4884) &&
		   (icmp_hdr(skb)->type == ICMP_DEST_UNREACH ||
		    icmp_hdr(skb)->type == ICMP_TIME_EXCEEDED ||
		    icmp_hdr(skb)->type == ICMP_PARAMETERPROB)) {
		quoted = icmp_hdr(skb)->un.reserved[1] * 4;
	}
	/* both headers of ICMP have 8 bytes */
	ip_icmp_error_rfc4884(skb, out, sizeof(struct icmphdr), quoted);
}

/**
 * ttp_icmp_queue_error - the user may read an ICMP message by MSG_ERRQUEUE
 * @sk: has asked for it: IP_RECVERR, IPV6_RECVERR
 * @skb: skb->data is at the IP header of the packet that it is about
 * @headers: bytes from there on that the user does not get
 * @err: the errno
 * @port: to which that packet went
 * @info: of the message
 * @v6: it is of ICMPv6
 *
 * Context: softirq.
 */
void ttp_icmp_queue_error(struct sock *sk, struct sk_buff *skb, u32 headers, int err,
			  __be16 port, u32 info, bool v6)
{
	struct sock_exterr_skb *serr;
	u32 daddr = v6 ? offsetof(struct ipv6hdr, daddr) : offsetof(struct iphdr, daddr);

	skb = skb_clone(skb, GFP_ATOMIC);
	if (!skb)
		return;
	serr = SKB_EXT_ERR(skb);
	memset(&serr->ee, 0, sizeof(serr->ee));	/* before it IP has noted the device */
	serr->ee.ee_errno = err;
	serr->ee.ee_origin = v6 ? SO_EE_ORIGIN_ICMP6 : SO_EE_ORIGIN_ICMP;
	serr->ee.ee_type = v6 ? icmp6_hdr(skb)->icmp6_type : icmp_hdr(skb)->type;
	serr->ee.ee_code = v6 ? icmp6_hdr(skb)->icmp6_code : icmp_hdr(skb)->code;
	serr->ee.ee_info = info;
	serr->addr_offset = skb->data + daddr - skb_network_header(skb);
	serr->port = port;
	if (!pskb_pull(skb, headers)) {
		kfree_skb(skb);
		return;
	}
	note_extensions(sk, skb, v6, &serr->ee.ee_rfc4884);
	skb_reset_transport_header(skb);
	if (sock_queue_err_skb(sk, skb))
		kfree_skb(skb);
}

/* IP_MINTTL holds for the segment in the message, too; IPV6_MINHOPCOUNT for the message, as TCP
 * has it.
 */
static bool hops_ok(struct sock *sk, const struct sk_buff *skb, bool v6)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;

	return ttp_ip_hops_ok(sk, v6 ? ipv6_hdr(skb)->hop_limit : iph->ttl, v6);
}

/* An error that aborts nothing is kept in sk_err_soft (MUST-56, SHLD-25); with IP_RECVERR
 * it goes to the user at once (MUST-47, SHLD-20).
 */
static void to_sock(struct sock *sk, const struct ttp_message *m)
{
	bool v6 = ttp_ip_is_v6(m->skb);
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	u32 una = READ_ONCE(tcb->snd.una), nxt = READ_ONCE(tcb->snd.nxt);
	u8 state = READ_ONCE(tcb->conn.state);	/* a process may have the lock */
	/* a child of Fast Open is as good as connected, once it has a user */
	bool opening = ttp_fsm_in(state, BIT(TTP_SYN_SENT) | BIT(TTP_SYN_RCVD)) &&
		       !(READ_ONCE(tcb->fastopen.child) && sk->sk_socket);

	if (state == TTP_CLOSED || !hops_ok(sk, m->skb, v6))
		return;
	if (seq_lt(m->seq, una) || seq_gt(m->seq, nxt)) {
		ttp_mib_inc(ttp_sk_net(sk), TTP_MIB_BAD_ICMP);
		return;
	}
	if (m->redirect) {
		if (!sock_owned_by_user(sk))
			redirect(sk, m->skb);
		return;
	}
	if (m->too_big) {
		if (!v6 || ip6_sk_accept_pmtu(sk))
			too_big(sk, m->info);
		return;
	}
	if (!m->err)
		return;
	/* as with TCP, only one about a SYN */
	if (opening && wants_errors(sk, v6))
		ttp_icmp_queue_error(sk, m->skb, m->hdrlen, m->err, inet_sk(sk)->inet_dport,
				     m->info, v6);
	if (sock_owned_by_user(sk)) {
		WRITE_ONCE(sk->sk_err_soft, m->err);
	} else if (opening) {
		ttp_verdict_abort(sk, TTP_BY_ICMP, "ICMP error", m->err);
	} else if (wants_errors(sk, v6)) {
		WRITE_ONCE(sk->sk_err, m->err);
		sk_error_report(sk);
	} else {
		WRITE_ONCE(sk->sk_err_soft, m->err);
	}
}

/**
 * ttp_icmp_take - take a message about a segment of a connection
 * @m: what it says
 * @key: the connection's 4-tuple
 *
 * Return: false when there is no such connection.
 */
bool ttp_icmp_take(const struct ttp_message *m, const struct ttp_key *key)
{
	struct ttp_net *tn = ttp_net_rcu(dev_net(m->skb->dev));
	struct ttp_ep *ep = ttp_demux_find(tn, key, ttp_ip_iif(m->skb), ttp_ip_sdif(m->skb));
	struct sock *sk;

	if (!ep)
		return false;
	switch ((enum ttp_kind)ep->kind) {
	case TTP_KIND_SOCK:
		sk = ttp_ep_sock(ep);
		bh_lock_sock(sk);
		to_sock(sk, m);
		bh_unlock_sock(sk);
		break;
	case TTP_KIND_REQUEST:
		if (m->ends_request)
			ttp_request_icmp(ttp_ep_req(ep), m->seq);
		break;
	case TTP_KIND_TIMEWAIT:
	case TTP_KIND_NONE:
		break;
	}
	ttp_demux_put(ep);
	return true;
}

/**
 * ttp_icmp_err - struct net_protocol's err_handler
 * @skb: skb->data is at the IP header of the segment that it is about; at least 8 bytes
 *	of our header follow
 * @info: the next hop's MTU, for ICMP_FRAG_NEEDED
 *
 * Return: 0, or -ENOENT when there is no such connection.
 * Source: RFC 9293 3.9.2.2, MUST-54.
 */
int ttp_icmp_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const __be16 *port = (const __be16 *)(skb->data + iph->ihl * 4);
	const struct icmphdr *icmp = icmp_hdr(skb);
	struct ttp_message m = {
		.skb = skb, .hdrlen = iph->ihl * 4, .seq = ntohl(*(const __be32 *)(port + 2)),
		.info = info, .err = -ttp_icmp_errno(icmp),
		.redirect = icmp->type == ICMP_REDIRECT,
		.too_big = icmp->type == ICMP_DEST_UNREACH && icmp->code == ICMP_FRAG_NEEDED,
	};
	struct ttp_key key;

	m.ends_request = icmp->type == ICMP_PARAMETERPROB || icmp->type == ICMP_TIME_EXCEEDED ||
			 (icmp->type == ICMP_DEST_UNREACH && icmp->code <= ICMP_HOST_UNREACH);
	ttp_ipv4_set_key(&key, iph->saddr, port[0], iph->daddr, port[1]);
	if (ttp_icmp_take(&m, &key))
		return 0;
	__ICMP_INC_STATS(dev_net(skb->dev), ICMP_MIB_INERRORS);
	return -ENOENT;
}
