// SPDX-License-Identifier: GPL-2.0
/*
 * The listener's queue: how many connections wait in it, what happens to the
 * others, and to all of them when the listener goes.
 */
#include "wire.h"

#define CLIENTS 6

/* Connections that a backlog of one lets wait: as TCP, one more than it says. */
#define ROOM 2

/* The ACK that makes it wait may be under way on another CPU. */
static void connect_and_wait(int fd, int l, int place)
{
	OK(connect_to(fd, ip_b, port_of(l)));
	WAIT(waiting(l) == place, 2000);
}

static int crowd(int *fds)
{
	int l = listener(ip_b, 0, 1), i;

	for (i = 0; i < CLIENTS; i++) {
		fds[i] = sock();
		if (i < ROOM)
			connect_and_wait(fds[i], l, i + 1);
		nonblock(fds[i]);
		if (i >= ROOM)
			ERR(connect_to(fds[i], ip_b, port_of(l)), EINPROGRESS);
	}
	return l;
}

TEST(full_backlog_leaves_further_connects_waiting)
{
	int fds[CLIENTS], i;

	crowd(fds);
	STAYS(!poll_for(fds[ROOM], POLLOUT, 0), 300);
	for (i = ROOM; i < CLIENTS; i++)
		EXPECT(state_is(fds[i], "SYN_SENT"));
	EQ(count_sockets(0, 0, "SYN_SENT"), CLIENTS - ROOM);
}

/* One waits at a time: of several, TCP may forget those that it answered. */
TEST_SECONDS(a_waiting_connect_goes_on_when_accept_makes_room, 30)
{
	int fds[CLIENTS], i, s, l = listener(ip_b, 0, 1);

	for (i = 0; i < CLIENTS; i++) {
		fds[i] = sock();
		if (i < ROOM) {
			connect_and_wait(fds[i], l, i + 1);
			continue;
		}
		nonblock(fds[i]);
		ERR(connect_to(fds[i], ip_b, port_of(l)), EINPROGRESS);
		EQ(poll_for(fds[i], POLLOUT, 0), 0);
		s = OK(accept(l, NULL, NULL));
		WAIT(poll_for(fds[i], POLLOUT, 0) == POLLOUT, 4000);
		WAIT(waiting(l) == ROOM, 2000);
		send_bytes(fds[i - ROOM], 100, i * 1000);
		recv_bytes(s, 100, i * 1000);
	}
	EQ(count_sockets(0, 0, "SYN_SENT"), 0);
	WAIT(count_sockets(0, 0, "SYN_RCVD") == 0, 2000);
}

TEST(full_backlog_leaves_nothing_behind)
{
	int fds[CLIENTS], i, l = crowd(fds);

	OK(close(l));
	for (i = 0; i < CLIENTS; i++)
		OK(close(fds[i]));
	WAIT(count_sockets(0, 0, NULL) == 0, 2000);
}

TEST(listen_again_changes_the_backlog)
{
	int l = listener(ip_b, 0, 1), i;

	OK(listen(l, 10));
	for (i = 0; i < CLIENTS; i++)
		OK(connect_to(sock(), ip_b, port_of(l)));
}

TEST(closing_the_listener_resets_connections_not_accepted)
{
	int l = listener(ip_b, 0, 4), c = sock();
	char byte;

	OK(connect_to(c, ip_b, port_of(l)));
	OK(close(l));
	ERR(recv(c, &byte, 1, 0), ECONNRESET);
	WAIT(count_sockets(0, 0, NULL) == 0, 2000);
}

TEST(closing_the_listener_leaves_accepted_connections)
{
	struct pair p = connected();

	OK(close(p.l));
	send_text(p.c, "still here");
	recv_text(p.s, "still here");
}

static enum verdict hold_acks_of_a(const struct seg *s)
{
	return s->from == A && !(seg_flags(s) & SYN) ? HOLD : PASS;
}

TEST_SECONDS(closing_the_listener_ends_handshakes_under_way, 10)
{
	int l, c, port;
	char byte;

	wire_up();
	wire_host(B);
	l = listener(ip_b, 0, 4);
	port = port_of(l);
	wire_host(A);
	wire_filter(hold_acks_of_a);
	c = sock();
	OK(connect_to(c, ip_b, port));
	wire_host(B);
	EQ(count_sockets(port, 0, "SYN_RCVD"), 1);
	OK(close(l));
	/* at once or when the SYN-ACK would be sent again */
	WAIT(count_sockets(0, 0, NULL) == 0, 3000);
	wire_filter(NULL);
	wire_release();
	ERR(recv(c, &byte, 1, 0), ECONNRESET);
}

