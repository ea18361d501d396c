// SPDX-License-Identifier: GPL-2.0
/*
 * early.c - early demultiplexing: segments of a connection need no route lookup.
 *
 * For TCP and UDP, IP looks for the socket of a packet before it looks for the route: the
 * socket remembers the route of the last packet.  IP chooses by protocol number, and does
 * not know 253.  So the same is done here, in netfilter's last hook before the route
 * lookup; skb->sk takes the socket along.  A kernel without netfilter looks each route up.
 *
 * Called by netfilter, for each IPv4 packet. Context: softirq under RCU.
 *
 * Next: recv.c, whose dispatch() takes what was found.
 */
#include <linux/netfilter_ipv4.h>
#include <net/inet_hashtables.h>

#include "ttp.h"

/* The packet takes the socket along, with its reference, and the route if it still holds.
 * Requests and TIME_WAIT are not looked up here: they are no struct sock.
 */
static void attach_sock(struct sk_buff *skb, struct sock *sk)
{
	struct dst_entry *dst = rcu_dereference(sk->sk_rx_dst);

	skb->sk = sk;
	skb->destructor = sock_edemux;
	if (dst && READ_ONCE(sk->sk_rx_dst_ifindex) == skb->skb_iif && dst_check(dst, 0))
		skb_dst_set_noref(skb, dst);
}

/* Is it a packet to this host, of protocol 253, no fragment, not looked up yet? */
static bool wanted(struct net *net, struct sk_buff *skb)
{
	return ip_hdr(skb)->protocol == IPPROTO_TTP && skb->pkt_type == PACKET_HOST &&
	       !skb->sk && !skb_dst(skb) && !ip_is_fragment(ip_hdr(skb)) &&
	       /* it will come here again, from its VRF */
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
		attach_sock(skb, ttp_ep_sock(ep));
	else if (ep)
		ttp_demux_put(ep);
	return NF_ACCEPT;
}

static const struct nf_hook_ops hook __maybe_unused = {
	.hook = find,
	.pf = NFPROTO_IPV4,
	.hooknum = NF_INET_PRE_ROUTING,
	.priority = NF_IP_PRI_LAST,	/* after NAT */
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
	return nf_register_net_hook(net, &hook);
#else
	return 0;
#endif
}

/* A network namespace ends.  The hook may run until an RCU grace period has passed. */
void ttp_early_exit(struct net *net)
{
#ifdef CONFIG_NETFILTER
	nf_unregister_net_hook(net, &hook);
#endif
}
