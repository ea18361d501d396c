// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors (RFC 9293 3.9.2.2, RFC 5927, RFC 1191): hard in a handshake,
 * soft afterwards, never believed without a sequence number that is in flight.
 */
#include <netinet/ip_icmp.h>
#include "peer.h"

static void unreachable(int code, uint32_t seq)
{
	inject_icmp(ICMP_DEST_UNREACH, code, 0, seq);
}

#define SYN_SENT_ENDS(name, code, error)				\
	TEST(SYN_SENT_##name##_ends_it)					\
	{								\
		syn_sent();						\
		unreachable(code, 0);					\
		EQ(so_error(conn.fd), error);				\
		expect_closed();					\
	}

/* RFC 9293 3.9.2.2: a handshake is given up when nobody can be reached */
SYN_SENT_ENDS(port_unreachable, ICMP_PORT_UNREACH, ECONNREFUSED)
/* RFC 9293 3.9.2.2, SHLD-26: likewise */
SYN_SENT_ENDS(protocol_unreachable, ICMP_PROT_UNREACH, is_v6() ? EPROTO : ENOPROTOOPT)
/* RFC 9293 3.9.2.2: likewise */
SYN_SENT_ENDS(host_unreachable, ICMP_HOST_UNREACH, EHOSTUNREACH)
/* RFC 9293 3.9.2.2: likewise */
SYN_SENT_ENDS(net_unreachable, ICMP_NET_UNREACH, ENETUNREACH)

/* RFC 5927 4.1: not with a sequence number that is not in flight */
TEST(SYN_SENT_an_error_about_another_number_is_ignored)
{
	syn_sent();
	unreachable(ICMP_PORT_UNREACH, 5);
	unreachable(ICMP_PORT_UNREACH, -1);
	EQ(so_error(conn.fd), 0);
	expect_state("SYN_SENT");
}

/* data is outstanding, with number 1 */
static void outstanding(void)
{
	established();
	send_bytes(conn.fd, 100, 0);
	expect(ACK, .len = 100);
}

#define ESTABLISHED_SURVIVES(name, type, code)				\
	TEST(ESTABLISHED_survives_##name)				\
	{								\
		if (type == ICMP_SOURCE_QUENCH)				\
			ONLY_IPV4("ICMPv6 has no such message");	\
		outstanding();						\
		inject_icmp(type, code, 0, 1);				\
		expect_state("ESTABLISHED");				\
		acknowledge();						\
		say(10);						\
		expect(ACK);						\
		recv_bytes(conn.fd, 10, 0);				\
	}

/* MUST-56: soft: net unreachable */
ESTABLISHED_SURVIVES(net_unreachable, ICMP_DEST_UNREACH, ICMP_NET_UNREACH)
/* MUST-56: soft: host unreachable */
ESTABLISHED_SURVIVES(host_unreachable, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH)
/* MUST-56: soft: source route failed */
ESTABLISHED_SURVIVES(source_route_failed, ICMP_DEST_UNREACH, ICMP_SR_FAILED)
/* MUST-56: soft: time exceeded */
ESTABLISHED_SURVIVES(time_exceeded, ICMP_TIME_EXCEEDED, 0)
/* MUST-56: soft: parameter problem */
ESTABLISHED_SURVIVES(parameter_problem, ICMP_PARAMETERPROB, 0)
/* RFC 5927 5.2: hard errors are soft in a synchronized state */
ESTABLISHED_SURVIVES(port_unreachable, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH)
/* RFC 5927 5.2: likewise */
ESTABLISHED_SURVIVES(protocol_unreachable, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH)
/* MUST-55: a source quench is ignored */
ESTABLISHED_SURVIVES(source_quench, ICMP_SOURCE_QUENCH, 0)
/* RFC 9293 3.9.2.2: an unknown code does no harm */
ESTABLISHED_SURVIVES(an_unknown_code, ICMP_DEST_UNREACH, 77)

/* MUST-55: a source quench does not slow us down */
TEST(source_quench_changes_no_window)
{
	int i;

	ONLY_IPV4("ICMPv6 has no such message");
	peer_up();
	established_with(.mss = 500);
	for (i = 0; i < 5; i++)
		inject_icmp(ICMP_SOURCE_QUENCH, 0, 0, 1);
	send_bytes(conn.fd, 5000, 0);
	for (i = 0; i < 10; i++)
		expect(ACK, .len = 500);
}

/* RFC 9293 3.9.2.2: the program may learn of a soft error: IP_RECVERR */
TEST(a_soft_error_is_told_to_who_wants_it)
{
	outstanding();
	OK(set_int(conn.fd, ip_level(), ip_option(IP_RECVERR), 1));
	unreachable(ICMP_HOST_UNREACH, 1);
	EQ(so_error(conn.fd), EHOSTUNREACH);
	expect_state("ESTABLISHED");
}

/* RFC 5927 4.1: but not about a number that is not in flight */
TEST(a_soft_error_about_an_old_number_is_not_told)
{
	outstanding();
	OK(set_int(conn.fd, ip_level(), ip_option(IP_RECVERR), 1));
	unreachable(ICMP_HOST_UNREACH, -1000);
	unreachable(ICMP_HOST_UNREACH, 1000);
	EQ(so_error(conn.fd), 0);
}

#define SMALL_MTU	1280	/* IPv6 has no smaller one */
#define SMALL		(SMALL_MTU - ip_len() - 20)

/* RFC 1191 6.4: fragmentation needed: smaller segments, sent again at once */
TEST(fragmentation_needed_makes_segments_smaller)
{
	established();
	send_bytes(conn.fd, 1460, 0);
	expect(ACK, .len = 1460);
	inject_icmp(ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, SMALL_MTU, 1);
	expect(ACK, .seq = 1, .len = SMALL, .ms = 50);
	expect(ACK, .seq = 1 + SMALL, .len = 1460 - SMALL);
	expect_nothing();
}

/* RFC 1191 6.4: what is sent later is smaller, too */
TEST(after_fragmentation_needed_all_segments_are_smaller)
{
	established();
	send_bytes(conn.fd, 1460, 0);
	expect(ACK, .len = 1460);
	inject_icmp(ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, SMALL_MTU, 1);
	expect(ACK, .seq = 1, .len = SMALL, .ms = 50);
	acknowledge();
	forget();
	send_bytes(conn.fd, 2 * SMALL, 1460);
	expect(ACK, .seq = 1461, .len = SMALL);
	expect(ACK, .len = SMALL);
}

/* RFC 5927 7.2: not about a number that is not in flight */
TEST(fragmentation_needed_about_another_number_is_ignored)
{
	established();
	send_bytes(conn.fd, 1460, 0);
	expect(ACK, .len = 1460);
	inject_icmp(ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, SMALL_MTU, 100000);
	expect_nothing();
	acknowledge();
	send_bytes(conn.fd, 1460, 1460);
	expect(ACK, .len = 1460);
}

/* RFC 1191 3: a larger MTU changes nothing */
TEST(fragmentation_needed_for_a_larger_MTU_is_ignored)
{
	established();
	send_bytes(conn.fd, 1460, 0);
	expect(ACK, .len = 1460);
	inject_icmp(ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 9000, 1);
	expect_nothing();
}

/* RFC 5927 7: an MTU of next to nothing does not make us send headers only */
TEST(fragmentation_needed_for_a_tiny_MTU_does_no_harm)
{
	established();
	send_bytes(conn.fd, 1460, 0);
	expect(ACK, .len = 1460);
	inject_icmp(ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 68, 1);
	EXPECT(one_came());
	EXPECT(last.len >= 28);
	expect_state("ESTABLISHED");
}

/* RFC 9293 3.9.2.2: about a connection that is none it does no harm */
TEST(an_error_about_nothing_is_ignored)
{
	closed();
	unreachable(ICMP_PORT_UNREACH, 0);
	expect_nothing();
}

/* RFC 9293 3.9.2.2: LISTEN is not ended by it */
TEST(LISTEN_survives_an_error)
{
	listening();
	unreachable(ICMP_PORT_UNREACH, 0);
	expect_state("LISTEN");
}

/* RFC 5927 4.1: SYN_RCVD is not ended by an error about another number */
TEST(SYN_RCVD_survives_an_error_about_another_number)
{
	syn_rcvd();
	unreachable(ICMP_HOST_UNREACH, 12345);
	expect_state("SYN_RCVD");
	acknowledge();
	expect_state("ESTABLISHED");
}

/* Which messages end the handshake of a listener is Linux's choice, too */
#define SYN_RCVD_AFTER(name, type, code, state)				\
	TEST(SYN_RCVD_##name)						\
	{								\
		ONLY_IPV4("ICMPv6 has other messages");			\
		syn_rcvd();						\
		inject_icmp(type, code, 0, 0);				\
		expect_state(state);					\
	}

/* RFC 9293 3.9.2.2: nobody can be reached */
SYN_RCVD_AFTER(host_unreachable_ends_it, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, "CLOSED")
/* RFC 9293 3.9.2.2: likewise */
SYN_RCVD_AFTER(time_exceeded_ends_it, ICMP_TIME_EXCEEDED, 0, "CLOSED")
/* RFC 9293 3.9.2.2: likewise */
SYN_RCVD_AFTER(parameter_problem_ends_it, ICMP_PARAMETERPROB, 0, "CLOSED")
/* RFC 9293 3.9.2.2: a filter may have meant another segment */
SYN_RCVD_AFTER(survives_packet_filtered, ICMP_DEST_UNREACH, 13, "SYN_RCVD")
/* RFC 9293 3.9.2.2: likewise */
SYN_RCVD_AFTER(survives_port_unreachable, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, "SYN_RCVD")

/* RFC 9293 3.9.2.2: TIME_WAIT is not ended by it */
TEST(TIME_WAIT_survives_an_error)
{
	time_wait();
	unreachable(ICMP_PORT_UNREACH, 1);
	unreachable(ICMP_HOST_UNREACH, 1);
	expect_state("TIME_WAIT");
}

/* RFC 9293 3.9.2.2: nor are the states between */
TEST_AFTER_FIN(a_hard_error_does_not_end_it)
{
	unreachable(ICMP_PROT_UNREACH, SND_UNA);
	unreachable(ICMP_PORT_UNREACH, SND_UNA);
	expect_nothing();
	expect_unchanged();
}
