// SPDX-License-Identifier: GPL-2.0
/*
 * A connection that cannot be made, or is lost: refused, timed out, no route;
 * and a handshake of which a segment is lost.
 */
#include "wire.h"

static enum verdict swallow(const struct seg *s)
{
	return DROP;
}

TEST(connect_to_no_listener_is_refused)
{
	int fd = sock();

	ERR(connect_to(fd, ip_b, 7), ECONNREFUSED);
	EQ(so_error(fd), 0);
}

TEST(connect_without_blocking_to_no_listener_is_refused)
{
	int fd;

	wire_up();
	fd = sock();
	nonblock(fd);
	ERR(connect_to(fd, ip_b, 7), EINPROGRESS);
	WAIT(poll_for(fd, POLLOUT, 0) & POLLERR, 2000);
	EQ(poll_for(fd, POLLOUT, 0), POLLOUT | POLLERR | POLLHUP);
	EQ(so_error(fd), ECONNREFUSED);
	EQ(so_error(fd), 0);
}

TEST(second_connect_reports_the_refusal)
{
	int fd;

	wire_up();
	fd = sock();
	nonblock(fd);
	ERR(connect_to(fd, ip_b, 7), EINPROGRESS);
	WAIT(poll_for(fd, POLLOUT, 0) & POLLERR, 2000);
	ERR(connect_to(fd, ip_b, 7), ECONNREFUSED);
}

TEST(refused_socket_may_connect_again)
{
	int l = listener(ip_b, 0, 1), fd = sock();

	ERR(connect_to(fd, ip_b, 7), ECONNREFUSED);
	OK(connect_to(fd, ip_b, port_of(l)));
	send_text(fd, "second try");
	recv_text(OK(accept(l, NULL, NULL)), "second try");
}

TEST(refused_port_is_free_again)
{
	int fd = sock();

	ERR(connect_to(fd, ip_b, 7), ECONNREFUSED);
	OK(close(fd));
	EQ(count_sockets(0, 0, NULL), 0);
}

/* MUST-22 */
TEST_SECONDS(connect_to_a_silent_address_gives_ETIMEDOUT, 15)
{
	int fd;

	wire_up();
	wire_filter(swallow);
	knob("syn_retries", 1);
	if (!is_ttp())
		knob_try("syn_linear_timeouts", 0);	/* since 6.5 */
	fd = sock();
	ERR(connect_to(fd, ip_b, 7), ETIMEDOUT);
	EQ(wire_count(A, SYN), 2);
	OK(close(fd));
	EQ(count_sockets(0, 0, NULL), 0);
}

TEST_SECONDS(connect_without_blocking_times_out_too, 15)
{
	int fd;

	wire_up();
	wire_filter(swallow);
	knob("syn_retries", 1);
	fd = sock();
	nonblock(fd);
	ERR(connect_to(fd, ip_b, 7), EINPROGRESS);
	EQ(poll_for(fd, POLLOUT, 0), 0);
	EXPECT(state_is(fd, "SYN_SENT"));
	ERR(connect_to(fd, ip_b, 7), EALREADY);
	WAIT(poll_for(fd, POLLOUT, 0) & POLLERR, 12000);
	EQ(so_error(fd), ETIMEDOUT);
}

TEST(SYN_SENT_may_be_closed)
{
	int fd;

	wire_up();
	wire_filter(swallow);
	fd = sock();
	nonblock(fd);
	ERR(connect_to(fd, ip_b, 7), EINPROGRESS);
	EQ(count_sockets(0, 7, "SYN_SENT"), 1);
	OK(close(fd));
	EQ(count_sockets(0, 7, NULL), 0);
}

TEST(connect_gives_up_after_SO_SNDTIMEO)
{
	int fd;

	wire_up();
	wire_filter(swallow);
	fd = sock();
	OK(set_timeout(fd, SO_SNDTIMEO, 100));
	ERR(connect_to(fd, ip_b, 7), EINPROGRESS);
	ERR(connect_to(fd, ip_b, 7), EALREADY);
}

