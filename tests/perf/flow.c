// SPDX-License-Identifier: GPL-2.0
/*
 * One bulk flow, for cc.sh:
 *
 *	flow sink tcp|ttp ADDR PORT		takes all that comes, from anyone
 *	flow send tcp|ttp ADDR PORT MS EVERY CC ARQ
 *		sends for so many milliseconds and prints a line each EVERY:
 *		ms, bytes acknowledged, cwnd and ssthresh (segments), srtt and least rtt
 *		(us), segments sent again; CC and ARQ may be "-"
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <linux/ttp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char buf[65536];

static void die(const char *what)
{
	fprintf(stderr, "flow: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void sink(int fd)
{
	int s;

	signal(SIGCHLD, SIG_IGN);
	while ((s = accept(fd, NULL, NULL)) >= 0) {
		if (fork()) {
			close(s);
			continue;
		}
		while (read(s, buf, sizeof(buf)) > 0)
			;
		_exit(0);
	}
	die("accept");
}

static void sample(int fd, long ms)
{
	struct tcp_info i = { 0 };
	socklen_t len = sizeof(i);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &len))
		die("TCP_INFO");
	printf("%ld %llu %u %u %u %u %u\n", ms, (unsigned long long)i.tcpi_bytes_acked,
	       i.tcpi_snd_cwnd, i.tcpi_snd_ssthresh, i.tcpi_rtt, i.tcpi_min_rtt,
	       i.tcpi_total_retrans);
}

static void send_for(int fd, long ms, long every)
{
	long start = now_ms(), at = 0, next = 0;
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (at < ms) {
		if (at >= next) {
			sample(fd, at);
			next += every;
		}
		if (poll(&p, 1, next - at > 0 ? next - at : 0) > 0 &&
		    write(fd, buf, sizeof(buf)) < 0 && errno != EAGAIN)
			die("write");
		at = now_ms() - start;
	}
	sample(fd, at);
	/* what was not sent yet does not go on when nobody measures any more */
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
}

int main(int argc, char **argv)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int ttp, fd, one = 1;

	if (argc < 5)
		return 2;
	ttp = !strcmp(argv[2], "ttp");
	fd = socket(AF_INET, SOCK_STREAM, ttp ? IPPROTO_TTP : 0);
	if (fd < 0)
		die("socket");
	inet_pton(AF_INET, argv[3], &a.sin_addr);
	a.sin_port = htons(atoi(argv[4]));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (!strcmp(argv[1], "sink")) {
		if (bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 64))
			die("listen");
		sink(fd);
	}
	if (argc < 9)
		return 2;
	if (strcmp(argv[7], "-") &&
	    setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, argv[7], strlen(argv[7])))
		die(argv[7]);
	if (strcmp(argv[8], "-") &&
	    setsockopt(fd, SOL_TTP, TTP_ARQ, argv[8], strlen(argv[8])))
		die(argv[8]);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)))
		die("connect");
	send_for(fd, atol(argv[5]), atol(argv[6]));
	return 0;
}
