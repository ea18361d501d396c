/* SPDX-License-Identifier: GPL-2.0 */
/*
 * wire.h - a segment as the protocol sees it, and its form on the wire
 * (RFC 9293 3.1 and 3.2, RFC 7323, RFC 2018).
 *
 * Next: wire.c, which reads and writes headers.
 */
#ifndef _TTP_CORE_WIRE_H
#define _TTP_CORE_WIRE_H

#include "fastopen.h"
#include "shim.h"

#define TTP_FIN		0x01
#define TTP_SYN		0x02
#define TTP_RST		0x04
#define TTP_PSH		0x08
#define TTP_ACK		0x10
#define TTP_URG		0x20
#define TTP_ECE		0x40
#define TTP_CWR		0x80

#define TTP_HDR_LEN	20	/* without options */
#define TTP_HDR_MAX	60	/* Data Offset is 4 bits of 32-bit words */
#define TTP_SACK_MAX	4	/* blocks that fit in 40 bytes of options */
#define TTP_TS_LEN	12	/* bytes of a timestamps option, as it is on every segment */
#define TTP_WSCALE_MAX	14	/* RFC 7323 2.3 */
#define TTP_MSS_MIN	88	/* what Linux takes, too */
#define TTP_MSS_DEFAULT	536	/* RFC 9293 3.7.1, MUST-15 */

struct ttp_sack {
	u32 left;	/* first sequence number of the block */
	u32 right;	/* the one after its last */
};

/* Why one of our segments is sent, if it is no ordinary one; for who watches. */
enum ttp_why {
	TTP_WHY_NONE,
	TTP_WHY_RTO,		/* RFC 6298 5.4: the retransmission timer expired */
	TTP_WHY_FAST_RETRANSMIT, /* RFC 5681, RFC 6675, RFC 8985: ACKs say what is lost */
	TTP_WHY_LOSS_PROBE,	/* RFC 8985 7 */
	TTP_WHY_ZERO_WINDOW_PROBE,	/* RFC 9293 3.8.6.1 */
	TTP_WHY_KEEPALIVE,	/* RFC 9293 3.8.4 */
	TTP_WHY_DUPLICATE_ACK,	/* RFC 5681 4.2: what came was not next */
	TTP_WHY_WINDOW_UPDATE,	/* RFC 9293 3.8.6.2.2: the user has made room */
	TTP_WHY_CHALLENGE_ACK,	/* RFC 5961 */
	TTP_WHY_MTU_PROBE,	/* RFC 4821 */
};

/* What is done to a segment on purpose (see/fault.h) */
struct ttp_fault_act {
	u8 action;	/* enum ttp_fault_action; 0: nothing */
	u8 field;	/* of "set": enum ttp_fault_field */
	u32 value;	/* of "set": what the field gets; of "delay": milliseconds */
	u32 number;	/* of the fault */
};

/* One segment, in host byte order. */
struct ttp_seg {
	u32 seq;	/* SEG.SEQ */
	u32 ack;	/* SEG.ACK, valid with TTP_ACK */
	u32 len;	/* bytes of data; ttp_seg_len() adds SYN and FIN */
	u32 off;	/* where the data begins in pkt */
	void *pkt;	/* what holds the data, opaque to the core (an sk_buff in the kernel) */
	u32 tsval;	/* sender's timestamp, valid with has_ts */
	u32 tsecr;	/* echoed timestamp, valid with has_ts */
	u16 sport;	/* source port; the core does not know ports: who sends fills them in */
	u16 dport;	/* destination port, likewise */
	u16 wnd;	/* SEG.WND as on the wire, not scaled */
	u16 up;		/* SEG.UP, valid with TTP_URG */
	u16 mss;	/* maximum segment size option, 0 when absent */
	u16 segs;	/* how many segments its packet carries (GSO, GRO); 0: one */
	u16 each;	/* of one that arrives: then their data, but for the last */
	u8 flags;	/* control bits, TTP_FIN .. TTP_CWR */
	u8 wscale;	/* shift count, valid with has_wscale */
	u8 nsack;	/* valid entries of sack */
	u8 why;		/* enum ttp_why, of one that we send */
	bool ce;	/* the IP header says "congestion experienced" (RFC 3168) */
	bool ect;	/* ECN-capable: the IP header says that routers may mark it */
	bool has_wscale;	/* a window scale option is there */
	bool has_ts;	/* a timestamps option is there */
	bool sack_permitted;	/* a SACK-permitted option is there */
	bool has_cookie;	/* a Fast Open option is there */
	struct ttp_cookie cookie;	/* what is in it */
	struct ttp_sack sack[TTP_SACK_MAX];	/* SACK blocks */
	struct ttp_fault_act fault;	/* of one that arrives: what was done to it */
};

/* Segments of a packet that arrived, and the data of each */
static inline u32 ttp_seg_count(const struct ttp_seg *seg)
{
	return seg->segs ?: 1;
}

static inline u32 ttp_seg_each(const struct ttp_seg *seg)
{
	return seg->each ?: seg->len;
}

/* SEG.LEN: "the number of octets occupied by the data in the segment,
 * counting SYN and FIN" (RFC 9293 3.3.1)
 */
static inline u32 ttp_seg_len(const struct ttp_seg *seg)
{
	return seg->len + !!(seg->flags & TTP_SYN) + !!(seg->flags & TTP_FIN);
}

static inline u32 ttp_seg_end(const struct ttp_seg *seg)
{
	return seg->seq + ttp_seg_len(seg);
}

/**
 * ttp_wire_hdrlen - the header's length according to its Data Offset field
 * @hdr: the first %TTP_HDR_LEN bytes of the segment
 * @total: bytes in the whole segment
 *
 * Return: 20 to 60, or -EINVAL when the field is too small or points past the
 * segment's end.
 */
static inline int ttp_wire_hdrlen(const u8 *hdr, u32 total)
{
	u32 len = (hdr[12] >> 4) * 4;

	if (len < TTP_HDR_LEN || len > total)
		return -EINVAL;
	return len;
}

int ttp_wire_parse(const u8 *hdr, u32 hdrlen, u32 total, struct ttp_seg *seg);
u32 ttp_wire_size(const struct ttp_seg *seg);
u32 ttp_wire_write(const struct ttp_seg *seg, u8 *hdr);

#endif
