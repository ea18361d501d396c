// SPDX-License-Identifier: GPL-2.0
/*
 * Timestamps and PAWS (RFC 7323 3 to 5).
 */
#include "peer.h"

/* RFC 7323 3.2: our SYN has TSecr 0 */
TEST(a_SYN_echoes_nothing)
{
	syn_sent();
	EQ(last.ts, 1);
	EQ(last.tsecr, 0);
}

/* RFC 7323 3.2: once agreed upon, each segment has a timestamp */
TEST(each_segment_has_a_timestamp)
{
	established_ts();
	send_bytes(conn.fd, 10, 0);
	expect(ACK, .len = 10, .ts = true, .tsecr = conn.tsval);
	say(10);
	expect(ACK, .ts = true, .tsecr = conn.tsval);
	acknowledge();
	OK(shutdown(conn.fd, SHUT_WR));
	expect(FIN | ACK, .ts = true);
}

/* RFC 7323 3.2: "it SHOULD be sent in an <RST> segment" */
TEST(so_has_a_RST)
{
	established_ts();
	say(10);
	expect(ACK);
	OK(close(conn.fd));	/* with data unread */
	conn.fd = -1;
	expect(RST | ACK, .ts = true, .tsecr = conn.tsval);
}

/* RFC 7323 3.2: TSecr is the timestamp of what is acknowledged */
TEST(the_newest_timestamp_in_order_is_echoed)
{
	int i;

	established_ts();
	for (i = 0; i < 5; i++) {
		conn.tsval += 7;
		say(10);
		expect(ACK, .tsecr = conn.tsval);
	}
}

/* RFC 7323 4.3: across a hole the last one in order is echoed */
TEST(behind_a_gap_the_last_in_order_is_echoed)
{
	uint32_t in_order;

	established_ts();
	conn.tsval++;
	in_order = conn.tsval;
	say(10);
	expect(ACK);
	conn.tsval++;
	inject(ACK, .seq = RCV_NXT + 10, .len = 10);
	expect(ACK, .tsecr = in_order);
	conn.tsval++;
	inject(ACK, .len = 10);
	RCV_NXT += 20;
	expect(ACK, .tsecr = conn.tsval);
}

/* RFC 7323 4.3: with ACKs delayed the first of them counts */
TEST(a_delayed_ACK_echoes_the_first)
{
	uint32_t first;
	int i;

	established_ts();
	for (i = 0; i < 30; i++) {
		conn.tsval++;
		say(10);
		expect(ACK);
	}
	do {
		forget();
		first = ++conn.tsval;
		say(10);
		conn.tsval++;
		say(10);
		EXPECT(one_came());
	} while (last.ack != RCV_NXT);	/* each had an ACK of its own */
	EQ(last.tsecr, first);
}

/* RFC 7323 5.3: an old timestamp: data is dropped, and an ACK sent */
TEST(PAWS_drops_data_with_an_old_timestamp)
{
	established_ts();
	say(10);
	expect(ACK);
	inject(ACK, .len = 10, .tsval = conn.tsval - 10);
	expect(ACK, .tsecr = conn.tsval);
	recv_bytes(conn.fd, 10, 0);
	EQ(errno_of_reading(), EAGAIN);
}

/* RFC 7323 5.3: "SEG.TSval < TS.Recent", if only by one */
TEST(PAWS_drops_what_is_one_tick_old)
{
	NOT_TCP("Linux tolerates one tick");
	established_ts();
	inject(ACK, .len = 10, .tsval = conn.tsval - 1);
	expect(ACK, .tsecr = conn.tsval);
	EQ(errno_of_reading(), EAGAIN);
}

/* RFC 7323 5.3: the comparison is modulo 2^32: half a cycle older is old */
TEST(PAWS_compares_modulo_2_to_the_32)
{
	established_ts();
	say(10);
	expect(ACK);
	inject(ACK, .len = 10, .tsval = conn.tsval - 0x7fffffff);
	expect(ACK);
	EQ(errno_of_reading(), -1);
	conn.tsval += 0x7ffffff0;
	say(10);
	expect(ACK, .tsecr = conn.tsval);
}

/* RFC 7323 5.3: over the wrap of the clock new is new */
TEST(timestamps_go_on_over_the_wrap)
{
	int i;

	established_ts();		/* conn.tsval begins at 0xffffff00 */
	for (i = 0; i < 4; i++) {
		conn.tsval += 100;
		say(10);
		expect(ACK, .tsecr = conn.tsval);
	}
	EXPECT(conn.tsval < 1000);
}

