// SPDX-License-Identifier: GPL-2.0
/*
 * What is not acknowledged is sent again (RFC 9293 3.8.1, RFC 6298), ever more
 * seldom, until it is given up (3.8.3); and at once after three duplicate ACKs
 * (RFC 5681 3.2, RFC 6582).
 */
#include "peer.h"

/* ESTABLISHED, with a round trip measured */
static void measured(void)
{
	peer_up();
	knob_of_ttp("rto_min_ms", 200);
	established();
	send_bytes(conn.fd, 10, 0);
	expect(ACK, .len = 10);
	acknowledge();
}

static void measured_as(int mss)
{
	peer_up();
	established_with(.mss = mss);
	send_bytes(conn.fd, 10, 0);
	expect(ACK, .len = 10);
	acknowledge();
}

/* RFC 6298 2.1, 5.5: a SYN is sent again after 1 second, then after 2 */
TEST_SECONDS(SYN_is_sent_again_after_1_and_2_seconds, 15)
{
	int64_t first, second;

	peer_up();
	knob_of_tcp("syn_linear_timeouts", 0);
	syn_sent();
	first = last.at_us;
	expect(SYN, .seq = 0);
	second = last.at_us;
	TOOK(first, second, 1000);
	expect(SYN, .seq = 0, .ms = 6000);
	TOOK(second, last.at_us, 2000);
}

/* MUST-22: R2 of a SYN: then the program is told ETIMEDOUT */
TEST_SECONDS(SYN_is_given_up_after_syn_retries, 15)
{
	peer_up();
	knob("syn_retries", 1);
	knob_of_tcp("syn_linear_timeouts", 0);
	syn_sent();
	expect(SYN, .seq = 0);
	WAIT(poll_for(conn.fd, POLLOUT, 0), 6000);
	EQ(so_error(conn.fd), ETIMEDOUT);
	expect_closed();
}

/* RFC 6298 2.1, 5.5: a SYN,ACK is sent again after 1 second, then after 2 */
TEST_SECONDS(SYN_ACK_is_sent_again_after_1_and_2_seconds, 15)
{
	int64_t first, second;

	syn_rcvd();
	first = last.at_us;
	expect(SYN | ACK, .seq = 0);
	second = last.at_us;
	TOOK(first, second, 1000);
	expect(SYN | ACK, .seq = 0, .ms = 6000);
	TOOK(second, last.at_us, 2000);
	acknowledge();
	expect_state("ESTABLISHED");
}

/* RFC 9293 3.8.3: a SYN,ACK is given up after synack_retries */
TEST_SECONDS(SYN_ACK_is_given_up_after_synack_retries, 20)
{
	peer_up();
	knob("synack_retries", 1);
	syn_rcvd();
	expect(SYN | ACK, .seq = 0);
	WAIT(in_state("LISTEN"), 8000);
	acknowledge();
	expect_RST_of_ACK(1);
}

/* RFC 6298 5.4: in a simultaneous open the SYN,ACK is sent again, too */
TEST_SECONDS(SYN_ACK_of_a_simultaneous_open_is_sent_again, 15)
{
	syn_rcvd_active();
	expect(SYN | ACK, .seq = 0);
	acknowledge();
	expect_state("ESTABLISHED");
}

/* RFC 6298 5.4: data is sent again after a timeout */
TEST(data_is_sent_again_after_a_timeout)
{
	int64_t first;

	measured();
	send_bytes(conn.fd, 100, 10);
	expect(ACK, .len = 100);
	first = last.at_us;
	expect(ACK, .seq = 11, .len = 100);
	TOOK(first, last.at_us, 200);
	acknowledge();
	quiet(500);
}

/* MUST-19, RFC 6298 5.5: the timeout doubles */
TEST_SECONDS(the_timeout_doubles, 15)
{
	int64_t t[4];
	int i;

	measured();
	send_bytes(conn.fd, 100, 10);
	expect(ACK, .len = 100);
	t[0] = last.at_us;
	for (i = 1; i < 4; i++) {
		expect(ACK, .seq = 11, .len = 100);
		t[i] = last.at_us;
	}
	TOOK(t[0], t[1], 200);
	TOOK(t[1], t[2], 400);
	TOOK(t[2], t[3], 800);
}

