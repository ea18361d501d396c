/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oracle.h - what the RFCs forbid to send, judged from outside.
 *
 * An oracle sits at one end and sees every segment that arrives there and every
 * one that is sent.  It keeps books of its own (what was agreed on, what was
 * acknowledged, promised, received, when) and asks of each segment sent whether
 * it breaks one of the rules in oracle_rules.c and oracle_ack.c.  Each rule is
 * a line there: its name, the RFC's section, a function.  Where the RFC leaves a
 * choice that the wire does not show (cwnd, Nagle's algorithm off), the TCB says.
 *
 * Order of calls: the core has processed a segment, oracle_arrived(); a segment
 * is about to go, oracle_sent(); all that followed from one event is done,
 * oracle_settled().
 */
#ifndef _TTP_ORACLE_H
#define _TTP_ORACLE_H

#include "core/core.h"

#define ORACLE_SPANS	64
#define ORACLE_STAMPS	64

struct oracle_span {
	u32 left, right;
};

/**
 * struct oracle_rtx - how often and when the oldest segment was sent in vain
 * @seq: it begins here
 * @at: when it was sent last
 * @gap: how long that was after the time before; 0: not known
 * @count: retransmissions in a row by timer, with nothing heard
 * @out: bytes sent since
 * @on: @seq is valid
 * @heard: something arrived since
 */
struct oracle_rtx {
	u32 seq;
	u64 at, gap;
	u32 count, out;
	bool on, heard;
};

/**
 * struct oracle - the books of one end
 * @cfg: what may be set
 * @honest: the peer keeps to the rules as well, so that more can be judged
 * @lenient: memory may fail: nothing is said of times
 * @late: timers may expire late: nothing is said of times that double
 * @full_text: data is port_byte() of its place
 */
struct oracle {
	const struct ttp_config *cfg;
	bool honest, lenient, late, full_text;

	/* what the SYNs said */
	bool syn_sent, syn_rcvd;
	struct ttp_seg our_syn, peer_syn;
	bool sack_ok, ts_ok, wscale_ok, ecn_ok, ecn_asked;
	u32 iss, irs;

	/* what was sent, and what the peer lets us send */
	u32 nxt, una, right, small, fin, mss;
	bool fin_sent, right_known, resent, mss_changed;
	u32 dupacks;
	bool more;		/* the last write said that more comes (MSG_MORE) */
	u32 tsval;
	bool tsval_known;
	u64 probe_at, probe_gap;
	struct oracle_rtx rtx;

	/* what arrived, and what the peer was told of it */
	u32 promised, acked;
	bool has_promised;
	struct oracle_span got[ORACLE_SPANS];	/* in order, apart; beyond cont */
	u32 ngot;
	bool got_all;		/* there was room for all of @got */
	bool got_many;		/* more than a receiver must remember */
	u32 cont;		/* in order up to here, FIN included */
	bool fin_rcvd;
	struct oracle_span newest, twice;
	bool ooo;		/* the last data was out of order: @newest */
	u32 of_gap;		/* ACKs with SACK blocks that say the same ACK number */
	u32 biggest;
	u64 owed_us;		/* data not acknowledged is here since; 0: none */
	bool owed_now;
	bool echo, marked;
	u32 tsecr;
	bool tsecr_known;
	u32 stamp[ORACLE_STAMPS], nstamp;

	/* the event that is going on */
	struct ttp_seg last;
	bool answering;
	bool narrowed;		/* the path takes less than before */
	u64 answered_us[2];	/* pure ACKs sent in answer to pure ACKs */

	const char *broken;
	u64 judged;
};

/**
 * struct oracle_sent - one segment that is about to be sent
 * @seg: as it goes out, one segment even if IP is handed more
 * @tcb: before ttp_send_done(); %NULL when there is none (any more)
 * @state: enum ttp_st
 * @text: or %NULL when it is not to be looked at
 * @now: microseconds
 * @probe: a tail loss probe
 * @packet: bytes of data that IP was handed at once, of which @seg is a part
 */
struct oracle_sent {
	const struct ttp_seg *seg;
	struct ttp_tcb *tcb;
	u8 state;
	const u8 *text;
	u64 now;
	bool probe;
	u32 packet;
	/* found out by oracle_sent() */
	u32 end;	/* of its data */
	bool fresh;	/* it has data that was never sent */
	bool again;	/* data, SYN or FIN, and all of it was sent before */
	bool pure;	/* an ACK and nothing else */
};

struct oracle_rule {
	const char *name;
	bool (*broken)(const struct oracle *o, const struct oracle_sent *x);
	bool honest;	/* holds only when the peer keeps the rules */
};

#define RULE(what, f)	{ .name = what, .broken = f }
#define HONEST(what, f)	{ .name = what, .broken = f, .honest = true }

/* both end with an empty one */
extern const struct oracle_rule oracle_rules[], oracle_ack_rules[];

void oracle_init(struct oracle *o, const struct ttp_config *cfg);
void oracle_arrived(struct oracle *o, const struct ttp_seg *seg, struct ttp_tcb *tcb,
		    const struct ttp_verdict *v, u64 now);
void oracle_sent(struct oracle *o, struct oracle_sent *x);
void oracle_settled(struct oracle *o, struct ttp_tcb *tcb, u64 now);
/* What does not hold of a TCB between two events; NULL: all is well. */
const char *oracle_tcb(struct ttp_tcb *tcb);

#endif
