// SPDX-License-Identifier: GPL-2.0
/*
 * trace.c - the tracepoints of trace.h; and the end of a packet that arrived and is not
 * queued: consumed, or dropped with the reason that the kernel's own tracepoint skb:kfree_skb
 * tells.
 *
 * Called by input/, conn/ and ip/. Context: any.
 *
 * Next: observe.c and netlink.c, which see the same.
 */
#include <net/ipv6.h>

#include "ttp.h"

/* For the events of trace.h, if the kernel has any: an address of IPv4 in both forms, one of IPv6
 * in the second.
 */
static void __maybe_unused ttp_trace_addr(u8 *v4, u8 *v6, u16 family, const union ttp_addr *addr)
{
	memset(v4, 0, sizeof(addr->v4));
	if (family == AF_INET6) {
		memcpy(v6, &addr->v6, sizeof(addr->v6));
	} else {
		memcpy(v4, &addr->v4, sizeof(addr->v4));
		ipv6_addr_set_v4mapped(addr->v4, (struct in6_addr *)v6);
	}
}

#define CREATE_TRACE_POINTS
#include "trace.h"

/* The kernel's reason for what is counted; 0: it has none that says the same. */
static const u8 reasons[TTP_MIB_MAX] = {
	[TTP_MIB_IN_ERRS] = SKB_DROP_REASON_PKT_TOO_SMALL,
	[TTP_MIB_IN_CSUM_ERRORS] = SKB_DROP_REASON_TCP_CSUM,
	[TTP_MIB_NO_SOCKET] = SKB_DROP_REASON_NO_SOCKET,
	[TTP_MIB_BACKLOG_DROP] = SKB_DROP_REASON_SOCKET_BACKLOG,
	[TTP_MIB_OUT_OF_WINDOW] = SKB_DROP_REASON_TCP_INVALID_SEQUENCE,
	[TTP_MIB_PAWS] = SKB_DROP_REASON_TCP_RFC7323_PAWS,
	[TTP_MIB_SYN_CHALLENGE] = SKB_DROP_REASON_TCP_INVALID_SYN,
	[TTP_MIB_NO_ACK] = SKB_DROP_REASON_TCP_FLAGS,
	[TTP_MIB_RST_IGNORED] = SKB_DROP_REASON_TCP_RESET,
	[TTP_MIB_DUP_TEXT] = SKB_DROP_REASON_TCP_OLD_DATA,
	[TTP_MIB_RCVQ_DROP] = SKB_DROP_REASON_PROTO_MEM,
	[TTP_MIB_OFO_DROP] = SKB_DROP_REASON_PROTO_MEM,
	[TTP_MIB_FAULT_NO_MEMORY] = SKB_DROP_REASON_NOMEM,
	[TTP_MIB_NO_PORTS] = SKB_DROP_REASON_NO_SOCKET,
	[TTP_MIB_DATAGRAM_CSUM_ERRORS] = SKB_DROP_REASON_UDP_CSUM,
	[TTP_MIB_DATAGRAM_RCVBUF_ERRORS] = SKB_DROP_REASON_SOCKET_RCVBUFF,
};

/* The tracepoint drop.  The header may be cut off: then there is only the addresses to tell; a
 * datagram has only ports and a length.
 */
static void tell(struct net *net, const struct sk_buff *skb, const char *drop,
		 enum skb_drop_reason reason)
{
	const u8 *hdr = skb_transport_header(skb);
	struct ttp_conn conn = { .state = TTP_CLOSED, .kind = TTP_KIND_NONE };
	struct ttp_ep ep = { .tn = ttp_net(net), .conn = &conn };
	struct ttp_seg seg = {};
	int linear = skb_tail_pointer(skb) - hdr, hdrlen = -1;
	u32 len = linear + skb->data_len;	/* whatever was pulled */
	unsigned int at = 0;
	bool is_datagram;

	if (skb->protocol == htons(ETH_P_IPV6)) {
		is_datagram = ipv6_find_hdr(skb, &at, -1, NULL, NULL) == IPPROTO_TTP_DATAGRAM;
		ep.key.family = AF_INET6;
		ep.key.local.v6 = ipv6_hdr(skb)->daddr;
		ep.key.remote.v6 = ipv6_hdr(skb)->saddr;
	} else {
		is_datagram = ip_hdr(skb)->protocol == IPPROTO_TTP_DATAGRAM;
		ep.key.family = AF_INET;
		ep.key.local.v4 = ip_hdr(skb)->daddr;
		ep.key.remote.v4 = ip_hdr(skb)->saddr;
	}
	if (is_datagram && linear >= (int)sizeof(struct udphdr)) {
		seg.len = len - sizeof(struct udphdr);
		ep.key.lport = udp_hdr(skb)->dest;
		ep.key.rport = udp_hdr(skb)->source;
	} else if (!is_datagram && linear >= TTP_HDR_LEN) {
		hdrlen = ttp_wire_hdrlen(hdr, len);
	}
	if (hdrlen > 0 && !ttp_wire_parse(hdr, TTP_HDR_LEN, len, &seg)) {
		seg.len = len - hdrlen;	/* without options, which may be cut off */
		ep.key.lport = htons(seg.dport);
		ep.key.rport = htons(seg.sport);
	}
	trace_drop(&ep, skb, &seg, drop, reason);
}

static void drop_packet(struct net *net, struct sk_buff *skb, const char *drop,
			enum skb_drop_reason reason)
{
	if (trace_drop_enabled())
		tell(net, skb, drop, reason);
	kfree_skb_reason(skb, reason);
}

/**
 * ttp_trace_done - a packet that arrived has been processed, and its data was not queued
 * @net: network namespace
 * @skb: the packet, from IP, skb->data at our header; it is freed
 * @drop: the counter of the rule that dropped it, which is counted elsewhere; %TTP_MIB_NONE:
 *	nothing was wrong with it
 *
 * Context: any.
 */
void ttp_trace_done(struct net *net, struct sk_buff *skb, enum ttp_mib drop)
{
	if (drop == TTP_MIB_NONE)
		consume_skb(skb);
	else
		drop_packet(net, skb, ttp_mib_names[drop],
			    reasons[drop] ?: SKB_DROP_REASON_NOT_SPECIFIED);
}

/**
 * ttp_trace_drop - a packet that arrived is dropped, by what has no counter of ours
 * @net: network namespace
 * @skb: as for ttp_trace_done()
 * @reason: the kernel's word for it
 *
 * Context: any.
 */
void ttp_trace_drop(struct net *net, struct sk_buff *skb, enum skb_drop_reason reason)
{
	drop_packet(net, skb, "-", reason);
}

/**
 * ttp_trace_fault - a segment that arrived is dropped on purpose, by a fault
 * @net: network namespace
 * @skb: as for ttp_trace_done()
 *
 * Context: any.
 */
void ttp_trace_fault(struct net *net, struct sk_buff *skb)
{
	drop_packet(net, skb, "fault", SKB_DROP_REASON_NOT_SPECIFIED);
}
