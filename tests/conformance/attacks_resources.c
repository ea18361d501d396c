// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks on what a connection may cost, see attacks_listener.c: work, memory, time, and
 * the share of the path.
 *
 * What an attack may cost is compared with what a harmless packet costs in the same
 * run, so that a slow machine makes no difference; tests/perf/attack_*.c have the
 * figures.
 */
#include "hurl.h"

/* ---- work for each packet: SegmentSmack (CVE-2018-5390), SACK (CVE-2019-11478) ---- */

/* Nanoseconds for all that was added; it stops when it is clear that it takes too long. */
static int64_t time_of_added(int64_t limit)
{
	int64_t start = now_ns(), end = start;
	int i;

	for (i = 0; i < added_count && end - start <= limit; i++) {
		send_one(i);
		end = now_ns();
	}
	added_count = 0;
	drain();
	return end - start;
}

/* so many times the cost of a harmless packet */
#define BOUND	30

/* SegmentSmack: one byte, a gap, one byte, until the receive buffer is full, and then
 * more
 */
TEST_SECONDS(one_byte_islands_cost_a_bounded_amount_of_work, 30)
{
	int64_t harmless, hostile;
	int i;

	established_with(.sack_ok = true, .wscale = 7);
	for (i = 0; i < 500; i++)
		add(ACK, .seq = RCV_NXT + 1 + 2 * i, .len = 1);
	harmless = time_of_added(INT64_MAX);
	for (i = 500; i < 8400; i++)
		hurl(ACK, .seq = RCV_NXT + 1 + 2 * i, .len = 1);
	for (i = 8400; i < 8900; i++)
		add(ACK, .seq = RCV_NXT + 1 + 2 * i, .len = 1);
	hostile = time_of_added(BOUND * harmless);
	if (hostile > BOUND * harmless)
		fail("%lld ns for a packet, %lld with little in the queue",
		     (long long)hostile / 500, (long long)harmless / 500);
}

static void send_buffer(int size)
{
	OK(set_int(conn.fd, SOL_SOCKET, SO_SNDBUFFORCE, size));
}

#define FLIGHT	(400 << 10)

/* FLIGHT bytes in segments of the MSS are out and unacknowledged. */
static void big_flight(int mss)
{
	peer_up();
	conn.wnd = 65535;
	established_with(.sack_ok = true, .wscale = 14, .mss = mss);
	send_buffer(32 << 20);
	/* or the last segment, if it is short, waits for the ACKs */
	OK(set_int(conn.fd, IPPROTO_TCP, TCP_NODELAY, 1));
	do {
		while (queued(SIOCOUTQ))
			acknowledge_flight();
		send_bytes(conn.fd, FLIGHT, SND_UNA - 1);
	} while (queued(SIOCOUTQNSD));
	SND_NXT = SND_UNA + FLIGHT;
	drain();
}

/* The same blocks again and again, of 8,533 segments of 48 bytes */
TEST_SECONDS(a_SACK_that_says_nothing_new_costs_a_bounded_amount_of_work, 60)
{
	int64_t harmless, hostile;
	int i;

	big_flight(48);
	for (i = 0; i < 300; i++)
		add(ACK, .ack = SND_UNA - 1000000);	/* too old to be looked at */
	harmless = time_of_added(INT64_MAX);
	for (i = 0; i < 300; i++)
		add(ACK, .ack = SND_UNA, .nsack = 4,
		    .sack = { at(10, 48), at(20, 48), at(30, 48), at(40, 48) });
	hostile = time_of_added(BOUND * harmless);
	if (hostile > BOUND * harmless)
		fail("%lld ns for an ACK, %lld for one that is dropped",
		     (long long)hostile / 300, (long long)harmless / 300);
}

/* What is in flight is acknowledged at last, and all bytes were what they should be. */
static void goes_on(void)
{
	acknowledge_flight();
	EQ(queued(SIOCOUTQ), 0);
	must_be_in("ESTABLISHED");
	say(10);
	recv_bytes(conn.fd, 10, 0);
}

static struct block any_block(void)
{
	uint32_t left = SND_UNA + chance(FLIGHT) - 1000, len = chance(4) ? chance(200) : chance(FLIGHT);

