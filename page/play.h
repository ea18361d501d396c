/* SPDX-License-Identifier: GPL-2.0 */
/*
 * play.h - two hosts, A and B, and the wire between them, in virtual time: the core of the
 * kernel module, for the page that needs no kernel (make page), and for build/play.
 *
 * Both ends are the TCBs of module/core, with its timers; what the kernel does around them is
 * in host.c.  What is to happen is a scenario: a text of lines, which scenario.c explains.  The
 * same text gives the same run, on every machine: so a page goes back in time by playing anew.
 * What happened is told as a recording of ttp record tells it (tell.c).  tests/scenarios holds
 * it to what a kernel does (docs/page.md).
 *
 *	scenario.c	the lines: what is set, and what the users do
 *	play.c		the run: whatever comes next happens
 *	host.c		a host: what arrives, and timers
 *	ends.c		its ends of connections, and what the core's verdict asks for
 *	calls.c		its users: their programs, and the calls of a scenario
 *	wire.c		the wire: delay, rate, queue, loss
 *	fault.c		faults on purpose, by number
 *	tell.c		events, and how things are, as JSON
 *	where.c		which lines of the core decided
 *	main.c		build/play; page.c is what the page calls
 *
 * Next: play.c.
 */
#ifndef _TTP_PLAY_H
#define _TTP_PLAY_H

#include "core/core.h"

#define PLAY_HOSTS	2
#define PLAY_PORT	7		/* of listeners that say no other */
#define PLAY_ENDS	2048		/* of both hosts */
#define PLAY_PACKETS	4096		/* on the wire */
#define PLAY_DATA	9000		/* most bytes of one segment */
#define PLAY_BURST	65000U		/* most bytes that a connection sends at once */
#define PLAY_RECORD	(1 << 16)	/* most bytes of a record of the send buffer */
#define PLAY_FAULTS	16		/* of a host */
#define PLAY_ISNS	8
#define PLAY_INPUTS	4096		/* lines of a scenario */
#define PLAY_LINE	200		/* bytes of one */
#define PLAY_TEXT	(1 << 18)	/* bytes of all */
#define PLAY_LONGEST	3600000		/* of a run, ms */
#define PLAY_START_US	1000000ULL	/* when it begins */
#define PLAY_SHOWN	64		/* ends, and packets, that tell_now() tells of */
#define PLAY_REORDER_US	1000000		/* so long a packet waits for one that overtakes it */
#define PLAY_WORDS	40		/* bytes of what a fault has done, in words */

/* One end of a connection, or a listener. */
struct play_end {
	enum { FREE, LISTENER, REQUEST, TCB, TIME_WAIT } is;
	u8 host;
	u8 peer;		/* host number; from PLAY_HOSTS on: an address of nobody */
	u16 port;
	u16 peer_port;
	u64 order;		/* the newest has the highest */
	struct ttp_conn *conn;	/* of whichever of these there is */
	struct ttp_tcb *tcb;
	struct ttp_request *req;
	struct ttp_timewait *tw;
	struct ttp_conn listener;
	u64 at;			/* deadline of the request, or of TIME_WAIT; 0: none */
	bool user;		/* its user has not closed it */
	bool wakes;		/* its user's program is to run */
	bool then_shut;		/* shutdown() when all is written */
	bool then_close;	/* close() when all is written */
	u32 to_write;		/* bytes of send() that the send buffer has not taken yet */
};

enum play_action { PLAY_DROP, PLAY_DELAY, PLAY_DUPLICATE, PLAY_CORRUPT, PLAY_REORDER, PLAY_SET };
enum play_field { PLAY_SEQ, PLAY_ACK, PLAY_FLAGS, PLAY_WIN };

/* Which segments a fault on purpose is for, and what it does (ttp-fault(8)). */
struct play_fault {
	bool used;
	bool out;		/* for segments that the host sends */
	u8 flags, not_flags;
	signed char data;		/* with data, without (0), or either (-1) */
	u32 states;		/* bit mask; 0: any */
	bool has_range;
	u32 first, last;	/* sequence numbers from the ISN on */
	u32 nth, count;		/* count 0: for ever */
	u32 seen, hits;
	u8 action;		/* enum play_action */
	u8 field;		/* of "set": enum play_field */
	u32 value;
	u32 delay_ms;
	char words[PLAY_LINE];	/* as it was asked for */
};

/* What a host sends goes over a line of its own. */
struct play_line {
	u32 delay_us;
	u32 rate_kbit;		/* 0: no limit */
	u32 queue;		/* packets that wait for it, with the one on it; 0: no limit */
	u32 mark;		/* with so many it marks packets (ECN); 0: never */
	u32 loss_ppm;
	u64 free_us;		/* it is free from then on */
};

