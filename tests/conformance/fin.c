// SPDX-License-Identifier: GPL-2.0
/*
 * Step 8, check the FIN bit (RFC 9293 3.10.7.4), and the ways to close (3.6).
 */
#include "peer.h"

/* RFC 9293 3.6: ESTABLISHED to CLOSE_WAIT, and the program reads the end */
TEST(FIN_in_ESTABLISHED_leads_to_CLOSE_WAIT)
{
	close_wait();
	EQ(errno_of_reading(), 0);
	expect_nothing();
}

/* RFC 9293 3.10.7.4: SYN_RCVD to CLOSE_WAIT in one step */
TEST(FIN_in_SYN_RCVD_leads_to_CLOSE_WAIT)
{
	syn_rcvd();
	say_fin();
	expect(ACK);
	expect_state("CLOSE_WAIT");
}

/* RFC 9293 3.10.7.4: FIN_WAIT_1 to CLOSING while our FIN is not acknowledged */
TEST(FIN_in_FIN_WAIT_1_leads_to_CLOSING)
{
	closing();
	expect_nothing();
}

/* RFC 9293 3.10.7.4: FIN_WAIT_2 to TIME_WAIT */
TEST(FIN_in_FIN_WAIT_2_leads_to_TIME_WAIT)
{
	time_wait();
	expect_nothing();
}

/* RFC 9293 3.10.7.4: the FIN again: acknowledged again, and the state remains */
TEST_AFTER_FIN(the_FIN_again_is_acknowledged_again)
{
	inject(FIN | ACK, .seq = RCV_NXT - 1, .ack = SND_UNA);
	expect(ACK);
	expect_unchanged();
}

/* RFC 9293 3.10.7.4: a second FIN, above the first, is no FIN */
TEST_AFTER_FIN(a_FIN_after_the_FIN_is_ignored)
{
	inject(FIN | ACK, .ack = SND_UNA);
	forget();
	inject(ACK, .seq = RCV_NXT - 5, .len = 4, .ack = SND_UNA);
	expect(ACK);
	expect_unchanged();
}

/* RFC 9293 3.10.7.4: data and FIN in one segment */
TEST_IN_DATA_STATES(FIN_with_data_is_acknowledged_whole)
{
	inject(FIN | ACK, .len = 10, .ack = SND_UNA);
	RCV_NXT += 11;
	expect(ACK);
	recv_bytes(conn.fd, 10, 0);
	EQ(errno_of_reading(), 0);
}

/* RFC 9293 3.10.7.4: a FIN waits for the data before it */
TEST_IN_DATA_STATES(FIN_behind_a_gap_waits)
{
	inject(FIN | ACK, .seq = RCV_NXT + 10, .len = 10, .ack = SND_UNA);
	expect(ACK);
	expect_unchanged();
	EQ(errno_of_reading(), EAGAIN);
	inject(ACK, .len = 10, .ack = SND_UNA);
	RCV_NXT += 21;
	expect(ACK);
	recv_bytes(conn.fd, 20, 0);
	EQ(errno_of_reading(), 0);
}

/* RFC 9293 3.10.7.4: an empty FIN behind a hole, too */
TEST_IN_DATA_STATES(an_empty_FIN_behind_a_gap_waits)
{
	inject(FIN | ACK, .seq = RCV_NXT + 10, .ack = SND_UNA);
	expect(ACK);
	expect_unchanged();
	inject(ACK, .len = 10, .ack = SND_UNA);
	RCV_NXT += 11;
	expect(ACK);
	recv_bytes(conn.fd, 10, 0);
	EQ(errno_of_reading(), 0);
}

/* RFC 9293 3.4: a FIN that overlaps old data counts by its own number */
TEST(FIN_on_a_retransmission_with_more_counts)
{
	established();
	say(10);
	expect(ACK);
	inject(FIN | ACK, .seq = 1, .len = 20);
	RCV_NXT += 11;
	expect(ACK);
	expect_state("CLOSE_WAIT");
	recv_bytes(conn.fd, 20, 0);
}

/* RFC 9293 3.10.4: CLOSE sends a FIN after all data */
TEST(CLOSE_sends_data_first)
{
	established();
	conn.wnd = 2000;
	acknowledge();
	send_bytes(conn.fd, 5000, 0);
	OK(shutdown(conn.fd, SHUT_WR));
	conn.wnd = 10000;
	do {
		EXPECT(one_came());
		EQ(last.seq, SND_NXT);
		SND_NXT += last.len + !!(last.flags & FIN);
		acknowledge();
	} while (!(last.flags & FIN));
	EQ(SND_NXT, 5002);
	expect_state("FIN_WAIT_2");
}

/* RFC 9293 3.10.4: the FIN may be sent with the last data */
TEST(FIN_counts_after_the_data_that_it_is_sent_with)
{
	established();
	conn.wnd = 0;
	acknowledge();
	send_bytes(conn.fd, 100, 0);
	OK(shutdown(conn.fd, SHUT_WR));
	conn.wnd = 1000;
	acknowledge();
	EXPECT(one_came() && last.len == 100);
	if (!(last.flags & FIN))
		EXPECT(one_came() && last.flags & FIN);
	EQ(last.seq + last.len, 101);
}

