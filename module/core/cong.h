/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cong.h - congestion control: what an algorithm sees of a connection, and what
 * it is made of.
 *
 * An algorithm works on struct ttp_cong and struct ttp_ack_sample and never on a
 * socket, so it can be tested by calling it, on any machine.  It says how much may be
 * in the network, and how fast data is sent.  Which data is lost, and what is retransmitted, is
 * decided in recovery.c.
 *
 * Next: docs/congestion-control.md shows how to write an algorithm; cong.c calls it.
 */
#ifndef _TTP_CORE_CONG_H
#define _TTP_CORE_CONG_H

#include "shim.h"

struct module;
struct ttp_cong_ops;
union tcp_cc_info;

#define TTP_CONG_NAME_MAX	16	/* TCP's, with the byte that ends it */
#define TTP_CONG_PRIV		15	/* words that are the algorithm's own */
#define TTP_SSTHRESH_INFINITE	0x7fffffff
#define TTP_CWND_MAX		0x40000000U

/* The algorithm's view of a connection. */
struct ttp_cong {
	const struct ttp_cong_ops *ops;	/* the algorithm */
	/* congestion window, bytes; in fast recovery it is PRR's, unless the algorithm has
	 * TTP_CONG_OWN_RECOVERY
	 */
	u32 cwnd;
	u32 ssthresh;			/* slow start threshold, bytes; the algorithm's */
	u32 mss;			/* most data of one segment, bytes */
	u32 init_segs;			/* initial window, segments; 0: RFC 6928's */
	bool started;			/* init() was called, release() was not */
	u8 why;	/* enum ttp_cong_why: of the last change, until observers were told */
	u64 pacing_rate;	/* bytes per second at most, 0 for no limit; the algorithm's */
	u64 priv[TTP_CONG_PRIV];	/* the algorithm's own, zeroed before init() */
};

/* Why the windows, or the phase of recovery, have changed */
enum ttp_cong_why {
	TTP_CONG_WHY_NONE,
	TTP_CONG_WHY_BEGIN,		/* a connection begins (RFC 6928) */
	TTP_CONG_WHY_ACK,		/* data was delivered (RFC 5681 3.1) */
	TTP_CONG_WHY_LOSS,		/* fast recovery begins (RFC 5681 3.2) */
	TTP_CONG_WHY_PRR,		/* fast recovery goes on (RFC 6937) */
	TTP_CONG_WHY_RECOVERED,		/* all that was out when it began has arrived */
	TTP_CONG_WHY_TIMEOUT,		/* retransmission timeout (RFC 5681 3.1) */
	TTP_CONG_WHY_PROBE,		/* a tail loss probe has repaired a loss (RFC 8985 7.4) */
	TTP_CONG_WHY_ECN,		/* routers have marked data (RFC 3168) */
	TTP_CONG_WHY_UNDO,		/* nothing was lost after all (RFC 3522) */
	TTP_CONG_WHY_IDLE,		/* nothing was sent for a timeout (RFC 5681 4.1) */
	TTP_CONG_WHY_MSS,		/* the path takes other segments than before */
	TTP_CONG_WHY_ALGORITHM,		/* another one goes on */
};

/* What one ACK says. */
struct ttp_ack_sample {
	u64 now_us;		/* when it came, of a monotonic clock */
	/* bytes that SND.UNA passed; after a timeout a segment at most (RFC 3465 2.3); 0 for
	 * an ACK that reports something new by SACK only
	 */
	u32 acked;
	u32 delivered;		/* bytes newly known to have arrived, by SEG.ACK or SACK */
	u32 lost;	/* bytes that are believed lost because of this ACK, not of a timer */
	u32 in_flight;		/* bytes in the network before it came */
	u32 rtt_us;	/* round trip of the newest data that it is about, sent once; 0 unknown */
	u64 rate;		/* bytes delivered per second since that data was sent; 0 unknown */
	u64 total;		/* bytes delivered since the connection began */
	/* what total was when that data was sent: a round trip has passed when it is what
	 * total was at the round's beginning; 0 unknown
	 */
	u64 prior_total;
	bool rate_limited_by_app;	/* rate is what the user wrote, not what the path takes */
	bool cwnd_limited;	/* the window was in use; one that is not should not grow */
	bool ece;		/* the peer says that routers marked data (RFC 3168) */
	/* fast recovery (RFC 6582) is on; the ACK that begins it and the one that ends it are
	 * in it
	 */
	bool recovery;
};

/* ttp_cong_ops.flags: who may choose it, and what it does itself */
#define TTP_CONG_RESTRICTED	BIT(0)	/* only with CAP_NET_ADMIN, unless allowed */
#define TTP_CONG_OWN_RECOVERY	BIT(1)	/* cwnd is its own in fast recovery, too */
#define TTP_CONG_PRECISE_ECN	BIT(2)	/* each ACK echoes just what it is about (RFC 8257 3.2) */
#define TTP_CONG_NEEDS_ECN	BIT(3)	/* ask for ECN whatever net.ttp.ecn says */

