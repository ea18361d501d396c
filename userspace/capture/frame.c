// SPDX-License-Identifier: GPL-2.0
/*
 * A captured frame -> the segment of TCP or TTP in it.
 *
 * A capture may come from anywhere and may be cut, so no length in it is
 * believed: all is read through take(), which never goes behind what was
 * captured.  Called by join.c.  Next: talk.c.
 */
#include <string.h>

#include <pcap/pcap.h>

#include "base/base.h"
#include "capture/capture.h"
#include "capture/join.h"

#define ETHERTYPE_IPV4	0x0800
#define ETHERTYPE_IPV6	0x86dd
#define IP_HEADER	20
#define TCP_HEADER	20

#define SLL_OUTGOING	4	/* packet type of Linux cooked captures */

enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, AUTHENTICATION = 51, DESTINATION = 60 };
enum { OPTION_END, OPTION_NOP, OPTION_MSS, OPTION_WSCALE, OPTION_SACK_PERMITTED, OPTION_SACK,
       OPTION_TS = 8 };

/* What is still to be read of a frame. */
struct bytes {
	const uint8_t *at;
	size_t left;		/* captured */
	size_t wire;		/* there were on the wire: never less than @left */
};

/* Return: the next @n bytes, which are then behind us; NULL if fewer were captured. */
static const uint8_t *take(struct bytes *b, size_t n)
{
	const uint8_t *at = b->at;

	if (n > b->left)
		return NULL;
	b->at += n;
	b->left -= n;
	b->wire -= n;
	return at;
}

/* Nothing of the frame is further than @n bytes from here. */
static void end_after(struct bytes *b, size_t n)
{
	if (n < b->wire)
		b->wire = n;
	if (n < b->left)
		b->left = n;
}

static uint16_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* Which link types frame_read() knows. */
static bool can_read(int link_type)
{
	switch (link_type) {
	case DLT_EN10MB:
	case DLT_NULL:
	case DLT_LOOP:
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
		return true;
	}
	return false;
}

/* Return: a capture that frame_read() can read, NULL after saying why there is none. */
struct pcap *frame_open(const char *name)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	const char *type;
	pcap_t *pcap;

	pcap = pcap_open_offline_with_tstamp_precision(name, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!pcap && !strncmp(error, name, strlen(name)))
		fail("%s", error);
	else if (!pcap)
		fail("%s: %s", name, error);
	if (!pcap || can_read(pcap_datalink(pcap)))
		return pcap;
	type = pcap_datalink_val_to_name(pcap_datalink(pcap));
	fail("%s is a capture of %s, not of Ethernet, IP, Linux cooked or loopback", name,
	     type ? type : "an unknown link type");
	pcap_close(pcap);
	return NULL;
}

static void set_origin(struct frame *frame, unsigned int packet_type)
{
	frame->origin = packet_type == SLL_OUTGOING ? ORIGIN_HERE : ORIGIN_ELSEWHERE;
}

/* Return: FRAME_SEGMENT to go on with what is in it, FRAME_OTHER or FRAME_CUT. */
static enum frame_kind read_link(struct frame *frame, int link_type, struct bytes *b)
{
	const uint8_t *p;
	uint16_t type;

	switch (link_type) {
	case DLT_EN10MB:
		p = take(b, 14);
		type = p ? get16(p + 12) : 0;
		break;
	case DLT_LINUX_SLL:
		p = take(b, 16);
		type = p ? get16(p + 14) : 0;
		if (p)
			set_origin(frame, get16(p));
		break;
	case DLT_LINUX_SLL2:
		p = take(b, 20);
		type = p ? get16(p) : 0;
		if (p)
			set_origin(frame, p[10]);
		break;
	case DLT_NULL:
	case DLT_LOOP:
		return take(b, 4) ? FRAME_SEGMENT : FRAME_CUT;
	default:
		return FRAME_SEGMENT;
	}
	/* VLAN tags, one in another */
	while (p && (type == 0x8100 || type == 0x88a8 || type == 0x9100)) {
		p = take(b, 4);
		type = p ? get16(p + 2) : 0;
	}
	if (!p)
		return FRAME_CUT;
	return type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6 ? FRAME_SEGMENT : FRAME_OTHER;
}

static void set_address(struct address *addr, const uint8_t *bytes, size_t len)
{
	addr->len = len;
	memcpy(addr->bytes, bytes, len);
}

static bool is_ours(uint8_t proto)
{
	return proto == PROTO_TCP || proto == PROTO_TTP;
}

static enum frame_kind read_ipv4(struct frame *frame, struct bytes *b)
{
	const uint8_t *p = take(b, IP_HEADER);
	size_t header, len;

	if (!p)
		return FRAME_CUT;
	header = (p[0] & 15) * 4;
	len = get16(p + 2);
	if (!is_ours(p[9]))
		return FRAME_OTHER;
	if (get16(p + 6) & 0x3fff)	/* more fragments, or not the first one */
		return FRAME_FRAGMENT;
	if (header < IP_HEADER || (len && len < header) || len > b->wire + IP_HEADER)
		return FRAME_BROKEN;
	if (len)			/* else it is longer than the field: offload */
		end_after(b, len - IP_HEADER);
	set_address(&frame->from, p + 12, 4);
	set_address(&frame->to, p + 16, 4);
	return take(b, header - IP_HEADER) ? FRAME_SEGMENT : FRAME_CUT;
}

/* Behind the extension headers.  Each takes at least 8 bytes, so they end. */
static enum frame_kind read_extensions(uint8_t next, struct bytes *b)
{
	const uint8_t *p;

