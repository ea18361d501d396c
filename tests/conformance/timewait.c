// SPDX-License-Identifier: GPL-2.0
/*
 * TIME_WAIT (RFC 9293 3.6.1, 3.10.7.4; RFC 1337, RFC 6191).
 */
#include "peer.h"

/* RFC 9293 3.10.7.4: the FIN again is acknowledged again */
TEST(the_FIN_again_is_acknowledged)
{
	time_wait();
	inject(FIN | ACK, .seq = RCV_NXT - 1);
	expect(ACK);
	expect_state("TIME_WAIT");
}

/* RFC 9293 3.10.7.4: with its data, too */
TEST(the_FIN_again_with_data_is_acknowledged)
{
	fin_wait_2();
	inject(FIN | ACK, .len = 10);
	RCV_NXT += 11;
	expect(ACK);
	inject(FIN | ACK, .seq = 1, .len = 10);
	expect(ACK);
	expect_state("TIME_WAIT");
}

/* RFC 9293 3.6: an ACK needs no answer */
TEST(a_bare_ACK_needs_no_answer)
{
	time_wait();
	acknowledge();
	expect_nothing();
	expect_state("TIME_WAIT");
}

/* RFC 9293 3.10.7.4: old data is answered by an ACK */
TEST(old_data_is_acknowledged)
{
	fin_wait_2();
	say(10);
	expect(ACK);
	recv_bytes(conn.fd, 10, 0);
	say_fin();
	expect(ACK);
	inject(ACK, .seq = 1, .len = 10);
	expect(ACK);
	expect_state("TIME_WAIT");
}

/* RFC 1337: an old duplicate's answer, a RST, does not kill TIME_WAIT */
TEST(an_old_duplicate_and_its_RST_do_not_end_it)
{
	peer_up();
	knob_of_tcp("rfc1337", 1);
	time_wait();
	inject(ACK, .seq = RCV_NXT - 20, .len = 10);
	expect(ACK);
	inject(RST, .seq = last.ack);
	expect_nothing();
	expect_state("TIME_WAIT");
}

/* RFC 9293 3.6.1, MAY-2: a SYN with a higher number opens anew */
TEST(a_SYN_with_a_higher_number_reopens)
{
	time_wait();
	inject(SYN, .seq = RCV_NXT + 1, .mss = 1460);
	RCV_NXT += 2;
	expect(SYN | ACK, .seq = 0);
	inject(ACK, .ack = 1);
	expect_state("ESTABLISHED");
}

/* RFC 9293 3.6.1: our new ISS is above all that the old connection used, and by
 * design not by the clock, which a fast connection may overtake
 */
TEST(the_ISS_of_a_reopened_connection_is_higher)
{
	uint32_t old;

	time_wait();
	old = conn.irs + SND_NXT;
	inject(SYN, .seq = RCV_NXT + 70000, .mss = 1460);
	EXPECT(one_came());
	EQ(last.flags, SYN | ACK);
	EXPECT(conn.irs - old >= 65535);	/* a window may have been out */
	EXPECT(conn.irs - old < 1 << 17);
}

/* RFC 9293 3.6.1: a SYN with an old number does not */
TEST(a_SYN_with_an_old_number_does_not_reopen)
{
	time_wait();
	inject(SYN, .seq = RCV_NXT - 10);
	expect(ACK);
	expect_state("TIME_WAIT");
}

/* RFC 9293 3.6.1: nor the old connection's own */
TEST(the_first_SYN_again_does_not_reopen)
{
	time_wait();
	send_syn(.mss = 1460);
	expect(ACK);
	expect_state("TIME_WAIT");
}

/* RFC 9293 3.6.1: a SYN,ACK is no open */
TEST(a_SYN_ACK_does_not_reopen)
{
	time_wait();
	inject(SYN | ACK, .seq = RCV_NXT + 100);
	forget();
	expect_state("TIME_WAIT");
}

/* RFC 9293 3.6.1: without a listener a new SYN opens nothing */
TEST(a_new_SYN_without_a_listener_opens_nothing)
{
	time_wait();
	OK(close(conn.listener));
	inject(SYN, .seq = RCV_NXT + 1);
	EXPECT(one_came());
	EQ(last.flags & SYN, 0);
}