/* RFC 6298 5.4: after a timeout only the first is sent, not the whole window */
TEST(after_a_timeout_one_segment_is_sent)
{
	int i;

	measured_as(500);
	send_bytes(conn.fd, 2500, 10);
	for (i = 0; i < 5; i++)
		expect(ACK, .len = 500);
	expect(ACK, .seq = 11, .len = 500);
	expect_nothing();
}

/* RFC 5681 3.1: then slow start: an ACK lets two more out */
TEST(after_a_timeout_comes_slow_start)
{
	int i;

	measured_as(500);
	send_bytes(conn.fd, 2500, 10);
	for (i = 0; i < 5; i++)
		expect(ACK, .len = 500);
	expect(ACK, .seq = 11, .len = 500);
	inject(ACK, .ack = 511);
	expect(ACK, .seq = 511, .len = 500);
	expect(ACK, .seq = 1011, .len = 500);
	expect_nothing();
}

/* RFC 6298 5.4: an ACK of all ends it, whatever was resent */
TEST(an_ACK_of_all_ends_retransmission)
{
	int i;

	measured_as(500);
	send_bytes(conn.fd, 2500, 10);
	for (i = 0; i < 5; i++)
		expect(ACK, .len = 500);
	expect(ACK, .seq = 11, .len = 500);
	acknowledge();
	quiet(600);
}

/* RFC 6298 5.3: an ACK of new data restarts the timer */
TEST(an_ACK_restarts_the_timer)
{
	int64_t acked;
	int i;

	measured_as(500);
	send_bytes(conn.fd, 1000, 10);
	expect(ACK, .len = 500);
	expect(ACK, .len = 500);
	for (i = 0; i < 5; i++)
		quiet(20);
	inject(ACK, .ack = 511);
	acked = now_us();
	expect(ACK, .seq = 511, .len = 500);
	TOOK(acked, last.at_us, is_ttp() ? 1000 : 200);
}

/* MUST-18, RFC 6298 3, Karn: what was sent twice gives no sample: the backoff stays */
TEST_SECONDS(Karn_after_a_retransmission_the_backoff_stays, 15)
{
	int64_t sent;

	measured();
	send_bytes(conn.fd, 100, 10);
	expect(ACK, .len = 100);
	sent = last.at_us;
	expect(ACK, .seq = 11, .len = 100);
	TOOK(sent, last.at_us, 200);
	expect(ACK, .seq = 11, .len = 100);
	pause_ms(50);
	acknowledge();
	send_bytes(conn.fd, 100, 110);
	expect(ACK, .len = 100);
	sent = last.at_us;
	expect(ACK, .seq = 111, .len = 100, .ms = 6000);
	/* 50 ms would be a round trip as any; but whose? */
	TOOK(sent, last.at_us, 800);
}

/* RFC 9293 3.8.3, MUST-20: R2 for data: then ETIMEDOUT */
TEST_SECONDS(data_is_given_up_after_retries2, 20)
{
	peer_up();
	knob("retries2", 2);
	measured();
	send_bytes(conn.fd, 100, 10);
	expect(ACK, .len = 100);
	expect(ACK, .seq = 11, .len = 100);
	WAIT(poll_for(conn.fd, POLLIN, 0) & POLLERR, 8000);
	EQ(so_error(conn.fd), ETIMEDOUT);
	expect_closed();
}

/* RFC 9293 3.8.3, MUST-21: a program may set its own timeout */
TEST_SECONDS(a_program_sets_its_own_timeout, 20)
{
	unsigned int ms = 600;
	int64_t begun;

	measured();
	OK(set_int(conn.fd, tcp_level(), TTP_USER_TIMEOUT, ms));
	begun = now_us();
	send_bytes(conn.fd, 100, 10);
	WAIT(poll_for(conn.fd, POLLIN, 0) & POLLERR, 5000);
	/* TCP counts from the first retransmission */
	TOOK(begun, now_us(), is_ttp() ? 600 : 800);
	EQ(so_error(conn.fd), ETIMEDOUT);
}

