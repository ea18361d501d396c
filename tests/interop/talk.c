// SPDX-License-Identifier: GPL-2.0
/*
 * One end of a connection, which does what it is told, step by step:
 *
 *	talk listen IP PORT STEP...	prints "listening"
 *	talk connect IP PORT STEP...
 *
 * TTP_TEST_PROTO says over which protocol.  What one end sends, the other knows:
 * bytes that can be told apart, counted from the connection's begin.  The
 * steps are the table at the end; the first that goes wrong is a line on
 * standard error and exit status 1.
 */
#include <limits.h>

#include "../vm/sock.h"

#define FAST_MAX	1000	/* bytes that open a connection */

static int fd = -1;
static uint64_t sent, received;
static int sndbuf, rcvbuf, qlen, fast;

static long take_number(const char *text, long most)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < 0 || n > most)
		fail("expected a number up to %ld, came '%s'", most, text);
	return n;
}

static void step_send(const char *arg)
{
	long len = take_number(arg, LONG_MAX);

	send_bytes(fd, len, sent);
	sent += len;
}

static void step_recv(const char *arg)
{
	long len = take_number(arg, LONG_MAX);

	recv_bytes(fd, len, received);
	received += len;
}

static void *sending(void *arg)
{
	step_send(arg);
	return NULL;
}

static void step_both(const char *arg)
{
	pthread_t thread = spawn(sending, (void *)arg);

	step_recv(arg);
	join(thread);
}

static void step_eof(const char *arg)
{
	recv_eof(fd);
}

static void step_shut(const char *arg)
{
	OK(shutdown(fd, SHUT_WR));
}

static void step_sleep(const char *arg)
{
	pause_ms(take_number(arg, INT_MAX));
}

static void step_peek(const char *arg)
{
	char buf[65536];
	long len = take_number(arg, sizeof(buf));

	EQ(recv(fd, buf, len, MSG_PEEK | MSG_WAITALL), len);
}

static void step_close(const char *arg)
{
	OK(close(fd));
	fd = -1;
}

static void step_abort(const char *arg)
{
	OK(linger(fd, 0));
	step_close(arg);
}

/* until the RST; data that came before it may be read or lost */
static void step_reset(const char *arg)
{
	char buf[4096];
	ssize_t n;

	do {
		n = recv(fd, buf, sizeof(buf), 0);
	} while (n > 0);
	if (!n || errno != ECONNRESET)
		fail("expected ECONNRESET, came %s", n ? strerrorname_np(errno) : "end of file");
}

/* until a write fails, because the peer's end is gone */
static void step_broken(const char *arg)
{
	char buf[4096] = "";

	while (send(fd, buf, sizeof(buf), MSG_NOSIGNAL) > 0)
		pause_ms(20);
	if (errno != EPIPE && errno != ECONNRESET)
		fail("expected EPIPE or ECONNRESET, came %s", strerrorname_np(errno));
}

/* the last byte of the data is urgent */
static void step_urgent(const char *arg)
{
	EQ(send(fd, arg, strlen(arg), MSG_OOB | MSG_NOSIGNAL), (long)strlen(arg));
}

static void step_oob(const char *arg)
{
	char c = 0;

	EXPECT(poll_for(fd, POLLPRI, 5000) & POLLPRI);
	EQ(recv(fd, &c, 1, MSG_OOB), 1);
	EQ(c, *arg);
}

static void step_mark(const char *arg)
{
	EQ(sockatmark(fd), take_number(arg, 1));
}

static void step_text(const char *arg)
{
	recv_text(fd, arg);
}

/* every second */
static void step_keepalive(const char *arg)
{
	OK(set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1));
	OK(set_int(fd, tcp_level(), TCP_KEEPIDLE, 1));
	OK(set_int(fd, tcp_level(), TCP_KEEPINTVL, 1));
}

/* what both ends have agreed on: none, or of ts, sack, wscale, ecn, syn_data */
static void step_options(const char *arg)
{
	static const struct { const char *name; int bit; } options[] = {
		{ "ts", TCPI_OPT_TIMESTAMPS }, { "sack", TCPI_OPT_SACK },
		{ "wscale", TCPI_OPT_WSCALE }, { "ecn", TCPI_OPT_ECN },
		{ "syn_data", TCPI_OPT_SYN_DATA },
	};
	struct tcp_info info = tcp_info_of(fd);
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (!(info.tcpi_options & options[i].bit) != !strstr(arg, options[i].name))
			fail("expected the options %s, came %#x", arg, info.tcpi_options);
}

