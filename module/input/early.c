// SPDX-License-Identifier: GPL-2.0
/*
 * early.c - early demultiplexing: segments of a connection need no route lookup.
 *
 * For TCP and UDP, IP looks for the socket of a packet before it looks for the route: the
 * socket remembers the route of the last packet.  IP chooses by protocol number, and does
 * not know 253.  So the same is done here, in netfilter's last hook before the route
 * lookup; skb->sk takes the socket along.  A kernel without netfilter looks each route up.
 *
 * Called by netfilter, for each packet of IP. Context: softirq under RCU.
 *
 * Next: recv.c, whose dispatch() takes what was found.
 */
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/tcp.h>

#include "ttp.h"

/* The packet takes the socket along, with its reference, and the route if it still holds.
 * Requests and TIME_WAIT are not taken here: they are no struct sock.
 */
static void attach_sock(struct sk_buff *skb, struct sock *sk)
{
	struct dst_entry *dst = rcu_dereference(sk->sk_rx_dst);

	skb->sk = sk;
	skb->destructor = sock_edemux;
	if (dst && READ_ONCE(sk->sk_rx_dst_ifindex) == skb->skb_iif &&
	    dst_check(dst, READ_ONCE(sk->sk_rx_dst_cookie)))
		skb_dst_set_noref(skb, dst);
}

/* Is it a packet to this host that was not looked up yet?  @hdrlen: of the IP header */
static bool wanted(struct net *net, struct sk_buff *skb, u32 hdrlen)
{
	return skb->pkt_type == PACKET_HOST && !skb->sk && !skb_dst(skb) &&
	       /* it will come here again, from its VRF */
	       !netif_is_l3_slave(skb->dev) &&
	       READ_ONCE(net->ipv4.sysctl_ip_early_demux) &&
	       pskb_may_pull(skb, hdrlen + TTP_HDR_LEN);
}

/* @hdrlen: where our header is; 0: it is no packet of ours, or a fragment */
static __always_inline unsigned int look(struct net *net, struct sk_buff *skb, u32 hdrlen)
{
	struct ttp_key key __uninitialized;
	struct ttp_ep *ep;

	if (!hdrlen || !wanted(net, skb, hdrlen))
		return NF_ACCEPT;
	skb_set_transport_header(skb, hdrlen);
	/* for a listener, as a rule, or a request: not for a socket that has a route */
	if (tcp_hdr(skb)->syn && !tcp_hdr(skb)->ack)
		return NF_ACCEPT;
	ttp_ip_key(skb, &key);
	ep = ttp_demux_find_sock(ttp_net_rcu(net), &key, ttp_ip_iif(skb), ttp_ip_sdif(skb));
	if (ep)
		attach_sock(skb, ttp_ep_sock(ep));
	return NF_ACCEPT;
}

static unsigned int find_v4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	bool ours = ip_hdr(skb)->protocol == IPPROTO_TTP && !ip_is_fragment(ip_hdr(skb));

	return look(state->net, skb, ours ? ip_hdrlen(skb) : 0);
}

/* Behind extension headers it is not looked for. */
static unsigned int find_v6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	bool ours = ipv6_hdr(skb)->nexthdr == IPPROTO_TTP;

	return look(state->net, skb, ours ? sizeof(struct ipv6hdr) : 0);
}

static const struct nf_hook_ops hooks[] __maybe_unused = {
	{
		.hook = find_v4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_LAST,	/* after NAT */
	}, {
		.hook = find_v6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_LAST,
	},
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

	/* skb->sk may be somebody else's: of a BPF program, of a tunnel */
	if (!sk || skb->destructor != sock_edemux || sk->sk_prot->owner != THIS_MODULE)
		return NULL;
	skb->sk = NULL;
	skb->destructor = NULL;
	return &ttp_sk(sk)->ep;
}

/* A network namespace begins.  Return: 0, or -ENOMEM. */
int ttp_early_init(struct net *net)
{
#ifdef CONFIG_NETFILTER
	return nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
#else
	return 0;
#endif
}

/* A network namespace ends.  The hook may run until an RCU grace period has passed. */
void ttp_early_exit(struct net *net)
{
#ifdef CONFIG_NETFILTER
	nf_unregister_net_hooks(net, hooks, ARRAY_SIZE(hooks));
#endif
}
