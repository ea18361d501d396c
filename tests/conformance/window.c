// SPDX-License-Identifier: GPL-2.0
/*
 * The send window (RFC 9293 3.10.7.4 SND.WL1 and WL2, 3.8.6), zero windows and
 * probes (3.8.6.1), and the window that is offered (3.8.6.2.2).
 */
#include "peer.h"

/* Nothing may be sent, and 10000 bytes wait. */
static void shut(void)
{
	peer_up();
	knob_of_ttp("rto_min_ms", 200);
	established();
	send_bytes(conn.fd, 10, 0);
	expect(ACK, .len = 10);	/* and so the round trip is known */
	conn.wnd = 0;
	acknowledge();
	send_bytes(conn.fd, 10000, 10);
	expect_nothing();
}

static bool is_probe(void)
{
	return (last.seq == SND_NXT - 1 && !last.len) ||
	       (last.seq == SND_NXT && last.len == 1);
}

/* What a write takes, that is: a packet of the send buffer is half the largest window */
TEST(a_write_takes_two_halves_of_the_window_if_the_buffer_is_small)
{
	static char data[60000];

	peer_up();
	conn.wnd = 6000;
	established_with(.mss = 1460);
	OK(set_int(conn.fd, SOL_SOCKET, SO_SNDBUF, 1000));
	fill(data, sizeof(data), 0);
	EQ(send(conn.fd, data, sizeof(data), MSG_DONTWAIT), 2 * 2920);
}

/* RFC 9293 3.8.6: a zero window in the handshake lets nothing out */
TEST(zero_window_lets_nothing_out)
{
	shut();
	quiet(100);
}

/* MUST-36: a zero window is probed; by a byte, or by one from before */
TEST(zero_window_is_probed)
{
	shut();
	EXPECT(one_came());
	EXPECT(is_probe());
}

/* SHLD-29, SHLD-30: the first after an RTO, then ever more seldom */
TEST_SECONDS(probes_become_more_seldom, 20)
{
	int64_t t[3];
	int i;

	shut();
	for (i = 0; i < 3; i++) {
		EXPECT(one_came());
		EXPECT(is_probe());
		t[i] = last.at_us;
		acknowledge();
	}
	TOOK(t[0], t[1], 400);
	TOOK(t[1], t[2], 800);
}

/* MUST-37: while probes are answered the connection stays */
TEST_SECONDS(answered_probes_keep_the_connection, 20)
{
	int i;

	peer_up();
	knob("retries2", 2);
	shut();
	for (i = 0; i < 4; i++) {
		EXPECT(one_came());
		acknowledge();
	}
	expect_state("ESTABLISHED");
}

/* RFC 9293 3.8.6: when it opens, data goes */
TEST(an_opened_window_is_used)
{
	shut();
	conn.wnd = 2920;
	acknowledge();
	expect(ACK, .len = 1460);
	expect(ACK, .len = 1460);
	expect_nothing();
}

/* RFC 9293 3.10.7.4: WL1: a segment with an older number does not set it */
TEST(an_older_segment_does_not_set_the_window)
{
	peer_up();
	conn.wnd = 0;
	established_with();
	send_bytes(conn.fd, 1000, 0);
	expect_nothing();
	inject(ACK, .seq = RCV_NXT + 100, .len = 10);
	expect(ACK);
	/* sent before that one, though it comes after it */
	inject(ACK, .wnd = 5000);
	expect_nothing();
}

/* RFC 9293 3.10.7.4: WL2: nor one with the same number and an older ACK */
TEST(an_older_ACK_does_not_set_the_window)
{
	established();
	send_bytes(conn.fd, 1000, 0);
	expect(ACK, .len = 1000);
	conn.wnd = 0;
	acknowledge();
	send_bytes(conn.fd, 1000, 1000);
	expect_nothing();
	inject(ACK, .ack = 501, .wnd = 5000);
	expect_nothing();
	inject(ACK, .wnd = 5000);
	expect(ACK, .len = 1000);
}

/* RFC 9293 3.10.7.4: the same number and the same ACK does */
TEST(the_same_ACK_with_another_window_sets_it)
{
	shut();
	inject(ACK, .wnd = 2920);
	expect(ACK, .len = 1460);
	expect(ACK, .len = 1460);
	expect_nothing();
}

