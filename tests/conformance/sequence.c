// SPDX-License-Identifier: GPL-2.0
/*
 * Step 1, check sequence number (RFC 9293 3.10.7.4, 3.4): the four cases of
 * acceptability and their edges, in each state.  What is not acceptable is
 * answered by <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> and dropped.
 */
#include "peer.h"

/* RFC 9293 3.4 case 2: an empty segment before RCV.NXT is answered by an ACK */
TEST_SYNCHRONIZED(an_empty_segment_before_the_window_is_answered)
{
	inject(ACK, .seq = RCV_NXT - 2);
	expect(ACK);
	expect_unchanged();
}

/* RFC 9293 3.4 case 2: so is one beyond the window */
TEST_SYNCHRONIZED(an_empty_segment_beyond_the_window_is_answered)
{
	inject(ACK, .seq = RCV_NXT + RCV_WND + 1);
	expect(ACK);
	expect_unchanged();
}

/* RFC 9293 3.4 case 2: half of all numbers away is outside */
TEST_SYNCHRONIZED(an_empty_segment_far_away_is_answered)
{
	inject(ACK, .seq = RCV_NXT + 0x7fffffff);
	expect(ACK);
	inject(ACK, .seq = RCV_NXT - 0x7fffffff);
	expect(ACK);
	expect_unchanged();
}

/* RFC 9293 3.4 case 2: at RCV.NXT it is acceptable, and needs no answer */
TEST_SYNCHRONIZED(an_empty_segment_at_RCV_NXT_needs_no_answer)
{
	inject(ACK, .ack = SND_UNA);
	expect_nothing();
	expect_unchanged();
}

/* RFC 9293 3.4 case 2: nor inside the window */
TEST_IN_DATA_STATES(an_empty_segment_inside_the_window_needs_no_answer)
{
	inject(ACK, .seq = RCV_NXT + 1, .ack = SND_UNA);
	inject(ACK, .seq = RCV_NXT + RCV_WND - 1, .ack = SND_UNA);
	expect_nothing();
	expect_unchanged();
}

/* RFC 9293 3.4 case 4: old data is answered by an ACK */
TEST_SYNCHRONIZED(old_data_is_answered)
{
	inject(ACK, .seq = RCV_NXT - 20, .len = 10);
	expect(ACK);
	expect_unchanged();
}

/* RFC 9293 3.4 case 4: data that ends where the window begins is old */
TEST_SYNCHRONIZED(data_that_ends_at_RCV_NXT_is_answered)
{
	inject(ACK, .seq = RCV_NXT - 10, .len = 10, .ack = SND_UNA);
	expect(ACK);
	expect_unchanged();
}

/* RFC 9293 3.4 case 4: data beyond the window is answered */
TEST_SYNCHRONIZED(data_beyond_the_window_is_answered)
{
	inject(ACK, .seq = RCV_NXT + RCV_WND + 10, .len = 10);
	expect(ACK);
	expect_unchanged();
}

/* RFC 9293 3.10.7.4: an unacceptable segment's ACK is not looked at */
TEST(the_ACK_of_an_unacceptable_segment_is_not_taken)
{
	fin_wait_1();
	inject(ACK, .seq = RCV_NXT + RCV_WND + 10, .len = 10);
	SND_UNA = 1;
	expect(ACK);
	expect_state("FIN_WAIT_1");
}

/* RFC 9293 3.10.7.4: nor its FIN */
TEST_IN_DATA_STATES(the_FIN_of_an_unacceptable_segment_is_not_taken)
{
	inject(FIN | ACK, .seq = RCV_NXT + RCV_WND + 1, .ack = SND_UNA);
	expect(ACK);
	expect_unchanged();
}

/* RFC 9293 3.10.7.4: what overlaps RCV.NXT is trimmed to what is new */
TEST_IN_DATA_STATES(data_that_begins_before_RCV_NXT_is_trimmed)
{
	say(10);
	expect(ACK);
	inject(ACK, .seq = RCV_NXT - 5, .len = 15);
	RCV_NXT += 10;
	expect(ACK);
	recv_bytes(conn.fd, 20, 0);
}

