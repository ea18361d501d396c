// SPDX-License-Identifier: GPL-2.0
/*
 * What a hostile packet costs, for attack.sh: a row for each attack, see flood.h.
 */
#include <linux/sockios.h>
#include <netinet/ip_icmp.h>
#include <sys/resource.h>
#include "flood.h"

/* ---- one-byte islands: data out of order with a gap before each byte ---- */

static void islands(int from, int to, int step)
{
	int i;

	for (i = from; i != to; i += step)
		add(ACK, .seq = RCV_NXT + 1 + 2 * i, .len = 1);
}

static void island_connection(void)
{
	peer_up();
	flood_begin();
	established_with(.sack_ok = true, .wscale = 7);
	forget();
}

/* until the receive buffer is full: 6 MiB, and each weighs 768 bytes */
#define FULL	8300

ROW(islands_while_there_is_room)
{
	island_connection();
	islands(0, 4000, 1);
	flood("OFOQueue", "TCPOFOQueue", 99);
}

ROW(islands_when_full)
{
	island_connection();
	islands(0, FULL, 1);
	send_added();
	islands(FULL, FULL + FLOOD, 1);
	flood("PruneCalled", "PruneCalled", 0);
}

ROW(islands_again_when_full)
{
	int i;

	island_connection();
	islands(0, FULL, 1);
	send_added();
	for (i = 0; i < FLOOD; i++)
		islands(i % 4000, i % 4000 + 1, 1);
	flood("PruneCalled", "InSegs", 0);
}

ROW(islands_at_random_when_full)
{
	int i, n;

	island_connection();
	islands(0, FULL, 1);
	send_added();
	for (i = 0; i < FLOOD; i++) {
		n = chance(30000);
		islands(n, n + 1, 1);
	}
	flood("InSegs", "InSegs", 99);
}

ROW(islands_from_the_right_when_full)
{
	island_connection();
	islands(30000, 30000 - FULL, -1);
	send_added();
	islands(30000 - FULL, 30000 - FULL - FLOOD, -1);
	flood("PruneCalled", "PruneCalled", 0);
}

ROW(one_byte_in_order_that_nobody_reads)
{
	int i;

	island_connection();
	for (i = 0; i < FLOOD; i++)
		add(ACK, .seq = RCV_NXT + i, .len = 1);
	flood("InSegs", "InSegs", 99);
}

/* ---- what the program writes ---- */

static void write_all(int len)
{
	static char buf[65536];
	ssize_t n;

	while (len > 0) {
		n = OK(send(conn.fd, buf, len < 65536 ? len : 65536, MSG_NOSIGNAL));
		len -= n;
	}
}

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

/* ---- ACK ---- */

ROW(ACKs_to_a_closed_port)
{
	peer_up();
	flood_begin();
	closed();
	repeat(ACK, 1000, 1000, 0);
	flood("OutRsts", "OutRsts", 99);
}

ROW(ACKs_to_a_listener)
{
	peer_up();
	flood_begin();
	listening();
	repeat(ACK, 1000, 1000, 0);
	flood("OutRsts", "OutRsts", 99);
}

static void idle_connection(void)
{
	peer_up();
	flood_begin();
	established_with(.sack_ok = true, .wscale = 7);
}

