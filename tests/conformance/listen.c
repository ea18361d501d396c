// SPDX-License-Identifier: GPL-2.0
/*
 * LISTEN (RFC 9293 3.10.7.2), and where nobody listens (3.10.7.1).
 */
#include "peer.h"

#define LISTEN_IGNORES(name, what)					\
	TEST(LISTEN_ignores_##name)					\
	{								\
		listening();						\
		inject(what);						\
		inject(what, .len = 10);				\
		expect_nothing();					\
		expect_state("LISTEN");					\
	}

/* RFC 9293 3.10.7.2: "should not be reached": no RST, no ACK and no SYN */
LISTEN_IGNORES(nothing_at_all, 0)
/* RFC 9293 3.10.7.2: likewise */
LISTEN_IGNORES(FIN, FIN)
/* RFC 9293 3.10.7.2: likewise */
LISTEN_IGNORES(PSH, PSH)
/* RFC 9293 3.10.7.2: likewise */
LISTEN_IGNORES(URG, URG)
/* RFC 9293 3.10.7.2: likewise */
LISTEN_IGNORES(FIN_PSH_URG, FIN | PSH | URG)
/* RFC 9293 3.10.7.2: likewise */
LISTEN_IGNORES(ECE_CWR, ECE | CWR)

#define LISTEN_RESETS(name, what)					\
	TEST(LISTEN_resets_##name)					\
	{								\
		listening();						\
		inject(what, .ack = 12345);				\
		expect_RST_of_ACK(12345);				\
		inject(what, .ack = 54321, .len = 10);			\
		expect_RST_of_ACK(54321);				\
		expect_nothing();					\
		expect_state("LISTEN");					\
	}

/* RFC 9293 3.10.7.2: any ACK is answered by <SEQ=SEG.ACK><CTL=RST> */
LISTEN_RESETS(ACK, ACK)
/* RFC 9293 3.10.7.2: likewise */
LISTEN_RESETS(SYN_ACK, SYN | ACK)
/* RFC 9293 3.10.7.2: likewise */
LISTEN_RESETS(FIN_ACK, FIN | ACK)
/* RFC 9293 3.10.7.2: likewise */
LISTEN_RESETS(PSH_ACK, PSH | ACK)
/* RFC 9293 3.10.7.2: likewise */
LISTEN_RESETS(URG_ACK, URG | ACK)
/* RFC 9293 3.10.7.2: likewise */
LISTEN_RESETS(SYN_FIN_ACK, SYN | FIN | ACK)

/* The end that SEG.SEQ + SEG.LEN gives, from 0 because nothing is relative. */
#define CLOSED_RESETS(name, what, length)				\
	TEST(CLOSED_resets_##name)					\
	{								\
		closed();						\
		inject(what, .len = 10);				\
		expect_RST_of_end(RCV_NXT + 10 + (length));		\
		inject(what);						\
		expect_RST_of_end(RCV_NXT + (length));			\
		expect_nothing();					\
	}

/* RFC 9293 3.10.7.1: <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK> */
CLOSED_RESETS(SYN, SYN, 1)
/* RFC 9293 3.10.7.1: likewise; FIN counts */
CLOSED_RESETS(FIN, FIN, 1)
/* RFC 9293 3.10.7.1: likewise; SYN and FIN both count */
CLOSED_RESETS(SYN_FIN, SYN | FIN, 2)
/* RFC 9293 3.10.7.1: likewise */
CLOSED_RESETS(PSH, PSH, 0)
/* RFC 9293 3.10.7.1: likewise */
CLOSED_RESETS(nothing_at_all, 0, 0)

#define CLOSED_RESETS_ACK(name, what)					\
	TEST(CLOSED_resets_##name)					\
	{								\
		closed();						\
		inject(what, .ack = 777);				\
		expect_RST_of_ACK(777);					\
		inject(what, .ack = 0xffffffff, .len = 10);		\
		expect_RST_of_ACK(0xffffffff);				\
		expect_nothing();					\
	}

/* RFC 9293 3.10.7.1: <SEQ=SEG.ACK><CTL=RST> */
CLOSED_RESETS_ACK(ACK, ACK)
/* RFC 9293 3.10.7.1: likewise */
CLOSED_RESETS_ACK(SYN_ACK, SYN | ACK)
/* RFC 9293 3.10.7.1: likewise */
CLOSED_RESETS_ACK(FIN_ACK, FIN | ACK)
/* RFC 9293 3.10.7.1: likewise */
CLOSED_RESETS_ACK(SYN_FIN_ACK, SYN | FIN | ACK)
/* RFC 9293 3.10.7.1: likewise */
CLOSED_RESETS_ACK(all_but_RST, SYN | FIN | ACK | PSH | URG)

/* RFC 9293 3.10.7.2: SYN,ACK with ACK = SEG.SEQ + 1 */
TEST(LISTEN_answers_SYN)
{
	listening();
	send_syn();
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0, .ack = 1);
	expect_state("SYN_RCVD");
}

/* RFC 9293 3.10.7.2: the SYN's sequence number may be any: 0 */
TEST(SYN_numbered_0_is_answered_by_ACK_1)
{
	listening();
	conn.isn = 0;
	send_syn();
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0);
	acknowledge();
	say(10);
	expect(ACK);
}

/* RFC 9293 3.4: arithmetic modulo 2^32: SYN 0xffffffff is answered by ACK 0 */
TEST(SYN_numbered_all_ones_is_answered_by_ACK_0)
{
	listening();
	conn.isn = 0xffffffff;
	send_syn();
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0);
	acknowledge();
	say(10);
	expect(ACK);
}

/* RFC 9293 3.4: nor is the sign bit a border */
TEST(SYN_numbered_around_the_sign_bit_works)
{
	listening();
	conn.isn = 0x7ffffffc;
	send_syn();
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0);
	acknowledge();
	say(10);
	expect(ACK);
}

