// SPDX-License-Identifier: GPL-2.0
/*
 * Selective acknowledgment: blocks that we send (RFC 2018 4, RFC 2883), and
 * what we do about the peer's (RFC 6675).
 */
#include "peer.h"

#define HOLE(n)		(1 + 1000 * (n))

static void piece(int n)
{
	inject(ACK, .seq = HOLE(n), .len = 1000);
}

/* RFC 2018 4: what is out of order is reported */
TEST(data_behind_a_gap_is_reported)
{
	established_sack();
	piece(1);
	expect(ACK, .nsack = 1, .sack = { { 1001, 2001 } });
}

/* RFC 2018 4: adjoining pieces are one block */
TEST(adjoining_pieces_are_one_block)
{
	established_sack();
	piece(1);
	expect(ACK, .nsack = 1);
	piece(2);
	expect(ACK, .nsack = 1, .sack = { { 1001, 3001 } });
	piece(4);
	expect(ACK, .nsack = 2, .sack = { { 4001, 5001 }, { 1001, 3001 } });
	piece(3);
	expect(ACK, .nsack = 1, .sack = { { 1001, 5001 } });
}

/* RFC 2018 4: the block of the segment that came last is first */
TEST(the_newest_block_is_first)
{
	established_sack();
	piece(1);
	expect(ACK, .nsack = 1);
	piece(3);
	expect(ACK, .nsack = 2, .sack = { { 3001, 4001 }, { 1001, 2001 } });
	piece(5);
	expect(ACK, .nsack = 3, .sack = { { 5001, 6001 }, { 3001, 4001 }, { 1001, 2001 } });
}

/* RFC 2018 3: four blocks are the most */
TEST(there_are_at_most_four_blocks)
{
	established_sack();
	piece(1);
	expect(ACK, .nsack = 1);
	piece(3);
	expect(ACK, .nsack = 2);
	piece(5);
	expect(ACK, .nsack = 3);
	piece(7);
	expect(ACK, .nsack = 4);
	piece(9);
	expect(ACK, .nsack = 4,
	       .sack = { { 9001, 10001 }, { 7001, 8001 }, { 5001, 6001 }, { 3001, 4001 } });
}

/* RFC 2018 3: three with timestamps */
TEST(with_timestamps_there_are_at_most_three_blocks)
{
	peer_up();
	established_with(.sack_ok = true, .ts = true);
	piece(1);
	expect(ACK, .nsack = 1);
	piece(3);
	expect(ACK, .nsack = 2);
	piece(5);
	expect(ACK, .nsack = 3);
	piece(7);
	expect(ACK, .nsack = 3, .sack = { { 7001, 8001 }, { 5001, 6001 }, { 3001, 4001 } });
}

/* RFC 2018 4: what the ACK number covers is no longer reported */
TEST(a_block_that_was_reached_is_gone)
{
	established_sack();
	piece(1);
	expect(ACK, .nsack = 1);
	piece(3);
	expect(ACK, .nsack = 2);
	piece(0);
	RCV_NXT = 2001;
	expect(ACK, .nsack = 1, .sack = { { 3001, 4001 } });
	piece(2);
	RCV_NXT = 4001;
	expect(ACK, .nsack = 0);
}

/* RFC 2018 2: without agreement there are no blocks */
TEST(without_agreement_there_are_no_blocks)
{
	established();
	piece(1);
	expect(ACK, .nsack = 0);
}

/* RFC 2018 4: over the wrap of sequence numbers, too */
TEST(a_block_over_the_wrap_is_right)
{
	established_sack();
	inject(ACK, .seq = 6, .len = 20);	/* 0xfffffff6 to 0x0a */
	expect(ACK, .nsack = 1, .sack = { { 6, 26 } });
}

/* RFC 2883 4: data that came before is reported as a first block */
TEST(a_duplicate_is_reported)
{
	established_sack();
	say(1000);
	expect(ACK, .nsack = 0);
	piece(0);
	expect(ACK, .nsack = 1, .sack = { { 1, 1001 } });
	say(1000);
	expect(ACK, .nsack = 0);
}

/* RFC 2883 4.1: only the part that came before */
TEST(the_duplicate_part_is_reported)
{
	established_sack();
	say(1000);
	expect(ACK);
	inject(ACK, .seq = 501, .len = 1000);
	RCV_NXT = 1501;
	expect(ACK, .nsack = 1, .sack = { { 501, 1001 } });
}

/* RFC 2883 4.2: a duplicate of what waits is followed by the block it is in */
TEST(a_duplicate_behind_a_gap_is_reported_with_its_block)
{
	established_sack();
	piece(1);
	expect(ACK, .nsack = 1);
	piece(2);
	expect(ACK, .nsack = 1);
	piece(1);
	expect(ACK, .nsack = 2, .sack = { { 1001, 2001 }, { 1001, 3001 } });
}

/* RFC 2883 4.1: a D-SACK is sent once */
TEST(a_duplicate_is_reported_once)
{
	established_sack();
	say(1000);
	expect(ACK);
	piece(0);
	expect(ACK, .nsack = 1);
	piece(2);
	expect(ACK, .nsack = 1, .sack = { { 2001, 3001 } });
}

/* SACK compression: the first three ACKs of a gap are sent at once; later ones wait, TTP's for a
 * twentieth of this round trip, and become few.  The last says all.
 */