/* MUST-20: R2 */
TEST_SECONDS(lost_peer_gives_ETIMEDOUT_after_retries2, 30)
{
	struct pair p;
	char c;

	wire_up();
	knob("retries2", 2);
	p = connected();
	WAIT(wire_count(A, ACK) >= 1, 1000);
	wire_filter(swallow);
	send_text(p.c, "is anybody there");
	ERR(recv(p.c, &c, 1, 0), ETIMEDOUT);
	recv_eof(p.c);
	ERR(send(p.c, "x", 1, MSG_NOSIGNAL), EPIPE);
	EXPECT(state_is(p.c, "CLOSED"));
	EXPECT(wire_data(A) >= 2);
}

/* SHLD-11: with RTOs of 200 ms and more, 8 make at least 100 seconds */
TEST(data_is_tried_for_100_seconds_unless_told)
{
	EXPECT(knob_get("retries2") >= 8);
}

static void set_option(int fd, int name, int value)
{
	OK(set_int(fd, tcp_level(), name, value));
}

/* MUST-24, MUST-27 */
TEST_SECONDS(silent_peer_gives_ETIMEDOUT_after_keepalives, 30)
{
	struct pair p;
	char c;

	wire_up();
	p = connected();
	set_option(p.c, TTP_KEEPIDLE, 1);
	set_option(p.c, TTP_KEEPINTVL, 1);
	set_option(p.c, TTP_KEEPCNT, 2);
	OK(set_int(p.c, SOL_SOCKET, SO_KEEPALIVE, 1));
	WAIT(wire_count(A, ACK) >= 2, 3000);	/* a probe, and its answer */
	wire_filter(swallow);
	ERR(recv(p.c, &c, 1, 0), ETIMEDOUT);
	EXPECT(state_is(p.c, "CLOSED"));
}

/* MUST-21 */
TEST_SECONDS(user_timeout_ends_what_is_not_acknowledged, 30)
{
	struct pair p;
	int64_t start;
	char c;

	wire_up();
	p = connected();
	set_option(p.c, TTP_USER_TIMEOUT, 1500);
	WAIT(wire_count(A, ACK) >= 1, 1000);
	wire_filter(swallow);
	start = now_ms();
	send_text(p.c, "is anybody there");
	ERR(recv(p.c, &c, 1, 0), ETIMEDOUT);
	EXPECT(now_ms() - start >= 1400);
}

/* as tcp(7) has it: what waits behind a shut window counts, too */
TEST_SECONDS(user_timeout_counts_behind_a_shut_window, 30)
{
	int64_t start;
	struct pair p;
	char c;

	wire_up();
	p = connected();
	set_option(p.c, TTP_USER_TIMEOUT, 1500);
	start = now_ms();
	fill_window(p.c);
	ERR(recv(p.c, &c, 1, 0), ETIMEDOUT);
	EXPECT(now_ms() - start >= 1400);
}

TEST_SECONDS(orphan_gives_up_after_orphan_retries, 30)
{
	struct pair p;
	int port;

	wire_up();
	knob("orphan_retries", 1);
	p = connected();
	port = port_of(p.c);
	WAIT(wire_count(A, ACK) >= 1, 1000);
	wire_filter(swallow);
	OK(close(p.c));
	EQ(count_sockets(port, 0, "FIN_WAIT_1"), 1);
	WAIT(!count_sockets(port, 0, NULL), 20000);
	EXPECT(wire_count(A, FIN) >= 2);
}

TEST(connect_without_a_route_gives_ENETUNREACH)
{
	int fd = sock();

	ERR(connect_to(fd, "192.0.2.1", 7), ENETUNREACH);
	EXPECT(state_is(fd, "CLOSED"));
	OK(close(fd));
	EQ(count_sockets(0, 0, NULL), 0);
}

