// SPDX-License-Identifier: GPL-2.0
/*
 * TCP Fast Open (RFC 7413) on the wire: what is on the SYN and on the SYN,ACK, and what
 * happens when either is lost, or the peer takes less than it was sent.
 */
#include "peer.h"

enum { CLIENT = 1, SERVER = 2, NO_COOKIE_HERE = 4, NO_COOKIE_THERE = 0x200 };

static uint8_t cookie_option[10] = { 34, 10, 1, 2, 3, 4, 5, 6, 7, 8 };

/* ---- the kernel is the client ---- */

/* sendto() with MSG_FASTOPEN, from a new socket */
static long open_with(int len)
{
	struct sockaddr_in peer = addr(PEER_IP, PEER_PORT);
	socklen_t size;
	union address to = to_kernel(&peer, &size);
	static char text[4000];

	peer_up();
	conn.fd = sock();
	nonblock(conn.fd);
	OK(set_int(conn.fd, SOL_SOCKET, SO_REUSEADDR, 1));
	OK(bind_to(conn.fd, KERNEL_IP, KERNEL_PORT));
	fill(text, len, 0);
	return sendto(conn.fd, text, len, MSG_FASTOPEN, &to.any, size);
}

/* tcpi_fastopen_client_fail, which glibc's struct does not name */
static int client_fail(void)
{
	struct tcp_info info = tcp_info_of(conn.fd);

	return ((uint8_t *)&info)[7] >> 1 & 3;
}

static void next_connection(void)
{
	close_hard(conn.fd);
	forget();
	SND_NXT = 0;
	SND_UNA = 0;
	RCV_NXT = 0;
}

/* The SYN,ACK, with the options of a peer that gives a cookie */
static void answer(uint32_t ack)
{
	static const uint8_t mss[4] = { 2, 4, 1460 >> 8, 1460 & 255 };
	static uint8_t options[16];

	memcpy(options, mss, 4);
	memcpy(options + 4, cookie_option, 10);
	options[14] = 1;
	options[15] = 1;
	inject(SYN | ACK, .seq = 0, .ack = ack, .options = options, .optlen = 16);
	RCV_NXT = 1;
}

/* A client that has a cookie for this peer */
static void has_cookie(void)
{
	knob("fastopen", CLIENT);
	ERR(open_with(100), EINPROGRESS);
	expect(SYN, .seq = 0);
	EQ(last.cookie, 0);
	answer(1);
	expect(ACK);
	next_connection();
}

/* It has sent a hundred bytes on its SYN. */
static void data_on_the_SYN(void)
{
	has_cookie();
	EQ(open_with(100), 100);
	expect(SYN, .seq = 0, .len = 100);
}

TEST(the_first_SYN_asks_for_a_cookie)
{
	knob("fastopen", CLIENT);
	ERR(open_with(100), EINPROGRESS);
	expect(SYN, .seq = 0, .len = 0);
	EQ(last.cookie, 0);
}

TEST(the_next_SYN_has_the_cookie_and_the_data)
{
	data_on_the_SYN();
	EQ(last.cookie, 8);
	EXPECT(!memcmp(last.cookie_val, cookie_option + 2, 8));
	answer(101);
	expect(ACK, .seq = 101);
	expect_nothing();
	EXPECT(tcp_info_of(conn.fd).tcpi_options & TCPI_OPT_SYN_DATA);
	if (is_ttp())
		EQ(counter("FastOpenActive"), 1);
}

/* as much as a segment of the peer's can hold with all options: 1460 - 40 */
TEST(the_SYN_holds_less_than_a_segment)
{
	has_cookie();
	EQ(open_with(3000), 1420);
	expect(SYN, .seq = 0, .len = 1420);
}

TEST(data_that_the_SYN_ACK_leaves_out_is_sent_again_at_once)
{
	data_on_the_SYN();
	answer(1);
	expect(ACK, .seq = 1, .len = 100);
	SND_NXT = 101;
	acknowledge();
	EXPECT(!(tcp_info_of(conn.fd).tcpi_options & TCPI_OPT_SYN_DATA));
	EQ(client_fail(), 2);
	EXPECT(tcp_info_of(conn.fd).tcpi_snd_cwnd >= 10);
	if (is_ttp())
		EQ(counter("FastOpenActiveFail"), 1);
}

