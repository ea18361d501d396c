// SPDX-License-Identifier: GPL-2.0
/*
 * RACK and tail loss probes (RFC 8985), which need SACK.
 */
#include "peer.h"

/* n segments of 1000 bytes are out, after a first round trip; with timestamps or without */
static void out_with(int n, bool ts)
{
	int i;

	peer_up();
	established_with(.mss = ts ? 1012 : 1000, .sack_ok = true, .ts = ts);
	for (i = 0; i < 2; i++) {
		send_bytes(conn.fd, 1000, 1000 * i);
		expect(ACK, .len = 1000);
		acknowledge();
	}
	send_bytes(conn.fd, 1000 * n, 2000);
	for (i = 0; i < n; i++)
		expect(ACK, .len = 1000);
}

static void out(int n)
{
	out_with(n, false);
}

#define OUT(n)	(2001 + 1000 * (n))

/* RFC 8985 7.3: when the end of a flight is not acknowledged it is sent again */
TEST(the_end_of_a_flight_is_probed)
{
	int64_t sent;

	out(3);
	sent = last.at_us;
	expect(ACK, .seq = OUT(2), .len = 1000);
	/* before a retransmission timeout of 200 ms or more would */
	EXPECT(last.at_us - sent < 190000 || !time_is_exact());
}

/* RFC 8985 7.3: once: then the timeout's turn comes, with the first */
TEST(a_flight_is_probed_once)
{
	out(3);
	expect(ACK, .seq = OUT(2), .len = 1000);
	expect(ACK, .seq = OUT(0), .len = 1000);
}

/* RFC 8985 7.3: new data is better than old */
TEST(a_probe_with_new_data_when_there_is_some)
{
	peer_up();
	established_with(.mss = 1000, .sack_ok = true);
	send_bytes(conn.fd, 1000, 0);
	expect(ACK, .len = 1000);
	acknowledge();
	send_bytes(conn.fd, 1100, 1000);
	expect(ACK, .len = 1000);
	EXPECT(one_came());
	EQ(last.seq, 2001);
	EQ(last.len, 100);
}

/* RFC 8985 7.4: the probe's ACK, with a D-SACK, means that nothing was lost */
TEST(an_acknowledged_probe_ends_it)
{
	out(3);
	expect(ACK, .seq = OUT(2), .len = 1000);
	inject(ACK, .ack = SND_NXT, .nsack = 1, .sack = { { OUT(2), OUT(3) } });
	quiet(500);
}

/* RFC 8985 7.1: what the probe's SACK shows to be missing is sent at once */
TEST(a_probe_turns_a_timeout_into_a_fast_retransmit)
{
	out(5);
	expect(ACK, .seq = OUT(4), .len = 1000);
	pause_ms(50);		/* sooner than any round trip, it would be for the first one */
	inject(ACK, .ack = SND_UNA, .nsack = 1, .sack = { { OUT(4), OUT(5) } });
	resent(OUT(0));
}

/* RFC 8985 6.2: data sent before data that arrived, and a while ago, is lost */
TEST(one_SACK_of_later_data_makes_earlier_data_lost)
{
	out(2);
	inject(ACK, .ack = SND_UNA, .nsack = 1, .sack = { { OUT(1), OUT(2) } });
	resent(OUT(0));
}

/* RFC 8985 6.3: what is late at the end of a flight waits for the reordering window, a quarter of
 * the round trip, and not for the retransmission timeout
 */
TEST(at_the_end_of_a_flight_the_reordering_window_ends_by_its_timer)
{
	int64_t sent;
	int i;

	syn_sent();
	pause_ms(300);
	inject(SYN | ACK, .seq = 0, .mss = 1000, .sack_ok = true);
	RCV_NXT = 1;
	expect(ACK);
	for (i = 0; i < 2; i++) {
		send_bytes(conn.fd, 1000, 1000 * i);
		expect(ACK, .len = 1000);
		pause_ms(300);
		acknowledge();
	}
	send_bytes(conn.fd, 2000, 2000);
	expect(ACK, .len = 1000);
	expect(ACK, .len = 1000);
	sent = last.at_us;
	pause_ms(300);
	inject(ACK, .ack = SND_UNA, .nsack = 1, .sack = { { OUT(1), OUT(2) } });
	resent(OUT(0));
	EXPECT(last.at_us - sent < 450000 || !time_is_exact());
}

/* RFC 8985 6.2: a retransmission may be lost, too, and is recognised as such */
TEST(a_lost_retransmission_is_sent_once_more)
{
	out(6);
	inject(ACK, .ack = SND_UNA, .nsack = 1, .sack = { { OUT(1), OUT(6) } });
	resent(OUT(0));
	pause_ms(5);
	send_bytes(conn.fd, 2000, 8000);	/* sent after it, and arrives */
	resent(OUT(6));
	resent(OUT(7));
	pause_ms(5);
	inject(ACK, .ack = SND_UNA, .nsack = 1, .sack = { { OUT(1), OUT(8) } });
	resent(OUT(0));
}

/* RFC 8985 6.2: also by a retransmission that was sent after it.  Timestamps do not tell that this
 * is what arrived: a SACK echoes that of the data before the gap (RFC 7323 4.3).
 */
TEST(a_lost_retransmission_is_seen_by_the_next_one)
{
	uint32_t echo;

	out_with(6, true);
	echo = conn.tsecr;
	pause_ms(50);
	inject(ACK, .ack = SND_UNA, .tsecr = echo, .nsack = 1, .sack = { { OUT(2), OUT(6) } });
	resent(OUT(0));
	resent(OUT(1));
	pause_ms(60);
	inject(ACK, .ack = SND_UNA, .tsecr = echo, .nsack = 1, .sack = { { OUT(1), OUT(6) } });
	resent(OUT(0));
}

/* RFC 8985 7.3: a FIN may be the probe */
TEST(a_lost_FIN_is_probed)
{
	out(1);
	acknowledge();
	OK(shutdown(conn.fd, SHUT_WR));
	expect(FIN | ACK);
	expect(FIN | ACK, .seq = SND_NXT - 1);
	acknowledge();
	expect_state("FIN_WAIT_2");
}

/* RFC 8985 7.2: no probe while nothing is out */
TEST(nothing_out_means_no_probe)
{
	out(3);
	acknowledge();
	forget();
	quiet(500);
}
