/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recordings and captures.  record.c is ttp record.  ttp pcap makes a capture of a recording:
 *
 *	pcap.c     the options; which events become packets
 *	packet.c   event -> IP header and TCP header
 *	remark.c   which packet carries which comment
 *	pcapng.c   the file's blocks
 *
 * ttp pcap --join makes a recording of captures: join.h.  What a capture has of a recording's
 * segments: payload.h.
 *
 * Next: pcap.c.
 */
#ifndef TTP_CAPTURE_H
#define TTP_CAPTURE_H

#include <stdio.h>

#include "read/event.h"

/* record.c */
int record_main(int argc, char **argv);

/* pcap.c */
int pcap_main(int argc, char **argv);

/* packet.c */
#define PACKET_MAX	100	/* IPv6 header, TCP header with all its options */
#define PROTO_TCP	6
#define PROTO_TTP	253

size_t packet_build(const struct event *ev, uint8_t proto, uint8_t to[PACKET_MAX]);

/* remark.c */
#define NO_PACKET	UINT64_MAX

struct remark {
	uint64_t packet;		/* its number, from 0 */
	uint64_t order;			/* of those of one packet */
	char *text;
};

/* Where a remark goes that belongs to the next packet which an end sends. */
struct pending_remark {
	uint64_t time_ns;
	char *text;
};

/* A packet that an end has sent, so that its arrival can be told. */
struct sent {
	uint64_t packet;
	uint32_t seq;
	uint32_t ack;
	uint32_t len;
	uint32_t tsval;
	uint8_t flags;
};

/* One end of a connection, in the order of its events. */
struct end {
	struct end *next;		/* in its bucket */
	struct address addr, peer_addr;
	uint16_t port, peer_port;
	bool seen;			/* there were events from it */
	uint64_t id;			/* of the last state change */
	uint64_t packet;		/* the last one it sent or got */
	uint64_t packet_ns;
	uint64_t arrived;		/* the last one it got */
	uint64_t arrived_ns;
	struct pending_remark *pending;
	size_t n_pending;
	struct sent *sent;		/* the last SENT_MAX of them */
	size_t n_sent;
};

#define END_BUCKETS	4096
#define SENT_MAX	1024

struct remarks {
	struct end *ends[END_BUCKETS];
	struct remark *remark;
	size_t count;
	bool named;			/* several namespaces: an end has its one's name */
};

struct end *remark_end(struct remarks *r, const struct event *ev);
struct end *remark_peer(struct remarks *r, const struct event *ev);
uint64_t remark_find(const struct end *peer, const struct event *ev);
void remark_state(struct remarks *r, const struct event *ev);
void remark_sent(struct remarks *r, const struct event *ev, uint64_t packet);
void remark_arrived(struct remarks *r, const struct event *ev, uint64_t packet);
void remark_add(struct remarks *r, uint64_t packet, const struct event *ev, const char *text);
void remark_settle(struct remarks *r);
void remark_free(struct remarks *r);

/* pcapng.c */
struct pcapng_packet {
	uint64_t time_ns;		/* since 1970, or since boot if nobody knows */
	uint32_t interface;
	uint32_t captured;
	uint32_t length;		/* on the wire */
	bool inbound;
};

void pcapng_begin(FILE *out, const char *comment);
void pcapng_interface(FILE *out, const char *name, unsigned int versions);
void pcapng_packet(FILE *out, const struct pcapng_packet *packet, const uint8_t *data,
		   const struct remark *remarks, size_t n_remarks);

#endif
