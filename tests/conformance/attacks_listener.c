// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks on a listener and its handshakes that other TCPs did not withstand, by
 * hand-made packets.  docs/security.md has all attacks, with the tests of other files.
 */
#include "hurl.h"

/* ---- SYN flood, initial sequence numbers ---- */

#define SYNS	100000

static void syn_flood(int from, int to)
{
	int i;

	for (i = from; i < to; i++) {
		hurl(SYN, .seq = chance(1 << 30), .mss = 1460, .sack_ok = true, .wscale = 7,
		     .src = source(i), .sport = 1024 + i / 2 % 60000);
		if (i % 500 == 0)
			drain();
	}
	drain();
}

/* RFC 4987: of 100,000 SYNs from many addresses no more than the backlog are kept, and
 * another peer still gets its connection, by cookie (what memory is held:
 * perf/attack_peers.c)
 */
TEST_SECONDS(a_SYN_flood_holds_no_requests_and_shuts_nobody_out, 60)
{
	peer_up();
	knob("syncookies", 1);
	knob("max_syn_backlog", 64);
	listening();
	syn_flood(0, SYNS);
	EXPECT(count_sockets(KERNEL_PORT, 0, "SYN_RCVD") <= (is_ttp() ? 64 : 128));
	established_with();
	say(10);
	recv_bytes(conn.fd, 10, 0);
}

/* A cookie that comes back makes a connection, which accept()'s backlog bounds, although the
 * listener asked to wait for data: requests that wait have no bound then.
 */
TEST(cookies_hold_no_requests_where_data_is_waited_for)
{
	int i;

	peer_up();
	knob("syncookies", 2);
	listening();
	OK(set_int(conn.listener, tcp_level(), TTP_DEFER_ACCEPT, 5));
	for (i = 0; i < 5; i++) {
		hurl(SYN, .seq = 0, .sport = 2000 + i, .mss = 1460);
		conn.irs = irs_of_next();
		hurl(ACK, .seq = 1, .ack = 1, .sport = 2000 + i);
	}
	EQ(count_sockets(KERNEL_PORT, 0, "SYN_RCVD"), 0);
	EQ(count_sockets(KERNEL_PORT, 0, "ESTABLISHED"), 5);
}

/* The sequence number of the SYN,ACK that answers a SYN from the port. */
static uint32_t isn_for(int sport)
{
	hurl(SYN, .seq = 0, .sport = sport, .mss = 1460);
	conn.irs = irs_of_next();
	hurl(RST, .seq = 1, .sport = sport);
	return conn.irs;
}

/* Chi squared of the upper bytes, which has 255 degrees of freedom: above 400 is a
 * chance of one in a hundred million.
 */
static double unevenness(const uint32_t *n, int count)
{
	double expected = count / 256.0, sum = 0;
	int of[256] = { 0 }, i;

	for (i = 0; i < count; i++)
		of[n[i] >> 24]++;
	for (i = 0; i < 256; i++)
		sum += (of[i] - expected) * (of[i] - expected) / expected;
	return sum;
}

#define ISNS	10000

static void isns_are_uneven_by_chance_only(int cookies)
{
	static uint32_t isn[ISNS], step[ISNS];
	int i;

	peer_up();
	knob("syncookies", cookies);
	listening();
	for (i = 0; i < ISNS; i++)
		isn[i] = isn_for(1024 + i);
	for (i = 0; i + 1 < ISNS; i++)
		step[i] = isn[i + 1] - isn[i];
	EXPECT(unevenness(isn, ISNS) < 400);
	EXPECT(unevenness(step, ISNS - 1) < 400);
}

/* RFC 6528: from the numbers of 10,000 connections nobody learns the next one's */
TEST_SECONDS(ten_thousand_ISNs_cannot_be_predicted, 30)
{
	isns_are_uneven_by_chance_only(0);
}

/* A cookie has the time in its upper bits, as Linux's has */
TEST_SECONDS(a_later_ISN_of_the_same_connection_is_higher, 10)
{
	uint32_t first, next;
	int i;

	listening();
	first = isn_for(PEER_PORT);
	for (i = 0; i < 1000; i++) {
		next = isn_for(PEER_PORT);
		EXPECT((int32_t)(next - first) >= 0 && next - first < 1 << 28);
		first = next;
	}
}

/* ---- a listener that wants to know everything (CVE-2017-6074) ---- */

TEST(a_SYN_to_a_listener_with_ancillary_options)
{
	static const int ip_options[] = {
		IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IP_RECVOPTS, IP_RETOPTS, IP_RECVORIGDSTADDR, IP_RECVERR,
	};
	static const int ipv6_options[] = {
		IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS, IPV6_RECVHOPOPTS, IPV6_RECVDSTOPTS,
		IPV6_RECVRTHDR, IPV6_RECVORIGDSTADDR, IPV6_RECVERR,
	};
	static const int options[] = { SO_TIMESTAMP, SO_TIMESTAMPNS, SO_RXQ_OVFL };
	const uint8_t record_route[] = { 1, 1, 1, 0 };
	size_t i;

	listening();
	for (i = 0; i < sizeof(ip_options) / sizeof(int); i++)
		OK(set_int(conn.listener, IPPROTO_IP, ip_options[i], 1));
	for (i = 0; is_v6() && i < sizeof(ipv6_options) / sizeof(int); i++)
		OK(set_int(conn.listener, IPPROTO_IPV6, ipv6_options[i], 1));
	for (i = 0; i < sizeof(options) / sizeof(int); i++)
		OK(set_int(conn.listener, SOL_SOCKET, options[i], 1));
	OK(set_int(conn.listener, tcp_level(), TTP_SAVE_SYN, 1));
	for (i = 0; i < 500; i++) {
		hurl(SYN, .seq = 0, .sport = 2000 + i, .options = record_route, .optlen = 4);
		hurl(SYN | URG | PSH, .seq = 0, .sport = 2000 + i, .len = 10);
		hurl(RST, .seq = 1, .sport = 2000 + i);
	}
	drain();
	established_with(.sack_ok = true, .ts = true);
	say(10);
	recv_bytes(conn.fd, 10, 0);
}

/* ---- LAND (CVE-1999-0016) ---- */

/* A SYN to a listener that seems to come from its own address and port */
TEST(a_SYN_from_the_listener_itself_makes_no_loop)
{
	struct sockaddr_in loopback = addr("127.0.0.1", 0);
	socklen_t size;
	union address to = to_kernel(&loopback, &size);
	const char *name = is_ttp() ? "InSegs" : NULL;
	uint8_t packet[2048];
	int raw, len, i;
	long before;

	listening();
	one_answer_a_minute();
	raw = OK(socket(to.any.sa_family, SOCK_RAW, IPPROTO_RAW));
	len = build_segment(packet, &SEGMENT(SYN, .seq = 0, .mss = 1460, .src = "127.0.0.1",
					     .dst = "127.0.0.1", .sport = KERNEL_PORT));
	before = name ? counter(name) : 0;
	for (i = 0; i < 100; i++)
		EQ(sendto(raw, packet, len, 0, &to.any, size), len);
	pause_ms(20);
	/* the SYN, its SYN,ACK, and the answer to that */
	EXPECT(!name || counter(name) - before <= 400);
	established_with();
	say(10);
	recv_bytes(conn.fd, 10, 0);
}
