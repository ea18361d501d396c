/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two hosts, A with 10.0.0.1 and B with 10.0.0.2, each a network namespace
 * with a tun device, and this process as the wire between them: it sees each
 * packet, and a test may drop it, hold it or answer it.  Every checksum that
 * passes is checked.  With TTP_TEST_FAMILY=6 they have fd00::10.0.0.1 and fd00::10.0.0.2.
 */
#ifndef WIRE_H
#define WIRE_H

#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include "sock.h"

enum { A, B };

struct seg {
	int from;		/* A or B */
	uint8_t *packet;
	size_t len;
	struct iphdr *ip;	/* of IPv6 if it says version 6 */
	struct tcphdr *th;
	size_t text;		/* bytes of data */
};

enum verdict { PASS, DROP, HOLD };

void wire_up(void);
void wire_host(int which);	/* this thread's new sockets are on this host */

/* asked for each segment, on the wire's own thread; NULL: all pass */
void wire_filter(enum verdict (*filter)(const struct seg *s));
int wire_held(int from);
void wire_release(void);	/* held packets go on, in order */
void wire_icmp(const struct seg *s, int code);	/* unreachable, to its sender */
void wire_icmp_of(const struct seg *s, int type, int code);	/* any other */
void wire_too_big(const struct seg *s, int mtu);	/* of ICMPv6, likewise */
void wire_inject(int to, const void *packet, size_t len);	/* one that nobody sent */
void wire_resum(const struct seg *s);	/* what a filter has changed adds up again */

/* percent, and milliseconds of delay from low to high (which reorders) */
struct impair {
	int loss, duplicate, corrupt;
	int delay_low, delay_high;
};

void wire_impair(const struct impair *i);

/* segments that came from a host and have all these flags */
int wire_count(int from, int flags);
int wire_data(int from);	/* those with data */

/* DS field and ECN, IPv6's traffic class */
uint8_t seg_ds(const struct seg *s);
void seg_set_ds(const struct seg *s, uint8_t ds);	/* and wire_resum() */

#define FIN	1
#define SYN	2
#define RST	4
#define PSH	8
#define ACK	16

static inline int seg_flags(const struct seg *s)
{
	return ((const uint8_t *)s->th)[13];
}

#endif
