// SPDX-License-Identifier: GPL-2.0
/*
 * SYN_SENT (RFC 9293 3.10.7.3) and simultaneous open (3.5).
 */
#include "peer.h"

/* RFC 9293 3.10.1: an active OPEN sends a SYN: no ACK, no data */
TEST(OPEN_sends_SYN)
{
	syn_sent();
	EQ(last.flags, SYN);
	EQ(last.ack, 0);
	EXPECT(last.mss > 0);
}

/* RFC 9293 3.10.7.3: SYN,ACK establishes, and is acknowledged */
TEST(SYN_ACK_establishes)
{
	established_active();
	expect_nothing();
	EXPECT(poll_for(conn.fd, POLLOUT, 0) & POLLOUT);
}

/* Linux sends its SYN again soon after such a reset. */
static void only_SYNs_come(void)
{
	while (next_segment(0))
		EQ(last.flags, SYN);
}

#define SYN_SENT_RESETS(name, what, number)				\
	TEST(SYN_SENT_resets_##name)					\
	{								\
		syn_sent();						\
		inject(what, .seq = 0, .ack = (number));		\
		expect_RST_of_ACK(number);				\
		only_SYNs_come();					\
		expect_state("SYN_SENT");				\
	}

/* RFC 9293 3.10.7.3: SEG.ACK =< ISS is reset */
SYN_SENT_RESETS(an_ACK_of_ISS, ACK, 0)
/* RFC 9293 3.10.7.3: likewise */
SYN_SENT_RESETS(an_older_ACK, ACK, -1)
/* RFC 9293 3.10.7.3: likewise SEG.ACK > SND.NXT */
SYN_SENT_RESETS(an_ACK_of_what_was_not_sent, ACK, 2)
/* RFC 9293 3.10.7.3: likewise far away */
SYN_SENT_RESETS(an_ACK_far_away, ACK, 0x40000000)
/* RFC 9293 3.5 figure 9: an old SYN,ACK is reset */
SYN_SENT_RESETS(a_SYN_ACK_of_ISS, SYN | ACK, 0)
/* RFC 9293 3.5 figure 9: likewise */
SYN_SENT_RESETS(a_SYN_ACK_of_what_was_not_sent, SYN | ACK, 2)
/* RFC 9293 3.10.7.3: likewise with a FIN */
SYN_SENT_RESETS(a_FIN_ACK_of_ISS, FIN | ACK, 0)

#define SYN_SENT_IGNORES(name, what)					\
	TEST(SYN_SENT_ignores_##name)					\
	{								\
		syn_sent();						\
		inject(what, .seq = 0, .ack = 1);			\
		inject(what, .seq = 0, .ack = 1, .len = 10);		\
		expect_nothing();					\
		expect_state("SYN_SENT");				\
	}

/* RFC 9293 3.10.7.3: "if neither of the SYN or RST bits is set, drop" */
SYN_SENT_IGNORES(an_acceptable_ACK_alone, ACK)
/* RFC 9293 3.10.7.3: likewise */
SYN_SENT_IGNORES(FIN_ACK, FIN | ACK)
/* RFC 9293 3.10.7.3: likewise */
SYN_SENT_IGNORES(FIN, FIN)
/* RFC 9293 3.10.7.3: likewise */
SYN_SENT_IGNORES(PSH, PSH)
/* RFC 9293 3.10.7.3: likewise */
SYN_SENT_IGNORES(nothing_at_all, 0)

/* RFC 9293 3.10.7.3: after the reset of an old SYN,ACK the right one counts */
TEST(the_right_SYN_ACK_after_an_old_one_establishes)
{
	syn_sent();
	inject(SYN | ACK, .seq = 100, .ack = 12345);
	expect_RST_of_ACK(12345);
	inject(SYN | ACK, .seq = 0, .ack = 1);
	RCV_NXT = 1;
	do {
		EXPECT(one_came());
	} while (last.flags == SYN);
	EQ(last.flags, ACK);
	EQ(last.ack, 1);
	expect_state("ESTABLISHED");
}

/* RFC 9293 3.10.7.3: data on a SYN,ACK may be taken or left, never mistaken */
TEST(data_on_a_SYN_ACK_is_not_lost)
{
	syn_sent();
	inject(SYN | ACK, .seq = 0, .len = 10, .ack = 1);
	RCV_NXT = 1;
	EXPECT(one_came());
	EXPECT(last.ack == 1 || last.ack == 11);
	SND_NXT = 1;
	say(10);
	forget();
	recv_bytes(conn.fd, 10, 0);
}

/* RFC 9293 3.10.7.3: the window of a SYN,ACK is where sending begins */
TEST(the_window_of_a_SYN_ACK_is_obeyed)
{
	syn_sent();
	inject(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000, .wnd = 3000);
	RCV_NXT = 1;
	expect(ACK);
	send_bytes(conn.fd, 5000, 0);
	expect(ACK, .len = 1000);
	expect(ACK, .len = 1000);
	expect(ACK, .len = 1000);
	expect_nothing();
}

/* MUST-10: simultaneous open: a SYN is answered by SYN,ACK with the same ISS */
TEST(SYN_in_SYN_SENT_is_answered_by_SYN_ACK)
{
	uint32_t irs;

	syn_sent();
	irs = conn.irs;
	send_syn(.mss = 1460);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0, .ack = 1);
	EQ(conn.irs == irs, 1);
	expect_state("SYN_RCVD");
}

/* RFC 9293 3.5 figure 7: the peer's SYN,ACK ends a simultaneous open */
TEST(SYN_ACK_ends_a_simultaneous_open)
{
	syn_rcvd_active();
	inject(SYN | ACK, .seq = 0, .ack = 1, .mss = 1460);
	forget();
	expect_state("ESTABLISHED");
	EQ(so_error(conn.fd), 0);
	say(10);
	expect(ACK);
	recv_bytes(conn.fd, 10, 0);
}

/* RFC 9293 3.10.7.4: so does a bare ACK */
TEST(ACK_ends_a_simultaneous_open)
{
	syn_rcvd_active();
	acknowledge();
	expect_nothing();
	expect_state("ESTABLISHED");
	send_bytes(conn.fd, 10, 0);
	expect(ACK, .len = 10);
}

/* RFC 9293 3.10.7.4: data does it, too */
TEST(data_ends_a_simultaneous_open)
{
	syn_rcvd_active();
	say(10);
	expect(ACK);
	expect_state("ESTABLISHED");
	recv_bytes(conn.fd, 10, 0);
}

/* RFC 9293 3.10.7.4: an unacceptable ACK there is reset */
TEST(SYN_RCVD_of_an_active_open_resets_a_wrong_ACK)
{
	syn_rcvd_active();
	inject(ACK, .ack = 2);
	expect_RST_of_ACK(2);
	expect_state("SYN_RCVD");
}

/* RFC 9293 3.10.7.3: the user hears of a SYN_SENT only when it is over */
TEST(SYN_SENT_is_not_writable)
{
	syn_sent();
	EQ(poll_for(conn.fd, POLLIN | POLLOUT, 0), 0);
	ERR(send(conn.fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL), EAGAIN);
}

/* RFC 9293 3.10.4: CLOSE in SYN_SENT deletes the TCB: what comes is reset */
TEST(CLOSE_in_SYN_SENT_leaves_nothing)
{
	syn_sent();
	OK(close(conn.fd));
	expect_nothing();
	expect_closed();
	inject(SYN | ACK, .seq = 0, .ack = 1);
	expect_RST_of_ACK(1);
}

/* RFC 9293 3.10.7.3: a SYN,ACK from another port is another's */
TEST(a_SYN_ACK_from_elsewhere_is_reset)
{
	syn_sent();
	inject(SYN | ACK, .seq = 0, .ack = 1, .sport = PEER_PORT + 1);
	expect_RST_of_ACK(1);
	inject(SYN | ACK, .seq = 0, .ack = 1, .src = "10.0.0.3");
	expect_RST_of_ACK(1);
	expect_state("SYN_SENT");
}

/* RFC 9293 3.10.7.3: with a FIN on the SYN,ACK the FIN is not taken for done */
TEST(a_lone_SYN_FIN_does_not_establish)
{
	syn_sent();
	inject(SYN | FIN, .seq = 0);
	forget();
	EQ(in_state("ESTABLISHED"), 0);
}
