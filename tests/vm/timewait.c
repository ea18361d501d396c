// SPDX-License-Identifier: GPL-2.0
/*
 * TIME_WAIT: who gets it, how long it lasts, what it forbids and answers.
 */
#include <sched.h>
#include "wire.h"

/* The client closes first; its port. */
static int time_wait(struct pair *p)
{
	int port;

	*p = connected();
	port = port_of(p->c);
	OK(close(p->c));
	recv_eof(p->s);
	OK(close(p->s));
	WAIT(count_sockets(port, 0, "TIME_WAIT") == 1, 2000);
	return port;
}

TEST(who_closes_first_gets_TIME_WAIT)
{
	struct pair p;
	int port = time_wait(&p), server = port_of(p.l);

	EQ(count_sockets(port, server, "TIME_WAIT"), 1);
	WAIT(!count_sockets(server, port, NULL), 2000);
}

TEST(server_that_closes_first_gets_TIME_WAIT)
{
	struct pair p = connected();
	int port = port_of(p.c), server = port_of(p.l);

	OK(close(p.s));
	recv_eof(p.c);
	OK(close(p.c));
	WAIT(count_sockets(server, port, "TIME_WAIT") == 1, 2000);
	WAIT(!count_sockets(port, server, NULL), 2000);
}

/* MUST-13 */
TEST_SECONDS(TIME_WAIT_lasts_two_MSL, 10)
{
	int64_t start, took;
	struct pair p;
	int port;

	if (!is_ttp())
		skip("TCP's MSL is fixed");
	knob("msl_ms", 400);
	start = now_ms();
	port = time_wait(&p);
	WAIT(!count_sockets(port, 0, NULL), 4000);
	took = now_ms() - start;
	if (took < 800)
		fail("expected 800 ms, came %d", (int)took);
}

TEST(port_in_TIME_WAIT_cannot_be_bound)
{
	struct pair p;
	int port = time_wait(&p);

	ERR(bind_to(sock(), ip_a, port), EADDRINUSE);
	ERR(bind_to(sock(), "0.0.0.0", port), EADDRINUSE);
}

