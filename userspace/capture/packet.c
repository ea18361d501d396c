// SPDX-License-Identifier: GPL-2.0
/*
 * Event -> the headers that the segment had: IPv4 or IPv6 and, behind it, TCP's.
 *
 * What an event does not say is left out or 0: data, the IP header's ECN bits and
 * identification, options that are not told of, and the checksum of a segment with
 * data.  Wireshark does not check that one, since the packet is cut before its data.
 * Called by pcap.c.
 */
#include <arpa/inet.h>
#include <string.h>

#include "capture/capture.h"

#define OPTIONS_SIZE	40	/* at most, in a TCP header */
#define TTL		64

enum { OPT_NOP = 1, OPT_MSS, OPT_WSCALE, OPT_SACK_PERMITTED, OPT_SACK, OPT_TS = 8 };

static uint8_t *put8(uint8_t *p, uint8_t value)
{
	*p = value;
	return p + 1;
}

static uint8_t *put16(uint8_t *p, uint16_t value)
{
	return put8(put8(p, value >> 8), value);
}

static uint8_t *put32(uint8_t *p, uint32_t value)
{
	return put16(put16(p, value >> 16), value);
}

static uint8_t *put_sack(uint8_t *p, const struct sack_list *sack, size_t room)
{
	size_t n = sack->count;

	if (room < 12)
		return p;
	if (n > (room - 4) / 8)
		n = (room - 4) / 8;
	p = put8(put8(p, OPT_NOP), OPT_NOP);
	p = put8(put8(p, OPT_SACK), 2 + 8 * n);
	for (size_t i = 0; i < n; i++)
		p = put32(put32(p, sack->block[i].left), sack->block[i].right);
	return p;
}

/* In the order that TTP and Linux's TCP give them. */
static uint8_t *put_options(uint8_t *p, const struct event *ev)
{
	bool sack_permitted = event_has(ev, TTP_A_OPT_SACK_PERMITTED);
	bool ts = event_has(ev, TTP_A_OPT_TSVAL);
	const uint8_t *begin = p;

	if (event_has(ev, TTP_A_OPT_MSS))
		p = put16(put8(put8(p, OPT_MSS), 4), ev->seg.opt.mss);
	if (ts != sack_permitted)
		p = put8(put8(p, OPT_NOP), OPT_NOP);
	if (sack_permitted)
		p = put8(put8(p, OPT_SACK_PERMITTED), 2);
	if (ts) {
		p = put8(put8(p, OPT_TS), 10);
		p = put32(put32(p, ev->seg.opt.tsval), ev->seg.opt.tsecr);
	}
	if (event_has(ev, TTP_A_OPT_WSCALE)) {
		p = put8(put8(p, OPT_NOP), OPT_WSCALE);
		p = put8(put8(p, 3), ev->seg.opt.wscale);
	}
	if (ev->seg.opt.sack.count)
		p = put_sack(p, &ev->seg.opt.sack, OPTIONS_SIZE - (p - begin));
	return p;
}

static uint32_t sum(uint32_t before, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		before += data[i] << 8 | data[i + 1];
	return before;
}

static uint16_t checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* The pseudo-header's protocol is TCP's, whatever the IP header says. */
static uint16_t tcp_checksum(const struct address *from, const struct address *to,
			     const uint8_t *header, size_t len)
{
	uint32_t pseudo = sum(sum(PROTO_TCP + len, from->bytes, from->len), to->bytes, to->len);

	return checksum(sum(pseudo, header, len));
}

static size_t put_ipv4(uint8_t *begin, const struct address *from, const struct address *to,
		       uint8_t proto, uint64_t len)
{
	uint8_t *p = begin;

	len += 20;
	p = put8(put8(p, 0x45), 0);
	p = put16(p, len > UINT16_MAX ? 0 : len);	/* 0: too long, as with offload */
	p = put16(put16(p, 0), 0x4000);			/* don't fragment */
	p = put16(put8(put8(p, TTL), proto), 0);
	memcpy(p, from->bytes, 4);
	memcpy(p + 4, to->bytes, 4);
	put16(begin + 10, checksum(sum(0, begin, 20)));
	return 20;
}

static size_t put_ipv6(uint8_t *p, const struct address *from, const struct address *to,
		       uint8_t proto, uint64_t len)
{
	p = put32(p, 0x60000000);
	p = put16(p, len > UINT16_MAX ? 0 : len);
	p = put8(put8(p, proto), TTL);
	memcpy(p, from->bytes, 16);
	memcpy(p + 16, to->bytes, 16);
	return 40;
}

/*
 * Writes the headers of the segment @ev, which was sent or arrived, to @to.
 * Return: their length.
 */
size_t packet_build(const struct event *ev, uint8_t proto, uint8_t to[PACKET_MAX])
{
	bool sent = ev->seg.direction == TTP_DIRECTION_OUT;
	struct address local = ev->who.saddr, peer = ev->who.daddr;
	const struct address *src = sent ? &local : &peer;
	const struct address *dst = sent ? &peer : &local;
	uint8_t header[20 + OPTIONS_SIZE];
	size_t len, ip_len;
	uint8_t *p = header;

	peer.len = local.len;	/* 0 if nobody knows it: then it is all zeros */
	p = put16(p, sent ? ev->who.sport : ev->who.dport);
	p = put16(p, sent ? ev->who.dport : ev->who.sport);
	p = put32(p, ev->seg.seq);
	p = put32(p, ev->seg.flags & SEG_ACK ? ev->seg.ack : 0);
	p = put16(put8(put8(p, 0), ev->seg.flags), ev->seg.wnd);
	p = put16(put16(p, 0), ev->seg.flags & SEG_URG ? ev->seg.up : 0);
	p = put_options(p, ev);
	len = p - header;
	header[12] = len / 4 << 4;
	if (!ev->seg.len)
		put16(header + 16, tcp_checksum(src, dst, header, len));
	if (local.len == 16)
		ip_len = put_ipv6(to, src, dst, proto, len + (uint64_t)ev->seg.len);
	else
		ip_len = put_ipv4(to, src, dst, proto, len + (uint64_t)ev->seg.len);
	memcpy(to + ip_len, header, len);
	return ip_len + len;
}