/* 4.1.3: middleboxes may drop SYNs with data, or with an option that they do not know */
TEST(a_SYN_that_is_sent_again_is_an_ordinary_one)
{
	data_on_the_SYN();
	expect(SYN, .seq = 0, .len = 0);
	EQ(last.cookie, -1);
	inject(SYN | ACK, .seq = 0, .ack = 1, .mss = 1460);
	RCV_NXT = 1;
	expect(ACK, .seq = 1, .len = 100);
	EQ(client_fail(), 3);
}

TEST(without_cookies_the_first_SYN_has_data)
{
	knob("fastopen", CLIENT | NO_COOKIE_HERE);
	EQ(open_with(100), 100);
	expect(SYN, .seq = 0, .len = 100);
	EQ(last.cookie, -1);
}

TEST(FASTOPEN_NO_COOKIE_is_of_a_socket)
{
	struct sockaddr_in peer = addr(PEER_IP, PEER_PORT);
	socklen_t size;
	union address to = to_kernel(&peer, &size);
	char c;

	peer_up();
	knob("fastopen", CLIENT);
	conn.fd = sock();
	nonblock(conn.fd);
	OK(set_int(conn.fd, tcp_level(), TTP_FASTOPEN_NO_COOKIE, 1));
	OK(bind_to(conn.fd, KERNEL_IP, KERNEL_PORT));
	fill(&c, 1, 0);
	EQ(sendto(conn.fd, &c, 1, MSG_FASTOPEN, &to.any, size), 1);
	EXPECT(next_segment(1000));
	EQ(last.len, 1);
	EQ(last.cookie, -1);
}

/* Linux looks for it after three timeouts in a row, or when the connection is given up. */
TEST_SECONDS(a_black_hole_stops_it_for_a_while, 30)
{
	has_cookie();
	knob("fastopen_blackhole_timeout_sec", 3600);
	EQ(open_with(100), 100);
	expect(SYN, .seq = 0, .len = 100);
	expect(SYN, .seq = 0, .len = 0);
	expect(SYN, .seq = 0, .len = 0, .ms = 6000);
	expect(SYN, .seq = 0, .len = 0, .ms = 12000);
	next_connection();
	ERR(open_with(100), EINPROGRESS);
	expect(SYN, .seq = 0, .len = 0);
	EQ(last.cookie, -1);
	if (is_ttp())
		EQ(counter("FastOpenBlackhole"), 1);
}

/* ---- the kernel is the server ---- */

static void serving(int most)
{
	listening();
	knob("fastopen", SERVER);
	OK(set_int(conn.listener, tcp_level(), TTP_FASTOPEN, most));
}

static void SYN_with_cookie(int len)
{
	inject(SYN, .seq = 0, .options = cookie_option, .optlen = sizeof(cookie_option), .len = len);
	RCV_NXT = 1;
}

/* The peer asks for a cookie, in a handshake that it gives up. */
static void gets_cookie(void)
{
	static const uint8_t ask[] = { 34, 2 };

	inject(SYN, .seq = 0, .options = ask, .optlen = 2);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0);
	EQ(last.cookie, 8);
	memcpy(cookie_option + 2, last.cookie_val, 8);
	inject(RST, .seq = 1);
	RCV_NXT = 0;
	SND_NXT = 0;
	SND_UNA = 0;
}

/* A connection of at most so many has begun by a SYN with a hundred bytes. */
static void begun_early(int most)
{
	serving(most);
	gets_cookie();
	SYN_with_cookie(100);
	RCV_NXT = 101;
	expect(SYN | ACK, .seq = 0, .ack = 101);
}

TEST(who_asks_gets_a_cookie)
{
	serving(5);
	gets_cookie();
}

TEST(who_asks_elsewhere_gets_none)
{
	static const uint8_t ask[] = { 34, 2 };

	listening();
	knob("fastopen", SERVER);
	inject(SYN, .seq = 0, .options = ask, .optlen = 2);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0);
	EQ(last.cookie, -1);
}

TEST(data_with_a_cookie_is_read_and_answered_before_the_handshake_ends)
{
	char buf[200];

	begun_early(5);
	EQ(last.cookie, -1);
	conn.fd = OK(accept(conn.listener, NULL, NULL));
	EXPECT(state_is(conn.fd, "SYN_RCVD") || !is_ttp());
	EXPECT(poll_for(conn.fd, POLLIN | POLLOUT, 0) == (POLLIN | POLLOUT));
	EQ(recv(conn.fd, buf, sizeof(buf), 0), 100);
	send_bytes(conn.fd, 50, 0);
	expect(ACK, .seq = 1, .len = 50);
	SND_NXT = 51;
	inject(ACK);
	EXPECT(state_is(conn.fd, "ESTABLISHED"));
	if (is_ttp())
		EQ(counter("FastOpenPassive"), 1);
}

