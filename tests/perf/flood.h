/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Measures what hostile packets cost the kernel: instructions for each packet, and
 * memory held at the end.  Needs a VM whose clock counts instructions
 * (scripts/vm --icount): then a nanosecond is an instruction.
 *
 * The peer is tests/conformance/hurl.h's: write() to its tun device returns when the
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

#include "../conformance/hurl.h"

#define ROW(name)	TEST_SECONDS(name, 60)

/* A device, a connection's limits as they are by default, and "before" for memory.
 * Called after peer_up(), before the sockets are made.
 */
void flood_begin(void);

/* Adds so many packets, if the budget lasts; repeat() adds the same one each time. */
#define FLOOD	10000
void repeat(int flags, uint32_t seq, uint32_t ack, int len);

/* Sends what was added, measures, and writes the row.  The counter must have grown,
 * and by at least so many in a hundred of what was sent.
 */
void flood(const char *ttp_counter, const char *tcp_counter, int percent);

/* What timers cost in so many millions of instructions, in which nothing is sent, for each
 * packet that they send.
 */
void idle(int millions);

#endif