/**
 * struct ttp_cong_ops - an algorithm
 * @name: how it is chosen: TTP_CONGESTION, net.ttp.congestion_control
 * @flags: TTP_CONG_*
 * @owner: the module that it is in
 * @init: the first data or FIN goes, or the connection changes to it: cwnd, ssthresh and mss
 *	are set; optional
 * @release: after init(), when the connection ends or changes to another;
 *	optional
 * @sample: each ACK that delivers something, whatever the phase is: to measure;
 *	optional
 * @acked: the same, but neither in fast recovery nor with ECE, unless recovery is its
 *	own: cwnd grows; required
 * @loss: data was lost: once for a window of data; sets ssthresh and cwnd;
 *	required
 * @timeout: the retransmission timer has expired; @first: not again for the same
 *	data; optional: ssthresh as for a loss, and one segment
 * @ecn: routers marked data: once for a window of it; optional: as for a loss
 * @recovered: an ACK of all that was out when it began ends fast recovery (no timeout
 *	and no undo did), or, if recovery is its own, what follows a timeout; or a probe
 *	has repaired the loss and there is nothing to recover: right after @loss then;
 *	optional: cwnd is ssthresh, unless recovery is its own
 * @undo: nothing was lost after all; optional: what was, is again
 * @idle: nothing was sent for a timeout; @restart: cwnd is to be a new connection's
 *	at most; optional: it is
 * @info: TTP_CC_INFO and `ttp show -i`: fill the member of @info that Linux has for
 *	the algorithm (<linux/inet_diag.h>), return its length; the connection is not
 *	locked, and @cong may be another algorithm's by now: follow nothing that it
 *	says unchecked; optional
 *
 * All but @info are called with the connection locked, mostly in softirq: they must
 * not sleep.  One ACK calls @ecn, @undo, @recovered, @loss, @sample and @acked in this
 * order, those for which there is reason.  Bytes always, never segments; @flight is
 * FlightSize (RFC 5681 2), what was sent and not acknowledged.
 */
struct ttp_cong_ops {
	char name[TTP_CONG_NAME_MAX];
	u32 flags;
	struct module *owner;
	void (*init)(struct ttp_cong *cong);
	void (*release)(struct ttp_cong *cong);
	void (*sample)(struct ttp_cong *cong, const struct ttp_ack_sample *s);
	void (*acked)(struct ttp_cong *cong, const struct ttp_ack_sample *s);
	void (*loss)(struct ttp_cong *cong, u32 flight);
	void (*timeout)(struct ttp_cong *cong, u32 flight, bool first);
	void (*ecn)(struct ttp_cong *cong, u32 flight);
	void (*recovered)(struct ttp_cong *cong);
	void (*undo)(struct ttp_cong *cong, u32 cwnd, u32 ssthresh);
	void (*idle)(struct ttp_cong *cong, bool restart);
	u32 (*info)(const struct ttp_cong *cong, union tcp_cc_info *info);
};

/**
 * ttp_cong_priv - the algorithm's own words
 * @cong: of the connection
 *
 * Return: TTP_CONG_PRIV * 8 bytes; say BUILD_BUG_ON() that they are enough.
 */
static inline void *ttp_cong_priv(struct ttp_cong *cong)
{
	return cong->priv;
}

/* cong.c: what the core calls */
void ttp_cong_begin(struct ttp_cong *cong, u32 mss, u32 init_segs);
void ttp_cong_change(struct ttp_cong *cong, const struct ttp_cong_ops *ops);
void ttp_cong_end(struct ttp_cong *cong);
void ttp_cong_set_mss(struct ttp_cong *cong, u32 mss);
void ttp_cong_acked(struct ttp_cong *cong, const struct ttp_ack_sample *s);
void ttp_cong_loss(struct ttp_cong *cong, u32 flight);
void ttp_cong_timeout(struct ttp_cong *cong, u32 flight, bool first);
void ttp_cong_ecn(struct ttp_cong *cong, u32 flight);
void ttp_cong_recovered(struct ttp_cong *cong);
void ttp_cong_undo(struct ttp_cong *cong, u32 cwnd, u32 ssthresh);
void ttp_cong_idle(struct ttp_cong *cong, bool restart);
u32 ttp_cong_window(u32 mss, u32 segs);
u32 ttp_cong_initial_window(const struct ttp_cong *cong);

/* cong/reno.c: an algorithm, and parts that others are made of */
extern const struct ttp_cong_ops ttp_reno;
u32 ttp_reno_slow_start(struct ttp_cong *cong, u32 acked);
void ttp_reno_avoid(struct ttp_cong *cong, u32 *credit, u32 acked, u32 per);
void ttp_reno_acked(struct ttp_cong *cong, const struct ttp_ack_sample *s);
void ttp_reno_loss(struct ttp_cong *cong, u32 flight);

#endif
