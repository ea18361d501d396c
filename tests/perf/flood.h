/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Measures what hostile packets cost the kernel: instructions for each packet, and
 * memory held at the end.  Needs a VM whose clock counts instructions
 * (scripts/vm --icount): then a nanosecond is an instruction.
 *
 * The peer is tests/conformance/peer.h's: write() to its tun device returns when the
 * packet has been processed.  So what a loop of write() takes is the cost of sending,
 * which is the same for TTP and TCP, and the work of IP and the protocol.  The first is
 * measured with the same packets, which IP drops at once for a wrong checksum, and
 * subtracted.
 *
 * A row of the table is a test of runner.c:
 *
 *	ROW(rst_to_closed_port)
 *	{
 *		closed();
 *		flood_begin();
 *		for (i = 0; i < 10000; i++)
 *			add(RST, .seq = i);
 *		flood("InSegs", "InSegs", 10000);
 *	}
 *
 * The name of a counter for TTP and for TCP, and how much it has to grow, is what
 * proves that the packets came where they should.
 */
#ifndef FLOOD_H
#define FLOOD_H

#include "../conformance/peer.h"

#define ROW(name)	TEST_SECONDS(name, 60)

/* A device, a connection's limits as they are by default, and "before" for memory.
 * Called after peer_up(), before the sockets are made.
 */
void flood_begin(void);

/* Keeps a packet for send_added() and flood(). */
#define add(what, ...)	add_segment(&SEGMENT(what, __VA_ARGS__))
void add_segment(const struct segment *s);
void add_icmp(int type, int code, int mtu, uint32_t seq);
uint8_t *add_packet(int len);	/* room for one that is made by hand */

void send_added(void);	/* no measurement; forgets them */

/* Sends what was added, measures, and writes the row.  The counter must have grown,
 * and by at least so many in a hundred of what was sent.
 */
void flood(const char *ttp_counter, const char *tcp_counter, int percent);

/* What timers cost in so many millions of instructions, in which nothing is sent, for each
 * packet that they send.
 */
void idle(int millions);

void drain_tun(void);		/* what the kernel sent is thrown away */
long sent_by_kernel(void);	/* packets, from the beginning */

/* random numbers, the same each time */
uint32_t chance(uint32_t n);

#endif