/* RFC 9293 3.6: half-close: after our FIN data is still received */
TEST(half_close_data_is_received_after_our_FIN)
{
	fin_wait_2();
	say(1000);
	expect(ACK);
	recv_bytes(conn.fd, 1000, 0);
	ERR(send(conn.fd, "x", 1, MSG_NOSIGNAL), EPIPE);
}

/* RFC 9293 3.6: half-close: after the peer's FIN data is still sent */
TEST(half_close_data_is_sent_after_the_peers_FIN)
{
	close_wait();
	send_bytes(conn.fd, 1000, 0);
	expect(ACK, .len = 1000);
	acknowledge();
	expect_state("CLOSE_WAIT");
}

/* RFC 9293 3.10.4: CLOSE in CLOSE_WAIT: FIN, and LAST_ACK */
TEST(CLOSE_in_CLOSE_WAIT_leads_to_LAST_ACK)
{
	close_wait();
	OK(close(conn.fd));
	expect(FIN | ACK);
	expect_state("LAST_ACK");
	acknowledge();
	expect_nothing();
	expect_closed();
}

/* RFC 9293 3.6 case 3: simultaneous close: FIN_WAIT_1, CLOSING, TIME_WAIT */
TEST(simultaneous_close)
{
	closing();
	acknowledge();
	expect_nothing();
	expect_state("TIME_WAIT");
	EQ(errno_of_reading(), 0);
}

/* RFC 9293 3.10.4: a second CLOSE sends nothing */
TEST(a_second_SHUTDOWN_sends_nothing)
{
	fin_wait_2();
	shutdown(conn.fd, SHUT_WR);
	expect_nothing();
	expect_state("FIN_WAIT_2");
}

/* RFC 9293 3.10.5: ABORT in each state but those where both have closed: RST */
static void abort_it(void)
{
	close_hard(conn.fd);
}

/* RFC 9293 3.10.5: <SEQ=SND.NXT><CTL=RST> */
TEST_IN_DATA_STATES(ABORT_sends_RST)
{
	abort_it();
	expect(RST | ACK);
	expect_closed();
}

/* RFC 9293 3.10.5: in CLOSE_WAIT, too */
TEST(ABORT_in_CLOSE_WAIT_sends_RST)
{
	close_wait();
	abort_it();
	expect(RST | ACK);
	expect_closed();
}

/* RFC 9293 3.10.5: in SYN_RCVD, too */
TEST(ABORT_in_SYN_RCVD_of_an_active_open_sends_RST)
{
	syn_rcvd_active();
	abort_it();
	expect(RST | ACK);
	expect_closed();
}

/* RFC 9293 3.10.5: in SYN_SENT there is nobody to tell */
TEST(ABORT_in_SYN_SENT_sends_nothing)
{
	syn_sent();
	abort_it();
	expect_nothing();
	expect_closed();
}

/* RFC 9293 3.10.5: data that was not sent is not sent */
TEST(ABORT_drops_what_was_not_sent)
{
	peer_up();
	conn.wnd = 0;
	established_with();
	send_bytes(conn.fd, 100, 0);
	abort_it();
	expect(RST | ACK);
	quiet(300);
}

/* RFC 9293 3.10.7.1: after that everything is reset */
TEST(after_ABORT_data_is_reset)
{
	established();
	abort_it();
	expect(RST | ACK);
	inject(ACK, .len = 10);
	expect_RST_of_ACK(SND_NXT);
}

/* RFC 9293 3.10.4: CLOSE in SYN_RCVD sends a FIN: FIN_WAIT_1 */
TEST(SHUTDOWN_in_SYN_RCVD_of_an_active_open_leads_on)
{
	syn_rcvd_active();
	OK(shutdown(conn.fd, SHUT_WR));
	forget();
	acknowledge();
	EXPECT(one_came());
	EQ(last.flags & FIN, FIN);
	EQ(last.seq, 1);
}

/* RFC 9293 3.6.1: FIN_WAIT_2 without a program is left after a time */
TEST_SECONDS(an_orphan_in_FIN_WAIT_2_is_timed, 10)
{
	peer_up();
	knob("fin_timeout", 1);
	orphaned();
	WAIT(in_state("CLOSED"), 4000);
	inject(FIN | ACK);
	expect_RST_of_ACK(SND_NXT);
}

/* RFC 9293 3.10.4: FIN_WAIT_2 with a program is not */
TEST(FIN_WAIT_2_with_a_program_is_not_timed)
{
	peer_up();
	knob("fin_timeout", 1);
	fin_wait_2();
	quiet(1500);
	expect_state("FIN_WAIT_2");
	say(10);
	expect(ACK);
}

/* RFC 9293 3.10.7.4: the FIN of an orphan's peer still gets its ACK */
TEST(an_orphans_peer_closes_in_order)
{
	orphaned();
	say_fin();
	expect(ACK);
	expect_state("TIME_WAIT");
}

/* RFC 9293 3.10.7.4: with FIN the PUSH is implied: a reader is woken */
TEST(a_reader_hears_of_FIN)
{
	established();
	EQ(poll_for(conn.fd, POLLIN, 0), 0);
	say_fin();
	EXPECT(poll_till(conn.fd, POLLRDHUP) & POLLRDHUP);
	expect(ACK);
}