/* RFC 9293 3.10.7.4: a newer number does, though its ACK is the same */
TEST(data_sets_the_window)
{
	shut();
	inject(ACK, .len = 10, .wnd = 2920);
	RCV_NXT += 10;
	expect(ACK, .len = 1460);
	expect(ACK, .len = 1460);
}

/* MUST-34: a window that shrinks below what is out does no harm */
TEST(a_window_that_shrinks_loses_nothing)
{
	established();
	send_bytes(conn.fd, 2920, 0);
	expect(ACK, .len = 1460);
	expect(ACK, .len = 1460);
	inject(ACK, .ack = 1461, .wnd = 500);
	send_bytes(conn.fd, 1000, 2920);
	expect_nothing();
	SND_NXT = 2921;
	conn.wnd = 5000;
	acknowledge();
	expect(ACK, .len = 1000);
}

/* SHLD-15: nothing new is sent while SND.NXT is beyond the window */
TEST(beyond_a_shrunk_window_nothing_new_is_sent)
{
	established();
	send_bytes(conn.fd, 1460 * 4, 0);
	while (SND_NXT < 1 + 1460 * 4)
		expect(ACK, .len = 1460);
	inject(ACK, .len = 10, .ack = 1);
	RCV_NXT += 10;
	inject(ACK, .len = 10, .ack = 1, .wnd = 1000);
	RCV_NXT += 10;
	forget();
	send_bytes(conn.fd, 2920, 1460 * 4);
	expect_nothing();
}

/* RFC 9293 3.8.6: the FIN counts in the window, or goes just beyond it */
TEST(data_before_the_FIN_obeys_the_window)
{
	shut();
	OK(shutdown(conn.fd, SHUT_WR));
	expect_nothing();
	inject(ACK, .wnd = 2920);
	expect(ACK, .len = 1460);
	expect(ACK, .len = 1460);
	expect_nothing();
}

/* RFC 9293 3.8.6: the offered window shrinks by what came, and no further */
TEST(the_right_edge_of_the_offered_window_never_moves_left)
{
	uint32_t right;
	int i;

	established();
	right = conn.right;
	for (i = 0; i < 30; i++) {
		say(1000);
		expect(ACK);
		EXPECT((int32_t)(conn.right - right) >= 0);
		right = conn.right;
	}
}

/* SHLD-14: nor when pieces are out of order, or tiny */
TEST(tiny_segments_do_not_move_the_right_edge_left)
{
	uint32_t right;
	int i;

	established();
	right = conn.right;
	for (i = 0; i < 100; i++) {
		inject(ACK, .seq = RCV_NXT + 2 + 2 * i, .len = 1);
		expect(ACK);
		EXPECT((int32_t)(conn.right - right) >= 0);
		right = conn.right;
	}
}

/* RFC 9293 3.8.6: all that was offered is taken */
TEST(the_whole_offered_window_is_taken)
{
	uint32_t n;

	peer_up();
	receive_buffer(8192);
	established();
	while (RCV_WND >= 100) {
		n = RCV_WND > 1460 ? 1460 : RCV_WND;
		say(n);
		expect(ACK);
	}
	recv_bytes(conn.fd, RCV_NXT - 1, 0);
}

/* MUST-39: a reader of single bytes does not open the window by bytes */
TEST(no_silly_window_is_offered)
{
	int i, n = 0;

	peer_up();
	receive_buffer(8192);
	established();
	while (RCV_WND) {
		say(RCV_WND > 1460 ? 1460 : RCV_WND);
		expect(ACK);
	}
	for (i = 0; i < 400; i++)
		recv_bytes(conn.fd, 1, i);
	while (next_segment(0))
		n++;
	EXPECT(n <= 1);
}

/* RFC 9293 3.8.6.2.2: room for a segment or half the buffer is offered at once */
TEST(a_window_of_one_segment_is_offered)
{
	peer_up();
	receive_buffer(8192);
	established();
	while (RCV_WND) {
		say(RCV_WND > 1460 ? 1460 : RCV_WND);
		expect(ACK);
	}
	recv_bytes(conn.fd, RCV_NXT - 1, 0);
	expect(ACK);
	EXPECT(RCV_WND >= 1460);
}

/* RFC 9293 3.10.7.4, MUST-1: the window is unsigned: 65535 is no -1 */
TEST(a_window_of_65535_is_large)
{
	peer_up();
	conn.wnd = 0;
	established_with();
	conn.wnd = 65535;
	acknowledge();
	send_bytes(conn.fd, 1460, 0);
	expect(ACK, .len = 1460);
}