static void time_wait_ts(void)
{
	established_ts();
	OK(shutdown(conn.fd, SHUT_WR));
	expect(FIN | ACK);
	conn.tsval++;
	say_fin();
	expect(ACK);
	expect_state("TIME_WAIT");
}

/* RFC 6191: a newer timestamp opens anew, whatever the number */
TEST(a_SYN_with_a_newer_timestamp_reopens)
{
	time_wait_ts();
	conn.tsval += 10;
	inject(SYN, .seq = RCV_NXT - 1000, .mss = 1460, .ts = true);
	RCV_NXT -= 999;
	expect(SYN | ACK, .seq = 0);
}

/* RFC 6191: an older one does not, whatever the number */
TEST(a_SYN_with_an_older_timestamp_does_not_reopen)
{
	time_wait_ts();
	inject(SYN, .seq = RCV_NXT + 1000, .mss = 1460, .ts = true, .tsval = conn.tsval - 10);
	expect(ACK);
	expect_state("TIME_WAIT");
}

/* RFC 6191: the same timestamp needs a higher number */
TEST(a_SYN_with_the_same_timestamp_and_an_old_number_does_not_reopen)
{
	time_wait_ts();
	inject(SYN, .seq = RCV_NXT - 1000, .mss = 1460, .ts = true);
	expect(ACK);
	expect_state("TIME_WAIT");
}

/* RFC 6191: and does with it */
TEST(a_SYN_with_the_same_timestamp_and_a_higher_number_reopens)
{
	time_wait_ts();
	inject(SYN, .seq = RCV_NXT + 1000, .mss = 1460, .ts = true);
	RCV_NXT += 1001;
	expect(SYN | ACK, .seq = 0);
}

/* RFC 7323 5: TIME_WAIT's ACK has a timestamp, too */
TEST(the_ACK_of_TIME_WAIT_echoes_the_timestamp)
{
	time_wait_ts();
	conn.tsval++;
	inject(FIN | ACK, .seq = RCV_NXT - 1);
	expect(ACK, .ts = true);
	EXPECT(last.tsecr == conn.tsval || last.tsecr == conn.tsval - 1);
}

/* RFC 9293 3.6.1, MUST-13: it lasts 2 MSL, and is over then */
TEST_SECONDS(TIME_WAIT_ends_after_2_MSL, 10)
{
	int64_t begun = now_us();

	NOT_TCP("Linux's TIME_WAIT lasts a minute whatever one sets");
	peer_up();
	knob("msl_ms", 300);
	time_wait();
	WAIT(in_state("CLOSED"), 4000);
	TOOK(begun, now_us(), 600);
	inject(FIN | ACK);
	expect_RST_of_ACK(SND_NXT);
}

/* RFC 9293 3.10.7.4: the FIN again restarts 2 MSL */
TEST_SECONDS(the_FIN_again_restarts_2_MSL, 10)
{
	int64_t again;

	NOT_TCP("Linux's TIME_WAIT lasts a minute whatever one sets");
	peer_up();
	knob("msl_ms", 400);
	time_wait();
	pause_ms(500);
	inject(FIN | ACK, .seq = RCV_NXT - 1);
	again = now_us();
	expect(ACK);
	WAIT(in_state("CLOSED"), 4000);
	TOOK(again, now_us(), 800);
}

/* RFC 1337: a RST does not shorten it, nor does an ACK prolong it */
TEST_SECONDS(a_bare_ACK_does_not_restart_2_MSL, 10)
{
	int64_t begun;

	NOT_TCP("Linux's TIME_WAIT lasts a minute whatever one sets");
	peer_up();
	knob("msl_ms", 500);
	time_wait();
	begun = now_us();
	while (!in_state("CLOSED")) {
		acknowledge();
		pause_ms(50);
		if (now_us() - begun > 4000000LL * test_slowness())
			fail("TIME_WAIT does not end");
	}
	TOOK(begun, now_us(), 1000);
	while (next_segment(0))
		EQ(last.flags & RST, RST);
}
