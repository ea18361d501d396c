// SPDX-License-Identifier: GPL-2.0
/*
 * Step 7, process the segment text (RFC 9293 3.10.7.4, 3.8.6.3), and when it
 * is acknowledged.
 */
#include "peer.h"

/* RFC 9293 3.10.7.4: data is taken, acknowledged, and can be read */
TEST_IN_DATA_STATES(data_is_taken)
{
	inject(ACK, .len = 100, .ack = SND_UNA);
	RCV_NXT += 100;
	expect(ACK);
	recv_bytes(conn.fd, 100, 0);
	expect_unchanged();
}

/* RFC 9293 3.10.7.4: after the peer's FIN data is ignored */
TEST_AFTER_FIN(data_after_FIN_is_not_taken)
{
	inject(ACK, .len = 100, .ack = SND_UNA);
	forget();
	EQ(errno_of_reading(), 0);
	expect_unchanged();
}

/* RFC 9293 3.10.7.4: a hole is waited for: an ACK says what is missing */
TEST_IN_DATA_STATES(data_behind_a_gap_waits)
{
	inject(ACK, .seq = RCV_NXT + 10, .len = 10);
	expect(ACK);
	EQ(errno_of_reading(), EAGAIN);
	inject(ACK, .len = 10);
	RCV_NXT += 20;
	expect(ACK);
	recv_bytes(conn.fd, 20, 0);
}

/* SHLD-31: what is out of order is queued, and need not come again */
TEST(three_pieces_in_reverse_order_are_put_together)
{
	established();
	inject(ACK, .seq = 201, .len = 100);
	expect(ACK);
	inject(ACK, .seq = 101, .len = 100);
	expect(ACK);
	inject(ACK, .seq = 1, .len = 100);
	RCV_NXT = 301;
	expect(ACK);
	recv_bytes(conn.fd, 300, 0);
}

/* RFC 5681 4.2: each segment behind a hole is acknowledged at once */
TEST(each_segment_behind_a_gap_makes_a_duplicate_ACK)
{
	int i;

	established();
	for (i = 0; i < 5; i++) {
		inject(ACK, .seq = 101 + 100 * i, .len = 100);
		expect(ACK, .ack = 1);
	}
}

/* RFC 5681 4.2: what fills a hole is acknowledged at once */
TEST(what_fills_a_part_of_a_gap_is_acknowledged_at_once)
{
	established();
	inject(ACK, .seq = 301, .len = 100);
	expect(ACK);
	say(100);
	expect(ACK, .ms = 30);
	say(100);
	expect(ACK, .ms = 30);
	say(100);
	RCV_NXT = 401;
	expect(ACK, .ms = 30);
}

/* RFC 9293 3.10.7.4: two holes */
TEST(two_gaps_are_filled_one_after_the_other)
{
	established();
	inject(ACK, .seq = 101, .len = 100);
	expect(ACK);
	inject(ACK, .seq = 301, .len = 100);
	expect(ACK);
	inject(ACK, .seq = 1, .len = 100);
	expect(ACK, .ack = 201);
	inject(ACK, .seq = 201, .len = 100);
	expect(ACK, .ack = 401);
	recv_bytes(conn.fd, 400, 0);
}

/* RFC 9293 3.10.7.4: a segment that covers what waits and more */
TEST(a_large_segment_over_small_ones_that_wait)
{
	established();
	inject(ACK, .seq = 11, .len = 10);
	expect(ACK);
	inject(ACK, .seq = 31, .len = 10);
	expect(ACK);
	inject(ACK, .seq = 1, .len = 100);
	RCV_NXT = 101;
	expect(ACK);
	recv_bytes(conn.fd, 100, 0);
	EQ(errno_of_reading(), EAGAIN);
}

/* RFC 9293 3.10.7.4: the overlap of two pieces that wait is read once */
TEST(pieces_that_overlap_are_read_once)
{
	established();
	inject(ACK, .seq = 11, .len = 20);
	expect(ACK);
	inject(ACK, .seq = 21, .len = 20);
	expect(ACK);
	inject(ACK, .seq = 6, .len = 10);
	expect(ACK);
	inject(ACK, .seq = 1, .len = 5);
	RCV_NXT = 41;
	expect(ACK);
	recv_bytes(conn.fd, 40, 0);
	EQ(errno_of_reading(), EAGAIN);
}