/* RFC 7323 5.3: the same timestamp is not old */
TEST(the_same_timestamp_is_not_old)
{
	established_ts();
	say(10);
	expect(ACK);
	say(10);
	expect(ACK);
	recv_bytes(conn.fd, 20, 0);
}

/* RFC 7323 5.2: a RST is not subject to PAWS */
TEST(PAWS_lets_a_RST_pass)
{
	established_ts();
	inject(RST, .tsval = conn.tsval - 1000);
	expect_nothing();
	expect_closed();
}

/* RFC 7323 5.2: nor need it have a timestamp */
TEST(a_RST_needs_no_timestamp)
{
	established_ts();
	inject(RST, .ts = false);
	expect_nothing();
	expect_closed();
}

/* RFC 7323 5.3: a FIN with an old timestamp is dropped */
TEST(PAWS_drops_a_FIN)
{
	established_ts();
	inject(FIN | ACK, .tsval = conn.tsval - 10);
	expect(ACK);
	expect_state("ESTABLISHED");
}

/* RFC 7323 5.3: the ACK on it is not taken */
TEST(PAWS_drops_the_ACK)
{
	established_ts();
	OK(shutdown(conn.fd, SHUT_WR));
	expect(FIN | ACK);
	inject(ACK, .len = 10, .tsval = conn.tsval - 10);
	expect(ACK);
	expect_state("FIN_WAIT_1");
}

/* RFC 7323 5.3: an old timestamp does not become TS.Recent */
TEST(an_old_timestamp_is_not_echoed)
{
	established_ts();
	inject(ACK, .len = 10, .tsval = conn.tsval - 5);
	expect(ACK, .tsecr = conn.tsval);
	say(10);
	expect(ACK, .tsecr = conn.tsval);
}

/* RFC 7323 4.3: nor does that of data beyond the window */
TEST(a_timestamp_beyond_the_window_is_not_echoed)
{
	established_ts();
	inject(ACK, .seq = RCV_NXT + 100000, .len = 10, .tsval = conn.tsval + 1000);
	expect(ACK, .tsecr = conn.tsval);
}

/* RFC 7323 4.3: nor that of a segment behind a hole, for later ones */
TEST(a_timestamp_behind_a_gap_is_not_kept)
{
	established_ts();
	inject(ACK, .seq = RCV_NXT + 10, .len = 10, .tsval = conn.tsval + 1000);
	expect(ACK, .tsecr = conn.tsval);
	conn.tsval++;
	inject(ACK, .len = 10);
	RCV_NXT += 20;
	expect(ACK, .tsecr = conn.tsval);
}

/* RFC 7323 3.2: data without a timestamp may be dropped or taken, not reset */
TEST(data_without_a_timestamp_does_not_end_it)
{
	established_ts();
	inject(ACK, .len = 10, .ts = false);
	forget();
	expect_state("ESTABLISHED");
}

/* RFC 7323 3.2: where it was not agreed upon a timestamp is ignored */
TEST(a_timestamp_that_was_not_agreed_upon_is_ignored)
{
	established();
	inject(ACK, .len = 10, .ts = true, .tsval = 5);
	RCV_NXT += 10;
	expect(ACK, .ts = false);
	inject(ACK, .len = 10, .ts = true, .tsval = 1);
	RCV_NXT += 10;
	expect(ACK, .ts = false);
	recv_bytes(conn.fd, 20, 0);
}

/* RFC 7323 3.2: our clock goes on between two segments */
TEST(our_timestamps_never_go_back)
{
	uint32_t before;
	int i;

	established_ts();
	say(1);
	expect(ACK);
	for (i = 0; i < 5; i++) {
		before = last.tsval;
		pause_ms(5);
		say(1);
		expect(ACK);
		EXPECT((int32_t)(last.tsval - before) > 0);
	}
}

/* RFC 7323 5.4: SYN_RCVD: an old timestamp does not establish */
TEST(SYN_RCVD_PAWS_drops_an_old_ACK)
{
	listening();
	send_syn(.mss = 1460, .ts = true);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0);
	inject(ACK, .ts = true, .tsval = conn.tsval - 10, .tsecr = last.tsval, .len = 5);
	expect(ACK);
	expect_state("SYN_RCVD");
}

/* RFC 7323 2.2: with timestamps there is that much less data in a segment */
TEST(timestamps_take_12_bytes_of_each_segment)
{
	established_ts();
	send_bytes(conn.fd, 3000, 0);
	expect(ACK, .len = 1448);
}