/* RFC 9293 3.8.1: the FIN is sent again */
TEST(FIN_is_sent_again)
{
	measured();
	OK(shutdown(conn.fd, SHUT_WR));
	expect(FIN | ACK);
	expect(FIN | ACK, .seq = 11);
	acknowledge();
	expect_nothing();
	expect_state("FIN_WAIT_2");
}

/* RFC 9293 3.8.1: in CLOSING, too */
TEST(FIN_is_sent_again_in_CLOSING)
{
	measured();
	OK(shutdown(conn.fd, SHUT_WR));
	expect(FIN | ACK);
	inject(FIN | ACK, .ack = 11);
	RCV_NXT++;
	expect(ACK);
	expect(FIN | ACK, .seq = 11);
	acknowledge();
	expect_state("TIME_WAIT");
}

/* RFC 9293 3.8.1: and in LAST_ACK */
TEST(FIN_is_sent_again_in_LAST_ACK)
{
	measured();
	say_fin();
	expect(ACK);
	OK(close(conn.fd));
	expect(FIN | ACK);
	expect(FIN | ACK, .seq = 11);
	acknowledge();
	expect_nothing();
	expect_closed();
}

/* RFC 9293 3.8.1: a lost last data and its FIN are both sent again */
TEST(data_and_FIN_are_both_sent_again)
{
	measured();
	send_bytes(conn.fd, 100, 10);
	expect(ACK, .len = 100);
	OK(shutdown(conn.fd, SHUT_WR));
	expect(FIN | ACK);
	EXPECT(one_came());
	EQ(last.seq, 11);
	EQ(last.len, 100);
	if (!(last.flags & FIN)) {
		inject(ACK, .ack = 111);
		EXPECT(one_came());
		EQ(last.flags & FIN, FIN);
	}
	acknowledge();
	expect_state("FIN_WAIT_2");
}

/* RFC 9293 3.8.3: an orphan is given up earlier */
TEST_SECONDS(an_orphan_is_given_up_after_orphan_retries, 20)
{
	peer_up();
	knob("orphan_retries", 1);
	measured();
	OK(close(conn.fd));
	expect(FIN | ACK);
	WAIT(in_state("CLOSED"), 8000);
}

static void *closes(void *fd)
{
	OK(close(*(int *)fd));
	return NULL;
}

/* SO_LINGER: somebody waits in close() */
TEST_SECONDS(a_close_that_waits_leaves_no_orphan, 20)
{
	pthread_t t;
	int i;

	peer_up();
	knob("orphan_retries", 1);
	measured();
	OK(linger(conn.fd, 30));
	t = spawn(closes, &conn.fd);
	expect(FIN | ACK);
	for (i = 0; i < 5; i++)
		expect(FIN | ACK, .seq = 11);
	expect_state("FIN_WAIT_1");
	acknowledge();
	join(t);
	expect_state("FIN_WAIT_2");
}

/* RFC 9293 3.8.1: what is sent again has the newest ACK and window */
TEST(a_retransmission_has_the_newest_ACK)
{
	measured();
	send_bytes(conn.fd, 100, 10);
	expect(ACK, .len = 100);
	inject(ACK, .len = 10, .ack = 11);
	RCV_NXT += 10;
	expect(ACK);
	expect(ACK, .seq = 11, .len = 100, .ack = RCV_NXT);
}

/* n segments of 500 bytes are out */
static void out(int n)
{
	int i;

	measured_as(500);
	send_bytes(conn.fd, 500 * n, 10);
	for (i = 0; i < n; i++)
		expect(ACK, .len = 500);
}

static void duplicate_ACKs(int n)
{
	while (n--)
		inject(ACK, .ack = SND_UNA);
}

/* RFC 5681 3.2: three duplicate ACKs: fast retransmit */
TEST(three_duplicate_ACKs_make_a_fast_retransmit)
{
	out(8);
	duplicate_ACKs(3);
	expect(ACK, .seq = 11, .len = 500, .ms = 100);
}

