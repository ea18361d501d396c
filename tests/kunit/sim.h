/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sim.h - two TCBs talk over a channel that loses, delays, reorders and
 * duplicates, in virtual time.
 *
 * Each end is carried out as the kernel's plumbing does it: a listener holds a
 * request until the handshake ends, TIME_WAIT is a struct of its own, one timer
 * per end.  Segments travel as bytes.  After every event the invariants in
 * sim_check.c are looked at.
 */
#ifndef _TTP_SIM_H
#define _TTP_SIM_H

#include "check.h"
#include "oracle.h"
#include "port.h"

#define SIM_PACKETS	512
#define SIM_TEXT	1500
#define SIM_PLAN	8
#define SIM_SEQS	128

/* How an end's program behaves. */
enum sim_close {
	WHEN_SENT,		/* close() after its last write */
	HALF_WHEN_SENT,		/* shutdown(), and close() at the end of file */
	AT_END,			/* close() when the peer has closed */
	NEVER,
};

struct sim_app {
	u32 write;		/* bytes in all */
	u32 chunk;		/* of one write; 0: 1000 */
	u32 sndbuf;		/* written and not acknowledged; 0: 16 KiB */
	u32 rcvbuf;		/* 0: 16 KiB */
	u32 read_us;		/* between two reads; 0: reads at once */
	u32 read_max;		/* bytes of one read, with read_us */
	u32 read_from_us;	/* nothing is read before */
	u32 close_us;		/* close() after so long, whatever was sent; 0: off */
	bool hasty;		/* even in SYN_SENT */
	u32 mss_to;		/* halfway, the path's MSS becomes this; 0: off */
	enum sim_close close;
	bool nodelay;
	bool keepalive;		/* after 2 s, each second */
};

/* What happens to the n-th segment that either end sends, counted from 1. */
enum sim_fate {
	LOSE,
	TWICE,
	DELAY,
	LONG_DELAY,	/* longer than an RTO */
	EARLY,
	HOLD,		/* until so many more were sent */
	ECHO,		/* comes, and once more after so many were sent */
	MARK,		/* "congestion experienced", if it may be marked */
};

struct sim_plan {
	u32 nth;
	enum sim_fate fate;
	u32 more;	/* of HOLD and ECHO */
};

struct sim_end {
	enum { NOBODY, LISTENER, REQUEST, TCB, TIMEWAIT, GONE } is;
	struct ttp_tcb *tcb;
	struct ttp_request *req;
	struct ttp_timewait *tw;
	struct sim_app app;
	u64 at;			/* deadline of the request, or of TIME_WAIT */
	u64 read_at;
	u64 closed_at;
	u32 written, read;
	int err;
	bool shut, closed, eof, connected, was_time_wait;
	struct oracle oracle;
};

struct sim_packet {
	u64 at;			/* 0: free */
	u32 nth;		/* of two for the same time the first comes first */
	u32 after;		/* held until so many were sent; 0: not held */
	bool ce;
	u8 to;
	u8 hdrlen;
	u16 len;
	u8 hdr[TTP_HDR_MAX];
	u8 text[SIM_TEXT];
};

/**
 * struct sim - one run; zero is a clean channel and the defaults
 * @loss: of 1000 segments, so many are lost
 * @dup: so many come twice
 * @reorder: so many are late by up to 4 times the delay
 * @fail: so many times there is no memory to send
 * @seed: of all chance
 * @plan: what happens to certain segments
 * @nplan: entries of @plan
 * @iss: of both ends
 * @burst: bytes handed to IP at once; 0: one segment
 * @simultaneous: both ends connect
 * @wscale: of both windows
 * @mtu_text: MSS option of both; 0: 1000
 * @delay_us: one way; 0: 5 ms
 * @dead_after: after so many segments no segment arrives any more; 0: off
 * @limit_us: end of the run, whatever its state; 0: a month, which is an error
 * @quiet: no story: it takes longer than all the rest
 * @sent: segments sent by either
 * @done_us: since the start, when both ends had come to TIME_WAIT or CLOSED
 * @seqs: of the first segments sent: whose they are, where they begin and end
 */
struct sim {
	u32 loss, dup, reorder, fail;
	u64 seed;
	struct sim_plan plan[SIM_PLAN];
	u32 nplan;
	u32 iss[2];
	u32 burst;
	bool simultaneous;
	u32 wscale;
	u32 mtu_text;
	u32 delay_us;
	u32 dead_after;
	u64 limit_us;
	bool quiet;
	struct ttp_config cfg;

	u64 now, start;
	u32 sent;
	u32 nth;
	u64 done_us;
	struct {
		u8 from;
		u32 off, len;
	} seqs[SIM_SEQS];
	struct sim_end end[2];
	const char *broken;	/* what went wrong first */
	u32 npacket;		/* those behind were never used */
	struct sim_packet packet[SIM_PACKETS];	/* the last, and not cleared */
};

/* A sim with the default config; one at a time, reused.  NULL: no memory. */
struct sim *sim_new(void);
void sim_free(void);
/* Run it to the end.  Return: NULL, or what went wrong first. */
const char *sim_run(struct sim *s);

/* sim.c */
void sim_push(struct sim *s, struct sim_end *e);
void sim_carry_out(struct sim *s, struct sim_end *e, struct ttp_verdict *v);

/* sim_channel.c */
u32 sim_chance(struct sim *s, u32 of);
void sim_tell(const struct sim *s, const char *arrow, const struct ttp_seg *g);
void sim_channel(struct sim *s, struct sim_end *from, const struct ttp_seg *seg,
		 const u8 *text, const struct ttp_out *out);
void sim_event(const struct sim *s, const struct sim_end *e, const char *what);

/* sim_app.c */
void sim_app(struct sim *s, struct sim_end *e);
u64 sim_app_at(const struct sim *s, const struct sim_end *e);

/* sim_check.c */
void sim_check_sent(struct sim *s, struct sim_end *e, const struct ttp_seg *seg,
		    const u8 *text, const struct ttp_out *out);
void sim_check_arrived(struct sim *s, struct sim_end *e, const struct ttp_seg *seg,
		       const struct ttp_verdict *v);
void sim_check(struct sim *s);
bool sim_both_closed(const struct sim *s);

#endif
