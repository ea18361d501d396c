// SPDX-License-Identifier: GPL-2.0
/*
 * Step 5, check the ACK field (RFC 9293 3.10.7.4, RFC 5961 5), in each state.
 */
#include "peer.h"

/* RFC 9293 3.10.7.4: no ACK bit: drop */
TEST_SYNCHRONIZED(a_segment_without_ACK_is_dropped)
{
	inject(0, .len = 10);
	inject(PSH, .len = 10);
	expect_nothing();
	expect_unchanged();
}

/* RFC 9293 3.10.7.4: nor is a FIN without ACK taken */
TEST_IN_DATA_STATES(a_FIN_without_ACK_is_dropped)
{
	inject(FIN);
	expect_nothing();
	expect_unchanged();
}

/* RFC 9293 3.10.7.4: an ACK of what was not sent yet is answered by an ACK */
TEST_SYNCHRONIZED(an_ACK_of_what_was_not_sent_is_answered)
{
	NOT_OLD_TCP("in ESTABLISHED old Linux gives no answer");
	inject(ACK, .ack = SND_NXT + 1);
	expect(ACK);
	expect_unchanged();
}

/* RFC 9293 3.10.7.4: far beyond, too */
TEST_SYNCHRONIZED(an_ACK_far_beyond_is_answered)
{
	NOT_OLD_TCP("in ESTABLISHED old Linux gives no answer");
	inject(ACK, .ack = SND_NXT + 0x40000000);
	expect(ACK);
	expect_unchanged();
}

/* RFC 9293 3.10.7.4: and its data is dropped */
TEST_IN_DATA_STATES(data_with_an_ACK_of_what_was_not_sent_is_dropped)
{
	inject(ACK, .len = 10, .ack = SND_NXT + 1);
	forget();		/* an old Linux has no answer */
	EQ(errno_of_reading(), EAGAIN);
}

/* RFC 5961 5.2: an ACK older than the largest window is challenged */
TEST_SYNCHRONIZED(an_ACK_from_too_long_ago_is_challenged)
{
	inject(ACK, .ack = SND_UNA - conn.wnd - 1);
	expect(ACK);
	expect_unchanged();
}

/* RFC 5961 5.2: and its data is dropped: blind injection */
TEST_IN_DATA_STATES(data_with_an_ACK_from_too_long_ago_is_dropped)
{
	inject(ACK, .len = 10, .ack = SND_UNA - conn.wnd - 1);
	expect(ACK);
	EQ(errno_of_reading(), EAGAIN);
}

/* RFC 5961 5.2: half of all numbers away it is dropped, too */
TEST_IN_DATA_STATES(data_with_an_ACK_of_the_other_half_is_dropped)
{
	inject(ACK, .len = 10, .ack = SND_UNA + 0x80000000u);
	expect(ACK);
	EQ(errno_of_reading(), EAGAIN);
}

/* RFC 9293 3.10.7.4: a duplicate ACK is ignored, its data is not */
TEST(data_with_an_old_ACK_is_taken)
{
	established();
	send_bytes(conn.fd, 100, 0);
	expect(ACK, .len = 100);
	acknowledge();
	inject(ACK, .len = 10, .ack = SND_UNA - 1);
	RCV_NXT += 10;
	expect(ACK);
	recv_bytes(conn.fd, 10, 0);
}

/* RFC 5961 5.2: an ACK as old as the largest window is still taken */
TEST(data_with_an_ACK_one_window_old_is_taken)
{
	peer_up();
	conn.wnd = 1000;
	established_with();
	send_bytes(conn.fd, 500, 0);
	expect(ACK, .len = 500);
	acknowledge();
	send_bytes(conn.fd, 500, 500);
	expect(ACK, .len = 500);
	acknowledge();
	inject(ACK, .len = 10, .ack = SND_UNA - 1000);
	RCV_NXT += 10;
	expect(ACK);
	recv_bytes(conn.fd, 10, 0);
}

