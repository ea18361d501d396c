// SPDX-License-Identifier: GPL-2.0
/*
 * recv.c - a packet arrives from IP: verify the checksum, find the connection, take its
 * lock or add the packet to its backlog.
 *
 * Called by IP, for protocol 253. Context: softirq under RCU.
 *
 * Next: conn/demux.c for how the connection is found; conn/verdict.c for a segment of a
 * socket, conn/request.c for one of a listener, conn/mini.c for one of a handshake or of
 * TIME_WAIT; icmp.c for ICMP errors, faulty.c for faults on purpose.
 */
#include <linux/netfilter.h>
#include <net/busy_poll.h>
#include <net/inet_hashtables.h>
#include <net/ip6_checksum.h>
#include <net/protocol.h>

#include "see/trace.h"
#include "ttp.h"

/* As with Linux's TCP there is room for the receive buffer twice, because what has left the
 * backlog for the receive queue counts in both until the backlog is done; and for ACKs.
 */
static u32 backlog_limit(const struct sock *sk)
{
	u64 limit = 2ULL * READ_ONCE(sk->sk_rcvbuf) + READ_ONCE(sk->sk_sndbuf) / 2 + 64 * 1024;

	return min_t(u64, limit, UINT_MAX);
}

/* Process the segment now, or add it to the backlog if a process has the socket lock. */
static void to_sock(struct sock *sk, struct sk_buff *skb)
{
	if (!ttp_ip_filter(sk, skb))
		return;
	sk_incoming_cpu_update(sk);
	sk_mark_napi_id(sk, skb);
	skb->dev = NULL;	/* it may be gone when the backlog is processed */
	bh_lock_sock_nested(sk);
	if (!sock_owned_by_user(sk)) {
		ttp_verdict_segment(sk, skb);
	} else if (sk_add_backlog(sk, skb, backlog_limit(sk))) {
		atomic_inc(&sk->sk_drops);
		ttp_mib_inc(ttp_sk_net(sk), TTP_MIB_BACKLOG_DROP);
		ttp_trace_done(sock_net(sk), skb, TTP_MIB_BACKLOG_DROP);
	}
	bh_unlock_sock(sk);
}

/* No connection and no listener: answer with a RST. */
static void to_nobody(struct ttp_net *tn, struct sk_buff *skb)
{
	struct ttp_conn conn = { .state = TTP_CLOSED, .kind = TTP_KIND_NONE };
	struct ttp_ep ep = { .tn = tn, .conn = &conn };
	struct ttp_verdict v __uninitialized;
	struct ttp_seg seg __uninitialized;
	bool answers;

	if (!ttp_ip_policy_ok(NULL, skb)) {
		ttp_trace_drop(tn->net, skb, SKB_DROP_REASON_XFRM_POLICY);
		return;
	}
	if (!ttp_ip_parse(tn->net, skb, &seg)) {
		ttp_trace_done(tn->net, skb, TTP_MIB_BAD_OPTIONS);
		return;
	}
	ttp_ip_key(skb, &ep.key);
	trace_segment_in(&ep, &seg);
	ttp_arrives_closed(&seg, &v);
	ttp_mib_inc(tn, v.drop);
	/* no RST to what was sent to many hosts */
	answers = v.todo & TTP_DO_RESET && ttp_ip_to_us(skb);
	ttp_netlink_arrived(&ep, &seg, 0, v.drop, answers ? v.answer : NULL);
	if (answers)
		ttp_xmit_answer(tn->net, NULL, skb, &v.reply);
	ttp_trace_done(tn->net, skb, v.drop);
}

/* Find what the segment belongs to.  That may be replaced before it is locked; then
 * search again.
 */