/* RFC 9293 3.10.7.4: what was acknowledged is not replaced by other data */
TEST(acknowledged_data_is_not_overwritten)
{
	established();
	say(100);
	expect(ACK);
	inject(ACK, .seq = 1, .len = 100, .junk = true);
	expect(ACK);
	recv_bytes(conn.fd, 100, 0);
	EQ(errno_of_reading(), EAGAIN);
}

/* RFC 9293 3.10.7.4: the same data twice is acknowledged twice and read once */
TEST_IN_DATA_STATES(a_duplicate_is_acknowledged_and_read_once)
{
	say(50);
	expect(ACK);
	inject(ACK, .seq = RCV_NXT - 50, .len = 50);
	expect(ACK);
	recv_bytes(conn.fd, 50, 0);
	EQ(errno_of_reading(), EAGAIN);
}

/* RFC 9293 3.9.1.3: PSH is not needed for data to be read */
TEST(data_without_PSH_is_read)
{
	established();
	inject(ACK, .len = 10);
	RCV_NXT += 10;
	expect(ACK);
	recv_bytes(conn.fd, 10, 0);
}

/* RFC 9293 3.8.5: URG does not break the stream's order for who ignores it */
TEST(URG_with_a_pointer_beyond_the_data_breaks_nothing)
{
	established();
	inject(ACK | URG, .len = 10, .urg = 200);
	RCV_NXT += 10;
	expect(ACK);
	recv_bytes(conn.fd, 10, 0);
	say(10);
	expect(ACK);
	recv_bytes(conn.fd, 10, 10);
}

/* RFC 9293 3.8.5: the urgent pointer means nothing without URG */
TEST(an_urgent_pointer_without_URG_means_nothing)
{
	established();
	inject(ACK, .len = 10, .urg = 5);
	RCV_NXT += 10;
	expect(ACK);
	recv_bytes(conn.fd, 10, 0);
	EQ(errno_of_reading(), EAGAIN);
}

/* RFC 9293 3.1: reserved bits are ignored */
TEST(reserved_bits_are_ignored)
{
	established();
	inject(ACK, .len = 10, .reserved = 7);
	RCV_NXT += 10;
	expect(ACK, .reserved = 0);
	recv_bytes(conn.fd, 10, 0);
}

/* RFC 9293 3.1: on a SYN, too */
TEST(reserved_bits_of_a_SYN_are_ignored)
{
	listening();
	send_syn(.reserved = 6);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0, .reserved = 0);
}

/* MUST-3: a segment whose checksum is wrong is dropped without an answer */
TEST(a_bad_checksum_is_dropped)
{
	established();
	inject(ACK, .len = 10, .bad_checksum = true);
	expect_nothing();
	EQ(errno_of_reading(), EAGAIN);
}

/* MUST-3: in every state: nor is a RST or SYN taken */
TEST_SYNCHRONIZED(a_RST_with_a_bad_checksum_is_dropped)
{
	inject(RST, .bad_checksum = true);
	expect_nothing();
	expect_unchanged();
}

/* MUST-3: nor is it answered where nobody listens */
TEST(CLOSED_does_not_answer_a_bad_checksum)
{
	closed();
	inject(SYN, .bad_checksum = true);
	inject(ACK, .bad_checksum = true);
	expect_nothing();
}

/* RFC 9293 3.1: a data offset below 5 is impossible */
TEST(a_data_offset_below_5_is_dropped)
{
	established();
	inject(ACK, .len = 10, .doff = 16);
	inject(ACK, .len = 10, .doff = 4);
	expect_nothing();
	EQ(errno_of_reading(), EAGAIN);
}

/* RFC 9293 3.1: so is one beyond the segment's end */
TEST(a_data_offset_beyond_the_segment_is_dropped)
{
	established();
	inject(RST, .doff = 24);
	inject(ACK, .len = 10, .doff = 60);
	expect_nothing();
	expect_state("ESTABLISHED");
}

/* RFC 9293 3.1: a header that is cut off is dropped */
TEST(a_segment_shorter_than_a_header_is_dropped)
{
	established();
	inject(RST, .cut = 4);
	inject(RST, .cut = 19);
	expect_nothing();
	expect_state("ESTABLISHED");
}