	if (!chance(20))
		return (struct block){ left, left - chance(100000) };
	if (!chance(20))
		return (struct block){ chance(UINT32_MAX), chance(UINT32_MAX) };
	return (struct block){ left, left + len };
}

static void any_SACKs(int mss)
{
	int i;

	big_flight(mss);
	for (i = 0; i < 3000; i++) {
		hurl(ACK, .ack = SND_UNA, .nsack = 1 + chance(4),
		     .sack = { any_block(), any_block(), any_block(), any_block() });
		if (i % 500 == 0)
			drain();
	}
	goes_on();
}

/* SACK panic (CVE-2019-11477): blocks that begin and end anywhere, and lie */
TEST_SECONDS(any_SACK_blocks_break_nothing_with_an_MSS_of_48, 60)
{
	any_SACKs(48);
}

TEST_SECONDS(any_SACK_blocks_break_nothing_with_an_MSS_of_1460, 60)
{
	any_SACKs(1460);
}

/* CVE-2019-11479: the peer's MSS has a floor, and bounds what a write costs */
TEST(a_peers_MSS_of_8_does_not_make_segments_of_8_bytes)
{
	established_with(.mss = 8);
	send_bytes(conn.fd, 1000, 0);
	expect(ACK, .len = ANY);
	EXPECT(last.len >= 24);
}

/* ---- peers that hold on: Sockstress (CVE-2008-4609), LAST_ACK ---- */

/* Zero windows, each probe is answered, the program is gone: orphans are limited */
TEST_SECONDS(orphans_with_a_zero_window_are_bounded, 20)
{
	int i, fd[40];

	peer_up();
	knob_of_ttp("max_orphans", 10);
	listening();
	conn.wnd = 0;
	for (i = 0; i < 40; i++) {
		fd[i] = accepted_from(2000 + i);
		send_bytes(fd[i], 1000, 0);
	}
	NOT_TCP("its limit is of all namespaces");
	for (i = 0; i < 40; i++)
		OK(close(fd[i]));
	EXPECT(count_sockets(KERNEL_PORT, 0, "FIN_WAIT_1") <= 10);
	EXPECT(counter("AbortOnMemory") >= 30);
}

/* The peer never acknowledges our FIN, but goes on answering: LAST_ACK ends */
TEST_SECONDS(LAST_ACK_of_an_orphan_ends, 20)
{
	peer_up();
	knob("orphan_retries", 2);
	knob_of_ttp("rto_min_ms", 200);
	close_wait();
	OK(close(conn.fd));
	conn.fd = -1;
	expect(FIN | ACK);
	must_be_in("LAST_ACK");
	WAIT((hurl(ACK, .ack = SND_UNA), in_state("CLOSED")), 10000);
}

/* ---- a receiver that wants more than its share (Savage et al. 1999) ---- */

/* RFC 3465: a hundred ACKs of fourteen bytes open the window no further than one */
TEST(ACK_division_does_not_open_the_window_faster)
{
	int i, sent;

	established();
	/* ten segments are the initial window */
	send_buffer(1 << 20);
	send_bytes(conn.fd, 60000, 0);
	EQ(drain(), 10);
	for (i = 1; i <= 100; i++)
		hurl(ACK, .ack = SND_UNA + 14 * i + (i == 100 ? 60 : 0));
	sent = drain();
	EXPECT(sent <= 3);	/* the segment that was acknowledged makes room for two */
}

/* Duplicate ACKs that no segment caused: what they let out is no more than is in flight */
TEST(duplicate_ACKs_without_a_loss_do_not_fill_the_path)
{
	int i, sent = 0;

	established();
	send_buffer(1 << 20);
	send_bytes(conn.fd, 300000, 0);
	EQ(drain(), 10);
	for (i = 0; i < 1000; i++) {
		hurl(ACK, .ack = SND_UNA);
		sent += drain();
	}
	EXPECT(sent <= 20);
}

/* ACKs of what was never sent: no window grows, nothing goes out */
TEST(optimistic_ACKs_are_ignored)
{
	int i;

	established();
	one_answer_a_minute();
	send_buffer(1 << 20);
	send_bytes(conn.fd, 300000, 0);
	EQ(drain(), 10);
	for (i = 1; i < 100; i++)
		hurl(ACK, .ack = SND_UNA + 14600 + 1460 * i);
	EXPECT(drain() <= 1);	/* a challenge ACK */
}
