// SPDX-License-Identifier: GPL-2.0
/*
 * poll(), epoll level and edge triggered, and calls that would block.
 */
#include <sys/epoll.h>
#include "wire.h"

#define ALL (POLLIN | POLLOUT | POLLRDHUP | POLLPRI)

TEST(poll_of_a_new_socket_says_hung_up)
{
	EQ(poll_for(sock(), ALL, 0), POLLOUT | POLLHUP);
}

TEST(poll_of_a_fresh_connection_says_writable)
{
	struct pair p = connected();

	EQ(poll_for(p.c, ALL, 0), POLLOUT);
	EQ(poll_for(p.s, ALL, 0), POLLOUT);
}

TEST(poll_says_readable_when_data_arrives_and_not_after_it_is_read)
{
	struct pair p = connected();

	EQ(poll_for(p.s, POLLIN, 0), 0);
	send_text(p.c, "news");
	WAIT(poll_for(p.s, ALL, 0) == (POLLIN | POLLOUT), 1000);
	recv_text(p.s, "news");
	EQ(poll_for(p.s, POLLIN, 0), 0);
}

TEST(poll_of_a_listener_says_readable_when_one_waits)
{
	int l = listener(ip_b, 0, 4);

	EQ(poll_for(l, ALL, 0), 0);
	OK(connect_to(sock(), ip_b, port_of(l)));
	EQ(poll_till(l, ALL), POLLIN);
	OK(accept(l, NULL, NULL));
	EQ(poll_for(l, ALL, 0), 0);
}

TEST(poll_after_FIN_says_POLLRDHUP)
{
	struct pair p = connected();

	OK(shutdown(p.c, SHUT_WR));
	EQ(poll_till(p.s, POLLRDHUP), POLLRDHUP);
	EQ(poll_for(p.s, ALL, 0), POLLIN | POLLOUT | POLLRDHUP);
	EQ(poll_for(p.c, ALL, 0), POLLOUT);
}