/* SHLD-19: at least every second full segment is acknowledged, when it is read */
TEST(every_second_full_segment_is_acknowledged)
{
	int i;

	established();
	for (i = 0; i < 20; i++) {	/* past the quick ones of the start */
		say(1460);
		expect(ACK);
		recv_bytes(conn.fd, 1460, 1460 * i);
		forget();
	}
	for (; i < 40; i += 2) {
		say(1460);
		if (next_segment(0))
			EQ(last.ack, RCV_NXT);
		say(1460);
		expect(ACK, .ms = 100);
		recv_bytes(conn.fd, 2920, 1460 * i);
		forget();
	}
}

/* SHLD-19: and before that, if the administrator wants it */
TEST(every_second_full_segment_is_acknowledged_though_nobody_reads)
{
	int i;

	NOT_TCP("Linux acknowledges when the data is read");
	knob("ack_every_second", 1);
	established();
	for (i = 0; i < 20; i++) {
		say(1460);
		expect(ACK);
		forget();
	}
	for (; i < 30; i += 2) {
		say(1460);
		if (next_segment(0))
			EQ(last.ack, RCV_NXT);
		say(1460);
		expect(ACK, .ms = 100);
		forget();
	}
	recv_bytes(conn.fd, 30 * 1460, 0);
}

/* MUST-40: as long as nobody reads, too */
TEST(what_nobody_reads_is_acknowledged_within_half_a_second)
{
	int64_t sent;
	int i;

	established();
	for (i = 0; i < 30; i++) {	/* past the quick ones of the start */
		sent = now_us();
		say(1460);
		if (i >= 20 && !next_segment(0))
			say(1460);
		expect(ACK);
		EXPECT(last.at_us - sent < 500000 || !time_is_exact());
	}
}

/* MUST-40: an ACK is delayed by less than 0.5 seconds */
TEST(a_delayed_ACK_comes_within_half_a_second)
{
	int64_t sent;
	int i;

	established();
	for (i = 0; i < 40; i++) {
		sent = now_us();
		say(100);
		expect(ACK);
		EXPECT(last.at_us - sent < 500000 || !time_is_exact());
	}
}

/* RFC 9293 3.8.6.3: an ACK is piggybacked on the answer of a quick program */
TEST(an_answer_carries_the_ACK)
{
	int i;

	established();
	for (i = 0; i < 30; i++) {
		say(100);
		forget();
		recv_bytes(conn.fd, 100, 100 * i);
		send_bytes(conn.fd, 10, 10 * i);
		expect(ACK, .len = 10);
		acknowledge();
	}
	expect_nothing();
}

/* .. from the first answer on, though a connection begins with ACKs at once */
TEST(the_first_answer_ends_ACKs_at_once)
{
	established();
	say(100);
	expect(ACK);
	recv_bytes(conn.fd, 100, 0);
	send_bytes(conn.fd, 10, 0);
	expect(ACK, .len = 10);
	acknowledge();
	say(100);
	expect_nothing();
}

/* RFC 9293 3.6.1: when the program is gone, data that comes is reset */
TEST(data_for_an_orphan_is_reset)
{
	orphaned();
	inject(ACK, .len = 10);
	expect_reset();
	expect_closed();
}

/* SHLD-3, RFC 9293 3.6.1: CLOSE with data unread: RST, not FIN */
TEST(CLOSE_with_data_unread_sends_RST)
{
	established();
	say(10);
	expect(ACK);
	OK(close(conn.fd));
	expect(RST | ACK);
	expect_closed();
}

/* RFC 9293 3.6.1: in CLOSE_WAIT likewise */
TEST(CLOSE_in_CLOSE_WAIT_with_data_unread_sends_RST)
{
	established();
	say(10);
	expect(ACK);
	say_fin();
	expect(ACK);
	OK(close(conn.fd));
	expect(RST | ACK);
	expect_closed();
}

/* RFC 9293 3.6.1: not when all was read */
TEST(CLOSE_with_all_data_read_sends_FIN)
{
	established();
	say(10);
	expect(ACK);
	recv_bytes(conn.fd, 10, 0);
	OK(close(conn.fd));
	expect(FIN | ACK);
	expect_state("FIN_WAIT_1");
}

/* RFC 9293 3.6.1: data for FIN_WAIT_1 without a program is reset, too */
TEST(data_for_an_orphan_in_FIN_WAIT_1_is_reset)
{
	established();
	OK(close(conn.fd));
	expect(FIN | ACK);
	inject(ACK, .len = 10, .ack = SND_UNA);
	expect_reset();
	expect_closed();
}
