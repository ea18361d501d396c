// SPDX-License-Identifier: GPL-2.0
/*
 * When data is sent: Nagle's algorithm (RFC 9293 3.7.4), no silly windows
 * (3.8.6.2.1), PUSH (3.9.1.2), the MSS (3.7.1), slow start (RFC 5681).
 */
#include "peer.h"

static void nodelay(int on)
{
	OK(set_int(conn.fd, tcp_level(), TTP_NODELAY, on));
}

static void cork(int on)
{
	OK(set_int(conn.fd, tcp_level(), TTP_CORK, on));
}

/* RFC 9293 3.7.4: the first short segment goes at once */
TEST(a_short_segment_goes_when_nothing_is_outstanding)
{
	established();
	send_bytes(conn.fd, 10, 0);
	expect(ACK, .len = 10, .ms = 30);
}

/* MUST-17, SHLD-7: Nagle: the second waits for the first one's ACK */
TEST(a_second_short_segment_waits_for_the_ACK)
{
	established();
	send_bytes(conn.fd, 10, 0);
	expect(ACK, .len = 10);
	send_bytes(conn.fd, 10, 10);
	send_bytes(conn.fd, 10, 20);
	expect_nothing();
	acknowledge();
	expect(ACK, .len = 20);
}

/* MUST-17: it can be switched off */
TEST(without_Nagle_each_write_goes_at_once)
{
	established();
	nodelay(1);
	send_bytes(conn.fd, 10, 0);
	expect(ACK, .len = 10);
	send_bytes(conn.fd, 10, 10);
	expect(ACK, .len = 10);
	send_bytes(conn.fd, 10, 20);
	expect(ACK, .len = 10);
}

/* MUST-17: for one connection, while it lasts: what waited goes */
TEST(switching_Nagle_off_sends_what_waited)
{
	established();
	send_bytes(conn.fd, 10, 0);
	expect(ACK, .len = 10);
	send_bytes(conn.fd, 10, 10);
	expect_nothing();
	nodelay(1);
	expect(ACK, .len = 10);
}

/* RFC 9293 3.7.4: full segments do not wait */
TEST(full_segments_do_not_wait_for_an_ACK)
{
	established();
	send_bytes(conn.fd, 1460 * 2, 0);
	expect(ACK, .len = 1460);
	expect(ACK, .len = 1460);
	send_bytes(conn.fd, 1460, 2920);
	expect(ACK, .len = 1460);
}

/* RFC 9293 3.7.4: a FIN makes the rest go */
TEST(FIN_takes_the_rest_with_it)
{
	established();
	send_bytes(conn.fd, 10, 0);
	expect(ACK, .len = 10);
	send_bytes(conn.fd, 10, 10);
	expect_nothing();
	OK(shutdown(conn.fd, SHUT_WR));
	EXPECT(one_came());
	EQ(last.len, 10);
}

/* RFC 9293 3.7.4: a cork holds a short segment back until it is drawn */
TEST(a_cork_holds_back_until_it_is_drawn)
{
	established();
	cork(1);
	send_bytes(conn.fd, 10, 0);
	send_bytes(conn.fd, 10, 10);
	expect_nothing();
	cork(0);
	expect(ACK, .len = 20);
}

/* tcp(7): TCP_NODELAY "forces an explicit flush of pending output", but corks remain */
TEST(NODELAY_pushes_what_is_corked)
{
	established();
	cork(1);
	send_bytes(conn.fd, 10, 0);
	expect_nothing();
	OK(set_int(conn.fd, IPPROTO_TCP, TCP_NODELAY, 1));
	expect(ACK, .len = 10);
	acknowledge();
	send_bytes(conn.fd, 10, 10);
	expect_nothing();
}

static void send_record(int len, int from)
{
	char data[2000];

	fill(data, len, from);
	EQ(send(conn.fd, data, len, MSG_EOR), len);
}

/* send(2), MSG_EOR: a record ends, and no segment goes on beyond it */
TEST(no_segment_spans_the_end_of_a_record)
{
	established();
	cork(1);
	send_record(10, 0);
	send_record(1500, 10);
	send_bytes(conn.fd, 10, 1510);
	cork(0);
	expect(ACK, .len = 10);
	expect(ACK, .len = 1460);
	expect(ACK, .len = 40);
	acknowledge();
	expect(ACK, .len = 10);
}

