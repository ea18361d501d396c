/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A peer that sends by the thousand: as peer.h's, but the story has no line for its
 * packets, and nobody looks at the answers.  For attacks_*.c, and for tests/perf.
 */
#ifndef HURL_H
#define HURL_H

#include <linux/sockios.h>
#include "peer.h"

/* random numbers, the same each time */
uint32_t chance(uint32_t n);

#define hurl(what, ...)	hurl_segment(&SEGMENT(what, __VA_ARGS__))
void hurl_segment(const struct segment *s);

/* packets that are made first and sent later */
#define ADDED_MAX	20000

struct added {
	int len;
	uint8_t packet[128];
};

extern struct added added[ADDED_MAX];
extern int added_count;

#define add(what, ...)	add_segment(&SEGMENT(what, __VA_ARGS__))
void add_segment(const struct segment *s);
void add_icmp(int type, int code, int mtu, uint32_t seq);
void send_one(int i);
void send_added(void);		/* and forgets them */

/* a connection as that of established(), from another port: the program's socket */
int accepted_from(int sport);

int drain(void);		/* what the kernel sent is thrown away: so many packets */
uint32_t irs_of_next(void);	/* likewise, up to a SYN,ACK: its sequence number */
const char *source(int i);	/* one of 200 addresses, until the next call */
int64_t now_ns(void);

/* what the program has written */
int queued(int what);		/* SIOCOUTQ: not acknowledged, SIOCOUTQNSD: not sent */
void acknowledge_flight(void);	/* all that was sent */
struct block at(int segment, int mss);	/* of the flight */

#endif
