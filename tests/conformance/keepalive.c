// SPDX-License-Identifier: GPL-2.0
/*
 * Keepalive (RFC 9293 3.8.4).
 */
#include "peer.h"

static void keepalive(int idle, int interval, int count)
{
	OK(set_int(conn.fd, tcp_level(), TTP_KEEPIDLE, idle));
	OK(set_int(conn.fd, tcp_level(), TTP_KEEPINTVL, interval));
	OK(set_int(conn.fd, tcp_level(), TTP_KEEPCNT, count));
	OK(set_int(conn.fd, SOL_SOCKET, SO_KEEPALIVE, 1));
}

/* MUST-25: off unless a program asks for it */
TEST(no_keepalive_unless_asked_for)
{
	established();
	OK(set_int(conn.fd, tcp_level(), TTP_KEEPIDLE, 1));
	quiet(1500);
}

/* MUST-26, SHLD-12: when nothing came for that long: an old number, no data */
TEST_SECONDS(a_silent_peer_is_probed, 10)
{
	established();
	keepalive(1, 1, 5);
	expect(ACK, .seq = SND_NXT - 1);
	acknowledge();
	expect_state("ESTABLISHED");
}

/* MUST-26: a peer that answers is asked again only after the idle time */
TEST_SECONDS(an_answer_is_good_for_the_idle_time, 15)
{
	int64_t answered;

	established();
	keepalive(1, 1, 5);
	expect(ACK, .seq = SND_NXT - 1);
	acknowledge();
	answered = now_us();
	expect(ACK, .seq = SND_NXT - 1);
	TOOK(answered, last.at_us, 1000);
}

/* MUST-26: data that comes in time puts it off */
TEST_SECONDS(data_puts_the_probe_off, 10)
{
	int i;

	established();
	keepalive(1, 1, 5);
	for (i = 0; i < 8; i++) {
		say(10);
		expect(ACK);
		quiet(200);
	}
}

/* MUST-29: one probe without an answer does not end it */
TEST_SECONDS(one_lost_probe_does_not_end_it, 10)
{
	established();
	keepalive(1, 1, 3);
	expect(ACK, .seq = SND_NXT - 1);
	expect(ACK, .seq = SND_NXT - 1);
	expect_state("ESTABLISHED");
	say(10);
	expect(ACK);
}

/* RFC 9293 3.8.4: but as many as the program has said do: ETIMEDOUT, and a RST */
TEST_SECONDS(a_peer_that_never_answers_is_given_up, 15)
{
	established();
	keepalive(1, 1, 2);
	expect(ACK, .seq = SND_NXT - 1);
	expect(ACK, .seq = SND_NXT - 1);
	expect_reset();
	EQ(errno_of_reading(), ETIMEDOUT);
	expect_closed();
}

/* RFC 9293 3.8.4: a probe that is answered by RST ends it */
TEST_SECONDS(a_RST_in_answer_ends_it, 10)
{
	established();
	keepalive(1, 1, 2);
	expect(ACK, .seq = SND_NXT - 1);
	inject(RST, .seq = last.ack);
	EQ(errno_of_reading(), ECONNRESET);
}

/* RFC 9293 3.8.4: we answer a peer's probe, with and without a byte */
TEST_SYNCHRONIZED(a_peers_probe_is_answered)
{
	inject(ACK, .seq = RCV_NXT - 1, .ack = SND_UNA);
	expect(ACK);
	inject(ACK, .seq = RCV_NXT - 1, .len = 1, .ack = SND_UNA, .junk = true);
	expect(ACK);
	expect_unchanged();
}
