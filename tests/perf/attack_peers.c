// SPDX-License-Identifier: GPL-2.0
/*
 * What many peers cost, see flood.h: their handshakes, and their connections.
 */
#include <sys/resource.h>
#include "flood.h"

/* ---- SYN ---- */

static void syn_listener(int backlog, int cookies)
{
	peer_up();
	knob("syncookies", cookies);
	knob("max_syn_backlog", backlog);
	flood_begin();
	conn.listener = sock_peer();
	OK(bind_to(conn.listener, "0.0.0.0", KERNEL_PORT));
	OK(listen(conn.listener, backlog));
}

/* each from another address and port */
static void syns(int from, int to)
{
	int i;

	for (i = from; i < to; i++)
		add(SYN, .seq = chance(1 << 30), .mss = 1460, .sack_ok = true, .wscale = 7,
		    .src = source(i), .sport = 1024 + i);
}

static void syn_flood(int cookies, const char *ttp, const char *tcp)
{
	syn_listener(128, cookies);
	syns(0, 300);
	send_added();
	drain();
	syns(300, 300 + FLOOD);
	flood(ttp, tcp, 99);
}

ROW(SYNs_without_cookies_backlog_full)
{
	syn_flood(0, "ListenDrops", "ListenDrops");
}

ROW(SYNs_with_cookies_backlog_full)
{
	syn_flood(1, "SyncookiesSent", "SyncookiesSent");
}

ROW(SYNs_with_cookies_always)
{
	syn_flood(2, "SyncookiesSent", "SyncookiesSent");
}

ROW(SYNs_that_the_backlog_of_4096_takes)
{
	syn_listener(4096, 0);
	syns(0, 3000);	/* TCP leaves the last quarter to proven addresses */
	flood("OutSegs", "OutSegs", 99);
}

ROW(the_same_SYN_again)
{
	int i;

	syn_listener(128, 0);
	for (i = 0; i < FLOOD; i++)
		add(SYN, .seq = 0, .mss = 1460);
	flood("InSegs", "InSegs", 99);
}

ROW(ACKs_with_wrong_cookies)
{
	int i;

	syn_listener(128, 1);
	syns(0, 300);
	send_added();
	drain();
	for (i = 0; i < FLOOD; i++)
		add(ACK, .seq = chance(1 << 30), .ack = chance(1 << 30), .sport = 20000 + i);
	flood("SyncookiesFailed", "SyncookiesFailed", 99);
}

ROW(ACKs_that_a_request_does_not_want)
{
	syn_rcvd();
	flood_begin();
	repeat(ACK, RCV_NXT, SND_NXT + 1000, 0);
	flood("OutRsts", "OutRsts", 99);
}

/* ---- many connections ---- */

struct many {
	uint32_t irs;
	int sport;
	const char *src;
};

static int connect_one(struct many *m, int i, int wnd)
{
	static const char *const ips[] = { "10.0.0.2", "10.0.0.3" };

	m->sport = 5000 + i / 2;
	m->src = ips[i % 2];
	hurl(SYN, .seq = 0, .mss = 1460, .wnd = wnd, .src = m->src, .sport = m->sport);
	m->irs = irs_of_next();
	conn.irs = m->irs;
	hurl(ACK, .seq = 1, .ack = 1, .wnd = wnd, .src = m->src, .sport = m->sport);
	return OK(accept(conn.listener, NULL, NULL));
}

static void many_listener(void)
{
	struct rlimit r = { 150000, 150000 };

	peer_up();
	OK(setrlimit(RLIMIT_NOFILE, &r));
	syn_listener(128, 0);
}

static int table_size(void)
{
	const char *n = getenv("ATTACK_CONNECTIONS");

	return n ? atoi(n) : 100000;
}

static void ack_of_any(struct many *m, int n)
{
	int i, k;

	for (i = 0; i < FLOOD; i++) {
		k = chance(n);
		conn.irs = m[k].irs;
		add(ACK, .seq = 1, .ack = 1, .wnd = 30000, .src = m[k].src, .sport = m[k].sport);
	}
}

ROW(one_of_many_connections)
{
	int i, n = table_size();
	struct many *m = calloc(n, sizeof(*m));

	memset(m, 1, n * sizeof(*m));
	many_listener();
	for (i = 0; i < n; i++)
		connect_one(&m[i], i, 30000);
	ack_of_any(m, n);
	flood("InSegs", "InSegs", 99);
}

/* Sockstress: peers that take no byte, but answer each probe. */
#define PEERS	2000

static void peers_without_window(struct many *m)
{
	char text[1000] = "";
	int i, fd;

	many_listener();
	for (i = 0; i < PEERS; i++) {
		fd = connect_one(&m[i], i, 0);
		nonblock(fd);
		EQ(send(fd, text, sizeof(text), MSG_NOSIGNAL), sizeof(text));
	}
	drain();
}

ROW(zero_window_probes)
{
	static struct many m[PEERS];

	idle(300);
	peers_without_window(m);
	idle(300);
}

ROW(zero_window_again)
{
	static struct many m[PEERS];
	int i;

	peers_without_window(m);
	for (i = 0; i < FLOOD; i++) {
		conn.irs = m[i % PEERS].irs;
		add(ACK, .seq = 1, .ack = 1, .wnd = 0, .src = m[i % PEERS].src,
		    .sport = m[i % PEERS].sport);
	}
	flood("InSegs", "InSegs", 99);
}
