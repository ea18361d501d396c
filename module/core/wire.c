// SPDX-License-Identifier: GPL-2.0
/*
 * wire.c - header and options <-> struct ttp_seg (RFC 9293 3.1, 3.2).
 *
 * Every length in here comes from the network and may be wrong.  The checksum is verified and
 * made by the caller, which knows how the packet is stored.
 *
 * Called by ip/common.c and ip/xmit.c, and whoever looks into a header.  Context: any, no locks.
 * Next: fsm.c for the states, arrives.c for what a segment does.
 */
#include "wire.h"

enum {
	OPT_EOL = 0,
	OPT_NOP = 1,
	OPT_MSS = 2,
	OPT_WSCALE = 3,
	OPT_SACK_PERMITTED = 4,
	OPT_SACK = 5,
	OPT_TS = 8,
	OPT_FASTOPEN = 34,
};

static u16 get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static u32 get32(const u8 *p)
{
	return (u32)get16(p) << 16 | get16(p + 2);
}

static u8 *put8(u8 *p, u8 v)
{
	*p = v;
	return p + 1;
}

static u8 *put16(u8 *p, u16 v)
{
	return put8(put8(p, v >> 8), v & 0xff);
}

static u8 *put32(u8 *p, u32 v)
{
	return put16(put16(p, v >> 16), v & 0xffff);
}

static int parse_sack(const u8 *p, u32 len, struct ttp_seg *seg)
{
	u32 i, n = (len - 2) / 8;

	if (n == 0 || n > TTP_SACK_MAX || len != 2 + 8 * n)
		return -EINVAL;
	for (i = 0; i < n; i++) {
		seg->sack[i].left = get32(p + 2 + 8 * i);
		seg->sack[i].right = get32(p + 6 + 8 * i);
	}
	seg->nsack = n;
	return 0;
}

/* RFC 7413 4.1.1: one of another length, or not on a SYN, is ignored. */
static void parse_cookie(const u8 *p, u32 len, struct ttp_seg *seg)
{
	u32 n = len - 2;

	if (!(seg->flags & TTP_SYN) || n % 2 || n > TTP_COOKIE_MAX || (n && n < TTP_COOKIE_MIN))
		return;
	seg->has_cookie = true;
	seg->cookie.len = n;
	memcpy(seg->cookie.val, p + 2, n);
}

/* One option of known length @len, kind and length bytes included. */
static int parse_option(const u8 *p, u32 len, struct ttp_seg *seg)
{
	bool syn = seg->flags & TTP_SYN;

	switch (p[0]) {
	case OPT_MSS:
		if (len != 4)
			return -EINVAL;
		if (syn)
			seg->mss = get16(p + 2);
		return 0;
	case OPT_WSCALE:
		if (len != 3)
			return -EINVAL;
		if (syn) {
			/* RFC 7323 2.3: a larger shift counts as 14 */
			seg->has_wscale = true;
			seg->wscale = min_t(u8, p[2], TTP_WSCALE_MAX);
		}
		return 0;
	case OPT_SACK_PERMITTED:
		if (len != 2)
			return -EINVAL;
		seg->sack_permitted = syn;
		return 0;
	case OPT_SACK:
		return parse_sack(p, len, seg);
	case OPT_TS:
		if (len != 10)
			return -EINVAL;
		seg->has_ts = true;
		seg->tsval = get32(p + 2);
		seg->tsecr = get32(p + 6);
		return 0;
	case OPT_FASTOPEN:
		parse_cookie(p, len, seg);
		return 0;
	}
	return 0;	/* MUST-6: an unknown option is ignored */
}

/* Options come with any segment (MUST-5) and begin at any byte (MUST-64).  All kinds have a
 * length (MUST-68) but two, which with MSS are those of MUST-4.
 */
static int parse_options(const u8 *p, u32 left, struct ttp_seg *seg)
{
	u32 len;
	int err;

	/* timestamps alone, as nearly all segments have them: header prediction */
	if (left == 12 && get32(p) == (OPT_NOP << 24 | OPT_NOP << 16 | OPT_TS << 8 | 10))
		return parse_option(p + 2, 10, seg);
	for (; left && p[0] != OPT_EOL; p += len, left -= len) {
		len = 1;
		if (p[0] == OPT_NOP)
			continue;
		/* MUST-7: a wrong length must do no harm */
		if (left < 2 || p[1] < 2 || p[1] > left)
			return -EINVAL;
		len = p[1];
		err = parse_option(p, len, seg);
		if (err)
			return err;
	}
	return 0;
}