TEST(poll_after_both_FINs_says_POLLHUP)
{
	struct pair p = connected();

	OK(shutdown(p.c, SHUT_WR));
	WAIT(poll_for(p.s, POLLIN, 0), 2000);
	OK(shutdown(p.s, SHUT_WR));
	WAIT(poll_for(p.c, POLLIN, 0) & POLLHUP, 2000);
	EQ(poll_for(p.c, ALL, 0), POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
	EQ(poll_for(p.s, ALL, 0), POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
}

static atomic_bool hold;

static enum verdict hold_acks(const struct seg *s)
{
	return s->from == B && hold ? HOLD : PASS;
}

TEST(poll_during_connect_says_nothing_then_writable)
{
	int l, c;

	wire_up();
	wire_filter(hold_acks);
	wire_host(B);
	l = listener(ip_b, 0, 4);
	wire_host(A);
	c = sock();
	nonblock(c);
	hold = true;
	ERR(connect_to(c, ip_b, port_of(l)), EINPROGRESS);
	WAIT(wire_held(B), 2000);
	EQ(poll_for(c, ALL, 0), 0);
	hold = false;
	wire_release();
	WAIT(poll_for(c, ALL, 0) == POLLOUT, 2000);
	EQ(so_error(c), 0);
	OK(connect_to(c, ip_b, port_of(l)));
	ERR(connect_to(c, ip_b, port_of(l)), EISCONN);
}

TEST(full_window_is_not_writable_until_the_peer_reads)
{
	struct pair p = connected();
	size_t sent = fill_window(p.c);

	EQ(poll_for(p.c, POLLOUT, 0), 0);
	recv_bytes(p.s, sent, 0);
	WAIT(poll_for(p.c, POLLOUT, 0) == POLLOUT, 3000);
	send_text(p.c, "more");
	recv_text(p.s, "more");
}

TEST(calls_that_would_block_give_EAGAIN)
{
	struct pair p = connected();
	char c;

	nonblock(p.c);
	nonblock(p.l);
	ERR(recv(p.c, &c, 1, 0), EAGAIN);
	ERR(accept(p.l, NULL, NULL), EAGAIN);
	fill_window(p.c);
	ERR(send(p.c, &c, 1, 0), EAGAIN);
}

TEST(MSG_DONTWAIT_makes_one_call_not_block)
{
	struct pair p = connected();
	char c;

	ERR(recv(p.c, &c, 1, MSG_DONTWAIT), EAGAIN);
	fill_window(p.c);
	ERR(send(p.c, &c, 1, MSG_DONTWAIT), EAGAIN);
}

TEST(a_large_write_without_blocking_is_taken_in_part)
{
	struct pair p = connected();
	size_t len = 64 << 20;
	char *buf = calloc(1, len);
	ssize_t n;

	n = OK(send(p.c, buf, len, MSG_DONTWAIT));
	EXPECT(n > 0 && n < (ssize_t)len);
}

static int epoll_of(int fd, uint32_t events)
{
	struct epoll_event e = { .events = events };
	int ep = OK(epoll_create1(0));

	OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
	return ep;
}

static uint32_t epoll_for(int ep, int ms)
{
	struct epoll_event e = { 0 };

	OK(epoll_wait(ep, &e, 1, ms));
	return e.events;
}

static uint32_t epoll_till(int ep)
{
	return epoll_for(ep, 2000 * test_slowness());
}

TEST(level_triggered_epoll_repeats_until_all_is_read)
{
	struct pair p = connected();
	int ep = epoll_of(p.s, EPOLLIN);

	EQ(epoll_for(ep, 0), 0);
	send_text(p.c, "ab");
	EQ(epoll_till(ep), EPOLLIN);
	recv_text(p.s, "a");
	EQ(epoll_for(ep, 0), EPOLLIN);
	recv_text(p.s, "b");
	EQ(epoll_for(ep, 0), 0);
}

TEST(edge_triggered_epoll_tells_once_for_each_arrival)
{
	struct pair p = connected();
	int ep = epoll_of(p.s, EPOLLIN | EPOLLET);

	EQ(epoll_for(ep, 0), 0);
	send_text(p.c, "ab");
	EQ(epoll_till(ep), EPOLLIN);
	EQ(epoll_for(ep, 50), 0);
	send_text(p.c, "c");
	EQ(epoll_till(ep), EPOLLIN);
	EQ(epoll_for(ep, 50), 0);
	recv_text(p.s, "abc");
	OK(close(p.c));
	EXPECT(epoll_till(ep) & EPOLLIN);
}

TEST(edge_triggered_epoll_tells_when_room_comes)
{
	struct pair p = connected();
	int ep = epoll_of(p.c, EPOLLOUT | EPOLLET);
	size_t sent;

	EQ(epoll_for(ep, 0), EPOLLOUT);
	EQ(epoll_for(ep, 50), 0);
	sent = fill_window(p.c);
	while (epoll_for(ep, 0))
		;
	recv_bytes(p.s, sent, 0);
	EQ(epoll_till(ep), EPOLLOUT);
}

/* TTP_NOTSENT_LOWAT: room is there when the rest is sent, though no ACK comes. */
TEST(epoll_tells_when_all_is_sent_to_who_has_asked_for_that)
{
	struct pair p;

	wire_up();
	wire_filter(hold_acks);
	p = connected();
	OK(set_int(p.c, tcp_level(), TTP_NOTSENT_LOWAT, 1));
	OK(set_int(p.c, tcp_level(), TTP_NODELAY, 1));
	OK(set_int(p.c, SOL_SOCKET, SO_MAX_PACING_RATE, 200000));
	hold = true;
	send_bytes(p.c, 12000, 0);
	EQ(epoll_till(epoll_of(p.c, EPOLLOUT)), EPOLLOUT);
	hold = false;
	wire_release();
	recv_bytes(p.s, 12000, 0);
}

TEST(epoll_of_a_listener_tells_each_connection)
{
	int l = listener(ip_b, 0, 4), ep = epoll_of(l, EPOLLIN | EPOLLET), i;

	nonblock(l);
	for (i = 0; i < 3; i++) {
		OK(connect_to(sock(), ip_b, port_of(l)));
		EQ(epoll_till(ep), EPOLLIN);
		OK(accept(l, NULL, NULL));
	}
}

TEST(epoll_tells_a_reset_without_being_asked)
{
	struct pair p = connected();
	int ep = epoll_of(p.s, 0);

	close_hard(p.c);
	EQ(epoll_till(ep), EPOLLERR | EPOLLHUP);
}

static void *wait_readable(void *arg)
{
	EQ(poll_till(*(int *)arg, POLLIN), POLLIN);
	return NULL;
}

TEST(arrival_wakes_all_pollers)
{
	struct pair p = connected();
	pthread_t t[4];
	int i;

	for (i = 0; i < 4; i++)
		t[i] = spawn(wait_readable, &p.s);
	send_text(p.c, "wake");
	for (i = 0; i < 4; i++)
		join(t[i]);
}

static atomic_int io_signals;

static void count_io(int sig)
{
	io_signals++;
}

TEST(SIGIO_tells_arrival)
{
	struct pair p = connected();

	signal(SIGIO, count_io);
	OK(fcntl(p.s, F_SETOWN, getpid()));
	OK(fcntl(p.s, F_SETFL, O_ASYNC));
	send_text(p.c, "ring");
	WAIT(io_signals > 0, 2000);
}
