// SPDX-License-Identifier: GPL-2.0
/*
 * icmp6.c - an error of ICMPv6 arrives about a segment of ours.
 *
 * Called by IPv6's ICMP. Context: softirq under RCU.
 *
 * Next: icmp.c for what it does.
 */
#include <linux/icmpv6.h>
#include <net/addrconf.h>
#include <net/ndisc.h>

#include "input/icmp.h"

/**
 * ttp_icmp_err6 - struct inet6_protocol's err_handler
 * @skb: as of ttp_icmp_err()
 * @opt: not used
 * @type: of ICMPv6
 * @code: of ICMPv6
 * @offset: where our header is
 * @info: the next hop's MTU, for ICMPV6_PKT_TOOBIG
 *
 * Return: 0, or -ENOENT when there is no such connection.
 * Source: as of ttp_icmp_err(); RFC 4443 2.4; RFC 8201 4: no link has less than 1280 bytes.
 */
int ttp_icmp_err6(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code, int offset,
		  __be32 info)
{
	const struct ipv6hdr *hdr = (const struct ipv6hdr *)skb->data;
	const __be16 *port = (const __be16 *)(skb->data + offset);
	struct ttp_message m = {
		.skb = skb, .hdrlen = offset, .seq = ntohl(*(const __be32 *)(port + 2)),
		.info = ntohl(info), .redirect = type == NDISC_REDIRECT,
		.too_big = type == ICMPV6_PKT_TOOBIG,
	};
	struct ttp_key key;

	m.ends_request = icmpv6_err_convert(type, code, &m.err);
	if (m.too_big && m.info < IPV6_MIN_MTU)
		return 0;
	ttp_ipv6_set_key(&key, &hdr->saddr, port[0], &hdr->daddr, port[1]);
	if (ttp_icmp_take(&m, &key))
		return 0;
	__ICMP6_INC_STATS(dev_net(skb->dev), __in6_dev_get(skb->dev), ICMP6_MIB_INERRORS);
	return -ENOENT;
}