/**
 * ttp_wire_parse - read a header with its options
 * @hdr: the header, @hdrlen bytes of it readable
 * @hdrlen: what ttp_wire_hdrlen() returned
 * @total: bytes in the whole segment, not less than @hdrlen
 * @seg: filled in whole; @seg->pkt is left %NULL
 *
 * Options that belong on a SYN only are ignored elsewhere.
 *
 * Return: 0, or -EINVAL when an option's length is impossible; the segment is
 * then to be dropped.
 */
int ttp_wire_parse(const u8 *hdr, u32 hdrlen, u32 total, struct ttp_seg *seg)
{
	memset(seg, 0, sizeof(*seg));
	seg->sport = get16(hdr);
	seg->dport = get16(hdr + 2);
	seg->seq = get32(hdr + 4);
	seg->ack = get32(hdr + 8);
	seg->flags = hdr[13];
	seg->wnd = get16(hdr + 14);
	seg->up = get16(hdr + 18);
	seg->off = hdrlen;
	seg->len = total - hdrlen;
	return parse_options(hdr + TTP_HDR_LEN, hdrlen - TTP_HDR_LEN, seg);
}

/**
 * ttp_wire_size - the length of the header that ttp_wire_write() makes
 * @seg: the segment
 *
 * Return: 20 to 60, a multiple of 4.
 */
u32 ttp_wire_size(const struct ttp_seg *seg)
{
	u32 len = TTP_HDR_LEN;

	if (seg->mss)
		len += 4;
	if (seg->has_ts)
		len += 12;	/* with SACK-permitted or two NOPs */
	else if (seg->sack_permitted)
		len += 4;
	if (seg->has_wscale)
		len += 4;
	if (seg->nsack)
		len += 4 + 8 * seg->nsack;
	if (seg->has_cookie)
		len += (2 + seg->cookie.len + 3) / 4 * 4;
	return len;
}

/**
 * ttp_wire_write - write a header with its options
 * @seg: the segment; at most three SACK blocks when @seg->has_ts
 * @hdr: room for ttp_wire_size() bytes
 *
 * Options have the order that Linux's TCP has, so that captures can be compared line by line.
 * NOPs fill the header up, so that nothing follows an end of options (MUST-69).  The
 * checksum field is left 0.
 *
 * Return: bytes written.
 */
u32 ttp_wire_write(const struct ttp_seg *seg, u8 *hdr)
{
	u32 i, size = ttp_wire_size(seg);
	u8 *p = hdr;

	p = put16(p, seg->sport);
	p = put16(p, seg->dport);
	p = put32(p, seg->seq);
	p = put32(p, seg->flags & TTP_ACK ? seg->ack : 0);
	p = put8(p, size / 4 << 4);
	p = put8(p, seg->flags);
	p = put16(p, seg->wnd);
	p = put16(p, 0);
	p = put16(p, seg->up);

	if (seg->mss)
		p = put16(put8(put8(p, OPT_MSS), 4), seg->mss);
	if (seg->has_ts != seg->sack_permitted)
		p = put8(put8(p, OPT_NOP), OPT_NOP);
	if (seg->sack_permitted)
		p = put8(put8(p, OPT_SACK_PERMITTED), 2);
	if (seg->has_ts) {
		p = put8(put8(p, OPT_TS), 10);
		p = put32(put32(p, seg->tsval), seg->tsecr);
	}
	if (seg->has_wscale) {
		p = put8(put8(p, OPT_NOP), OPT_WSCALE);
		p = put8(put8(p, 3), seg->wscale);
	}
	if (seg->nsack) {
		p = put8(put8(p, OPT_NOP), OPT_NOP);
		p = put8(put8(p, OPT_SACK), 2 + 8 * seg->nsack);
	}
	for (i = 0; i < seg->nsack; i++)
		p = put32(put32(p, seg->sack[i].left), seg->sack[i].right);
	if (seg->has_cookie) {
		p = put8(put8(p, OPT_FASTOPEN), 2 + seg->cookie.len);
		memcpy(p, seg->cookie.val, seg->cookie.len);
		p += seg->cookie.len;
	}
	while (p < hdr + size)
		p = put8(p, OPT_NOP);
	return size;
}
