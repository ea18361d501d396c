// SPDX-License-Identifier: GPL-2.0
/*
 * The workloads of bench.sh, over protocol P, which is tcp, ttp, sctp or dccp:
 *
 *	speed serve P ADDR PORT SIZE [alone]	answers each SIZE bytes with as many; 0: takes
 *						all; alone: one connection after another
 *	speed bulk P ADDR PORT FLOWS MS		Mbit/s of so many flows, after a start of MS
 *	speed rr P ADDR PORT SIZE COUNT		us for a request and its answer
 *	speed crr P ADDR PORT COUNT		us to connect, ask, get the answer and close
 *	speed connects P ADDR PORT MS		connect() in a second, and ms of the slowest
 *	speed ports P ADDR PORT USED COUNT	us of connect() when so many ports are used
 *	speed hold P ADDR PORT COUNT		connections that stay; a line of the input each
 *						time: opens them, closes them, ends
 *
 * ADDR is the server's; hold and ports have both ends, and hold those after it, too.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sctp.h>
#include <linux/tcp.h>
#include <linux/ttp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FLOWS_MAX	64
#define WARM_UP		200	/* requests that are not measured */
#define TO_ONE_ADDRESS	10000	/* connections: an address has not more ports */
#define ANSWERS		65536	/* that listen() may have waiting */

struct protocol {
	const char *name;
	int type;
	int number;
	bool has_info;	/* TCP_INFO */
};

static const struct protocol protocols[] = {
	{ "tcp", SOCK_STREAM, 0, true },
	{ "ttp", SOCK_STREAM, IPPROTO_TTP, true },
	{ "sctp", SOCK_STREAM, IPPROTO_SCTP, false },
	{ "dccp", SOCK_DCCP, IPPROTO_DCCP, false },
	{ NULL }
};

static const struct linger by_reset = { 1, 0 };

static struct sockaddr_in where = { .sin_family = AF_INET };
static const struct protocol *proto = protocols;
static double written;	/* bytes, by bulk() */
static char buf[65536];

static void die(const char *what)
{
	fprintf(stderr, "speed: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void no_delay(int fd)
{
	int on = 1;

	if (proto->has_info)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	else if (proto->number == IPPROTO_SCTP)
		setsockopt(fd, IPPROTO_SCTP, SCTP_NODELAY, &on, sizeof(on));
}

static int open_socket(void)
{
	int fd = socket(AF_INET, proto->type, proto->number);

	if (fd < 0)
		die("socket");
	no_delay(fd);
	return fd;
}

static int open_listener(void)
{
	int fd = open_socket(), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&where, sizeof(where)) || listen(fd, ANSWERS))
		die("listen");
	return fd;
}

static int open_connection(void)
{
	int fd = open_socket();

	if (connect(fd, (struct sockaddr *)&where, sizeof(where)))
		die("connect");
	return fd;
}

static bool transfer(int fd, size_t size, bool out)
{
	for (size_t n = 0; n < size;) {
		ssize_t got = out ? write(fd, buf, size - n) : read(fd, buf, size - n);

		if (got <= 0)
			return false;
		n += got;
	}
	return true;
}

static void serve_one(int fd, size_t size)
{
	no_delay(fd);
	if (!size)
		while (read(fd, buf, sizeof(buf)) > 0)
			;
	while (size && transfer(fd, size, false) && transfer(fd, size, true))
		;
}

/* A process for each connection, but none for those of one request, or that are held. */
static void serve(size_t size, bool alone)
{
	int listener = open_listener(), fd;

	signal(SIGCHLD, SIG_IGN);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		if (alone) {
			serve_one(fd, size);
		} else if (!fork()) {
			close(listener);
			serve_one(fd, size);
			_exit(0);
		}
		close(fd);
	}
	die("accept");
}

/* What is written and not acknowledged is little beside all of it: who cannot say what is
 * acknowledged says what is written.
 */
static double acknowledged(const int *fd, int flows)
{
	double sum = 0;

	if (!proto->has_info)
		return written;
	for (int i = 0; i < flows; i++) {
		struct tcp_info info = { 0 };
		socklen_t len = sizeof(info);

		if (getsockopt(fd[i], IPPROTO_TCP, TCP_INFO, &info, &len))
			die("TCP_INFO");
		sum += info.tcpi_bytes_acked;
	}
	return sum;
}

static void write_some(int fd)
{
	ssize_t n = write(fd, buf, sizeof(buf));

	if (n < 0 && errno != EAGAIN)
		die("write");
	if (n > 0)
		written += n;
}