TEST(a_wrong_cookie_gets_an_ordinary_handshake)
{
	serving(5);
	gets_cookie();
	cookie_option[5] ^= 1;
	SYN_with_cookie(100);
	expect(SYN | ACK, .seq = 0, .ack = 1);
	if (is_ttp())
		EQ(counter("FastOpenPassiveFail"), 1);
	RCV_NXT = 1;
	inject(ACK, .len = 100);
	RCV_NXT = 101;
	expect(ACK);
}

TEST(the_SYN_again_is_answered_again)
{
	begun_early(5);
	SND_NXT = 0;
	inject(SYN, .seq = 0, .mss = 1460);
	expect(SYN | ACK, .seq = 0, .ack = 101);
}

TEST_SECONDS(the_SYN_ACK_is_sent_again, 20)
{
	begun_early(5);
	SND_NXT = 0;
	expect(SYN | ACK, .seq = 0, .ack = 101);
	inject(ACK);
	conn.fd = OK(accept(conn.listener, NULL, NULL));
	EXPECT(state_is(conn.fd, "ESTABLISHED"));
}

TEST(a_RST_ends_it_with_an_error)
{
	char buf[200];

	begun_early(5);
	conn.fd = OK(accept(conn.listener, NULL, NULL));
	inject(RST, .seq = 101);
	EQ(recv(conn.fd, buf, sizeof(buf), 0), 100);
	ERR(recv(conn.fd, buf, sizeof(buf), 0), ECONNRESET);
}

/* from another port, and its answer */
static void another_SYN(void)
{
	inject(SYN, .seq = 0, .sport = PEER_PORT + 1, .options = cookie_option,
	       .optlen = sizeof(cookie_option), .len = 100);
	EXPECT(next_segment(1000));
}

/* 5.1: each may be a SYN with a stolen cookie */
TEST(only_so_many_begin_by_a_SYN_alone)
{
	begun_early(1);
	SND_NXT = 0;
	RCV_NXT = 1;
	another_SYN();
	EQ(last.ack, 1);
	if (is_ttp())
		EQ(counter("FastOpenListenOverflow"), 1);
}

TEST(one_that_was_reset_counts_for_a_minute)
{
	begun_early(1);
	conn.fd = OK(accept(conn.listener, NULL, NULL));
	inject(RST, .seq = 101);
	SND_NXT = 0;
	RCV_NXT = 1;
	SYN_with_cookie(100);
	expect(SYN | ACK, .seq = 0, .ack = 1);
}

TEST(another_may_begin_when_the_handshake_is_over)
{
	begun_early(1);
	inject(ACK);
	another_SYN();
	EQ(last.ack, 101);
}

TEST(a_server_may_believe_every_SYN)
{
	listening();
	knob("fastopen", SERVER | NO_COOKIE_THERE);
	OK(set_int(conn.listener, tcp_level(), TTP_FASTOPEN, 5));
	inject(SYN, .seq = 0, .mss = 1460, .len = 100);
	RCV_NXT = 101;
	expect(SYN | ACK, .seq = 0, .ack = 101);
}

/* whoever changes the key lets the old one count for a while */
TEST(a_cookie_of_the_key_before_is_taken_and_replaced)
{
	char keys[32] = "0123456789abcdefthe other key...";

	serving(5);
	OK(setsockopt(conn.listener, tcp_level(), TTP_FASTOPEN_KEY, keys + 16, 16));
	gets_cookie();
	OK(setsockopt(conn.listener, tcp_level(), TTP_FASTOPEN_KEY, keys, 32));
	SYN_with_cookie(100);
	RCV_NXT = 101;
	expect(SYN | ACK, .seq = 0, .ack = 101);
	EQ(last.cookie, 8);
	EXPECT(memcmp(last.cookie_val, cookie_option + 2, 8));
	if (is_ttp())
		EQ(counter("FastOpenPassiveAltKey"), 1);
}

/* RFC 7413 4.1.1 */
TEST(a_cookie_of_an_impossible_length_is_ignored)
{
	static const uint8_t odd[] = { 34, 5, 1, 2, 3 };

	serving(5);
	inject(SYN, .seq = 0, .options = odd, .optlen = sizeof(odd), .len = 100);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0, .ack = 1);
	EQ(last.cookie, -1);
}
