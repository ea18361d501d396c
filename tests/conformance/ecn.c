// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit congestion notification (RFC 3168 6.1).
 */
#include "peer.h"

#define CE	3
#define ECT0	2

/* RFC 3168 6.1.1: who was told to asks for it: ECE and CWR on the SYN */
TEST(a_SYN_asks_for_ECN_when_told_to)
{
	peer_up();
	knob("ecn", 1);
	connecting();
	expect(SYN | ECE | CWR, .seq = 0, .tos = 0);
}

/* RFC 3168 6.1.1: else not */
TEST(a_SYN_does_not_ask_for_ECN_unless_told_to)
{
	syn_sent();
	EQ(last.flags, SYN);
}

/* RFC 3168 6.1.1: a SYN that asks is answered by ECE without CWR */
TEST(a_SYN_ACK_agrees_to_ECN)
{
	listening();
	inject(SYN | ECE | CWR, .seq = 0, .mss = 1460);
	RCV_NXT = 1;
	expect(SYN | ACK | ECE, .seq = 0, .tos = 0);
}

/* RFC 3168 6.1.1: one that does not ask is not */
TEST(a_SYN_ACK_does_not_offer_ECN)
{
	listening();
	inject(SYN | ECE, .seq = 0, .mss = 1460);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0);
}

/* RFC 3168 6.1.1: an administrator may forbid it */
TEST(a_SYN_ACK_does_not_agree_to_ECN_when_forbidden)
{
	peer_up();
	knob("ecn", 0);
	listening();
	inject(SYN | ECE | CWR, .seq = 0, .mss = 1460);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0);
}

static void established_ecn(void)
{
	listening();
	inject(SYN | ECE | CWR, .seq = 0, .mss = 1460);
	RCV_NXT = 1;
	expect(SYN | ACK | ECE, .seq = 0);
	acknowledge();
	conn.fd = OK(accept(conn.listener, NULL, NULL));
	nonblock(conn.fd);
}

/* RFC 3168 6.1.2: data is marked as ECN capable */
TEST(data_is_ECN_capable)
{
	established_ecn();
	send_bytes(conn.fd, 100, 0);
	expect(ACK, .len = 100, .tos = ECT0);
}

/* RFC 3168 6.1.4: an ACK is not */
TEST(a_pure_ACK_is_not_ECN_capable)
{
	established_ecn();
	say(100);
	expect(ACK, .tos = 0);
}

/* RFC 3168 6.1.5: what is sent again is not */
TEST(a_retransmission_is_not_ECN_capable)
{
	established_ecn();
	send_bytes(conn.fd, 100, 0);
	expect(ACK, .len = 100, .tos = ECT0);
	expect(ACK, .seq = 1, .len = 100, .tos = 0);
}

/* RFC 3168 6.1.3: congestion experienced is echoed until CWR comes */
TEST(congestion_is_echoed_until_CWR)
{
	established_ecn();
	inject(ACK, .len = 100, .tos = CE);
	RCV_NXT += 100;
	expect(ACK | ECE);
	say(100);
	expect(ACK | ECE);
	inject(ACK | CWR, .len = 100, .tos = ECT0);
	RCV_NXT += 100;
	expect(ACK);
	say(100);
	expect(ACK);
}

/* RFC 3168 6.1.3: data without the mark is not echoed */
TEST(without_congestion_nothing_is_echoed)
{
	established_ecn();
	inject(ACK, .len = 100, .tos = ECT0);
	RCV_NXT += 100;
	expect(ACK);
}

/* RFC 3168 6.1.2: an echo halves the window, and is answered by CWR */
TEST(an_echo_is_answered_by_CWR)
{
	established_ecn();
	send_bytes(conn.fd, 1460, 0);
	expect(ACK, .len = 1460);
	inject(ACK | ECE);
	EQ(tcp_info_of(conn.fd).tcpi_ca_state, TCP_CA_CWR);
	send_bytes(conn.fd, 1460, 1460);
	expect(ACK | CWR, .len = 1460);
	acknowledge();
	send_bytes(conn.fd, 1460, 2920);
	expect(ACK, .len = 1460);
}

/* RFC 3168 6.1.1: what was not agreed upon means nothing */
TEST(without_agreement_marks_mean_nothing)
{
	established();
	inject(ACK, .len = 100, .tos = CE);
	RCV_NXT += 100;
	expect(ACK);
	inject(ACK | ECE);
	send_bytes(conn.fd, 100, 0);
	expect(ACK, .len = 100, .tos = 0);
}

/* RFC 3168 6.1.1: an active end uses it when the SYN,ACK agrees */
TEST(an_active_end_uses_ECN_when_agreed)
{
	peer_up();
	knob("ecn", 1);
	connecting();
	expect(SYN | ECE | CWR, .seq = 0);
	inject(SYN | ACK | ECE, .seq = 0, .ack = 1, .mss = 1460);
	RCV_NXT = 1;
	expect(ACK);
	send_bytes(conn.fd, 100, 0);
	expect(ACK, .len = 100, .tos = ECT0);
}