/* MUST-61: the last segment of a write has PSH, those before need not */
TEST(the_last_segment_of_a_write_has_PSH)
{
	established();
	send_bytes(conn.fd, 3000, 0);
	expect(ACK, .len = 1460);
	expect(ACK, .len = 1460, .seq = 1461);
	acknowledge();
	expect(ACK, .len = 80, .psh = 1);
}

/* RFC 9293 3.7.1, MUST-16: no segment is larger than the peer's MSS */
TEST(no_segment_is_larger_than_the_MSS)
{
	int i;

	peer_up();
	established_with(.mss = 700);
	send_bytes(conn.fd, 2800, 0);
	for (i = 0; i < 4; i++)
		expect(ACK, .len = 700);
}

/* RFC 9293 3.8.6: no more than the window */
TEST(no_more_is_sent_than_the_window_takes)
{
	peer_up();
	conn.wnd = 2920;
	established_with();
	send_bytes(conn.fd, 10000, 0);
	expect(ACK, .len = 1460);
	expect(ACK, .len = 1460);
	expect_nothing();
	conn.wnd = 1460;
	acknowledge();
	expect(ACK, .len = 1460);
	expect_nothing();
}

/* RFC 9293 3.8.6.2.1: with a window of less than a segment: at least half of the largest */
TEST(half_of_the_largest_window_is_sent)
{
	peer_up();
	conn.wnd = 1000;
	established_with();
	send_bytes(conn.fd, 5000, 0);
	EXPECT(one_came());
	EXPECT(last.len >= 500);
}

/* RFC 9293 3.8.6.2.1, MUST-38: a small piece of window is not used at once */
TEST(a_silly_window_is_not_used)
{
	peer_up();
	conn.wnd = 2920;
	established_with();
	send_bytes(conn.fd, 10000, 0);
	expect(ACK, .len = 1460);
	expect(ACK, .len = 1460);
	conn.wnd = 100;
	acknowledge();
	expect_nothing();
	quiet(100);
}

/* RFC 9293 3.8.6.2.1: the override timeout sends it nevertheless */
TEST(a_silly_window_is_used_after_a_timeout)
{
	peer_up();
	conn.wnd = 2920;
	established_with();
	send_bytes(conn.fd, 10000, 0);
	expect(ACK, .len = 1460);
	expect(ACK, .len = 1460);
	conn.wnd = 100;
	acknowledge();
	EXPECT(one_came());
	EXPECT(last.len <= 100);
}

/* RFC 5681 3.1: the initial window is at most 10 segments (RFC 6928) */
TEST(the_initial_window_is_at_most_10_segments)
{
	int n = 0;

	peer_up();
	conn.wnd = 65535;
	established_with();
	send_bytes(conn.fd, 40000, 0);
	while (next_segment(50))
		n++;
	EXPECT(n >= 2 && n <= 10);
}

/* RFC 5681 3.1: slow start: each ACK lets more out than it acknowledges */
TEST(slow_start_doubles_what_is_outstanding)
{
	int n = 0, more = 0;

	peer_up();
	conn.wnd = 65535;
	established_with();
	send_bytes(conn.fd, 40000, 0);
	while (next_segment(50))
		n++;
	SND_NXT = last.seq + last.len;
	acknowledge();
	while (next_segment(50))
		more++;
	EXPECT(more > n && more <= 2 * n);
}

/* RFC 9293 3.10.2: data written in SYN_SENT is refused or queued, never lost */
TEST(data_after_a_quick_handshake_is_sent_from_1_on)
{
	established_active();
	send_bytes(conn.fd, 100, 0);
	expect(ACK, .seq = 1, .len = 100);
}

/* RFC 9293 3.10.2: data in LISTEN's child before accept() is kept for it */
TEST(data_before_accept_is_kept)
{
	syn_rcvd();
	acknowledge();
	say(100);
	expect(ACK);
	conn.fd = OK(accept(conn.listener, NULL, NULL));
	recv_bytes(conn.fd, 100, 0);
}

/* RFC 9293 3.8.6: a write that fits goes in one segment, with an ACK */
TEST(data_carries_the_ACK)
{
	established();
	say(10);
	forget();
	send_bytes(conn.fd, 10, 0);
	expect(ACK, .len = 10, .ack = 11);
}
