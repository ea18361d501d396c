// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks on a connection by segments that are not what they seem, see
 * attacks_listener.c: with a wrong number, timestamp or pointer, in fragments, or about
 * an MTU that cannot be.
 */
#include "../vm/tun.h"
#include "hurl.h"

/* ---- challenge ACKs (CVE-2016-5696) ---- */

/* One connection's challenge ACKs are used up; how many another one gets does not say so */
TEST(challenge_ACKs_of_one_connection_say_nothing_of_another)
{
	struct connection first;
	int i;

	established();
	one_answer_a_minute();
	first = conn;
	accepted_from(PEER_PORT + 1);
	for (i = 0; i < 1000; i++) {
		struct connection second = conn;

		conn = first;
		hurl(RST, .seq = RCV_NXT + 10);
		conn = second;
	}
	EXPECT(drain() <= 2);
	inject(RST, .seq = RCV_NXT + 10, .sport = PEER_PORT + 1);
	expect(ACK);
	inject(RST, .seq = RCV_NXT + 10, .sport = PEER_PORT + 1);
	expect_nothing();
}

/* ---- ACK wars ---- */

/* Each answer of the kernel comes back to it as if the peer were as stubborn: there is
 * an end, because ACKs of nothing are limited
 */
static int mirror(int rounds)
{
	uint32_t ack = SND_NXT + 1000, seq = RCV_NXT + 100000;
	int answers = 0, n;

	for (; rounds--; answers += n) {
		hurl(ACK, .seq = seq, .ack = ack);
		n = drain();
		if (!n)
			break;
	}
	return answers;
}

