// SPDX-License-Identifier: GPL-2.0
/*
 * What a route says of its connections (ip-route(8)).
 */
#include "hurl.h"

static void route(const char *metrics)
{
	char command[200];

	peer_up();
	snprintf(command, sizeof(command), "ip %s route replace %s10.0.0.2 dev wire0 %s",
		 is_v6() ? "-6" : "-4", is_v6() ? "fd00::" : "", metrics);
	EQ(system(command), 0);
}

static void syn_arrives(int flags)
{
	listening();
	inject(flags, .seq = 0, .mss = 1460);
	RCV_NXT = 1;
}

TEST(advmss_is_advertised)
{
	route("advmss 500");
	connecting();
	expect(SYN, .seq = 0);
	EQ(last.mss, 500);
}

TEST(advmss_is_advertised_by_a_listener)
{
	route("advmss 500");
	syn_arrives(SYN);
	expect(SYN | ACK, .seq = 0);
	EQ(last.mss, 500);
}

static void ten_whole_segments_go(void)
{
	send_bytes(conn.fd, 29200, 0);
	expect(ACK, .len = 1460);
	EQ(drain(), 9);
}

/* it says what we take, not what we send; and so the first window is of whole segments */
TEST(advmss_does_not_bound_what_is_sent)
{
	route("advmss 500");
	established();
	ten_whole_segments_go();
}

TEST(advmss_does_not_bound_what_is_sent_by_an_active_OPEN)
{
	route("advmss 500");
	connecting();
	expect(SYN, .seq = 0);
	inject(SYN | ACK, .seq = 0, .ack = 1, .mss = 1460);
	RCV_NXT = 1;
	expect(ACK);
	ten_whole_segments_go();
}

TEST(initcwnd_is_the_first_window)
{
	route("initcwnd 3");
	established();
	send_bytes(conn.fd, 14600, 0);
	EQ(drain(), 3);
}

TEST(initrwnd_is_the_first_window_offered)
{
	route("initrwnd 3");
	syn_arrives(SYN);
	expect(SYN | ACK, .seq = 0);
	EQ(last.wnd, 3 * 1460);
}

TEST(window_is_the_largest_that_is_offered)
{
	route("window 4000");
	established();
	EXPECT(last.wnd <= 4000);
	say(1460);
	expect(ACK);
	EXPECT(last.wnd <= 4000);
}

TEST_SECONDS(rto_min_is_the_least_timeout, 20)
{
	int64_t sent;

	route("rto_min 900ms");
	established();
	send_bytes(conn.fd, 10, 0);
	expect(ACK, .len = 10);
	acknowledge();
	send_bytes(conn.fd, 10, 10);
	expect(ACK, .len = 10);
	sent = last.at_us;
	EXPECT(one_came());
	TOOK(sent, last.at_us, 900);
}

TEST(features_ecn_asks_for_it)
{
	route("features ecn");
	connecting();
	expect(SYN | ECE | CWR, .seq = 0);
}

TEST(features_ecn_agrees_to_it)
{
	knob("ecn", 0);
	route("features ecn");
	syn_arrives(SYN | ECE | CWR);
	expect(SYN | ACK | ECE, .seq = 0);
}

TEST(quickack_delays_no_ACK)
{
	int i;

	route("quickack 1");
	established();
	for (i = 0; i < 60; i++) {
		say(10);
		expect(ACK);
	}
}
