// SPDX-License-Identifier: GPL-2.0
/*
 * icmp.c - an ICMP error arrives about a segment of ours (RFC 9293 3.9.2.2,
 * RFC 5927).
 *
 * Against blind attacks, it counts only if the sequence number in it is in flight.  It
 * aborts a handshake.  For an established connection it is kept, as the error for the user
 * if the connection times out later.  Deviation, as by Linux: soft errors abort a
 * handshake, too (MUST-56; RFC 5461 4), hard errors abort nothing else (SHLD-26; RFC 5927).
 *
 * Called by IP's ICMP. Context: softirq under RCU.
 *
 * Next: conn/verdict.c for the abort, ip/xmit.c for path MTU discovery.
 */
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <net/icmp.h>
#include <net/route.h>

#include "ttp.h"

/* The negative errno of a message; 0 for one that is ignored, such as source quench
 * (MUST-55).
 */
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
	struct dst_entry *dst = __sk_dst_check(sk, 0);

	if (dst)
		dst->ops->redirect(dst, sk, skb);
}

static void too_big(struct sock *sk, u32 mtu)
{
	if (sock_owned_by_user(sk))
		ttp_sk(sk)->icmp_mtu = mtu;	/* for ttp_verdict_release_cb() */
	else
		ttp_xmit_mtu(sk, mtu);
}

/**
 * ttp_icmp_queue_error - IP_RECVERR: the user may read the ICMP message by MSG_ERRQUEUE
 * @sk: nothing is done if it has not set the option
 * @skb: skb->data is at the IP header of the packet that it is about
 * @err: the errno
 * @port: to which that packet went
 * @info: of the ICMP message
 * @header: bytes behind the IP header that the user does not get
 *
 * Context: softirq.
 */
void ttp_icmp_queue_error(struct sock *sk, struct sk_buff *skb, int err, __be16 port, u32 info,
			  u32 header)
{
	const struct iphdr *about = (const struct iphdr *)skb->data;
	struct sock_exterr_skb *serr;

	/* setsockopt() may change this bit: either value is right */
	if (!data_race(!!inet_sk(sk)->recverr))
		return;
	skb = skb_clone(skb, GFP_ATOMIC);
	if (!skb)
		return;
	serr = SKB_EXT_ERR(skb);
	memset(serr, 0, sizeof(*serr));
	serr->ee.ee_errno = err;
	serr->ee.ee_origin = SO_EE_ORIGIN_ICMP;
	serr->ee.ee_type = icmp_hdr(skb)->type;
	serr->ee.ee_code = icmp_hdr(skb)->code;
	serr->ee.ee_info = info;
	serr->addr_offset = (const u8 *)&about->daddr - skb_network_header(skb);
	serr->port = port;
	if (!pskb_pull(skb, about->ihl * 4 + header)) {
		kfree_skb(skb);
		return;
	}
	skb_reset_transport_header(skb);
	if (sock_queue_err_skb(sk, skb))
		kfree_skb(skb);
}

/* An error that aborts nothing is kept in sk_err_soft (MUST-56, SHLD-25); with IP_RECVERR
 * it goes to the user at once (MUST-47, SHLD-20).
 */
static void to_sock(struct sock *sk, struct sk_buff *skb, u32 seq, u32 info)
{
	const struct icmphdr *icmp = icmp_hdr(skb);
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	u32 una = READ_ONCE(tcb->snd.una), nxt = READ_ONCE(tcb->snd.nxt);
	u8 state = READ_ONCE(tcb->conn.state);	/* a process may have the lock */
	int err = -ttp_icmp_errno(icmp);
	/* a child of Fast Open is as good as connected, once it has a user */
	bool opening = ttp_fsm_in(state, BIT(TTP_SYN_SENT) | BIT(TTP_SYN_RCVD)) &&
		       !(READ_ONCE(tcb->fastopen.child) && sk->sk_socket);

	/* IP_MINTTL holds for the segment in the message, too */
	if (state == TTP_CLOSED ||
	    !ttp_ipv4_ttl_ok(sk, (const struct iphdr *)skb->data))
		return;
	if (seq_lt(seq, una) || seq_gt(seq, nxt)) {
		ttp_mib_inc(sock_net(sk), TTP_MIB_BAD_ICMP);
		return;
	}
	if (icmp->type == ICMP_REDIRECT) {
		if (!sock_owned_by_user(sk))
			redirect(sk, skb);
		return;
	}
	if (icmp->type == ICMP_DEST_UNREACH && icmp->code == ICMP_FRAG_NEEDED) {
		too_big(sk, info);
		return;
	}
	if (!err)
		return;
	/* as with TCP, only what is about a SYN */
	if (opening)
		ttp_icmp_queue_error(sk, skb, err, inet_sk(sk)->inet_dport, info, 0);
	if (sock_owned_by_user(sk)) {
		WRITE_ONCE(sk->sk_err_soft, err);
	} else if (opening) {
		ttp_verdict_abort(sk, TTP_BY_ICMP, "ICMP error", err);
	} else if (inet_sk(sk)->recverr) {
		WRITE_ONCE(sk->sk_err, err);
		sk_error_report(sk);
	} else {
		WRITE_ONCE(sk->sk_err_soft, err);
	}
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
	u32 seq = ntohl(*(const __be32 *)(port + 2));
	struct ttp_key key;
	struct ttp_ep *ep;
	struct sock *sk;
	int err;

	ttp_ipv4_set_key(&key, iph->saddr, port[0], iph->daddr, port[1]);
	ep = ttp_demux_find(dev_net(skb->dev), &key, inet_iif(skb), inet_sdif(skb));
	if (!ep) {
		__ICMP_INC_STATS(dev_net(skb->dev), ICMP_MIB_INERRORS);
		return -ENOENT;
	}
	switch ((enum ttp_kind)ep->kind) {
	case TTP_KIND_SOCK:
		sk = ttp_ep_sock(ep);
		bh_lock_sock(sk);
		to_sock(sk, skb, seq, info);
		bh_unlock_sock(sk);
		break;
	case TTP_KIND_REQUEST:
		err = ttp_icmp_errno(icmp_hdr(skb));
		if (err == -EHOSTUNREACH || err == -ENETUNREACH)
			ttp_request_icmp(container_of(ep, struct ttp_req, ep), seq);
		break;
	case TTP_KIND_TIMEWAIT:
	case TTP_KIND_NONE:
		break;
	}
	ttp_demux_put(ep);
	return 0;
}
