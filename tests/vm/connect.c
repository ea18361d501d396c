// SPDX-License-Identifier: GPL-2.0
/*
 * A connection is made, carries bytes both ways and ends; runs by each
 * way to open a socket, and with a different one at each end (TTP_TEST_PEER).
 */
#include "wire.h"

TEST(connect_and_accept_give_two_ends_of_one_connection)
{
	struct pair p = connected();
	struct sockaddr_in c = address_of(p.c), s = peer_address_of(p.s);

	EXPECT(!memcmp(&c, &s, sizeof(c)));
	c = peer_address_of(p.c);
	s = address_of(p.s);
	EXPECT(!memcmp(&c, &s, sizeof(c)));
	EQ(c.sin_family, AF_INET);
}

TEST(accept_gives_the_address_of_the_peer)
{
	int l = listener(ip_b, 0, 1), c = sock();
	struct sockaddr_in from;

	OK(connect_to(c, ip_b, port_of(l)));
	OK(accept_from(l, &from));
	EQ(ntohs(from.sin_port), port_of(c));
	EQ(from.sin_addr.s_addr, inet_addr(ip_a));
}

TEST(both_ends_are_established_after_the_handshake)
{
	struct pair p = connected();

	EXPECT(state_is(p.c, "ESTABLISHED"));
	WAIT(state_is(p.s, "ESTABLISHED"), 1000);
	EXPECT(state_is(p.l, "LISTEN"));
	EQ(count_sockets(0, 0, "ESTABLISHED"), 2);
	EQ(count_sockets(port_of(p.l), 0, "LISTEN"), 1);
}

TEST(data_goes_both_ways)
{
	struct pair p = connected();

	send_text(p.c, "question");
	recv_text(p.s, "question");
	send_text(p.s, "answer");
	recv_text(p.c, "answer");
}

/* MUST-12: a close is told from an abort */
TEST(close_gives_the_peer_end_of_file)
{
	struct pair p = connected();

	send_text(p.c, "last words");
	OK(close(p.c));
	recv_text(p.s, "last words");
	recv_eof(p.s);
	recv_eof(p.s);
	OK(close(p.s));
}

TEST(server_may_close_first)
{
	struct pair p = connected();

	send_text(p.s, "bye");
	OK(close(p.s));
	recv_text(p.c, "bye");
	recv_eof(p.c);
}

TEST(client_may_write_before_accept)
{
	int l = listener(ip_b, 0, 1), c = sock();

	OK(connect_to(c, ip_b, port_of(l)));
	send_text(c, "early");
	recv_text(OK(accept(l, NULL, NULL)), "early");
}

TEST(connection_closed_before_accept_is_accepted_with_its_data)
{
	int l = listener(ip_b, 0, 1), c = sock(), s;

	OK(connect_to(c, ip_b, port_of(l)));
	send_text(c, "gone");
	OK(close(c));
	s = OK(accept(l, NULL, NULL));
	recv_text(s, "gone");
	recv_eof(s);
}

static void *sender(void *arg)
{
	int fd = *(int *)arg;

	send_bytes(fd, 1 << 20, 0);
	OK(shutdown(fd, SHUT_WR));
	return NULL;
}

TEST_SECONDS(a_mebibyte_goes_both_ways_at_once_unchanged, 20)
{
	struct pair p = connected();
	pthread_t t = spawn(sender, &p.c);
	pthread_t u;

	u = spawn(sender, &p.s);
	recv_bytes(p.s, 1 << 20, 0);
	recv_eof(p.s);
	recv_bytes(p.c, 1 << 20, 0);
	recv_eof(p.c);
	join(t);
	join(u);
}

static enum verdict nothing_twice(const struct seg *s)
{
	static uint32_t next;

	if (s->from == B || !s->text)
		return PASS;
	if (next && (int32_t)(ntohl(s->th->seq) - next) < 0)
		return DROP;
	next = ntohl(s->th->seq) + s->text;
	return PASS;
}

/* MUST-40: though nothing is written that the ACK could piggyback on */
TEST(data_is_acknowledged_within_half_a_second)
{
	struct pair p;
	int64_t start, took, fastest[2] = { 10000, 10000 };
	int i, unacked = 1;

	/* what came twice would be acknowledged at once */
	wire_up();
	wire_filter(nothing_twice);
	p = connected();
	/* The first ones may be acknowledged at once, and each second one.  On
	 * a slow machine some come late, but not all.
	 */
	for (i = 0; i < 24; i++) {
		start = now_ms();
		send_text(p.c, "x");
		WAIT(!ioctl(p.c, TIOCOUTQ, &unacked) && !unacked, 1000);
		took = now_ms() - start;
		if (i >= 16 && took < fastest[i % 2])
			fastest[i % 2] = took;
	}
	EXPECT(fastest[0] < 500);
	EXPECT(fastest[1] < 500);
}

static atomic_uint isn;

static enum verdict note_isn(const struct seg *s)
{
	if (s->from == A && (seg_flags(s) & (SYN | ACK)) == SYN)
		isn = ntohl(s->th->seq);
	return PASS;
}