TEST(of_many_ACKs_of_a_gap_few_are_sent)
{
	int i, n = 0;

	peer_up();
	knob_of_ttp("comp_sack_delay_ns", 1000000000);
	syn_sent();
	pause_ms(400);
	inject(SYN | ACK, .seq = 0, .mss = 1460, .sack_ok = true);
	RCV_NXT = 1;
	expect(ACK);
	OK(set_int(conn.fd, IPPROTO_TCP, TCP_QUICKACK, 0));
	for (i = 1; i <= 3; i++) {
		piece(i);
		expect(ACK, .nsack = 1);
	}
	for (; i <= 40; i++)
		piece(i);
	do {
		EXPECT(one_came());
		n++;
	} while (last.sack[0].right != HOLE(41));
	EXPECT(n < 30);
	expect_nothing();
}

/* 10 segments of 1000 bytes are out */
static void ten_are_out(void)
{
	int i;

	peer_up();
	established_with(.mss = 1000, .sack_ok = true);
	send_bytes(conn.fd, 10000, 0);
	for (i = 0; i < 10; i++)
		expect(ACK, .len = 1000);
}

#define SACK_OF(from, to)						\
	inject(ACK, .ack = SND_UNA, .nsack = 1,				\
	       .sack = { { HOLE(from), HOLE(to) } })

/* the first is not sent again; the last may be, as a probe */
static void nothing_is_lost(void)
{
	while (next_segment(0))
		EXPECT(last.seq != 1);
}

/* RFC 6675 5: with three segments above it a hole is lost, and sent again */
TEST(three_segments_above_a_gap_make_it_lost)
{
	ten_are_out();
	SACK_OF(1, 2);
	SACK_OF(1, 3);
	SACK_OF(1, 4);
	resent(1);
}

/* RFC 6675 5: one ACK may report all three */
TEST(one_ACK_may_report_all_that_is_needed)
{
	ten_are_out();
	SACK_OF(1, 5);
	resent(1);
}

/* RFC 6675 5: only the hole is sent again */
TEST(what_was_reported_is_not_sent_again)
{
	ten_are_out();
	SACK_OF(1, 10);
	resent(1);
	while (next_segment(0))
		EXPECT(last.seq >= HOLE(9));
	inject(ACK, .ack = SND_NXT);
	quiet(500);
}

/* RFC 6675 5: two holes */
TEST(two_gaps_are_sent_again)
{
	ten_are_out();
	inject(ACK, .ack = 1, .nsack = 2, .sack = { { HOLE(3), HOLE(10) }, { HOLE(1), HOLE(2) } });
	resent(1);
	resent(HOLE(2));
}

/* RFC 6675 5: a block of what was never sent is not believed */
TEST(a_block_of_what_was_not_sent_is_ignored)
{
	ten_are_out();
	inject(ACK, .ack = 1, .nsack = 1, .sack = { { HOLE(20), HOLE(30) } });
	inject(ACK, .ack = 1, .nsack = 1, .sack = { { HOLE(9), HOLE(30) } });
	nothing_is_lost();
}

/* RFC 2018 5: nor an inverted one */
TEST(an_inverted_block_is_ignored)
{
	ten_are_out();
	inject(ACK, .ack = 1, .nsack = 1, .sack = { { HOLE(9), HOLE(1) } });
	inject(ACK, .ack = 1, .nsack = 1, .sack = { { HOLE(3), HOLE(3) } });
	nothing_is_lost();
}

/* RFC 2018 8: SACK is advice: after a timeout the first is sent again */
TEST(after_a_timeout_the_first_is_sent_again)
{
	peer_up();
	established_with(.mss = 1000, .sack_ok = true);
	send_bytes(conn.fd, 2000, 0);
	expect(ACK, .len = 1000);
	expect(ACK, .len = 1000);
	inject(ACK, .ack = 1, .nsack = 1, .sack = { { HOLE(1), HOLE(2) } });
	do		/* a tail loss probe may have come before the SACK */
		EXPECT(one_came());
	while (last.seq == HOLE(1));
	EQ(last.seq, 1);
	EQ(last.len, 1000);
}

/* RFC 6675 5: data that is reported stays until it is acknowledged */
TEST(a_peer_may_forget_what_it_reported)
{
	int i;

	ten_are_out();
	SACK_OF(1, 10);
	resent(1);
	inject(ACK, .ack = HOLE(1));	/* and of the rest it knows nothing */
	for (i = 0; i < 20 && next_segment(3000); i++)
		if (last.seq == HOLE(1))
			return;
	fail("what the peer forgot was not sent again");
}

/* RFC 6675 2: data above the hole goes on while the pipe has room */
TEST(the_window_is_halved_not_closed)
{
	ten_are_out();
	send_bytes(conn.fd, 10000, 10000);
	forget();
	SACK_OF(1, 10);
	resent(1);
	EXPECT(one_came());
	EXPECT(last.seq >= HOLE(10));
}

/* TCP_INFO: a duplicate ACK is disorder, three of them are a loss */
TEST(disorder_is_told)
{
	int i;

	established();
	for (i = 0; i < 5; i++) {
		send_bytes(conn.fd, 1460, 1460 * i);
		expect(ACK, .len = 1460);
	}
	EQ(tcp_info_of(conn.fd).tcpi_ca_state, TCP_CA_Open);
	for (i = 1; i <= 3; i++) {
		inject(ACK, .ack = SND_UNA);
		EQ(tcp_info_of(conn.fd).tcpi_ca_state, i < 3 ? TCP_CA_Disorder : TCP_CA_Recovery);
	}
}
