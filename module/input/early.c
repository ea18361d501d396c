// SPDX-License-Identifier: GPL-2.0
/*
 * early.c - early demux: a connection's segments need no route lookup.
 *
 * IP looks the socket of a segment up before the route, for TCP and for UDP: the
 * socket remembers by which route the last one came.  IP does so by protocol number,
 * and 253 is not among them.  So the same is done here, in netfilter's last hook
 * before the route lookup.  What is found goes with the packet, in skb->sk.  A kernel
 * without netfilter looks each route up.
 *
 * Context: softirq under RCU.
 *
 * Next: recv.c, whose dispatch() takes what was found.
 */
#include <linux/netfilter_ipv4.h>
#include <net/inet_hashtables.h>

#include "ttp.h"

/* Only sockets: what else has a 4-tuple is no struct sock. */
static void lend_sock(struct sk_buff *skb, struct sock *sk)
{
	struct dst_entry *dst = rcu_dereference(sk->sk_rx_dst);

	skb->sk = sk;
	skb->destructor = sock_edemux;
	if (dst && READ_ONCE(sk->sk_rx_dst_ifindex) == skb->skb_iif && dst_check(dst, 0))
		skb_dst_set_noref(skb, dst);
}

/* Is it a whole packet to this host, of which nothing is known yet? */
static bool wanted(struct net *net, struct sk_buff *skb)
{
	return ip_hdr(skb)->protocol == IPPROTO_TTP && skb->pkt_type == PACKET_HOST &&
	       !skb->sk && !skb_dst(skb) && !ip_is_fragment(ip_hdr(skb)) &&
	       /* it will come again, from its VRF */
	       !netif_is_l3_slave(skb->dev) &&
	       READ_ONCE(net->ipv4.sysctl_ip_early_demux) &&
	       pskb_may_pull(skb, ip_hdrlen(skb) + TTP_HDR_LEN);
}

static unsigned int find(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct ttp_key key;
	struct ttp_ep *ep;

	if (!wanted(state->net, skb))
		return NF_ACCEPT;
	skb_set_transport_header(skb, ip_hdrlen(skb));
	ttp_ipv4_key(skb, &key);
	ep = ttp_demux_find(state->net, &key, inet_iif(skb), inet_sdif(skb));
	if (ep && ep->kind == TTP_KIND_SOCK)
		lend_sock(skb, ttp_ep_sock(ep));
	else if (ep)
		ttp_demux_put(ep);
	return NF_ACCEPT;
}

static const struct nf_hook_ops hook __maybe_unused = {
	.hook = find,
	.pf = NFPROTO_IPV4,
	.hooknum = NF_INET_PRE_ROUTING,
	.priority = NF_IP_PRI_LAST,	/* addresses are final */
};

/**
 * ttp_early_found - take the socket that early demux found
 * @skb: the packet
 *
 * Return: an end point with a reference taken, or %NULL when it must be looked up.
 */
struct ttp_ep *ttp_early_found(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	/* somebody else may have put a socket there: a BPF program, a tunnel */
	if (!sk || skb->destructor != sock_edemux || sk->sk_prot->owner != THIS_MODULE)
		return NULL;
	skb->sk = NULL;
	skb->destructor = NULL;
	return &ttp_sk(sk)->ep;
}

/**
 * ttp_early_init - a network namespace begins
 * @net: the namespace
 *
 * Return: 0, or -ENOMEM.
 */
int ttp_early_init(struct net *net)
{
#ifdef CONFIG_NETFILTER
	return nf_register_net_hook(net, &hook);
#else
	return 0;
#endif
}

/**
 * ttp_early_exit - a network namespace ends
 * @net: the namespace
 *
 * A packet may still be looked up until an RCU grace period has passed.
 */
void ttp_early_exit(struct net *net)
{
#ifdef CONFIG_NETFILTER
	nf_unregister_net_hook(net, &hook);
#endif
}