TEST(port_in_TIME_WAIT_can_be_bound_with_SO_REUSEADDR)
{
	struct pair p;
	int fd = sock(), port, client;

	/* both the old and the new owner must agree: the server's end did */
	p = connected();
	port = port_of(p.l);
	client = port_of(p.c);
	OK(close(p.s));
	recv_eof(p.c);
	OK(close(p.c));
	WAIT(count_sockets(port, client, "TIME_WAIT") == 1, 2000);
	OK(close(p.l));
	ERR(bind_to(fd, ip_b, port), EADDRINUSE);
	OK(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	OK(bind_to(fd, ip_b, port));
	OK(listen(fd, 1));
	OK(connect_to(sock(), ip_b, port));
}

TEST(ephemeral_ports_avoid_TIME_WAIT)
{
	struct pair p;
	int port = time_wait(&p), i, fd;

	OK(listen(p.l, 64));
	for (i = 0; i < 20; i++) {
		fd = sock();
		OK(connect_to(fd, ip_b, port_of(p.l)));
		EXPECT(port_of(fd) != port);
	}
}

static int fin_acks_to_lose;
static atomic_int lost;
static _Atomic int64_t last_fin;	/* when B's was on the wire, ms */

static enum verdict lose_ack_of_fin(const struct seg *s)
{
	static uint32_t after_fin;

	if (s->from == B && seg_flags(s) & FIN) {
		after_fin = ntohl(s->th->seq) + s->text + 1;
		last_fin = now_ms();
	}
	if (s->from == A && after_fin && ntohl(s->th->ack_seq) == after_fin &&
	    lost < fin_acks_to_lose) {
		lost++;
		return DROP;
	}
	return PASS;
}

TEST_SECONDS(TIME_WAIT_acknowledges_a_FIN_that_comes_again, 20)
{
	struct pair p;
	int c, s;

	wire_up();
	p = connected();
	c = port_of(p.c);
	s = port_of(p.s);
	fin_acks_to_lose = 2;
	wire_filter(lose_ack_of_fin);
	OK(close(p.c));
	recv_eof(p.s);
	OK(close(p.s));
	wire_host(B);
	EQ(count_sockets(s, c, "LAST_ACK"), 1);
	WAIT(count_sockets(s, c, NULL) == 0, 15000);
	EQ(lost, 2);
	EXPECT(wire_count(B, FIN) >= 3);
	wire_host(A);
	EQ(count_sockets(c, s, "TIME_WAIT"), 1);
}

TEST_SECONDS(a_FIN_that_comes_again_starts_TIME_WAIT_anew, 20)
{
	struct pair p;
	int c;

	if (!is_ttp())
		skip("TCP's MSL is fixed");
	wire_up();
	knob("msl_ms", 1500);
	p = connected();
	c = port_of(p.c);
	fin_acks_to_lose = 1;
	wire_filter(lose_ack_of_fin);
	OK(close(p.c));
	recv_eof(p.s);
	OK(close(p.s));
	WAIT(wire_count(B, FIN) >= 2, 4000);
	WAIT(!count_sockets(c, 0, NULL), 8000);
	EXPECT(now_ms() - last_fin >= 2900);
}

/* MAY-2 */
TEST(a_SYN_with_a_newer_number_takes_TIME_WAIT_over)
{
	struct pair p;
	int fd, client, server;

	/* the server's end waits; the client comes again from the same port */
	wire_up();
	p = connected();
	client = port_of(p.c);
	server = port_of(p.l);
	OK(close(p.s));
	recv_eof(p.c);
	OK(close(p.c));
	wire_host(B);
	WAIT(count_sockets(server, client, "TIME_WAIT") == 1, 2000);
	wire_host(A);
	WAIT(!count_sockets(client, server, NULL), 2000);
	fd = sock();
	OK(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	OK(bind_to(fd, ip_a, client));
	OK(connect_to(fd, ip_b, server));
	send_text(fd, "again");
	recv_text(OK(accept(p.l, NULL, NULL)), "again");
}

/* A connection from @port of ip_a, which TIME_WAIT may hold; 0: the only one
 * that connect() has to choose from.
 */
static int from_port(int port, int server)
{
	int fd = sock();

	OK(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	if (port)
		OK(bind_to(fd, ip_a, port));
	return connect_to(fd, ip_b, server) ? -1 : fd;
}

#define ONLY 50000

static bool on_wire;

static void wait_at_the_client(struct pair *p)
{
	FILE *f = fopen(is_ttp() ? "/proc/sys/net/ttp/local_port_range" :
			"/proc/sys/net/ipv4/ip_local_port_range", "w");

	if (!f || fprintf(f, "%d %d", ONLY, ONLY) < 0 || fclose(f))
		fail("cannot set the range");
	if (on_wire)
		wire_host(B);
	p->l = listener(ip_b, 40000, 8);
	if (on_wire)
		wire_host(A);
	p->c = OK(from_port(0, 40000));
	p->s = OK(accept(p->l, NULL, NULL));
	OK(close(p->c));
	recv_eof(p->s);
	OK(close(p->s));
	WAIT(count_sockets(ONLY, 40000, "TIME_WAIT") == 1, 2000);
}

static void talk(struct pair *p, int fd)
{
	send_text(fd, "again");
	recv_text(OK(accept(p->l, NULL, NULL)), "again");
	EQ(count_sockets(ONLY, 40000, "TIME_WAIT"), 0);
}

/* SHLD-4 (RFC 6191): timestamps tell the old connection from the new one */
TEST(connect_may_choose_a_port_in_TIME_WAIT_after_a_second)
{
	struct pair p;

	knob("tw_reuse", 1);
	wait_at_the_client(&p);
	usleep(2100000);	/* TCP may count in whole seconds */
	talk(&p, OK(from_port(0, 40000)));
}

TEST(connect_may_choose_a_port_in_TIME_WAIT_on_loopback_only)
{
	struct pair p;

	EQ(knob_get("tw_reuse"), 2);
	wait_at_the_client(&p);
	usleep(2100000);
	talk(&p, OK(from_port(0, 40000)));
	if (!is_ttp())
		return;
	wire_up();
	on_wire = true;
	wait_at_the_client(&p);
	usleep(1100000);
	ERR(from_port(0, 40000), EADDRNOTAVAIL);
}

TEST(connect_does_not_choose_a_port_in_TIME_WAIT_when_forbidden)
{
	struct pair p;

	knob("tw_reuse", 0);
	wait_at_the_client(&p);
	usleep(2100000);
	ERR(from_port(0, 40000), EADDRNOTAVAIL);
}

TEST(connect_takes_over_TIME_WAIT_of_the_port_that_was_asked_for)
{
	struct pair p;

	knob("tw_reuse", 0);
	wait_at_the_client(&p);
	usleep(2000);		/* a tick of the timestamps */
	talk(&p, OK(from_port(ONLY, 40000)));
}

TEST(connect_does_not_take_TIME_WAIT_over_without_timestamps)
{
	struct pair p;

	knob("tw_reuse", 1);
	knob("timestamps", 0);
	wait_at_the_client(&p);
	usleep(2100000);
	ERR(from_port(0, 40000), EADDRNOTAVAIL);
	ERR(from_port(ONLY, 40000), EADDRNOTAVAIL);
}

/* ---- connect() while others want the same port ---- */

#define ROUNDS	60
#define FIRST	50000	/* round i has FIRST + 2 * i, in TIME_WAIT, and the next, which is free */

struct start {
	uint32_t isn;
	int64_t from, to;	/* ns: when it was chosen */
};

static atomic_int wanted;	/* what the other thread binds as soon as it can */

static int64_t real_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void ports(int low, int high)
{
	FILE *f = fopen(is_ttp() ? "/proc/sys/net/ttp/local_port_range" :
			"/proc/sys/net/ipv4/ip_local_port_range", "w");

	if (!f || fprintf(f, "%d %d", low, high) < 0 || fclose(f))
		fail("cannot set the range");
}

static void *binder(void *arg)
{
	int fd = sock(), port;

	while ((port = wanted) >= 0) {
		if (!port || bind_to(fd, ip_a, port))
			continue;
		close(fd);
		fd = sock();
	}
	return NULL;
}

/* The ISN of the SYN that comes next; @raw hears all segments. */
static uint32_t next_isn(int raw)
{
	uint8_t buf[2048];
	struct iphdr *ip = (struct iphdr *)buf;
	struct tcphdr *th;

	do {
		OK(recv(raw, buf, sizeof(buf), 0));
		th = (struct tcphdr *)(buf + ip->ihl * 4);
	} while (!th->syn || th->ack);
	return ntohl(th->seq);
}

/* A connection from a port of the range; it ends by a RST or in TIME_WAIT. */
static int begin(int raw, int l, bool reset, struct start *start)
{
	int c = sock(), s, port;

	start->from = real_ns();
	OK(connect_to(c, ip_b, port_of(l)));
	start->to = real_ns();
	start->isn = next_isn(raw);
	s = OK(accept(l, NULL, NULL));
	port = port_of(c);
	if (reset)
		OK(linger(c, 0));
	OK(close(c));
	if (!reset)
		recv_eof(s);
	OK(close(s));
	return port;
}

/* The clock ticks in 64 ns. */
static bool follows(const struct start *a, const struct start *b)
{
	uint32_t least = (b->from - a->to) / 64 - 1, most = (b->to - a->from) / 64 + 1;

	return b->isn - a->isn - least <= most - least;
}

/* SHLD-1: a SYN never begins where another connection of its host would.  Somebody
 * who binds the port at the wrong moment, a race, made connect() go on to the next one.
 */
TEST_SECONDS(an_ISN_is_of_the_port_that_connect_gets_in_the_end, 30)
{
	struct start before[ROUNDS], ignored, now;
	int raw = OK(socket(AF_INET, SOCK_RAW, ip_protocol()));
	int l = listener(ip_b, 40000, 8), i, met = 0;
	pthread_t t;

	knob("tw_reuse", 1);
	for (i = 0; i < ROUNDS; i++) {
		ports(FIRST + 2 * i + 1, FIRST + 2 * i + 1);
		begin(raw, l, true, &before[i]);
		ports(FIRST + 2 * i, FIRST + 2 * i);
		begin(raw, l, false, &ignored);
	}
	usleep(2100000);	/* TCP may count in whole seconds */
	t = spawn(binder, NULL);
	for (i = 0; i < ROUNDS; i++) {
		ports(FIRST + 2 * i, FIRST + 2 * i + 1);
		wanted = FIRST + 2 * i;
		if (begin(raw, l, true, &now) == FIRST + 2 * i + 1) {
			EXPECT(follows(&before[i], &now));
			met++;
		}
	}
	wanted = -1;
	join(t);
	if (!met)
		skip("bind() was never quicker than connect()");
}

TEST(reset_ends_instead_of_TIME_WAIT)
{
	struct pair p = connected();
	int port = port_of(p.c);

	close_hard(p.c);
	EQ(count_sockets(port, 0, NULL), 0);
	WAIT(!count_sockets(0, port, NULL), 2000);
}