/* RFC 5681 3.2: two do not: it may be reordering */
TEST(two_duplicate_ACKs_make_none)
{
	out(8);
	duplicate_ACKs(2);
	expect_nothing();
}

/* RFC 5681 2: an ACK with data is no duplicate ACK */
TEST(ACKs_with_data_are_no_duplicates)
{
	int i;

	out(8);
	for (i = 0; i < 5; i++) {
		inject(ACK, .len = 10, .ack = SND_UNA);
		RCV_NXT += 10;
		expect(ACK);
	}
	expect_nothing();
}

/* RFC 5681 2: nor is one that changes the window */
TEST(window_updates_are_no_duplicates)
{
	int i;

	out(8);
	for (i = 0; i < 5; i++)
		inject(ACK, .ack = SND_UNA, .wnd = conn.wnd + 100 + i);
	expect_nothing();
}

/* RFC 5681 2: nor any when nothing is outstanding */
TEST(ACKs_are_no_duplicates_when_nothing_is_out)
{
	measured();
	duplicate_ACKs(10);
	expect_nothing();
}

/* RFC 6582 3.2: a partial ACK: the next hole is sent again at once */
TEST(a_partial_ACK_makes_the_next_retransmission)
{
	out(8);
	duplicate_ACKs(3);
	expect(ACK, .seq = 11, .len = 500);
	inject(ACK, .ack = 511);
	expect(ACK, .seq = 511, .len = 500, .ms = 100);
}

/* RFC 6582 3.2: a full ACK ends the recovery */
TEST(a_full_ACK_ends_recovery)
{
	out(8);
	duplicate_ACKs(3);
	expect(ACK, .seq = 11, .len = 500);
	acknowledge();
	quiet(500);
	send_bytes(conn.fd, 500, 4010);
	expect(ACK, .len = 500);
}

/* RFC 5681 3.2: more duplicates do not send the same once more */
TEST(more_duplicates_do_not_resend_the_first)
{
	out(8);
	duplicate_ACKs(3);
	expect(ACK, .seq = 11, .len = 500);
	duplicate_ACKs(3);
	while (next_segment(0))
		EXPECT(last.seq != 11);
}

/* RFC 3042: the first two duplicates each let a new segment out */
TEST(limited_transmit)
{
	NOT_TCP("Linux puts single segments off, hoping for more at once");
	measured_as(500);
	send_bytes(conn.fd, 15000, 10);
	while (next_segment(20))
		SND_NXT = last.seq + last.len;
	EXPECT(SND_NXT < 15000);
	duplicate_ACKs(1);
	expect(ACK, .len = 500);
	duplicate_ACKs(1);
	expect(ACK, .len = 500);
	expect_nothing();
}

/* RFC 5681 3.1: after loss the window is about half of what was out */
TEST(after_fast_retransmit_the_window_is_halved)
{
	int n = 0;

	out(10);
	duplicate_ACKs(3);
	expect(ACK, .seq = 11, .len = 500);
	acknowledge();
	send_bytes(conn.fd, 10000, 5010);
	while (next_segment(20))
		n++;
	EXPECT(n >= 2 && n <= 7);
}

/* RFC 5681 4.1: after an idle time there is no burst of an old large window */
TEST_SECONDS(after_idling_the_window_is_small_again, 15)
{
	uint32_t end;
	int n = 0, i;

	peer_up();
	conn.wnd = 65535;
	established_with(.mss = 500);
	for (i = 0; i < 4; i++) {
		end = SND_NXT + 10000;
		send_bytes(conn.fd, 10000, SND_NXT - 1);
		while (end > SND_NXT && next_segment(1000)) {
			SND_NXT = last.seq + last.len;
			acknowledge();
		}
	}
	pause_ms(1500);
	send_bytes(conn.fd, 30000, SND_NXT - 1);
	while (next_segment(30))
		n++;
	EXPECT(n > 0 && n <= 12);
}