/* RFC 9293 3.10.7.4: what overlaps the right edge loses its end, or waits whole */
TEST(data_beyond_the_right_edge_is_not_taken)
{
	uint32_t room;

	NOT_OLD_TCP("old Linux takes more than it offered");
	peer_up();
	receive_buffer(4096);
	established();
	/* up to 10 bytes before the edge, in whole segments */
	while (RCV_WND > 1000) {
		say(RCV_WND > 2000 ? 1000 : RCV_WND - 990);
		expect(ACK);
	}
	room = RCV_WND;
	if (room) {
		inject(ACK, .len = room + 500);
		EXPECT(one_came());
		EXPECT(last.ack <= RCV_NXT + room);
	}
}

/* RFC 9293 3.4: the first byte of the window is data's, over the wrap */
TEST(data_over_the_wrap_is_in_order)
{
	established();
	say(10);
	expect(ACK, .ack = 11);
	say(10);		/* 0xffffffff + 1 is within */
	expect(ACK, .ack = 21);
	recv_bytes(conn.fd, 20, 0);
}

/* RFC 9293 3.4: old numbers are old on the other side of the wrap, too */
TEST(data_from_before_the_wrap_is_old_after_it)
{
	established();
	say(100);
	expect(ACK);
	inject(ACK, .seq = 1, .len = 10, .junk = true);
	expect(ACK);
	recv_bytes(conn.fd, 100, 0);
	EQ(errno_of_reading(), EAGAIN);
}

/* RFC 9293 3.4: out of order over the wrap */
TEST(a_gap_at_the_wrap_is_filled)
{
	established();
	inject(ACK, .seq = RCV_NXT + 10, .len = 10);
	expect(ACK);
	inject(ACK, .len = 10);
	RCV_NXT += 20;
	expect(ACK);
	recv_bytes(conn.fd, 20, 0);
}

/* 3.10.7.4: with a zero window an ACK is taken all the same */
static void shut_window(void)
{
	peer_up();
	receive_buffer(4096);
	established();
	while (RCV_WND) {
		inject(ACK, .len = RCV_WND > 500 ? 500 : RCV_WND);
		RCV_NXT += RCV_WND > 500 ? 500 : RCV_WND;
		expect(ACK);
	}
}

/* RFC 9293 3.4 case 1: zero window: at RCV.NXT an empty segment is acceptable */
TEST(zero_window_an_empty_segment_at_RCV_NXT_needs_no_answer)
{
	shut_window();
	inject(ACK);
	expect_nothing();
}

/* RFC 9293 3.4 case 1: elsewhere it is not */
TEST(zero_window_an_empty_segment_elsewhere_is_answered)
{
	shut_window();
	inject(ACK, .seq = RCV_NXT + 1);
	expect(ACK, .wnd = 0);
	inject(ACK, .seq = RCV_NXT - 1);
	expect(ACK, .wnd = 0);
}

/* RFC 9293 3.4 case 3: zero window: data is not acceptable; the probe is answered */
TEST(zero_window_data_is_answered_and_not_taken)
{
	shut_window();
	inject(ACK, .len = 1);
	expect(ACK, .wnd = 0);
	inject(ACK, .len = 100);
	expect(ACK, .wnd = 0);
}

/* RFC 9293 3.10.7.4, MUST-66: a RST is processed with a zero window */
TEST(zero_window_RST_is_taken)
{
	shut_window();
	inject(RST);
	expect_nothing();
	expect_closed();
}

/* RFC 9293 3.10.7.4, MUST-66: and so is an ACK on data that is not acceptable */
TEST(zero_window_the_ACK_on_a_probe_is_taken)
{
	NOT_TCP("Linux drops it since 6.17");
	shut_window();
	send_bytes(conn.fd, 10, 0);
	expect(ACK, .len = 10);
	inject(ACK, .len = 1);
	expect(ACK, .wnd = 0);
	quiet(600);		/* not sent again: it is acknowledged */
}

/* RFC 9293 3.8.6: a reader opens the window, and the peer is told */
TEST(zero_window_opens_when_the_program_reads)
{
	shut_window();
	recv_bytes(conn.fd, RCV_NXT - 1, 0);
	expect(ACK);
	EXPECT(last.wnd > 0);
	say(100);
	expect(ACK);
}