/* MUST-46 */
TEST(connect_to_a_multicast_or_broadcast_address_fails)
{
	wire_up();
	ERR(connect_to(sock(), "224.0.0.1", 7), ENETUNREACH);
	if (!is_v6())
		ERR(connect_to(sock(), "10.0.0.255", 7), ENETUNREACH);
}

TEST(connect_to_any_address_is_to_this_host)
{
	int l = listener("0.0.0.0", 0, 1), fd = sock();

	OK(connect_to(fd, "0.0.0.0", port_of(l)));
	OK(accept(l, NULL, NULL));
}

/* each of the handshake's segments is lost once */

static int to_lose;	/* flags */
static atomic_int lost;

static enum verdict lose_one(const struct seg *s)
{
	if ((seg_flags(s) & (SYN | ACK)) != to_lose || s->text || lost)
		return PASS;
	lost = 1;
	return DROP;
}

static void handshake_loses(int flags)
{
	struct pair p;

	wire_up();
	to_lose = flags;
	wire_filter(lose_one);
	p = connected();
	EQ(lost, 1);
	send_text(p.c, "all the same");
	recv_text(p.s, "all the same");
}

TEST_SECONDS(lost_SYN_is_sent_again, 10)
{
	handshake_loses(SYN);
	EQ(wire_count(A, SYN), 2);
}

TEST_SECONDS(lost_SYN_ACK_is_sent_again, 10)
{
	handshake_loses(SYN | ACK);
	EXPECT(wire_count(B, SYN | ACK) >= 2);
}

TEST_SECONDS(lost_ACK_of_the_handshake_is_made_up_for, 10)
{
	handshake_loses(ACK);
}

TEST(lost_ACK_of_the_handshake_is_made_up_for_by_data)
{
	int l, c;

	wire_up();
	to_lose = ACK;
	wire_filter(lose_one);
	wire_host(B);
	l = listener(ip_b, 0, 1);
	wire_host(A);
	c = sock();
	OK(connect_to(c, ip_b, port_of(l)));
	WAIT(lost, 1000);
	send_text(c, "data");
	recv_text(OK(accept(l, NULL, NULL)), "data");
	EXPECT(!time_is_exact() || wire_count(B, SYN | ACK) == 1);
}

static enum verdict only_syn_from_a(const struct seg *s)
{
	return s->from == A && !(seg_flags(s) & SYN) ? DROP : PASS;
}

TEST_SECONDS(handshake_without_ACK_ends_after_synack_retries, 20)
{
	int l, c, port;
	char byte;

	wire_up();
	wire_host(B);
	knob("synack_retries", 1);
	l = listener(ip_b, 0, 1);
	port = port_of(l);
	wire_filter(only_syn_from_a);
	wire_host(A);
	c = sock();
	OK(connect_to(c, ip_b, port));
	wire_host(B);
	WAIT(count_sockets(port, 0, "SYN_RCVD") == 1, 1000);
	WAIT(count_sockets(port, 0, "SYN_RCVD") == 0, 15000);
	EQ(wire_count(B, SYN | ACK), 2);
	/* what the client believed to be a connection is none */
	wire_filter(NULL);
	send_text(c, "hello");
	ERR(recv(c, &byte, 1, 0), ECONNRESET);
	nonblock(l);
	ERR(accept(l, NULL, NULL), EAGAIN);
}

TEST(SYN_is_answered_once_for_each_time_that_it_comes)
{
	int l, c, port;

	wire_up();
	wire_host(B);
	l = listener(ip_b, 0, 1);
	port = port_of(l);
	wire_impair(&(struct impair){ .duplicate = 100 });
	wire_host(A);
	c = sock();
	OK(connect_to(c, ip_b, port));
	send_text(c, "once");
	recv_text(OK(accept(l, NULL, NULL)), "once");
	nonblock(l);
	ERR(accept(l, NULL, NULL), EAGAIN);
	wire_host(B);
	EQ(count_sockets(port, port_of(c), NULL), 1);
}
