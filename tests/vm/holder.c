// SPDX-License-Identifier: GPL-2.0
/*
 * Makes sockets in each kind of state in the network namespace that it runs
 * in and keeps them until it is killed: so that namespaces and the module can
 * be taken away under them.
 *
 *	holder [STRANGER]	STRANGER: an address that nobody answers at
 *	holder many N		N connections instead, which are all idle
 *
 * Prints "ready" and the number of sockets that /proc lists.
 */
#include <sys/resource.h>

#include "sock.h"
#include "tun.h"

static struct pair pair(void)
{
	struct pair p = { .l = listener(ip_b, 0, 8), .c = sock() };

	OK(connect_to(p.c, ip_b, port_of(p.l)));
	p.s = OK(accept(p.l, NULL, NULL));
	return p;
}

static void hold_connections(void)
{
	struct pair p;
	int i;

	p = pair();			/* ESTABLISHED, idle */
	p = pair();			/* ESTABLISHED, window full */
	fill_window(p.c);
	p = pair();			/* FIN_WAIT_2 and CLOSE_WAIT */
	OK(shutdown(p.c, SHUT_WR));
	p = pair();			/* orphans: FIN_WAIT_1 with data to send */
	fill_window(p.c);
	OK(close(p.c));
	p = pair();			/* orphan in FIN_WAIT_2 */
	OK(close(p.c));
	for (i = 0; i < 20; i++) {	/* TIME_WAIT */
		p = pair();
		OK(close(p.c));
		recv_eof(p.s);
		OK(close(p.s));
		OK(close(p.l));
	}
	p = pair();			/* reset, not yet closed */
	close_hard(p.c);
}

static void hold_accept_queue(void)
{
	int l = listener(ip_b, 0, 8), i;

	for (i = 0; i < 4; i++) {
		int fd = sock();

		OK(connect_to(fd, ip_b, port_of(l)));
		send_text(fd, "nobody accepts this");
	}
}

/* A SYN from the stranger, who will not answer the SYN-ACK: SYN_RCVD. */
static void hold_handshakes(const char *stranger)
{
	int l = listener("0.0.0.0", 0, 32), i;
	int raw = OK(socket(AF_INET, SOCK_RAW, IPPROTO_RAW));
	struct sockaddr_in to = addr(ip_b, 0);
	struct handmade p = {
		.th = { .dest = htons(port_of(l)), .doff = 5, .syn = 1, .window = htons(1000) },
	};
	int len;

	for (i = 0; i < 10; i++) {
		p.th.source = htons(2000 + i);
		len = finish(&p, stranger, ip_b, 0);
		OK(sendto(raw, &p, len, 0, (struct sockaddr *)&to, sizeof(to)));
	}
}

static void hold_syn_sent(const char *stranger)
{
	int i, fd;

	for (i = 0; i < 4; i++) {
		fd = sock();
		nonblock(fd);
		ERR(connect_to(fd, stranger, 7), EINPROGRESS);
	}
}

/* @n connections: some have data that nobody has read, some are half-closed.  Nothing is on its
 * way, and no timer runs, when they are all ready.
 */
static void hold_many(int n)
{
	struct rlimit limit = { 3 * n + 100, 3 * n + 100 };
	struct pair p = { .l = listener(ip_b, 0, 8) };
	int i;

	OK(setrlimit(RLIMIT_NOFILE, &limit));
	for (i = 0; i < n; i++) {
		if (i % 1000 == 999)
			p.l = listener(ip_b, 0, 8);
		p.c = sock();
		OK(connect_to(p.c, ip_b, port_of(p.l)));
		p.s = OK(accept(p.l, NULL, NULL));
		if (i % 3 == 1)
			send_bytes(p.c, 1 + i % 5000, 0);
		if (i % 5 == 2)
			OK(shutdown(p.s, SHUT_WR));
	}
}

/* A listing of a table that grows meanwhile may leave some out. */
static bool settled(void)
{
	int n = count_sockets(0, 0, NULL);

	pause_ms(50);
	return count_sockets(0, 0, NULL) == n;
}

int main(int argc, char **argv)
{
	int fd;

	signal(SIGPIPE, SIG_IGN);
	if (argc > 2 && !strcmp(argv[1], "many")) {
		hold_many(atoi(argv[2]));
		WAIT(settled(), 5000);
		printf("ready %d\n", count_sockets(0, 0, NULL));
		fflush(stdout);
		pause();
	}
	sock();				/* CLOSED */
	fd = sock();			/* CLOSED, bound */
	OK(bind_to(fd, ip_a, 0));
	hold_connections();
	hold_accept_queue();
	if (argc > 1) {
		ip_b = argc > 2 ? argv[2] : ip_b;
		hold_handshakes(argv[1]);
		hold_syn_sent(argv[1]);
	}
	WAIT(settled(), 5000);
	printf("ready %d LISTEN %d SYN_SENT %d SYN_RCVD %d ESTABLISHED %d FIN_WAIT_1 %d FIN_WAIT_2 %d CLOSE_WAIT %d TIME_WAIT %d\n",
	       count_sockets(0, 0, NULL), count_sockets(0, 0, "LISTEN"),
	       count_sockets(0, 0, "SYN_SENT"), count_sockets(0, 0, "SYN_RCVD"),
	       count_sockets(0, 0, "ESTABLISHED"),
	       count_sockets(0, 0, "FIN_WAIT_1"),
	       count_sockets(0, 0, "FIN_WAIT_2"),
	       count_sockets(0, 0, "CLOSE_WAIT"),
	       count_sockets(0, 0, "TIME_WAIT"));
	fflush(stdout);
	pause();
	return 0;
}
