// SPDX-License-Identifier: GPL-2.0
/*
 * RST in every state (RFC 9293 3.10.7, RFC 5961 3): exactly at RCV.NXT it ends
 * the connection, elsewhere in the window it is challenged, outside ignored.
 */
#include "peer.h"

/* RFC 9293 3.10.7.4, RFC 5961 3.2: a RST at RCV.NXT ends the connection */
TEST_SYNCHRONIZED(an_exact_RST_ends_it)
{
	inject(RST);
	expect_nothing();
	expect_closed();
}

/* RFC 9293 3.10.7.4: the ACK bit makes no difference to a RST */
TEST_SYNCHRONIZED(an_exact_RST_with_ACK_ends_it)
{
	inject(RST | ACK);
	expect_nothing();
	expect_closed();
}

/* RFC 9293 3.10.7.4: the RST bit is checked before the ACK field */
TEST_SYNCHRONIZED(a_RST_with_an_unacceptable_ACK_ends_it)
{
	inject(RST | ACK, .ack = SND_NXT + 100000);
	expect_nothing();
	expect_closed();
}

/* RFC 5961 3.2: elsewhere in the window a RST is answered by a challenge ACK */
TEST_SYNCHRONIZED(a_RST_in_the_window_is_challenged)
{
	inject(RST, .seq = RCV_NXT + 1);
	expect(ACK);
	expect_unchanged();
}

/* RFC 5961 3.2: up to the window's right edge */
TEST_SYNCHRONIZED(a_RST_at_the_windows_last_byte_is_challenged)
{
	inject(RST, .seq = RCV_NXT + RCV_WND - 1);
	expect(ACK);
	expect_unchanged();
}

/* RFC 9293 3.10.7.4: an unacceptable RST is dropped without an answer */
TEST_SYNCHRONIZED(a_RST_before_the_window_is_ignored)
{
	inject(RST, .seq = RCV_NXT - 2);
	expect_nothing();
	expect_unchanged();
}

/* RFC 9293 3.10.7.4: just before it, too */
TEST_IN_DATA_STATES(a_RST_one_before_the_window_is_ignored)
{
	inject(RST, .seq = RCV_NXT - 1);
	expect_nothing();
	expect_unchanged();
}

/* RFC 9293 3.10.7.4: and at the number that the FIN had */
TEST_AFTER_FIN(a_RST_numbered_as_the_FIN_is_ignored)
{
	NOT_TCP("Linux takes it, because some systems send such RSTs");
	inject(RST, .seq = RCV_NXT - 1);
	expect_nothing();
	expect_unchanged();
}

/* RFC 9293 3.10.7.4: likewise on the other side */
TEST_SYNCHRONIZED(a_RST_beyond_the_window_is_ignored)
{
	inject(RST, .seq = RCV_NXT + RCV_WND + 1);
	expect_nothing();
	expect_unchanged();
}

/* RFC 9293 3.10.7.4: likewise far away */
TEST_SYNCHRONIZED(a_RST_half_the_numbers_away_is_ignored)
{
	inject(RST, .seq = RCV_NXT + 0x80000000u);
	expect_nothing();
	expect_unchanged();
}

/* RFC 1337 3: TIME_WAIT is not assassinated; RFC 9293 would allow it */
TEST(RST_does_not_end_TIME_WAIT)
{
	peer_up();
	knob_of_tcp("rfc1337", 1);
	time_wait();
	inject(RST);
	inject(RST | ACK);
	inject(RST, .seq = RCV_NXT - 1);
	expect_nothing();
	expect_state("TIME_WAIT");
}

/* MUST-12: the user is told "connection reset" */
TEST_IN_DATA_STATES(after_RST_the_user_reads_ECONNRESET)
{
	inject(RST);
	EQ(errno_of_reading(), ECONNRESET);
	EQ(errno_of_reading(), 0);
}

/* RFC 9293 3.10.7.4: in CLOSE_WAIT too; as TCP says it, by EPIPE to a writer */
TEST(after_RST_in_CLOSE_WAIT_the_user_cannot_write)
{
	close_wait();
	inject(RST);
	ERR(send(conn.fd, "x", 1, MSG_NOSIGNAL), EPIPE);
}

/* RFC 9293 3.10.7.4: all queued segments are flushed */
TEST(RST_flushes_what_was_to_be_sent)
{
	peer_up();
	conn.wnd = 0;
	established_with();
	send_bytes(conn.fd, 1000, 0);
	inject(RST);
	quiet(400);
	expect_closed();
}

/* RFC 9293 3.10.7.4: who waits hears of it, though there is data to be read */
TEST(after_RST_the_user_is_woken)
{
	established();
	say(5);
	expect(ACK);
	inject(RST);
	EXPECT(poll_for(conn.fd, POLLIN, 0) & (POLLERR | POLLHUP));
	expect_closed();
}

/* RFC 9293 3.10.7.3: RST with an acceptable ACK refuses the connection */
TEST(SYN_SENT_RST_with_ACK_of_the_SYN_refuses)
{
	syn_sent();
	inject(RST | ACK, .seq = 0, .ack = 1);
	expect_nothing();
	EQ(so_error(conn.fd), ECONNREFUSED);
	expect_closed();
}