/* RFC 9293 3.10.7.2: SYN again is answered by the same SYN,ACK */
TEST(SYN_again_gets_the_same_SYN_ACK)
{
	uint32_t irs;

	syn_rcvd();
	irs = conn.irs;
	send_syn(.mss = 1460);
	expect(SYN | ACK, .seq = 0);
	EQ(conn.irs == irs, 1);
	expect_state("SYN_RCVD");
}

/* RFC 9293 3.10.7.4: the ACK of our SYN establishes */
TEST(ACK_of_the_SYN_ACK_establishes)
{
	syn_rcvd();
	acknowledge();
	expect_nothing();
	expect_state("ESTABLISHED");
}

/* RFC 9293 3.10.7.4: ISS acknowledged is unacceptable: <SEQ=SEG.ACK><CTL=RST> */
TEST(SYN_RCVD_ACK_of_ISS_is_reset)
{
	syn_rcvd();
	inject(ACK, .ack = 0);
	expect_RST_of_ACK(0);
	expect_state("SYN_RCVD");
	EQ(poll_for(conn.listener, POLLIN, 0), 0);
}

/* RFC 9293 3.10.7.4: likewise above SND.NXT */
TEST(SYN_RCVD_ACK_of_what_was_not_sent_is_reset)
{
	syn_rcvd();
	inject(ACK, .ack = 2);
	expect_RST_of_ACK(2);
	expect_state("SYN_RCVD");
	EQ(poll_for(conn.listener, POLLIN, 0), 0);
}

/* RFC 9293 3.10.7.4: likewise from another connection's numbers */
TEST(SYN_RCVD_ACK_far_away_is_reset)
{
	syn_rcvd();
	inject(ACK, .ack = 0x80000001);
	expect_RST_of_ACK(0x80000001);
	expect_state("SYN_RCVD");
	EQ(poll_for(conn.listener, POLLIN, 0), 0);
}

/* RFC 9293 3.10.7.4: unacceptable sequence number: an ACK says what is expected */
TEST(SYN_RCVD_segment_beyond_the_window_is_answered_by_ACK)
{
	syn_rcvd();
	inject(ACK, .seq = RCV_NXT + 70000, .len = 10);
	expect(ACK);
	expect_state("SYN_RCVD");
}

/* RFC 9293 3.10.7.4: without an ACK a segment is dropped */
TEST(SYN_RCVD_data_without_ACK_is_dropped)
{
	syn_rcvd();
	inject(PSH, .len = 10);
	expect_nothing();
	expect_state("SYN_RCVD");
}

/* RFC 9293 3.10.7.4: data on the ACK that establishes is kept */
TEST(data_on_the_handshakes_last_ACK_is_read)
{
	syn_rcvd();
	say(10);
	expect(ACK);
	conn.fd = OK(accept(conn.listener, NULL, NULL));
	recv_bytes(conn.fd, 10, 0);
}

/* RFC 9293 3.10.7.4: a FIN on that ACK leads on to CLOSE_WAIT */
TEST(FIN_on_the_handshakes_last_ACK_leads_to_CLOSE_WAIT)
{
	syn_rcvd();
	say_fin();
	expect(ACK);
	expect_state("CLOSE_WAIT");
}

/* RFC 9293 3.10.7.4: data establishes it when the bare ACK was lost */
TEST(data_makes_up_for_a_lost_last_ACK)
{
	syn_rcvd();
	inject(ACK, .seq = RCV_NXT + 10, .len = 10);
	expect(ACK);
	expect_state("ESTABLISHED");
	inject(ACK, .len = 10);
	RCV_NXT += 20;
	expect(ACK);
}

/* RFC 5961 4.2: a SYN elsewhere in SYN_RCVD does not end the handshake */
TEST(SYN_RCVD_SYN_in_the_window_does_not_end_it)
{
	NOT_TCP("Linux answers by RST");
	syn_rcvd();
	inject(SYN, .seq = RCV_NXT + 5);
	expect(ACK);
	expect_state("SYN_RCVD");
	acknowledge();
	expect_state("ESTABLISHED");
}