struct play_packet {
	u64 at;			/* arrives; 0: there is no packet */
	u64 sent;
	u64 leaves;		/* the queue, for the wire */
	u32 nth;		/* of two for the same time the first comes first */
	u8 from, to;
	bool corrupt;
	bool passed;		/* a fault of the receiver has had it: .. */
	bool until_next;	/* .. it comes behind the next one */
	char fault[PLAY_WORDS];	/* .. which was this one */
	bool ect, ce;
	u8 hdrlen;
	u16 len;
	u8 hdr[TTP_HDR_MAX];
	u8 *data;
};

struct play_host {
	struct ttp_config cfg;
	u32 isn[PLAY_ISNS], nisn, isn_next;
	u32 mss;		/* data of one segment without options: MTU - 40 */
	u32 rcvbuf, sndbuf;
	u32 port;		/* of connect() */
	bool nodelay, keepalive;
	bool reads;		/* whatever has come, at once */
	bool has_socket;	/* a connection that the user has not closed, perhaps a dead one */
	const struct ttp_cong_ops *cong;
	struct play_fault fault[PLAY_FAULTS];
	struct play_line line;
	struct play_packet *held;	/* by "reorder", until the next one leaves */
	u32 cookies;		/* SYN cookies sent */
	u32 count[TTP_MIB_MAX];
};

/* One line of the scenario. */
struct play_input {
	u64 at;
	u32 line;		/* 1 is the first */
	char *words;		/* what is behind the time */
};

struct play {
	u64 now;
	u64 seed;		/* of all chance */
	u64 ids, order;
	u32 nth;
	bool ended;
	struct play_host host[PLAY_HOSTS];
	struct play_end end[PLAY_ENDS];
	struct play_packet packet[PLAY_PACKETS];
	u32 nend, npacket;	/* those behind were never used */
	struct play_input input[PLAY_INPUTS];	/* in the order of their times */
	u32 ninput, next_input;
	const char *wrong;	/* what is wrong with a line of the scenario, or NULL */
	u32 wrong_line;
};

extern struct play play;

static inline struct play_host *play_host(const struct play_end *e)
{
	return &play.host[e->host];
}

/* play.c */
void play_reset(void);
u64 play_next(void);
bool play_step(u64 until);
u32 play_chance(u32 of);

/* scenario.c */
bool play_read(char *text);
bool play_add_line(char *text, u32 line);
void play_input(void);
void play_wrong(u32 line, const char *wrong);
bool play_number(const char *word, u64 least, u64 most, u64 *n);

/* host.c */
void play_arrives(struct play_packet *p);
u64 play_end_at(const struct play_end *e);
void play_timer(struct play_end *e);

/* ends.c */
struct play_end *play_new_end(u8 host);
void play_forget(struct play_end *e);
struct play_end *play_find(u8 host, u16 port, u8 peer, u16 peer_port);
struct play_end *play_find_listener(u8 host, u16 port);
struct play_end *play_current(u8 host);
const struct play_end *play_newest(u8 host);
u32 play_isn(struct play_host *h, u32 follows);
u8 play_wscale(const struct play_host *h);
struct ttp_tcb *play_new_tcb(struct play_end *e);
void play_push(struct play_end *e);
void play_reply(struct play_end *e, struct ttp_verdict *v);
void play_carry_out(struct play_end *e, struct ttp_verdict *v);

/* calls.c */
void play_program(struct play_end *e);
const char *play_call(u8 host, char **words, u32 n, bool *known);

/* wire.c */
struct play_packet *play_put(u8 from, u8 to, const struct ttp_seg *seg, const u8 *data,
			     u64 hold_us);
void play_send(struct play_end *e, const struct ttp_conn *conn, const struct ttp_seg *seg,
	       const u8 *data, bool again);
void play_packet_free(struct play_packet *p);
u32 play_queue(u8 from);

/* fault.c */
bool play_flags(const char *words, u8 *flags);
struct play_fault *play_fault_find(struct play_host *h, bool out, const struct ttp_seg *seg,
				   const struct ttp_conn *conn);
void play_fault_set(const struct play_fault *f, u32 isn, u32 peer_isn, struct ttp_seg *seg);
const char *play_fault_words(const struct play_fault *f, char buf[PLAY_WORDS]);
const char *play_fault_add(struct play_host *h, char **words, u32 n);

/* tell.c */
void tell_begin(void);
void tell_segment(const struct play_end *e, const struct ttp_conn *conn, bool out,
		  const struct ttp_seg *seg, bool again, const char *fault,
		  const struct ttp_verdict *v);
void tell_now(void);
u32 tell_events(void);
const char *tell_text(void);
void tell_forget(void);

/* where.c */
bool where_if(const char *file, int line, bool taken);
void where_begin(void);
void where_event(u32 n);
void where_want(s32 n);
const char *where_each(u32 i, int *line);

#endif