static void step_rcvbuf(const char *arg)
{
	rcvbuf = take_number(arg, INT_MAX);
}

static void step_sndbuf(const char *arg)
{
	sndbuf = take_number(arg, INT_MAX);
}

static void step_qlen(const char *arg)
{
	qlen = take_number(arg, INT_MAX);
}

static void step_fast(const char *arg)
{
	fast = take_number(arg, FAST_MAX);
}

static const struct step {
	const char *name;
	void (*fn)(const char *arg);
} steps[] = {
	{ "send", step_send },		/* =N bytes */
	{ "recv", step_recv },		/* =N bytes, which are the right ones */
	{ "both", step_both },		/* =N bytes each way at the same time */
	{ "peek", step_peek },		/* =BYTES that are here, and stay unread */
	{ "eof", step_eof },		/* the peer has sent its FIN */
	{ "shut", step_shut },		/* send a FIN */
	{ "sleep", step_sleep },	/* =MS */
	{ "close", step_close },
	{ "abort", step_abort },	/* close by RST */
	{ "reset", step_reset },	/* a RST comes */
	{ "broken", step_broken },	/* writing fails */
	{ "urgent", step_urgent },	/* =TEXT whose last byte is urgent */
	{ "oob", step_oob },		/* =C, the urgent byte */
	{ "mark", step_mark },		/* =0 or 1: reading has come to the mark */
	{ "text", step_text },		/* =TEXT comes */
	{ "keepalive", step_keepalive },
	{ "options", step_options },	/* =LIST of ts, sack, wscale, ecn, syn_data; =none */
	{ "rcvbuf", step_rcvbuf },	/* =BYTES, before the connection */
	{ "sndbuf", step_sndbuf },
	{ "qlen", step_qlen },		/* =N, before the connection: TCP Fast Open */
	{ "fast", step_fast },		/* =N bytes open it */
};

static void buffers(int s)
{
	if (rcvbuf)
		OK(set_int(s, SOL_SOCKET, SO_RCVBUF, rcvbuf));
	if (sndbuf)
		OK(set_int(s, SOL_SOCKET, SO_SNDBUF, sndbuf));
}

static void take(const char *what)
{
	size_t len = strcspn(what, "="), i;

	here("", 0, what);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strlen(steps[i].name) == len && !strncmp(what, steps[i].name, len)) {
			steps[i].fn(what[len] ? what + len + 1 : "");
			return;
		}
	}
	fail("no such step");
}

static void serve(const char *ip, int port)
{
	int l = sock();

	OK(set_int(l, SOL_SOCKET, SO_REUSEADDR, 1));
	buffers(l);
	OK(bind_to(l, ip, port));
	OK(listen(l, 4));
	if (qlen)
		OK(set_int(l, tcp_level(), TCP_FASTOPEN, qlen));
	puts("listening");
	fflush(stdout);
	fd = OK(accept(l, NULL, NULL));
	OK(close(l));
}

/* connect() and the first send() in one */
static void open_fast(const char *ip, int port)
{
	struct sockaddr_in a = addr(ip, port);
	socklen_t len;
	union address to = to_kernel(&a, &len);
	char text[FAST_MAX];

	fill(text, fast, 0);
	EQ(sendto(fd, text, fast, MSG_FASTOPEN, &to.any, len), fast);
	sent = fast;
}

/* of the steps before the connection? */
static bool is_early(const char *step)
{
	return !strncmp(step, "rcvbuf", 6) || !strncmp(step, "sndbuf", 6) ||
	       !strncmp(step, "qlen", 4) || !strncmp(step, "fast", 4);
}

int main(int argc, char **argv)
{
	int i = 4, port;

	if (argc < 4 || (strcmp(argv[1], "listen") && strcmp(argv[1], "connect"))) {
		fprintf(stderr, "usage: talk listen|connect IP PORT STEP...\n");
		return 2;
	}
	here("", 0, "PORT");
	port = take_number(argv[3], 65535);
	while (i < argc && is_early(argv[i]))
		take(argv[i++]);
	if (!strcmp(argv[1], "listen")) {
		serve(argv[2], port);
	} else {
		fd = sock();
		buffers(fd);
		if (fast)
			open_fast(argv[2], port);
		else
			OK(connect_to(fd, argv[2], port));
	}
	while (i < argc)
		take(argv[i++]);
	return 0;
}