	for (;;) {
		size_t more = 0;

		if (is_ours(next))
			return FRAME_SEGMENT;
		if (next != HOP_BY_HOP && next != ROUTING && next != FRAGMENT &&
		    next != AUTHENTICATION && next != DESTINATION)
			return FRAME_OTHER;
		p = take(b, 8);
		if (!p)
			return FRAME_CUT;
		if (next == FRAGMENT && get16(p + 2) & 0xfff9)
			return FRAME_FRAGMENT;
		if (next == AUTHENTICATION)
			more = (p[1] + 2) * 4 - 8;
		else if (next != FRAGMENT)
			more = p[1] * 8;
		if (more > b->wire)
			return FRAME_BROKEN;
		next = p[0];
		if (!take(b, more))
			return FRAME_CUT;
	}
}

static enum frame_kind read_ipv6(struct frame *frame, struct bytes *b)
{
	const uint8_t *p = take(b, 40);
	size_t len;

	if (!p)
		return FRAME_CUT;
	len = get16(p + 4);
	if (len > b->wire)
		return FRAME_BROKEN;
	if (len)
		end_after(b, len);
	set_address(&frame->from, p + 8, 16);
	set_address(&frame->to, p + 24, 16);
	return read_extensions(p[6], b);
}

static void read_sack(struct sack_list *sack, const uint8_t *p, size_t len)
{
	for (; len >= 8 && sack->count < ARRAY_SIZE(sack->block); len -= 8, p += 8) {
		sack->block[sack->count].left = get32(p);
		sack->block[sack->count++].right = get32(p + 4);
	}
}

/* @p is behind kind and length, @len without them. */
static void read_option(struct event *ev, uint8_t kind, const uint8_t *p, size_t len)
{
	if (kind == OPTION_MSS && len == 2) {
		ev->seg.opt.mss = get16(p);
		event_set(ev, TTP_A_OPT_MSS);
	} else if (kind == OPTION_WSCALE && len == 1) {
		ev->seg.opt.wscale = *p;
		event_set(ev, TTP_A_OPT_WSCALE);
	} else if (kind == OPTION_SACK_PERMITTED && !len) {
		event_set(ev, TTP_A_OPT_SACK_PERMITTED);
	} else if (kind == OPTION_SACK && len >= 8 && !(len % 8)) {
		read_sack(&ev->seg.opt.sack, p, len);
		event_set(ev, TTP_A_OPT_SACK);
	} else if (kind == OPTION_TS && len == 8) {
		ev->seg.opt.tsval = get32(p);
		ev->seg.opt.tsecr = get32(p + 4);
		event_set(ev, TTP_A_OPT_TSVAL);
		event_set(ev, TTP_A_OPT_TSECR);
	}
}

/* A bad option ends the list, as in RFC 9293's receivers. */
static void read_options(struct event *ev, const uint8_t *p, size_t len)
{
	while (len && *p != OPTION_END) {
		if (*p == OPTION_NOP) {
			p++;
			len--;
			continue;
		}
		if (len < 2 || p[1] < 2 || p[1] > len)
			return;
		read_option(ev, p[0], p + 2, p[1] - 2);
		len -= p[1];
		p += p[1];
	}
}

static void set_event(struct event *ev, const uint8_t *p, size_t len)
{
	static const uint16_t attrs[] = {
		TTP_A_FLAGS, TTP_A_SEQ, TTP_A_SEG_LEN, TTP_A_SEG_WND
	};

	ev->kind = EVENT_SEGMENT;
	ev->seg.seq = get32(p + 4);
	ev->seg.flags = p[13];
	ev->seg.wnd = get16(p + 14);
	ev->seg.len = len;
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		event_set(ev, attrs[i]);
	if (ev->seg.flags & SEG_ACK) {
		ev->seg.ack = get32(p + 8);
		event_set(ev, TTP_A_ACK);
	}
	if (ev->seg.flags & SEG_URG) {
		ev->seg.up = get16(p + 18);
		event_set(ev, TTP_A_SEG_UP);
	}
}

static enum frame_kind read_tcp(struct frame *frame, struct bytes *b)
{
	size_t wire = b->wire, header;
	const uint8_t *p, *options;

	if (wire < TCP_HEADER)
		return FRAME_BROKEN;
	p = take(b, TCP_HEADER);
	if (!p)
		return FRAME_CUT;
	header = (p[12] >> 4) * 4;
	if (header < TCP_HEADER || header > wire)
		return FRAME_BROKEN;
	options = take(b, header - TCP_HEADER);
	if (!options)
		return FRAME_CUT;
	frame->from_port = get16(p);
	frame->to_port = get16(p + 2);
	if (!frame->from_port || !frame->to_port)
		return FRAME_BROKEN;
	set_event(&frame->ev, p, wire - header);
	read_options(&frame->ev, options, header - TCP_HEADER);
	frame->header = b->at - frame->packet;
	frame->captured = frame->header + b->left;
	return FRAME_SEGMENT;
}

/*
 * @link_type: of what frame_open() has opened
 * @captured, @length: bytes at @data, and on the wire
 *
 * Return: FRAME_SEGMENT with all of @frame set but its time, or why there is none.
 */
enum frame_kind frame_read(struct frame *frame, int link_type, const uint8_t *data,
			   size_t captured, size_t length)
{
	struct bytes b = { data, captured, length > captured ? length : captured };
	enum frame_kind kind;

	memset(frame, 0, sizeof(*frame));
	kind = read_link(frame, link_type, &b);
	if (kind != FRAME_SEGMENT)
		return kind;
	if (!b.left)
		return FRAME_CUT;
	frame->packet = b.at;
	if (*b.at >> 4 == 4)
		kind = read_ipv4(frame, &b);
	else if (*b.at >> 4 == 6)
		kind = read_ipv6(frame, &b);
	else
		kind = FRAME_BROKEN;
	return kind == FRAME_SEGMENT ? read_tcp(frame, &b) : kind;
}
