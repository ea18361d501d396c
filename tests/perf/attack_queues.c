// SPDX-License-Identifier: GPL-2.0
/*
 * What hostile segments cost a connection with long queues, see flood.h: of data that
 * came out of order, and of data in flight.
 */
#include "flood.h"

/* ---- one-byte islands: data out of order with a gap before each byte ---- */

static void islands(int from, int to, int step)
{
	int i;

	for (i = from; i != to; i += step)
		add(ACK, .seq = RCV_NXT + 1 + 2 * i, .len = 1);
}

static void island_connection(void)
{
	peer_up();
	flood_begin();
	established_with(.sack_ok = true, .wscale = 7);
	forget();
}

/* until the receive buffer is full: 6 MiB, and each has a truesize of 768 bytes */
#define FULL	8300

ROW(islands_while_there_is_room)
{
	island_connection();
	islands(0, 4000, 1);
	flood("OFOQueue", "TCPOFOQueue", 99);
}

ROW(islands_when_full)
{
	island_connection();
	islands(0, FULL, 1);
	send_added();
	islands(FULL, FULL + FLOOD, 1);
	flood("PruneCalled", "PruneCalled", 0);
}

ROW(islands_again_when_full)
{
	int i;

	island_connection();
	islands(0, FULL, 1);
	send_added();
	for (i = 0; i < FLOOD; i++)
		islands(i % 4000, i % 4000 + 1, 1);
	flood("PruneCalled", "InSegs", 0);
}

ROW(islands_at_random_when_full)
{
	int i, n;

	island_connection();
	islands(0, FULL, 1);
	send_added();
	for (i = 0; i < FLOOD; i++) {
		n = chance(30000);
		islands(n, n + 1, 1);
	}
	flood("InSegs", "InSegs", 99);
}

ROW(islands_from_the_right_when_full)
{
	island_connection();
	islands(30000, 30000 - FULL, -1);
	send_added();
	islands(30000 - FULL, 30000 - FULL - FLOOD, -1);
	flood("PruneCalled", "PruneCalled", 0);
}

ROW(one_byte_in_order_that_nobody_reads)
{
	int i;

	island_connection();
	for (i = 0; i < FLOOD; i++)
		add(ACK, .seq = RCV_NXT + i, .len = 1);
	flood("InSegs", "InSegs", 99);
}

/* ---- SACK: a sender with 2,873 segments of 1,460 bytes in flight, or 5,461 of 48 ---- */

static int flight;

static void write_all(int len)
{
	static char buf[65536];
	ssize_t n;

	while (len > 0) {
		n = OK(send(conn.fd, buf, len < 65536 ? len : 65536, MSG_NOSIGNAL));
		len -= n;
	}
}

/* The congestion window grows until all is in flight at once. */
static void big_flight(int mss, bool sack)
{
	int ms;

	flight = mss < 100 ? 256 << 10 : 1 << 20;
	peer_up();
	flood_begin();
	conn.wnd = 65535;
	established_with(.sack_ok = sack, .wscale = 14, .mss = mss);
	OK(set_int(conn.fd, SOL_SOCKET, SO_SNDBUFFORCE, 128 << 20));
	/* cubic's slow start lets an ACK add no more than eight segments (RFC 9406) */
	OK(setsockopt(conn.fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
	/* or the last segment, if it is short, waits for the ACKs */
	OK(set_int(conn.fd, IPPROTO_TCP, TCP_NODELAY, 1));
	/* round trips that become long slowly, longer than all takes to be sent: no probe of a
	 * tail that only waits for its ACK
	 */
	for (ms = 1; ms < 100; ms++) {
		write_all(mss);
		pause_ms(ms);
		acknowledge_flight();
	}
	for (;;) {
		write_all(flight);
		if (!queued(SIOCOUTQNSD))
			break;
		while (queued(SIOCOUTQ)) {
			pause_ms(ms);
			acknowledge_flight();
		}
	}
	drain();
	/* what was acknowledged is at una - mss still, for D-SACK */
	SND_NXT = SND_UNA + flight;
}

static void sack_same(int mss)
{
	int i;

	big_flight(mss, true);
	for (i = 0; i < FLOOD; i++)
		add(ACK, .ack = SND_UNA, .nsack = 4,
		    .sack = { at(10, mss), at(20, mss), at(30, mss), at(40, mss) });
	flood("InSegs", "InSegs", 99);
}

static void sack_same_at_end(int mss)
{
	int i, n;

	big_flight(mss, true);
	n = flight / mss;
	for (i = 0; i < FLOOD; i++)
		add(ACK, .ack = SND_UNA, .nsack = 4,
		    .sack = { at(n - 2, mss), at(n - 4, mss), at(n - 6, mss), at(n - 8, mss) });
	flood("InSegs", "InSegs", 99);
}

static void sack_new(int mss)
{
	int i, n;

	big_flight(mss, true);
	n = flight / mss / 2 - 10;
	for (i = 0; i < n && i < FLOOD; i++)
		add(ACK, .ack = SND_UNA, .nsack = 4,
		    .sack = { at(2 * i + 7, mss), at(2 * i + 5, mss), at(2 * i + 3, mss),
			      at(2 * i + 1, mss) });
	flood("InSegs", "InSegs", 99);
}

static void sack_random(int mss)
{
	int i, n;

	big_flight(mss, true);
	n = flight / mss;
	for (i = 0; i < FLOOD; i++)
		add(ACK, .ack = SND_UNA, .nsack = 4,
		    .sack = { at(chance(n), mss), at(chance(n), mss), at(chance(n), mss),
			      at(chance(n), mss) });
	flood("InSegs", "InSegs", 99);
}

static void dsack(int mss)
{
	int i;

	big_flight(mss, true);
	for (i = 0; i < FLOOD; i++)
		add(ACK, .ack = SND_UNA, .nsack = 4,
		    .sack = { at(-1, mss), at(10, mss), at(20, mss), at(30, mss) });
	flood("DSACKRecv", "TCPDSACKRecv", 90);
}

#define BOTH_MSS(fn)						\
	ROW(fn##_mss_48)	{ fn(48); }			\
	ROW(fn##_mss_1460)	{ fn(1460); }

BOTH_MSS(sack_same)
BOTH_MSS(sack_same_at_end)
BOTH_MSS(sack_new)
BOTH_MSS(sack_random)
BOTH_MSS(dsack)

ROW(duplicate_ACKs_without_SACK)
{
	big_flight(1460, false);
	repeat(ACK, RCV_NXT, SND_UNA, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(ACKs_of_one_byte_each)
{
	int i;

	big_flight(1460, true);
	for (i = 0; i < FLOOD; i++)
		add(ACK, .ack = SND_UNA + 1 + i);
	flood("InSegs", "InSegs", 99);
}