#define IN_TURN(builder)						\
	TEST(ends_do_not_answer_each_other_for_ever_in_##builder)	\
	{								\
		builder();						\
		one_answer_a_minute();					\
		EXPECT(mirror(100) <= 3);				\
	}
IN_TURN(established)
IN_TURN(fin_wait_2)
IN_TURN(close_wait)
IN_TURN(last_ack)
IN_TURN(closing)

/* ---- PAWS (CVE-2005-0356) ---- */

/* A timestamp from the future on a segment whose ACK is of nothing that was sent is not
 * kept: what the peer sends next passes
 */
TEST(a_future_timestamp_with_a_wrong_ACK_is_not_kept)
{
	established_ts();
	inject(ACK, .ack = SND_NXT + 1000, .len = 10, .tsval = conn.tsval + 100000);
	forget();
	say(10);
	recv_bytes(conn.fd, 10, 0);
}

TEST(a_future_timestamp_out_of_the_window_is_not_kept)
{
	established_ts();
	inject(ACK, .seq = conn.right + 10, .len = 10, .tsval = conn.tsval + 100000);
	inject(ACK, .seq = RCV_NXT - 10, .len = 5, .tsval = conn.tsval + 100000);
	forget();
	say(10);
	recv_bytes(conn.fd, 10, 0);
}

/* ---- ICMP (RFC 5927) ---- */

/* MTUs that cannot be, about data that is in flight: segments stay of a useful size */
TEST(no_MTU_of_an_ICMP_message_makes_segments_tiny)
{
	static const int mtus[] = { 0, 1, 20, 40, 48, 52, 67, 68, 1499, 1501, 65535 };
	int i, k;

	established();
	for (k = 0; k < 11; k++) {
		send_bytes(conn.fd, 1460, SND_UNA - 1);
		for (i = 0; i < 50; i++) {
			inject_icmp(3, 4, mtus[k], SND_UNA);
			while (next_segment(0))
				EXPECT(last.len >= 400 || last.seq + last.len == SND_UNA + 1460);
		}
		SND_NXT = SND_UNA + 1460;
		acknowledge();
		forget();
	}
	must_be_in("ESTABLISHED");
}

/* ---- URGENT/11 (CVE-2019-12255 to 12265) ---- */

/* Pointers of 0, beyond the data, backwards, across gaps, on SYN, FIN and RST: what is
 * read is what was sent
 */
TEST_SECONDS(urgent_pointers_of_any_kind_break_nothing, 20)
{
	static const int urgs[] = { 0, 1, 5, 10, 11, 100, 1460, 32767, 32768, 65535 };
	static const int flags[] = { ACK, ACK, ACK, ACK | PSH, SYN, SYN | ACK, FIN };
	char c;
	int i;

	established();
	OK(set_int(conn.fd, SOL_SOCKET, SO_OOBINLINE, 1));
	say(100);	/* there is something before RCV.NXT */
	recv_bytes(conn.fd, 100, 0);
	for (i = 0; i < 3000; i++) {
		hurl(flags[chance(7)] | URG, .seq = RCV_NXT + chance(40) - 10, .len = chance(30),
		     .urg = urgs[chance(10)]);
		if (!chance(10))
			recv(conn.fd, &c, 1, MSG_OOB | MSG_DONTWAIT);
		if (!chance(10))
			recv(conn.fd, &c, 1, MSG_PEEK | MSG_DONTWAIT);
		if (i % 500 == 0)
			drain();
	}
	drain();
	/* the bytes themselves say where in the stream they belong */
	for (i = 100; recv(conn.fd, &c, 1, MSG_DONTWAIT) == 1; i++)
		verify(&c, 1, i);
	must_be_in("ESTABLISHED");
	hurl(ACK, .seq = RCV_NXT, .len = 1000);
	for (; i < 1100; i++)
		recv_bytes(conn.fd, 1, i);
}

/* ---- fragments: a header in pieces, FragmentSmack (CVE-2018-5391) ---- */

/* IPv6 has a header for it. */
static int fragment_header(uint8_t *piece, const uint8_t *packet, int from, int len, int id, bool more)
{
	struct iphdr *ip = (struct iphdr *)piece;

	memcpy(piece, packet, ip_len());
	if (is_v6()) {
		const uint8_t header[8] = { packet[6], 0, from >> 8, from | more, 0, 0, id >> 8, id };

		memcpy(piece + 40, header, 8);
		piece[4] = (8 + len) >> 8;
		piece[5] = 8 + len;
		piece[6] = IPPROTO_FRAGMENT;
		return 48;
	}
	ip->tot_len = htons(20 + len);
	ip->id = htons(id);
	ip->frag_off = htons(from / 8 | (more ? 0x2000 : 0));
	sum_ip(ip);
	return 20;
}

static void fragment(const uint8_t *packet, int from, int to, int id, bool more)
{
	uint8_t piece[2048];
	int len = fragment_header(piece, packet, from, to - from, id, more);

	memcpy(piece + len, packet + ip_len() + from, to - from);
	len += to - from;
	EQ(write(peer_tun(), piece, len), len);
}

static void in_pieces(const struct segment *s, int size)
{
	static int id = 1;
	uint8_t packet[2048];
	int len = build_segment(packet, s) - ip_len(), from;

	for (from = 0; from < len; from += size)
		fragment(packet, from, from + size < len ? from + size : len, id,
			 from + size < len);
	id++;
}

/* IP puts the pieces into a list: header and options are not in one place */
TEST(a_header_in_eight_byte_fragments_is_read)
{
	if (is_v6())
		NOT_TCP("IPv6 wants TCP's whole header in the first fragment");
	peer_up();
	listening();
	in_pieces(&SEGMENT(SYN, .seq = 0, .mss = 1000, .sack_ok = true, .wscale = 7, .ts = true), 8);
	RCV_NXT = 1;
	SND_NXT = 0;
	expect(SYN | ACK, .seq = 0, .sack_ok = 1, .ts = 1, .wscale = ANY);
	conn.ts = true;
	in_pieces(&SEGMENT(ACK, .len = 100), 8);
	conn.fd = OK(accept(conn.listener, NULL, NULL));
	recv_bytes(conn.fd, 100, 0);
}

/* What is to be passed over is not in the first piece */
TEST(data_that_came_before_is_passed_over_in_fragments)
{
	established();
	say(500);
	expect(ACK);
	in_pieces(&SEGMENT(ACK, .seq = 1, .len = 700), 80);
	RCV_NXT = 701;
	expect(ACK);
	recv_bytes(conn.fd, 700, 0);
	EQ(errno_of_reading(), EAGAIN);
}

/* Impossible options in a header that is in pieces */
TEST(bad_options_in_fragments_break_nothing)
{
	uint8_t options[40];
	int i, k;

	established_with(.sack_ok = true, .ts = true);
	for (i = 0; i < 1000; i++) {
		for (k = 0; k < 40; k++)
			options[k] = chance(3) ? chance(12) : chance(256);
		in_pieces(&SEGMENT(chance(2) ? ACK : SYN, .seq = RCV_NXT - 20, .options = options,
				   .optlen = 4 * chance(11), .doff = chance(4) ? 0 : 4 * chance(16),
				   .len = chance(20)), 8 * (1 + chance(4)));
		if (i % 200 == 0)
			drain();
	}
	drain();
	must_be_in("ESTABLISHED");
}

/* Fragments that overlap, that lack an end, by the thousand: the connection goes on */
TEST_SECONDS(overlapping_fragments_do_no_harm, 20)
{
	uint8_t packet[2048];
	int i, from, len;

	established();
	len = build_segment(packet, &SEGMENT(ACK, .seq = RCV_NXT, .len = 1000)) - ip_len();
	for (i = 0; i < 5000; i++) {
		from = 8 * chance(len / 8 - 1);
		fragment(packet, from, from + 8 * (1 + chance((len - from) / 8)), i / 20 + 100, chance(10));
	}
	drain();
	must_be_in("ESTABLISHED");
	say(10);
	recv_bytes(conn.fd, 10, 0);
}
