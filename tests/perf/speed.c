// SPDX-License-Identifier: GPL-2.0
/*
 * The workloads of bench.sh, over either protocol:
 *
 *	speed serve tcp|ttp ADDR PORT SIZE	answers each SIZE bytes with as many; 0: takes all
 *	speed bulk tcp|ttp ADDR PORT FLOWS MS	Mbit/s of so many flows, after a start of MS
 *	speed rr tcp|ttp ADDR PORT SIZE COUNT	us for a request and its answer
 *	speed crr tcp|ttp ADDR PORT COUNT	us to connect, ask, get the answer and close
 *	speed hold tcp|ttp ADDR PORT COUNT	connections that stay until the input ends
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
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

static struct sockaddr_in where = { .sin_family = AF_INET };
static bool ttp;
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

static int open_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, ttp ? IPPROTO_TTP : 0), on = 1;

	if (fd < 0)
		die("socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
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
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!size)
		while (read(fd, buf, sizeof(buf)) > 0)
			;
	while (size && transfer(fd, size, false) && transfer(fd, size, true))
		;
}

/* A process for each connection, but none for those of one request, or that are held. */
static void serve(size_t size, bool alone)
{
	int listener = open_socket(), fd, on = 1;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (struct sockaddr *)&where, sizeof(where)) || listen(listener, 1024))
		die("listen");
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

static double acknowledged(const int *fd, int flows)
{
	double sum = 0;

	for (int i = 0; i < flows; i++) {
		struct tcp_info info = { 0 };
		socklen_t len = sizeof(info);

		if (getsockopt(fd[i], IPPROTO_TCP, TCP_INFO, &info, &len))
			die("TCP_INFO");
		sum += info.tcpi_bytes_acked;
	}
	return sum;
}

static void bulk(int flows, double ms)
{
	const struct linger reset = { 1, 0 };
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
			if (p[i].revents && write(fd[i], buf, sizeof(buf)) < 0 && errno != EAGAIN)
				die("write");
	}
	printf("%.1f\n", (acknowledged(fd, flows) - bytes) * 8 / (now - began));
	for (int i = 0; i < flows; i++)
		setsockopt(fd[i], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
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

/* The listener is this process's, too: a connection costs no process. */
static void hold(int count)
{
	struct rlimit most = { 1 << 20, 1 << 20 };
	int listener = open_socket(), on = 1;

	setrlimit(RLIMIT_NOFILE, &most);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (struct sockaddr *)&where, sizeof(where)) || listen(listener, 1024))
		die("listen");
	puts("before");
	fflush(stdout);
	getchar();
	for (int i = 0; i < count; i++) {
		open_connection();
		if (accept(listener, NULL, NULL) < 0)
			die("accept");
	}
	puts("held");
	fflush(stdout);
	getchar();
}

int main(int argc, char **argv)
{
	const char *what = argv[1];

	if (argc < 6)
		return 2;
	ttp = !strcmp(argv[2], "ttp");
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
	else if (!strcmp(what, "hold"))
		hold(atoi(argv[5]));
	else
		return 2;
	return 0;
}