/* MUST-11: back to LISTEN, and nobody is told */
TEST(reset_ends_a_handshake_under_way)
{
	int l, c, port;

	wire_up();
	wire_host(B);
	l = listener(ip_b, 0, 4);
	port = port_of(l);
	wire_host(A);
	wire_filter(hold_acks_of_a);
	c = sock();
	OK(connect_to(c, ip_b, port));
	wire_host(B);
	EQ(count_sockets(port, 0, "SYN_RCVD"), 1);
	WAIT(wire_held(A), 2000);
	wire_filter(NULL);	/* the ACK stays held, the RST goes */
	close_hard(c);
	WAIT(count_sockets(port, 0, "SYN_RCVD") == 0, 2000);
	nonblock(l);
	ERR(accept(l, NULL, NULL), EAGAIN);
}

TEST(connection_reset_before_accept_does_not_stop_the_next)
{
	int l = listener(ip_b, 0, 4), c = sock(), s, port;

	OK(connect_to(c, ip_b, port_of(l)));
	port = port_of(c);
	close_hard(c);
	WAIT(count_sockets(0, port, "ESTABLISHED") == 0, 2000);
	c = sock();
	OK(connect_to(c, ip_b, port_of(l)));
	send_text(c, "next");
	/* the first may come too, without a peer */
	do {
		s = OK(accept(l, NULL, NULL));
	} while (!state_is(s, "ESTABLISHED"));
	EQ(peer_port_of(s), port_of(c));
	recv_text(s, "next");
}

TEST(listener_counts_waiting_connections_in_its_queue)
{
	int l = listener(ip_b, 0, 4), i;
	struct pollfd p = { .fd = l, .events = POLLIN };

	EQ(poll(&p, 1, 0), 0);
	for (i = 0; i < 3; i++)
		OK(connect_to(sock(), ip_b, port_of(l)));
	for (i = 0; i < 3; i++) {
		WAIT(poll(&p, 1, 0) == 1, 1000);
		OK(accept(l, NULL, NULL));
	}
	EQ(poll(&p, 1, 0), 0);
}

static void exchange(const struct pair *p)
{
	send_bytes(p->c, 50000, 0);
	recv_bytes(p->s, 50000, 0);
	send_bytes(p->s, 50000, 0);
	recv_bytes(p->c, 50000, 0);
}

/* RFC 4987 3.6 */
TEST(a_connection_by_SYN_cookie_is_like_any_other)
{
	struct tcp_info i;
	struct pair p;

	knob("syncookies", 2);
	p = connected();
	exchange(&p);
	i = tcp_info_of(p.s);
	EXPECT(i.tcpi_options & TCPI_OPT_TIMESTAMPS);
	EXPECT(i.tcpi_options & TCPI_OPT_SACK);
	EXPECT(i.tcpi_options & TCPI_OPT_WSCALE);
	if (!is_ttp())
		return;
	EQ(counter("SyncookiesSent"), 1);
	EQ(counter("SyncookiesRecv"), 1);
}

/* what has no timestamp to travel in is left out */
TEST(a_SYN_cookie_without_timestamps_has_no_options)
{
	struct pair p;

	knob("syncookies", 2);
	knob("timestamps", 0);
	p = connected();
	exchange(&p);
	EQ(tcp_info_of(p.s).tcpi_options & (TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE), 0);
}

TEST(no_room_for_requests_is_no_obstacle_with_SYN_cookies)
{
	struct pair p;

	knob("max_syn_backlog", 0);
	p = connected();
	exchange(&p);
	if (is_ttp())
		EQ(counter("SyncookiesRecv"), 1);
}

/* Nothing remembers them but the cookie, until there is room. */
TEST_SECONDS(a_SYN_cookie_waits_for_room_in_the_queue, 20)
{
	int l, c[2], i, port;

	wire_up();
	wire_host(B);
	knob("syncookies", 2);
	l = listener(ip_b, 0, 0);
	port = port_of(l);
	wire_host(A);
	wire_filter(hold_acks_of_a);
	for (i = 0; i < 2; i++) {
		c[i] = sock();
		OK(connect_to(c[i], ip_b, port));
	}
	WAIT(wire_held(A) == 2, 2000);
	wire_filter(NULL);
	wire_release();
	wire_host(B);
	WAIT(poll_for(l, POLLIN, 0), 2000);
	STAYS(count_sockets(port, 0, "SYN_RCVD") == 0, 200);
	EQ(count_sockets(port, 0, "ESTABLISHED"), 1);
	for (i = 0; i < 2; i++)
		send_text(c[i], "x");
	recv_text(OK(accept(l, NULL, NULL)), "x");
	recv_text(OK(accept(l, NULL, NULL)), "x");
}
