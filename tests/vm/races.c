// SPDX-License-Identifier: GPL-2.0
/*
 * Races that other TCPs lost: an end point is freed or used again while a segment, a
 * timer or a system call still has it.  What is asked: no crash, no leak, and nothing
 * hangs; make check-debug asks KASAN and lockdep, too.
 */
#include "threads.h"
#include "wire.h"

#define THREADS	4
#define PORTS	8

/* takes what comes, and closes it when the other end has */
static void *acceptor(void *arg)
{
	struct pollfd p = { .fd = *(int *)arg, .events = POLLIN };
	char c;
	int fd;

	while (!stop) {
		if (poll(&p, 1, 100) < 1)
			continue;
		fd = accept(p.fd, NULL, NULL);
		if (fd < 0)
			continue;
		while (recv(fd, &c, 1, 0) > 0)
			;
		close(fd);
	}
	return NULL;
}

static int server;

/* Connects from one of a few ports, which others use, too, and closes first. */
static void *reuser(void *arg)
{
	int fd, n = (long)arg;

	while (!stop) {
		fd = sock();
		OK(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
		if (!bind_to(fd, ip_a, 30000 + n++ % PORTS) && !connect_to(fd, ip_b, server))
			rounds++;
		OK(shutdown(fd, SHUT_WR) && errno != ENOTCONN ? -1 : 0);
		close(fd);
	}
	return NULL;
}

/* CVE-2024-36904: connect() takes over a TIME_WAIT that another thread looks at */
TEST_SECONDS(many_threads_use_the_ports_of_TIME_WAIT_again, 30)
{
	int l = listener(ip_b, 0, 64), i;
	pthread_t t[THREADS + 2];

	server = port_of(l);
	nonblock(l);
	for (i = 0; i < THREADS; i++)
		t[i] = spawn(reuser, (void *)(long)i);
	t[i++] = spawn(acceptor, &l);
	t[i] = spawn(observer, NULL);
	run_for(3000, 2 * PORTS + 1);
	join_all(t, THREADS + 2);
	if (is_ttp())
		EXPECT(counter("TWRecycled") > 0);
	WAIT(count_sockets(0, server, "ESTABLISHED") == 0, 3000);
}

/* the last ACK of a handshake, now and then */
static enum verdict hold_last_ACK(const struct seg *s)
{
	static unsigned int n;

	return s->from == A && seg_flags(s) == ACK && ++n % 8 ? HOLD : PASS;
}

#define CLIENTS	64

static void *accept_all(void *arg)
{
	int l = *(int *)arg, fd;

	while (!stop) {
		fd = accept(l, NULL, NULL);
		if (fd < 0 && errno != EAGAIN)
			break;
		if (fd >= 0)
			close(fd);
	}
	return NULL;
}

/* The SYN,ACK is due again after a second: then its ACKs come, and the listener goes. */
static void handshakes_end_all_at_once(int ms)
{
	int l, i, c[CLIENTS];
	int64_t start;
	pthread_t t;

	wire_host(B);
	l = listener(ip_b, 0, CLIENTS);
	nonblock(l);
	wire_host(A);
	start = now_ms();
	for (i = 0; i < CLIENTS; i++) {
		c[i] = sock();
		nonblock(c[i]);
		connect_to(c[i], ip_b, port_of(l));
	}
	WAIT(now_ms() - start >= ms, 5000);
	stop = false;
	t = spawn(accept_all, &l);
	wire_release();
	OK(shutdown(l, SHUT_RD));
	stop = true;
	join(t);
	OK(close(l));
	for (i = 0; i < CLIENTS; i++)
		OK(close(c[i]));
	wire_release();
}

/* CVE-2024-50154: the timer of a request that becomes a socket, or ends, meanwhile */
TEST_SECONDS(SYN_ACK_timers_expire_while_ACKs_come_and_the_listener_closes, 40)
{
	int i;

	wire_up();
	wire_filter(hold_last_ACK);
	for (i = 0; i < 6; i++)
		handshakes_end_all_at_once(996 + 2 * i);
	wire_filter(NULL);
	wire_release();
	wire_host(B);
	WAIT((wire_release(), count_sockets(0, 0, "SYN_RCVD") == 0), 8000);
}