ROW(ACKs_that_say_nothing_new)
{
	idle_connection();
	repeat(ACK, RCV_NXT, SND_NXT, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(ACKs_of_what_was_not_sent)
{
	idle_connection();
	repeat(ACK, RCV_NXT, SND_NXT + 1, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(ACKs_that_are_too_old)
{
	idle_connection();
	repeat(ACK, RCV_NXT, SND_NXT - 1000000, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(SYNs_in_the_window)
{
	idle_connection();
	repeat(SYN, RCV_NXT + 10, 0, 0);
	flood("SYNChallenge", "TCPSYNChallenge", 99);
}

/* ---- RST ---- */

ROW(RSTs_to_a_closed_port)
{
	peer_up();
	flood_begin();
	closed();
	repeat(RST, 1000, 0, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(RSTs_to_a_listener)
{
	peer_up();
	flood_begin();
	listening();
	repeat(RST, 1000, 0, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(RSTs_in_the_window)
{
	idle_connection();
	repeat(RST, RCV_NXT + 10, 0, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(RSTs_out_of_the_window)
{
	idle_connection();
	repeat(RST, RCV_NXT - 10, 0, 0);
	flood("InSegs", "InSegs", 99);
}

/* ---- out of the window ---- */

ROW(empty_segments_beyond_the_window)
{
	idle_connection();
	repeat(ACK, conn.right + 1000, SND_NXT, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(data_beyond_the_window)
{
	idle_connection();
	repeat(ACK, conn.right + 1000, SND_NXT, 1);
	flood("OutSegs", "OutSegs", 99);
}

ROW(data_that_came_before)
{
	idle_connection();
	say(1000);
	forget();
	repeat(ACK, RCV_NXT - 10, SND_NXT, 1);
	flood("OutSegs", "OutSegs", 99);
}

ROW(data_with_an_old_timestamp)
{
	int i;

	peer_up();
	flood_begin();
	established_ts();
	for (i = 0; i < FLOOD; i++)
		add(ACK, .len = 1, .tsval = conn.tsval - 1000);
	flood("PAWSEstab", "PAWSEstab", 99);
}

/* ---- TIME_WAIT ---- */

static void time_wait_connection(void)
{
	peer_up();
	flood_begin();
	time_wait();
	close(conn.fd);
}

ROW(ACKs_to_TIME_WAIT)
{
	time_wait_connection();
	repeat(ACK, RCV_NXT, SND_NXT, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(ACKs_out_of_window_to_TIME_WAIT)
{
	time_wait_connection();
	repeat(ACK, RCV_NXT - 1000, SND_NXT, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(data_to_TIME_WAIT)
{
	time_wait_connection();
	repeat(ACK, RCV_NXT - 10, SND_NXT, 1);
	flood("InSegs", "InSegs", 99);
}

ROW(FINs_to_TIME_WAIT)
{
	time_wait_connection();
	repeat(FIN | ACK, RCV_NXT - 1, SND_NXT, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(old_SYNs_to_TIME_WAIT)
{
	time_wait_connection();
	repeat(SYN, RCV_NXT - 1000, 0, 0);
	flood("InSegs", "InSegs", 99);
}

/* ---- urgent ---- */

ROW(urgent_pointers_that_move_on)
{
	int i;

	idle_connection();
	for (i = 0; i < FLOOD; i++)
		add(ACK | URG, .urg = i + 1);
	flood("InSegs", "InSegs", 99);
}

ROW(urgent_data_in_order)
{
	int i;

	idle_connection();
	for (i = 0; i < FLOOD; i++)
		add(ACK | URG, .seq = RCV_NXT + i, .len = 1, .urg = 1);
	flood("InSegs", "InSegs", 99);
}

ROW(urgent_data_out_of_order)
{
	int i;

	idle_connection();
	for (i = 0; i < 4000; i++)
		add(ACK | URG, .seq = RCV_NXT + 1 + 2 * i, .len = 1, .urg = 60000 - i);
	flood("OFOQueue", "TCPOFOQueue", 99);
}

/* ---- ICMP ---- */

static void data_in_flight(void)
{
	idle_connection();
	write_all(10000);
	SND_NXT = SND_UNA + 10000;
	drain();
}

static void icmp_flood(int code, uint32_t seq, const char *counter)
{
	int i;

	for (i = 0; i < FLOOD; i++)
		add_icmp(ICMP_DEST_UNREACH, code, 1000, seq);
	flood(counter, counter, 99);
}

ROW(ICMP_unreachable_about_data_in_flight)
{
	data_in_flight();
	icmp_flood(ICMP_HOST_UNREACH, SND_UNA, "InDestUnreachs");
}

ROW(ICMP_unreachable_about_another_number)
{
	data_in_flight();
	icmp_flood(ICMP_HOST_UNREACH, SND_UNA + 1000000, "OutOfWindowIcmps");
}

ROW(ICMP_unreachable_about_no_connection)
{
	peer_up();
	flood_begin();
	closed();
	icmp_flood(ICMP_HOST_UNREACH, 1000, "InDestUnreachs");
}

ROW(ICMP_unreachable_about_TIME_WAIT)
{
	time_wait_connection();
	icmp_flood(ICMP_HOST_UNREACH, SND_UNA, "InDestUnreachs");
}

ROW(ICMP_too_big_the_same_again)
{
	data_in_flight();
	icmp_flood(ICMP_FRAG_NEEDED, SND_UNA, "InDestUnreachs");
}

ROW(ICMP_too_big_with_random_MTUs)
{
	int i;

	data_in_flight();
	for (i = 0; i < FLOOD; i++)
		add_icmp(ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 68 + chance(1432), SND_UNA);
	flood("InDestUnreachs", "InDestUnreachs", 99);
}

ROW(ICMP_too_big_about_another_number)
{
	data_in_flight();
	icmp_flood(ICMP_FRAG_NEEDED, SND_UNA + 1000000, "OutOfWindowIcmps");
}

/* ---- SACK: a sender with 2,873 segments of 1,460 bytes in flight, or 5,461 of 48 ---- */

static int flight;

/* The congestion window grows until all is in flight at once. */
static void big_flight(int mss, bool sack)
{
	int size = 128 << 20, on = 1, rounds = 0;

	flight = mss < 100 ? 256 << 10 : 1 << 20;
	peer_up();
	flood_begin();
	conn.wnd = 65535;
	established_with(.sack_ok = sack, .wscale = 14, .mss = mss);
	OK(setsockopt(conn.fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)));
	/* or the last segment, if it is short, waits for the ACKs */
	OK(setsockopt(conn.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
	for (;;) {
		write_all(flight);
		if (!queued(SIOCOUTQNSD))
			break;
		/* round trips that become long slowly: no probe of a tail that only waits
		 * for its ACK
		 */
		while (queued(SIOCOUTQ)) {
			pause_ms(rounds < 100 ? ++rounds : 100);
			acknowledge_flight();
		}
	}
	drain();
	/* what was acknowledged is at una - mss still, for D-SACK */
	SND_NXT = SND_UNA + flight;
}

static void sack_same(int mss)
{
	int i;

	big_flight(mss, true);
	for (i = 0; i < FLOOD; i++)
		add(ACK, .ack = SND_UNA, .nsack = 4,
		    .sack = { at(10, mss), at(20, mss), at(30, mss), at(40, mss) });
	flood("InSegs", "InSegs", 99);
}

static void sack_same_at_end(int mss)
{
	int i, n;

	big_flight(mss, true);
	n = flight / mss;
	for (i = 0; i < FLOOD; i++)
		add(ACK, .ack = SND_UNA, .nsack = 4,
		    .sack = { at(n - 2, mss), at(n - 4, mss), at(n - 6, mss), at(n - 8, mss) });
	flood("InSegs", "InSegs", 99);
}

static void sack_new(int mss)
{
	int i, n;

	big_flight(mss, true);
	n = flight / mss / 2 - 10;
	for (i = 0; i < n && i < FLOOD; i++)
		add(ACK, .ack = SND_UNA, .nsack = 4,
		    .sack = { at(2 * i + 7, mss), at(2 * i + 5, mss), at(2 * i + 3, mss),
			      at(2 * i + 1, mss) });
	flood("InSegs", "InSegs", 99);
}

static void sack_random(int mss)
{
	int i, n;

	big_flight(mss, true);
	n = flight / mss;
	for (i = 0; i < FLOOD; i++)
		add(ACK, .ack = SND_UNA, .nsack = 4,
		    .sack = { at(chance(n), mss), at(chance(n), mss), at(chance(n), mss),
			      at(chance(n), mss) });
	flood("InSegs", "InSegs", 99);
}

static void dsack(int mss)
{
	int i;

	big_flight(mss, true);
	for (i = 0; i < FLOOD; i++)
		add(ACK, .ack = SND_UNA, .nsack = 4,
		    .sack = { at(-1, mss), at(10, mss), at(20, mss), at(30, mss) });
	flood("DSACKRecv", "TCPDSACKRecv", 90);
}

#define BOTH_MSS(fn)						\
	ROW(fn##_mss_48)	{ fn(48); }			\
	ROW(fn##_mss_1460)	{ fn(1460); }

BOTH_MSS(sack_same)
BOTH_MSS(sack_same_at_end)
BOTH_MSS(sack_new)
BOTH_MSS(sack_random)
BOTH_MSS(dsack)

ROW(duplicate_ACKs_without_SACK)
{
	big_flight(1460, false);
	repeat(ACK, RCV_NXT, SND_UNA, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(ACKs_of_one_byte_each)
{
	int i;

	big_flight(1460, true);
	for (i = 0; i < FLOOD; i++)
		add(ACK, .ack = SND_UNA + 1 + i);
	flood("InSegs", "InSegs", 99);
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
