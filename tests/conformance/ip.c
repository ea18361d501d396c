// SPDX-License-Identifier: GPL-2.0
/*
 * What lies under a segment (RFC 9293 3.9.2): TTL, DSCP, DF, addresses; and
 * which connection a segment belongs to (3.10.7).
 */
#include "peer.h"

/* MUST-49: the TTL is configurable */
TEST(the_TTL_is_configurable)
{
	int ttl = 33;

	established();
	OK(set_int(conn.fd, ip_level(), ip_option(IP_TTL), ttl));
	send_bytes(conn.fd, 10, 0);
	expect(ACK, .len = 10);
	EQ(last.ttl, 33);
}

/* MUST-49: of a SYN,ACK, too, by way of the listener */
TEST(the_TTL_of_a_listener_is_that_of_its_children)
{
	int ttl = 44;

	listening();
	OK(set_int(conn.listener, ip_level(), ip_option(IP_TTL), ttl));
	send_syn(.mss = 1460);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0);
	EQ(last.ttl, 44);
	acknowledge();
	say(10);
	expect(ACK);
	EQ(last.ttl, 44);
}

/* MUST-48, SHLD-21, SHLD-22: the type of service is the program's choice, and may change */
TEST(the_type_of_service_is_configurable)
{
	int tos = 0x48;

	established();
	OK(set_int(conn.fd, ip_level(), ip_option(IP_TOS), tos));
	send_bytes(conn.fd, 10, 0);
	expect(ACK, .len = 10);
	EQ(last.tos, 0x48);
}

/* RFC 1191 3: segments are not to be fragmented */
TEST(segments_have_DF)
{
	established();
	send_bytes(conn.fd, 1460, 0);
	expect(ACK, .len = 1460);
	EQ(last.df, true);
}

/* RFC 1191 3: unless the program does not want that */
TEST(without_path_MTU_discovery_segments_have_no_DF)
{
	ONLY_IPV4("routers do not fragment IPv6's packets");
	established();
	OK(set_int(conn.fd, ip_level(), ip_option(IP_MTU_DISCOVER), IP_PMTUDISC_DONT));
	send_bytes(conn.fd, 1460, 0);
	expect(ACK, .len = 1460);
	EQ(last.df, false);
}

/* RFC 9293 3.3.1: another port is another connection */
TEST(another_port_is_another_connection)
{
	established();
	inject(ACK, .len = 10, .sport = PEER_PORT + 1);
	expect_RST_of_ACK(SND_NXT);
	inject(RST, .sport = PEER_PORT + 1);
	inject(RST, .dport = KERNEL_PORT + 1);
	expect_nothing();
	expect_state("ESTABLISHED");
}

/* RFC 9293 3.3.1: so is another address */
TEST(another_address_is_another_connection)
{
	established();
	inject(RST, .src = "10.0.0.3");
	inject(ACK, .len = 10, .src = "10.0.0.3");
	expect_RST_of_ACK(SND_NXT);
	EQ(errno_of_reading(), EAGAIN);
	expect_state("ESTABLISHED");
}

/* RFC 9293 3.9.2.3: a RST answers from the address that was asked */
TEST(a_segment_for_nobody_is_reset_by_ports)
{
	established();
	inject(SYN, .seq = 100, .sport = 5, .dport = 7);
	expect(RST | ACK, .seq = ABSOLUTE(0), .ack = 101);
	EQ(last.sport, 7);
	EQ(last.dport, 5);
}

/* RFC 9293 3.9.2.3: a packet for another host is not ours */
TEST(a_segment_for_another_host_is_not_answered)
{
	listening();
	send_syn(.dst = "10.0.0.77");
	expect_nothing();
	expect_state("LISTEN");
}

/* RFC 9293 3.10.7.2: a SYN that seems to come from ourselves opens nothing */
TEST(a_SYN_from_our_own_address_is_ignored)
{
	listening();
	send_syn(.src = KERNEL_IP, .sport = KERNEL_PORT);
	send_syn(.src = "127.0.0.1");
	expect_nothing();
	expect_state("LISTEN");
}

/* RFC 9293 3.9.1.1: when nobody accepts a SYN is not taken: it comes again */
TEST(a_full_accept_queue_takes_no_SYN)
{
	int i;

	listening();
	OK(listen(conn.listener, 1));
	for (i = 1; i <= 2; i++) {
		send_syn(.sport = PEER_PORT + i);
		RCV_NXT = 1;
		expect(SYN | ACK, .seq = 0);
		inject(ACK, .sport = PEER_PORT + i, .ack = 1);
	}
	expect_nothing();
	send_syn(.sport = PEER_PORT + 3);
	expect_nothing();
	conn.fd = OK(accept(conn.listener, NULL, NULL));
	send_syn(.sport = PEER_PORT + 3);
	expect(SYN | ACK, .seq = 0);
}

/* RFC 9293 3.7.1: a program may lower the MSS that is offered */
TEST(a_program_may_lower_the_MSS)
{
	int mss = 600;

	listening();
	OK(set_int(conn.listener, tcp_level(), TTP_MAXSEG, mss));
	send_syn(.mss = 1460);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0, .mss = 600);
	acknowledge();
	conn.fd = OK(accept(conn.listener, NULL, NULL));
	send_bytes(conn.fd, 1200, 0);
	expect(ACK, .len = 600);
}

/* RFC 9293 3.10.6: a program hears the MSS that is used */
TEST(a_program_hears_the_MSS)
{
	socklen_t len = sizeof(int);
	int mss;

	peer_up();
	established_with(.mss = 777);
	OK(getsockopt(conn.fd, tcp_level(), TTP_MAXSEG, &mss, &len));
	EQ(mss, 777);
}
