/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ttp pcap --join: captures of TCP that others made, one at each end, become a
 * recording.
 *
 *	join.c    reads both twice: to learn, then to write
 *	frame.c   a captured frame -> the segment in it
 *	talk.c    frames -> connections; which end's a capture is; how their clocks differ
 *	infer.c   what an end has sent and got -> events with its states
 *	clocks.c  the same for two recordings
 *
 * Next: join.c.
 */
#ifndef TTP_JOIN_H
#define TTP_JOIN_H

#include "read/event.h"

struct filter;

/* join.c */
struct join_opts {
	const char *name[2];		/* of the captures; the second may be NULL */
	const char *output;		/* NULL: standard output */
	const struct filter *filter;
};

int join_run(const struct join_opts *opts);

/* frame.c */
enum frame_kind {
	FRAME_SEGMENT,
	FRAME_OTHER,			/* neither TCP nor TTP */
	FRAME_FRAGMENT,			/* of an IP packet */
	FRAME_CUT,			/* captured up to somewhere in its headers */
	FRAME_BROKEN,			/* its lengths cannot be true */
	FRAME_KINDS
};

/* Who captured it, as the link layer says. */
enum frame_origin { ORIGIN_UNKNOWN, ORIGIN_HERE, ORIGIN_ELSEWHERE };

struct frame {
	uint64_t time_ns;		/* since 1970, by the clock of who captured it */
	enum frame_origin origin;
	struct address from, to;
	uint16_t from_port, to_port;
	struct event ev;		/* SEG.SEQ and so on, and options; not whose it is */
	const uint8_t *packet;		/* its IP header, where it was read */
	size_t header;			/* bytes of the headers of IP and TCP */
	size_t captured;		/* of these and of the data, without what is behind them */
};

struct pcap *frame_open(const char *name);
enum frame_kind frame_read(struct frame *frame, int link_type, const uint8_t *data,
			   size_t captured, size_t length);

/* talk.c */
#define CAPTURES	2

struct syn_options {
	bool has_wscale;
	uint8_t wscale;
	uint16_t mss;			/* 0: unknown */
};

struct range {
	uint32_t begin, end;
};

#define RANGES_MAX	16

/* What an end has sent, and got: infer.c. */
struct track {
	uint8_t state;			/* 0: unknown */
	bool sent, heard;		/* then the next few are known */
	bool has_iss, has_irs;
	uint32_t iss, irs;
	uint32_t una, nxt;		/* SND.UNA, SND.NXT */
	uint32_t rcv_nxt;
	uint32_t fin, peer_fin;		/* numbers behind the FINs */
	bool fin_sent, fin_heard, fin_taken;
	bool data_sent, data_heard;
	bool passive;			/* it was in LISTEN */
	struct syn_options own, peer;	/* as the SYNs said */
	bool has_wnd;
	uint32_t wnd;			/* SND.WND, scaled */
	struct range range[RANGES_MAX];	/* what arrived out of order, sorted */
	int n_ranges;
};

/* A connection.  Its ends are 0 and 1, as in its flow. */
struct talk {
	struct talk *next;		/* an earlier one of the same flow */
	const struct flow *flow;
	size_t number;
	bool has_isn[2];
	uint32_t isn[2];
	int client;			/* the end that was seen first to send */
	bool answered[2];		/* the end has sent a SYN,ACK */
	bool seen[CAPTURES];
	unsigned int here[CAPTURES][2];	/* frames that the end has sent, as the link layer says */
	uint64_t handshake_ns[CAPTURES][3]; /* first SYN, SYN,ACK, ACK; 0: not seen */
	struct {			/* segments that both captures have, by sender: */
		size_t count;		/* the second clock less the first */
		double sum;
		int64_t least, most;
		bool has_syn;
		int64_t syn;
	} match[2];
	int local;			/* the end whose capture is the first; -1: unknown */
	bool left_out;
	bool crowded;			/* its flow has more connections than are looked at */
	struct track track[2];
};

/* A 4-tuple. */
struct flow {
	struct flow *next;		/* in its bucket */
	struct address addr[2];
	uint16_t port[2];
	struct talk *talk;		/* the last one */
	unsigned int n_talks;
	struct talk *current[CAPTURES];
};

struct talks;

struct talks *talks_new(int captures);
void talks_free(struct talks *t);
struct talk *talks_find(struct talks *t, int capture, const struct frame *frame, int *from);
void talks_learn(struct talks *t, int capture, const struct frame *frame);
void talks_rewind(struct talks *t);
void talks_decide(struct talks *t);
size_t talks_count(const struct talks *t, size_t *left_out, size_t *guessed);
bool talks_clocks(const struct talks *t, int64_t *offset, int64_t *drift);
uint64_t talks_start(const struct talks *t, int64_t offset);

/* infer.c */
typedef void (*infer_fn)(const struct event *ev, void *arg);

void infer_segment(struct talk *talk, int end, bool sent, const struct frame *frame, infer_fn fn,
		   void *arg);

/* clocks.c */
int clocks_join(const struct join_opts *opts, const char *const ns[CAPTURES]);

#endif
