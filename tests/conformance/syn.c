// SPDX-License-Identifier: GPL-2.0
/*
 * A SYN where none belongs (RFC 9293 3.10.7.4 fourth step, RFC 5961 4): it is
 * challenged, wherever its number is, and changes nothing.
 */
#include "peer.h"

/* RFC 5961 4.2: a SYN at RCV.NXT is answered by a challenge ACK */
TEST_SYNCHRONIZED(a_SYN_at_RCV_NXT_is_challenged)
{
	inject(SYN);
	expect(ACK);
	expect_unchanged();
}

/* RFC 5961 4.2: so is one elsewhere in the window */
TEST_SYNCHRONIZED(a_SYN_in_the_window_is_challenged)
{
	inject(SYN, .seq = RCV_NXT + 100);
	expect(ACK);
	expect_unchanged();
}

/* RFC 5961 4.2: "irrespective of the sequence number": the first SYN again */
TEST_SYNCHRONIZED(the_first_SYN_again_is_challenged)
{
	send_syn(.mss = 1460);
	expect(ACK);
	expect_unchanged();
}

/* RFC 5961 4.2: irrespective of the sequence number: beyond the window */
TEST_SYNCHRONIZED(a_SYN_beyond_the_window_is_challenged)
{
	inject(SYN, .seq = RCV_NXT + RCV_WND + 1000);
	expect(ACK);
	expect_unchanged();
}

/* RFC 5961 4.2: with an ACK, too */
TEST_SYNCHRONIZED(a_SYN_ACK_in_the_window_is_challenged)
{
	inject(SYN | ACK, .seq = RCV_NXT + 100, .ack = SND_UNA);
	expect(ACK);
	expect_unchanged();
}

/* RFC 9293 3.10.7.4: the handshake's SYN,ACK again is answered by its ACK */
TEST(the_SYN_ACK_again_is_acknowledged_again)
{
	established_active();
	inject(SYN | ACK, .seq = 0, .ack = 1, .mss = 1460);
	expect(ACK);
	expect_state("ESTABLISHED");
}

/* RFC 5961 4.2: data on such a SYN is not taken */
TEST(data_on_a_challenged_SYN_is_not_read)
{
	established();
	inject(SYN | ACK, .len = 10);
	expect(ACK);
	EQ(errno_of_reading(), EAGAIN);
}

/* RFC 5961 4.2: nor its FIN */
TEST_IN_DATA_STATES(the_FIN_on_a_challenged_SYN_is_not_taken)
{
	inject(SYN | FIN | ACK, .ack = SND_UNA);
	expect(ACK);
	expect_unchanged();
}

/* RFC 5961 4.2: nor its ACK */
TEST(the_ACK_on_a_challenged_SYN_is_not_taken)
{
	fin_wait_1();
	inject(SYN | ACK, .ack = SND_NXT);
	expect(ACK);
	expect_state("FIN_WAIT_1");
}

/* RFC 5961 4.2: nor its options: the MSS of the handshake stays */
TEST(the_MSS_on_a_challenged_SYN_is_not_taken)
{
	established();
	inject(SYN, .mss = 100);
	expect(ACK);
	send_bytes(conn.fd, 1460, 0);
	expect(ACK, .len = 1460);
}

/* RFC 5961 4.2: a peer that has started anew answers the challenge by RST */
TEST(a_restarted_peer_is_recognised)
{
	established();
	inject(SYN, .seq = 5000000);
	expect(ACK);
	inject(RST, .seq = last.ack);
	expect_closed();
	send_syn();
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0);
}

/* RFC 5961 7: challenge ACKs are limited */
TEST(challenge_ACKs_are_limited)
{
	int i, n = 0;

	established();
	knob("invalid_ratelimit", 500);
	for (i = 0; i < 10; i++)
		inject(SYN);
	for (i = 0; i < 10; i++)
		inject(RST, .seq = RCV_NXT + 1 + i);
	while (next_segment(20))
		n++;
	EXPECT(n >= 1 && n <= 3);
	expect_state("ESTABLISHED");
}

/* RFC 5961 7: the limit is per time: later there is one again */
TEST(the_limit_of_challenge_ACKs_ends)
{
	established();
	knob("invalid_ratelimit", 50 * test_slowness());
	inject(SYN);
	expect(ACK);
	inject(SYN);
	expect_nothing();
	pause_ms(75 * test_slowness());
	inject(SYN);
	expect(ACK);
}

/* so many answers have come, SYN,ACKs of the timer aside */
static int answers(void)
{
	int n = 0;

	while (next_segment(50))
		n += !(last.flags & SYN);
	return n;
}

/* RFC 5961 7: so are those of a handshake, and each has its own limit */
TEST(ACKs_of_a_handshake_are_limited)
{
	int i;

	syn_rcvd();
	one_answer_a_minute();
	for (i = 0; i < 5; i++)
		inject(ACK, .seq = RCV_NXT + RCV_WND + 1000);
	EQ(answers(), 1);
	send_syn(.sport = PEER_PORT + 1);
	expect(SYN | ACK, .seq = 0);
	inject(ACK, .seq = RCV_NXT + RCV_WND + 1000, .sport = PEER_PORT + 1);
	EQ(answers(), 1);
}

/* RFC 5961 7: so are SYN,ACKs for SYNs; the timer's are not */
TEST(SYN_ACKs_for_the_SYN_again_are_limited)
{
	int i;

	syn_rcvd();
	one_answer_a_minute();
	for (i = 0; i < 5; i++) {
		send_syn();
		if (!i)
			expect(SYN | ACK, .seq = 0);
	}
	expect_nothing();
	expect(SYN | ACK, .seq = 0);
}

/* RFC 5961 7: so are those in TIME_WAIT, but not for the FIN, which has to be answered */
TEST(ACKs_in_TIME_WAIT_are_limited)
{
	int i;

	time_wait();
	one_answer_a_minute();
	for (i = 0; i < 5; i++)
		send_syn();
	EQ(answers(), 1);
	for (i = 0; i < 2; i++) {
		inject(FIN | ACK, .seq = RCV_NXT - 1);
		expect(ACK);
	}
}

/* RFC 5961 7: data that is out of order is no attack: its ACKs are not limited */
TEST(ACKs_of_data_are_not_limited)
{
	int i;

	established();
	knob("invalid_ratelimit", 500);
	for (i = 0; i < 5; i++) {
		inject(ACK, .seq = RCV_NXT + 100 + 10 * i, .len = 10);
		expect(ACK);
	}
}