/* The ISN of a connection that is made and aborted. */
static uint32_t isn_from(int port, int to)
{
	int fd = sock();

	OK(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	OK(bind_to(fd, ip_a, port));
	OK(connect_to(fd, ip_b, to));
	close_hard(fd);
	return isn;
}

static int listener_for_isns(void)
{
	int l;

	wire_up();
	wire_filter(note_isn);
	wire_host(B);
	l = listener(ip_b, 0, 100);
	wire_host(A);
	return port_of(l);
}

#define TICKS_PER_MS (1000000 / 64)

/* MUST-8: a tick in 4 us at least; with Linux and TTP it is one in 64 ns */
TEST(ISNs_of_one_connection_follow_a_clock)
{
	int to = listener_for_isns();
	int64_t began = now_ms(), slept;
	uint32_t first = isn_from(50000, to), ticks;

	slept = now_ms();
	pause_ms(100);
	slept = now_ms() - slept;
	ticks = isn_from(50000, to) - first;
	EXPECT(ticks >= (slept - 1) * 250);
	EXPECT(ticks <= (now_ms() - began + 1) * TICKS_PER_MS);
}

/* SHLD-1: but who knows one knows nothing of another's */
TEST(ISNs_of_different_connections_are_unrelated)
{
	int to = listener_for_isns(), near = 0, i;
	uint32_t before = isn_from(50000, to), next;

	for (i = 1; i < 16; i++) {
		next = isn_from(50000 + i, to);
		near += next - before < 1000 * TICKS_PER_MS;
		before = next;
	}
	EXPECT(near < 8);	/* one in 275 is by chance */
}

TEST(writes_of_every_size_up_to_3000_arrive_in_order)
{
	struct pair p = connected();
	uint64_t offset = 0;
	int size;

	for (size = 1; size <= 3000; size += 97) {
		send_bytes(p.c, size, offset);
		recv_bytes(p.s, size, offset);
		offset += size;
	}
}

TEST(accept4_flags_are_applied)
{
	int l = listener(ip_b, 0, 1), c = sock(), s;

	OK(connect_to(c, ip_b, port_of(l)));
	s = OK(accept4(l, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
	EXPECT(OK(fcntl(s, F_GETFL)) & O_NONBLOCK);
	EXPECT(OK(fcntl(s, F_GETFD)) & FD_CLOEXEC);
}

static void *connect_late(void *arg)
{
	int *fds = arg, c = sock();

	WAIT(asleep(fds[1]), 2000);
	OK(connect_to(c, ip_b, port_of(fds[0])));
	return NULL;
}

TEST(accept_waits_for_a_connection)
{
	int fds[2] = { listener(ip_b, 0, 1), my_tid() };
	pthread_t t = spawn(connect_late, fds);

	OK(accept(fds[0], NULL, NULL));
	join(t);
}

TEST(five_clients_of_one_listener_do_not_mix)
{
	int l = listener(ip_b, 0, 8), c[5], s, i, j;
	struct sockaddr_in from;

	for (i = 0; i < 5; i++) {
		c[i] = sock();
		OK(connect_to(c[i], ip_b, port_of(l)));
		send_bytes(c[i], 100, i * 1000);
	}
	for (i = 0; i < 5; i++) {
		s = OK(accept_from(l, &from));
		for (j = 0; j < 5 && port_of(c[j]) != ntohs(from.sin_port); j++)
			;
		EXPECT(j < 5);
		recv_bytes(s, 100, j * 1000);
	}
}

TEST(between_two_hosts_data_goes_both_ways)
{
	struct pair p;

	wire_up();
	p = connected();
	send_text(p.c, "question");
	recv_text(p.s, "question");
	send_text(p.s, "answer");
	recv_text(p.c, "answer");
	OK(close(p.c));
	recv_eof(p.s);
	OK(close(p.s));
	WAIT(wire_count(A, FIN) && wire_count(B, FIN), 2000);
}

/* MUST-2: the wire adds up what each segment carries, and must get its checksum */
TEST_SECONDS(between_two_hosts_a_mebibyte_is_unchanged, 20)
{
	struct pair p;
	pthread_t t;

	wire_up();
	p = connected();
	t = spawn(sender, &p.c);
	recv_bytes(p.s, 1 << 20, 0);
	recv_eof(p.s);
	join(t);
	EXPECT(wire_data(A) >= (1 << 20) / 1460);
}

/* A port that connect() chose goes with the connection: bind() may choose another */
TEST(a_socket_whose_connection_is_over_may_be_bound)
{
	struct pair p = connected();
	int fd = sock(), port;

	ERR(connect_to(fd, ip_b, 1), ECONNREFUSED);
	OK(bind_to(fd, ip_b, 0));
	EXPECT(port_of(fd) > 0);
	fd = sock();
	nonblock(fd);
	ERR(connect_to(fd, ip_b, 1), EINPROGRESS);
	WAIT(poll_for(fd, POLLOUT, 0), 2000);
	port = port_of(fd);
	EXPECT(port > 0);
	EQ(so_error(fd), ECONNREFUSED);
	EQ(port_of(fd), port);
	OK(bind_to(fd, ip_b, 0));
	send_text(p.c, "x");
	WAIT(poll_for(p.s, POLLIN, 0), 2000);
	OK(close(p.s));
	WAIT(state_is(p.c, "CLOSED"), 2000);
	OK(bind_to(p.c, ip_b, 0));
}

/* tcp(7): there is no ULP, or none of that name */
TEST(an_upper_layer_protocol_is_not_there)
{
	char name[16] = "";
	socklen_t len = sizeof(name);
	int fd = sock();

	ERR(setsockopt(fd, tcp_level(), TTP_ULP, "nosuch", 6), ENOENT);
	OK(getsockopt(fd, tcp_level(), TTP_ULP, name, &len));
	EQ(len, 0);
}