static void bulk(int flows, double ms)
{
	struct pollfd p[FLOWS_MAX];
	int fd[FLOWS_MAX];
	double start, began = 0, bytes = 0, now;

	for (int i = 0; i < flows; i++) {
		fd[i] = open_connection();
		fcntl(fd[i], F_SETFL, O_NONBLOCK);
		p[i] = (struct pollfd){ fd[i], POLLOUT, 0 };
	}
	start = now_us();
	while ((now = now_us()) < start + 2e3 * ms) {
		if (!began && now >= start + 1e3 * ms) {
			began = now;
			bytes = acknowledged(fd, flows);
		}
		if (poll(p, flows, 10) < 0)
			die("poll");
		for (int i = 0; i < flows; i++)
			if (p[i].revents)
				write_some(fd[i]);
	}
	printf("%.1f\n", (acknowledged(fd, flows) - bytes) * 8 / (now - began));
	for (int i = 0; i < flows; i++)
		setsockopt(fd[i], SOL_SOCKET, SO_LINGER, &by_reset, sizeof(by_reset));
}

static void rr(size_t size, int count)
{
	int fd = open_connection();
	double start = 0;

	for (int i = -WARM_UP; i < count; i++) {
		if (!i)
			start = now_us();
		if (!transfer(fd, size, true) || !transfer(fd, size, false))
			die("request");
	}
	printf("%.2f\n", (now_us() - start) / count);
}

static void crr(int count)
{
	double start = 0;

	for (int i = -WARM_UP; i < count; i++) {
		int fd;

		if (!i)
			start = now_us();
		fd = open_connection();
		if (!transfer(fd, 1, true) || !transfer(fd, 1, false))
			die("request");
		close(fd);
	}
	printf("%.2f\n", (now_us() - start) / count);
}

static void connects(double ms)
{
	double start = now_us(), now = start, slowest = 0;
	int count = 0;

	for (double before; now < start + 1e3 * ms; count++) {
		int fd;

		before = now;
		fd = open_connection();
		now = now_us();
		if (now - before > slowest)
			slowest = now - before;
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &by_reset, sizeof(by_reset));
		close(fd);
	}
	printf("%.1f %.2f\n", count * 1e6 / (now - start), slowest / 1e3);
}

static void many_files(void)
{
	const struct rlimit most = { 1 << 20, 1 << 20 };

	setrlimit(RLIMIT_NOFILE, &most);
}

/* A connection whose both ends are this process's, so that it costs no other. */
struct pair {
	int client;
	int server;
};

static struct pair open_pair(int listener)
{
	struct pair p;

	p.client = open_connection();
	p.server = accept(listener, NULL, NULL);
	if (p.server < 0)
		die("accept");
	return p;
}

/* Each connection that is measured is reset: it leaves no port used. */
static void ports(int used, int count)
{
	int listener = open_listener();
	double sum = 0;

	many_files();
	for (int i = 0; i < used; i++)
		open_pair(listener);
	for (int i = 0; i < count; i++) {
		int fd = open_socket(), server;
		double start = now_us();

		if (connect(fd, (struct sockaddr *)&where, sizeof(where)))
			die("connect");
		sum += now_us() - start;
		server = accept(listener, NULL, NULL);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &by_reset, sizeof(by_reset));
		close(fd);
		close(server);
	}
	printf("%.2f\n", sum / count);
}

static void say_and_wait(const char *what)
{
	puts(what);
	fflush(stdout);
	getchar();
}

/* The client closes first, and the server when it knows: the client's end is in TIME_WAIT, and
 * only that; none is without a user for longer.
 */
static void hold(int count)
{
	const in_addr_t first = ntohl(where.sin_addr.s_addr);
	struct pair *pairs = calloc(count, sizeof(*pairs));
	int listener;

	many_files();
	where.sin_addr.s_addr = INADDR_ANY;
	listener = open_listener();
	say_and_wait("before");
	for (int i = 0; i < count; i++) {
		where.sin_addr.s_addr = htonl(first + i / TO_ONE_ADDRESS);
		pairs[i] = open_pair(listener);
	}
	say_and_wait("held");
	for (int i = 0; i < count; i++) {
		close(pairs[i].client);
		if (read(pairs[i].server, buf, 1))
			die("end of data");
		close(pairs[i].server);
	}
	say_and_wait("closed");
}

static const struct protocol *protocol_of(const char *name)
{
	const struct protocol *p;

	for (p = protocols; p->name; p++)
		if (!strcmp(name, p->name))
			return p;
	fprintf(stderr, "speed: no such protocol: %s\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	const char *what = argv[1];

	if (argc < 6)
		return 2;
	proto = protocol_of(argv[2]);
	inet_pton(AF_INET, argv[3], &where.sin_addr);
	where.sin_port = htons(atoi(argv[4]));
	if (!strcmp(what, "serve"))
		serve(atol(argv[5]), argc > 6);
	else if (!strcmp(what, "bulk") && argc > 6)
		bulk(atoi(argv[5]), atof(argv[6]));
	else if (!strcmp(what, "rr") && argc > 6)
		rr(atol(argv[5]), atoi(argv[6]));
	else if (!strcmp(what, "crr"))
		crr(atoi(argv[5]));
	else if (!strcmp(what, "connects"))
		connects(atof(argv[5]));
	else if (!strcmp(what, "ports") && argc > 6)
		ports(atoi(argv[5]), atoi(argv[6]));
	else if (!strcmp(what, "hold"))
		hold(atoi(argv[5]));
	else
		return 2;
	return 0;
}