/* RFC 9293 3.10.7.3: without an ACK a RST is dropped */
TEST(SYN_SENT_RST_without_ACK_is_ignored)
{
	syn_sent();
	inject(RST, .seq = 0);
	expect_nothing();
	expect_state("SYN_SENT");
}

/* RFC 9293 3.10.7.3: a RST whose ACK is not acceptable is dropped */
TEST(SYN_SENT_RST_that_acknowledges_ISS_is_ignored)
{
	syn_sent();
	inject(RST | ACK, .seq = 0, .ack = 0);
	expect_nothing();
	expect_state("SYN_SENT");
}

/* RFC 9293 3.10.7.3: likewise above SND.NXT */
TEST(SYN_SENT_RST_that_acknowledges_what_was_not_sent_is_ignored)
{
	syn_sent();
	inject(RST | ACK, .seq = 0, .ack = 2);
	expect_nothing();
	expect_state("SYN_SENT");
}

/* RFC 9293 3.10.7.4: SYN_RCVD of a passive open returns to LISTEN */
TEST(SYN_RCVD_RST_returns_to_LISTEN)
{
	syn_rcvd();
	inject(RST);
	expect_nothing();
	expect_state("LISTEN");
}

/* RFC 5961 3.2: in SYN_RCVD too, only at RCV.NXT */
TEST(SYN_RCVD_RST_in_the_window_does_not_end_it)
{
	syn_rcvd();
	inject(RST, .seq = RCV_NXT + 1);
	forget();
	expect_state("SYN_RCVD");
}

/* RFC 9293 3.10.7.4: outside the window a RST is ignored */
TEST(SYN_RCVD_RST_beyond_the_window_is_ignored)
{
	syn_rcvd();
	inject(RST, .seq = RCV_NXT + RCV_WND + 1);
	expect_nothing();
	expect_state("SYN_RCVD");
}

/* RFC 9293 3.10.7.4: a RST of an old number, the SYN's own, is ignored */
TEST(SYN_RCVD_RST_before_the_window_is_ignored)
{
	syn_rcvd();
	inject(RST, .seq = 0);
	expect_nothing();
	expect_state("SYN_RCVD");
}

/* RFC 9293 3.10.7.4: SYN_RCVD of an active open: "connection refused" */
TEST(SYN_RCVD_of_an_active_open_is_refused_by_RST)
{
	NOT_TCP("Linux says ECONNRESET, RFC 9293 \"connection refused\"");
	syn_rcvd_active();
	inject(RST);
	expect_nothing();
	EQ(so_error(conn.fd), ECONNREFUSED);
	expect_closed();
}

/* RFC 9293 3.10.7.2: LISTEN ignores RSTs */
TEST(LISTEN_ignores_RST)
{
	listening();
	inject(RST);
	inject(RST | ACK);
	inject(RST | SYN);
	inject(RST | SYN | ACK | FIN);
	expect_nothing();
	expect_state("LISTEN");
}

/* RFC 9293 3.10.7.1: CLOSED never answers a RST */
TEST(CLOSED_ignores_RST)
{
	closed();
	inject(RST);
	inject(RST | ACK);
	inject(RST | SYN);
	inject(RST | FIN, .len = 10);
	expect_nothing();
}

/* RFC 9293 3.10.7.4: data on a RST is not data */
TEST(data_on_a_RST_is_not_read)
{
	established();
	inject(RST, .len = 10);
	expect_nothing();
	EQ(errno_of_reading(), ECONNRESET);
}

/* RFC 5961 3.2: a RST is placed by its first byte, wherever its data ends */
TEST(a_RST_with_data_that_reaches_into_the_window_is_not_exact)
{
	established();
	inject(RST | ACK, .seq = RCV_NXT - 5, .len = 10);
	forget();
	expect_state("ESTABLISHED");
}

/* RFC 5961 3.2: SYN and RST together are a RST */
TEST(RST_with_SYN_ends_it_when_exact)
{
	established();
	inject(RST | SYN);
	expect_nothing();
	expect_closed();
}

/* RFC 5961 3.2: after a hole RCV.NXT is still where it was */
TEST(RST_behind_a_gap_is_not_exact)
{
	established();
	inject(ACK, .seq = RCV_NXT + 100, .len = 100);
	expect(ACK);
	inject(RST, .seq = RCV_NXT + 200);
	expect(ACK);
	expect_state("ESTABLISHED");
}

/* RFC 5961 3.2: a program learns nothing of a challenged RST */
TEST(a_challenged_RST_is_not_reported)
{
	established();
	inject(RST, .seq = RCV_NXT + 10);
	expect(ACK);
	EQ(errno_of_reading(), EAGAIN);
	say(3);
	expect(ACK);
	recv_bytes(conn.fd, 3, 0);
}

/* RFC 9293 3.5.3: who gets a challenge ACK for nothing answers by an exact RST */
TEST(the_RST_that_answers_a_challenge_ends_it)
{
	established();
	inject(RST, .seq = RCV_NXT + 10);
	expect(ACK);
	inject(RST, .seq = last.ack);
	expect_nothing();
	expect_closed();
}