/* RFC 9293 3.10.7.2: data on a SYN may be left to be sent again, not acked */
TEST(data_on_a_SYN_is_not_lost)
{
	listening();
	send_syn(.len = 10);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0, .ack = 1);
	acknowledge();
	say(10);
	expect(ACK);
	conn.fd = OK(accept(conn.listener, NULL, NULL));
	recv_bytes(conn.fd, 10, 0);
}

/* RFC 9293 3.9.2.3, MUST-57: a SYN to a broadcast address is ignored */
TEST(SYN_to_the_broadcast_address_is_ignored)
{
	ONLY_IPV4("IPv6 has no broadcast");
	listening();
	send_syn(.dst = "10.0.0.255");
	send_syn(.dst = "255.255.255.255");
	expect_nothing();
	expect_state("LISTEN");
}

/* RFC 9293 3.9.2.3, MUST-57: nor to a multicast address */
TEST(SYN_to_a_multicast_address_is_ignored)
{
	listening();
	send_syn(.dst = "224.0.0.1");
	expect_nothing();
	expect_state("LISTEN");
}

/* RFC 9293 3.9.2.3, MUST-63: nor from an address that is none */
TEST(SYN_from_a_multicast_address_is_ignored)
{
	listening();
	send_syn(.src = "224.0.0.1");
	if (!is_v6())
		send_syn(.src = "255.255.255.255");
	expect_nothing();
	expect_state("LISTEN");
}

/* RFC 9293 3.9.2.3, MUST-63: the network's broadcast address is none, too */
TEST(SYN_from_the_networks_broadcast_address_is_ignored)
{
	NOT_TCP("Linux answers to the broadcast address");
	ONLY_IPV4("IPv6 has no broadcast");
	listening();
	send_syn(.src = "10.0.0.255");
	expect_nothing();
	expect_state("LISTEN");
}

/* RFC 9293 3.10.7.1: nor is a RST sent to a broadcast address's segment */
TEST(CLOSED_does_not_answer_what_went_to_broadcast)
{
	closed();
	if (!is_v6())
		inject(ACK, .dst = "10.0.0.255");
	inject(SYN, .dst = "224.0.0.1");
	expect_nothing();
}

/* RFC 9293 3.4.1: two connections get different ISSs */
TEST(another_port_gets_another_ISS)
{
	uint32_t irs;

	syn_rcvd();
	irs = conn.irs;
	send_syn(.sport = PEER_PORT + 1);
	expect(SYN | ACK, .seq = 0);
	EQ(conn.irs == irs, 0);
}

/* RFC 9293 3.9.1.1: a listener goes on listening */
TEST(a_listener_takes_one_connection_after_another)
{
	syn_rcvd();
	acknowledge();
	send_syn(.sport = PEER_PORT + 1);
	expect(SYN | ACK, .seq = 0);
	inject(ACK, .sport = PEER_PORT + 1);
	EQ(count_sockets(KERNEL_PORT, 0, "ESTABLISHED"), 2);
}

/* RFC 9293 3.10.7.2: when the program is gone a SYN is reset */
TEST(a_closed_listener_resets_SYN)
{
	listening();
	OK(close(conn.listener));
	send_syn();
	expect_RST_of_end(1);
}

/* RFC 9293 3.10.4: CLOSE of a listener ends the handshakes that it holds */
TEST(CLOSE_of_a_listener_forgets_its_handshakes)
{
	syn_rcvd();
	OK(close(conn.listener));
	forget();
	acknowledge();
	expect_RST_of_ACK(1);
}

/* the SYN,ACK of a listener that has no room, and so remembers nothing */
static void cookie(void)
{
	if (!is_ttp())
		skip("tcp's queue cannot be made to have no room");
	listening();
	knob("max_syn_backlog", 0);
	inject(SYN, .seq = 0, .mss = 1400);
	expect(SYN | ACK, .seq = ANY, .ack = 1);
	EQ(count_sockets(KERNEL_PORT, PEER_PORT, "SYN_RCVD"), 0);
}

/* RFC 4987 3.6 */
TEST(a_cookie_that_comes_back_makes_a_connection)
{
	cookie();
	inject(ACK, .seq = 1, .ack = 1);
	WAIT(count_sockets(KERNEL_PORT, PEER_PORT, "ESTABLISHED") == 1, 1000);
}

/* RFC 4987 3.6: a guess is a stranger's */
TEST(a_cookie_that_was_guessed_is_answered_by_RST)
{
	cookie();
	inject(ACK, .seq = 1, .ack = 2);
	expect_RST_of_ACK(2);
	EQ(counter("SyncookiesFailed"), 1);
}

/* RFC 4987 3.6: it is good for one SYN */
TEST(a_cookie_for_another_SYN_is_answered_by_RST)
{
	cookie();
	inject(ACK, .seq = 2, .ack = 1);
	expect_RST_of_ACK(1);
	EQ(count_sockets(KERNEL_PORT, PEER_PORT, "ESTABLISHED"), 0);
}

/* RFC 4987 3.6: the ACK may carry data */
TEST(data_with_a_cookie_is_taken)
{
	cookie();
	inject(ACK, .seq = 1, .ack = 1, .len = 10);
	expect(ACK, .seq = 1, .ack = 11);
}