static void dispatch(struct ttp_net *tn, struct sk_buff *skb)
{
	struct ttp_reopen re = {};
	bool done = false;
	struct ttp_key key __uninitialized;
	struct ttp_ep *ep;
	struct sock *sk;

	ep = ttp_early_found(skb);
	while (!done) {
		if (!ep) {
			ttp_ip_key(skb, &key);
			ep = ttp_demux_find(tn, &key, ttp_ip_iif(skb), ttp_ip_sdif(skb));
		}
		if (!ep)
			break;
		switch ((enum ttp_kind)ep->kind) {
		case TTP_KIND_SOCK:
			to_sock(ttp_ep_sock(ep), skb);
			done = true;
			break;
		case TTP_KIND_REQUEST:
		case TTP_KIND_TIMEWAIT:
			done = !ttp_mini_passes(ttp_ep_mini(ep), skb) ||
			       ttp_mini_rcv(ttp_ep_mini(ep), skb, &re);
			break;
		case TTP_KIND_NONE:
			break;
		}
		ttp_demux_put(ep);
		ep = NULL;
	}
	if (done)
		return;
	sk = ttp_demux_listener(tn, &key, skb);
	if (sk) {
		if (ttp_ip_filter(sk, skb))
			ttp_request_listener_rcv(sk, skb, &re);
		sock_put(sk);
	} else {
		to_nobody(tn, skb);
	}
}

/* MUST-3; the pseudo-header is TCP's */
static bool sum_ok(struct sk_buff *skb)
{
	__sum16 wrong = ttp_ip_is_v6(skb) ?
			skb_checksum_init(skb, IPPROTO_TCP, ip6_compute_pseudo) :
			skb_checksum_init(skb, IPPROTO_TCP, inet_compute_pseudo);

	return !wrong && !skb_checksum_complete(skb);
}

/**
 * ttp_recv_take - take a segment from IP, or what a fault has left of it
 * @net: network namespace
 * @skb: skb->data is at our header; consumed
 *
 * Context: softirq under RCU.
 */
void ttp_recv_take(struct net *net, struct sk_buff *skb)
{
	enum ttp_mib drop = TTP_MIB_IN_ERRS;
	struct ttp_net *tn = ttp_net_rcu(net);
	int len;

	ttp_mib_add(tn, TTP_MIB_IN_SEGS, max_t(u32, skb_shinfo(skb)->gso_segs, 1));
	if (!pskb_may_pull(skb, TTP_HDR_LEN))
		goto error;
	len = ttp_wire_hdrlen(skb->data, skb->len);
	if (len < 0 || !pskb_may_pull(skb, len))
		goto error;
	if (!sum_ok(skb)) {
		drop = TTP_MIB_IN_CSUM_ERRORS;
		ttp_mib_inc(tn, drop);
		goto error;
	}
	dispatch(tn, skb);
	return;

error:
	ttp_mib_inc(tn, TTP_MIB_IN_ERRS);
	ttp_trace_done(net, skb, drop);
}

/* From IP, skb->data at our header. */
static int rcv(struct sk_buff *skb)
{
	struct net *net = dev_net(skb->dev);

	if (skb->pkt_type != PACKET_HOST)	/* MUST-57 */
		ttp_trace_drop(net, skb, SKB_DROP_REASON_OTHERHOST);
	else if (ttp_fault_on(ttp_net_rcu(net)))
		ttp_faulty_take(net, skb);
	else
		ttp_recv_take(net, skb);
	return 0;
}

static const struct net_protocol protocol = {
	.handler = rcv,
	.err_handler = ttp_icmp_err,
	.no_policy = 1,
	.icmp_strict_tag_validation = 1,
};

#if IS_ENABLED(CONFIG_IPV6)
static const struct inet6_protocol protocol6 = {
	.handler = rcv,
	.err_handler = ttp_icmp_err6,
	.flags = INET6_PROTO_NOPOLICY | INET6_PROTO_FINAL,
};
#endif

/* Register protocol 253 with both IPs.
 * Return: 0, or -EADDRINUSE when another module has that number.
 */
int ttp_recv_init(void)
{
	ttp_hold_init(ttp_recv_take);
	if (inet_add_protocol(&protocol, IPPROTO_TTP))
		goto taken;
	if (!inet6_add_protocol(&protocol6, IPPROTO_TTP))
		return 0;
	inet_del_protocol(&protocol, IPPROTO_TTP);
taken:
	pr_err("IP protocol %d is taken by another module\n", IPPROTO_TTP);
	return -EADDRINUSE;
}

/* Unregister it, and wait until no packet is being processed. */
void ttp_recv_exit(void)
{
	inet6_del_protocol(&protocol6, IPPROTO_TTP);
	inet_del_protocol(&protocol, IPPROTO_TTP);
}