/* RFC 9293 3.10.7.4: an acceptable ACK removes data from the queue */
TEST(acknowledged_data_is_not_sent_again)
{
	established();
	send_bytes(conn.fd, 100, 0);
	expect(ACK, .len = 100);
	acknowledge();
	quiet(500);
}

/* RFC 9293 3.10.7.4: in parts, too */
TEST(only_what_is_not_acknowledged_is_sent_again)
{
	established();
	send_bytes(conn.fd, 100, 0);
	expect(ACK, .len = 100);
	inject(ACK, .ack = 41);
	expect(ACK, .seq = 41, .len = 60);
}

/* RFC 9293 3.10.7.4: an older ACK does not take back a newer one */
TEST(an_old_ACK_takes_nothing_back)
{
	established();
	send_bytes(conn.fd, 100, 0);
	expect(ACK, .len = 100);
	acknowledge();
	inject(ACK, .ack = 41);
	quiet(500);
}

/* RFC 9293 3.10.7.4 step 5: CLOSE_WAIT does as ESTABLISHED */
TEST(data_is_acknowledged_in_CLOSE_WAIT)
{
	close_wait();
	send_bytes(conn.fd, 100, 0);
	expect(ACK, .len = 100);
	acknowledge();
	quiet(400);
	expect_state("CLOSE_WAIT");
}

/* RFC 9293 3.10.7.4: the ACK of our FIN: FIN_WAIT_1 to FIN_WAIT_2 */
TEST(ACK_of_FIN_leads_to_FIN_WAIT_2)
{
	fin_wait_1();
	acknowledge();
	expect_nothing();
	expect_state("FIN_WAIT_2");
}

/* RFC 9293 3.10.7.4: CLOSING to TIME_WAIT */
TEST(ACK_of_FIN_in_CLOSING_leads_to_TIME_WAIT)
{
	closing();
	acknowledge();
	expect_nothing();
	expect_state("TIME_WAIT");
}

/* RFC 9293 3.10.7.4: LAST_ACK to CLOSED */
TEST(ACK_of_FIN_in_LAST_ACK_leads_to_CLOSED)
{
	last_ack();
	acknowledge();
	expect_nothing();
	expect_closed();
}

/* RFC 9293 3.10.7.4: an ACK of the data before the FIN is not one of the FIN */
TEST(ACK_of_data_before_FIN_changes_no_state)
{
	established();
	send_bytes(conn.fd, 10, 0);
	OK(shutdown(conn.fd, SHUT_WR));
	expect(ACK, .len = 10);
	expect(FIN | ACK);
	inject(ACK, .ack = 11);
	expect_nothing();
	expect_state("FIN_WAIT_1");
	acknowledge();
	expect_state("FIN_WAIT_2");
}

/* RFC 9293 3.10.7.4: neither is one in CLOSING */
TEST(a_duplicate_ACK_in_CLOSING_changes_no_state)
{
	closing();
	inject(ACK, .ack = SND_NXT - 1);
	expect_nothing();
	expect_state("CLOSING");
}

/* RFC 9293 3.10.7.4: nor in LAST_ACK */
TEST(a_duplicate_ACK_in_LAST_ACK_changes_no_state)
{
	last_ack();
	inject(ACK, .ack = SND_NXT - 1);
	expect_nothing();
	expect_state("LAST_ACK");
}

/* RFC 9293 3.10.7.4: the ACK of our FIN may come with the peer's FIN */
TEST(FIN_with_ACK_of_FIN_leads_to_TIME_WAIT)
{
	fin_wait_1();
	say_fin();
	expect(ACK);
	expect_state("TIME_WAIT");
}

/* RFC 5961 5.2: the state does not change by an ACK that is too new */
TEST(an_ACK_beyond_our_FIN_does_not_acknowledge_it)
{
	last_ack();
	inject(ACK, .ack = SND_NXT + 1);
	expect(ACK);
	expect_state("LAST_ACK");
}
