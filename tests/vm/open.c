// SPDX-License-Identifier: GPL-2.0
/*
 * Simultaneous open (RFC 9293 3.5, figure 7): the wire holds both SYNs until
 * they have crossed.
 */
#include "wire.h"

static enum verdict hold_syn(const struct seg *s)
{
	return (seg_flags(s) & (SYN | ACK)) == SYN ? HOLD : PASS;
}

static enum verdict hold_all(const struct seg *s)
{
	return HOLD;
}

static int opener(int host, int port)
{
	int fd;

	wire_host(host);
	fd = sock();
	OK(bind_to(fd, host == A ? ip_a : ip_b, port));
	nonblock(fd);
	ERR(connect_to(fd, host == A ? ip_b : ip_a, port ^ 1), EINPROGRESS);
	return fd;
}

static void both_connect(int *a, int *b)
{
	WAIT(poll_for(*a, POLLOUT, 0) == POLLOUT, 3000);
	WAIT(poll_for(*b, POLLOUT, 0) == POLLOUT, 3000);
	EQ(so_error(*a), 0);
	EQ(so_error(*b), 0);
	EXPECT(state_is(*a, "ESTABLISHED"));
	EXPECT(state_is(*b, "ESTABLISHED"));
	OK(fcntl(*a, F_SETFL, 0));
	OK(fcntl(*b, F_SETFL, 0));
	send_text(*a, "from a");
	recv_text(*b, "from a");
	send_text(*b, "from b");
	recv_text(*a, "from b");
	OK(close(*a));
	recv_eof(*b);
}

/* MUST-10 */
TEST_SECONDS(SYNs_that_cross_make_one_connection, 10)
{
	int a, b;

	wire_up();
	wire_filter(hold_syn);
	a = opener(A, 50000);
	b = opener(B, 50001);
	WAIT(wire_held(A) && wire_held(B), 1000);
	wire_release();
	wire_filter(NULL);
	both_connect(&a, &b);
}

TEST_SECONDS(SYNs_that_cross_lead_both_to_SYN_RCVD, 10)
{
	int a, b;

	wire_up();
	wire_filter(hold_all);
	a = opener(A, 50000);
	b = opener(B, 50001);
	WAIT(wire_held(A) && wire_held(B), 1000);
	wire_release();
	WAIT(state_is(a, "SYN_RCVD"), 1000);
	WAIT(state_is(b, "SYN_RCVD"), 1000);
	EQ(poll_for(a, POLLIN | POLLOUT, 0), 0);
	wire_filter(NULL);
	wire_release();
	both_connect(&a, &b);
}

static void listen_beside(int fd)
{
	int l = sock();

	OK(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	OK(set_int(l, SOL_SOCKET, SO_REUSEADDR, 1));
	OK(bind_to(l, ip_a, port_of(fd)));
	OK(listen(l, 1));
	OK(close(l));
}

/* MUST-42 */
TEST_SECONDS(LISTEN_is_possible_beside_SYN_SENT_and_SYN_RCVD, 10)
{
	int a, b;

	wire_up();
	wire_filter(hold_all);
	b = opener(B, 50001);
	a = opener(A, 50000);
	WAIT(wire_held(A) && wire_held(B), 1000);
	EXPECT(state_is(a, "SYN_SENT"));
	listen_beside(a);
	wire_release();
	WAIT(state_is(a, "SYN_RCVD"), 1000);
	listen_beside(a);
	EXPECT(state_is(a, "SYN_RCVD"));
	wire_filter(NULL);
	wire_release();
	both_connect(&a, &b);
}

static void *blocking_open(void *arg)
{
	int fd = *(int *)arg;

	OK(connect_to(fd, ip_b, 50001));
	send_text(fd, "blocked");
	return NULL;
}

TEST_SECONDS(blocking_connect_returns_after_a_simultaneous_open, 10)
{
	pthread_t t;
	int a, b;

	wire_up();
	wire_filter(hold_syn);
	a = sock();
	OK(bind_to(a, ip_a, 50000));
	t = spawn(blocking_open, &a);
	b = opener(B, 50001);
	WAIT(wire_held(A) && wire_held(B), 1000);
	wire_filter(NULL);
	wire_release();
	join(t);
	OK(fcntl(b, F_SETFL, 0));
	recv_text(b, "blocked");
}

TEST_SECONDS(simultaneous_open_survives_the_loss_of_a_SYN, 15)
{
	int a, b;

	wire_up();
	wire_filter(hold_syn);
	a = opener(A, 50000);
	WAIT(wire_held(A), 1000);
	b = opener(B, 50001);
	WAIT(wire_held(A) && wire_held(B), 1000);
	/* only the retransmissions get through */
	wire_filter(NULL);
	both_connect(&a, &b);
}

TEST(SYN_RCVD_of_a_simultaneous_open_may_be_closed)
{
	int a, b;

	wire_up();
	wire_filter(hold_all);
	a = opener(A, 50000);
	b = opener(B, 50001);
	WAIT(wire_held(A) && wire_held(B), 1000);
	wire_release();
	WAIT(state_is(a, "SYN_RCVD"), 1000);
	OK(close(a));
	wire_filter(NULL);
	wire_release();
	OK(fcntl(b, F_SETFL, 0));
	recv_eof(b);
}

TEST(a_socket_may_connect_to_itself)
{
	int fd = sock();

	OK(bind_to(fd, ip_a, 0));
	OK(connect_to(fd, ip_a, port_of(fd)));
	EXPECT(state_is(fd, "ESTABLISHED"));
	send_text(fd, "echo");
	recv_text(fd, "echo");
	OK(shutdown(fd, SHUT_WR));
	recv_eof(fd);
	OK(close(fd));
}
