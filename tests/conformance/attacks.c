// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks that other TCPs did not withstand, by hand-made packets.  docs/security.md has
 * them all, with the tests of other files.
 *
 * What an attack may cost is compared with what a harmless packet costs in the same
 * run, so that a slow machine makes no difference; tests/perf/attack.c has the figures.
 */
#include <netinet/ip.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "../vm/tun.h"
#include "hurl.h"

/* ---- SYN flood, initial sequence numbers ---- */

#define SYNS	100000

static void syn_flood(int from, int to)
{
	int i;

	for (i = from; i < to; i++) {
		hurl(SYN, .seq = chance(1 << 30), .mss = 1460, .sack_ok = true, .wscale = 7,
		     .src = source(i), .sport = 1024 + i / 2 % 60000);
		if (i % 500 == 0)
			drain();
	}
	drain();
}

/* RFC 4987: of 100,000 SYNs from many addresses no more than the backlog are kept, and
 * another peer still gets its connection, by cookie (what memory is held: perf/attack.c)
 */
TEST_SECONDS(a_SYN_flood_holds_no_requests_and_shuts_nobody_out, 60)
{
	peer_up();
	knob("syncookies", 1);
	knob("max_syn_backlog", 64);
	listening();
	syn_flood(0, SYNS);
	EXPECT(count_sockets(KERNEL_PORT, 0, "SYN_RCVD") <= (is_ttp() ? 64 : 128));
	established_with();
	say(10);
	recv_bytes(conn.fd, 10, 0);
}

/* The sequence number of the SYN,ACK that answers a SYN from the port. */
static uint32_t isn_for(int sport)
{
	hurl(SYN, .seq = 0, .sport = sport, .mss = 1460);
	conn.irs = irs_of_next();
	hurl(RST, .seq = 1, .sport = sport);
	return conn.irs;
}

/* Chi squared of the upper bytes, which has 255 degrees of freedom: above 400 is a
 * chance of one in a hundred million.
 */
static double unevenness(const uint32_t *n, int count)
{
	double expected = count / 256.0, sum = 0;
	int of[256] = { 0 }, i;

	for (i = 0; i < count; i++)
		of[n[i] >> 24]++;
	for (i = 0; i < 256; i++)
		sum += (of[i] - expected) * (of[i] - expected) / expected;
	return sum;
}

#define ISNS	10000

static void isns_are_uneven_by_chance_only(int cookies)
{
	static uint32_t isn[ISNS], step[ISNS];
	int i;

	peer_up();
	knob("syncookies", cookies);
	listening();
	for (i = 0; i < ISNS; i++)
		isn[i] = isn_for(1024 + i);
	for (i = 0; i + 1 < ISNS; i++)
		step[i] = isn[i + 1] - isn[i];
	EXPECT(unevenness(isn, ISNS) < 400);
	EXPECT(unevenness(step, ISNS - 1) < 400);
}

/* RFC 6528: from the numbers of 10,000 connections nobody learns the next one's */
TEST_SECONDS(ten_thousand_ISNs_cannot_be_predicted, 30)
{
	isns_are_uneven_by_chance_only(0);
}

/* A cookie has the time in its upper bits, as Linux's has */
TEST_SECONDS(a_later_ISN_of_the_same_connection_is_higher, 10)
{
	uint32_t first, next;
	int i;

	listening();
	first = isn_for(PEER_PORT);
	for (i = 0; i < 1000; i++) {
		next = isn_for(PEER_PORT);
		EXPECT((int32_t)(next - first) >= 0 && next - first < 1 << 28);
		first = next;
	}
}

/* ---- a listener that wants to know everything (CVE-2017-6074) ---- */

TEST(a_SYN_to_a_listener_with_ancillary_options)
{
	static const int ip_options[] = {
		IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IP_RECVOPTS, IP_RETOPTS, IP_RECVORIGDSTADDR, IP_RECVERR,
	};
	static const int options[] = { SO_TIMESTAMP, SO_TIMESTAMPNS, SO_RXQ_OVFL };
	const uint8_t record_route[] = { 1, 1, 1, 0 };
	size_t i;

	listening();
	for (i = 0; i < sizeof(ip_options) / sizeof(int); i++)
		OK(set_int(conn.listener, IPPROTO_IP, ip_options[i], 1));
	for (i = 0; i < sizeof(options) / sizeof(int); i++)
		OK(set_int(conn.listener, SOL_SOCKET, options[i], 1));
	OK(set_int(conn.listener, tcp_level(), TTP_SAVE_SYN, 1));
	for (i = 0; i < 500; i++) {
		hurl(SYN, .seq = 0, .sport = 2000 + i, .options = record_route, .optlen = 4);
		hurl(SYN | URG | PSH, .seq = 0, .sport = 2000 + i, .len = 10);
		hurl(RST, .seq = 1, .sport = 2000 + i);
	}
	drain();
	established_with(.sack_ok = true, .ts = true);
	say(10);
	recv_bytes(conn.fd, 10, 0);
}

/* ---- LAND (CVE-1999-0016) ---- */

/* A SYN to a listener that seems to come from its own address and port */
TEST(a_SYN_from_the_listener_itself_makes_no_loop)
{
	struct sockaddr_in to = addr("127.0.0.1", KERNEL_PORT);
	const char *name = is_ttp() ? "InSegs" : NULL;
	uint8_t packet[2048];
	int raw, len, i;
	long before;

	listening();
	one_answer_a_minute();
	raw = OK(socket(AF_INET, SOCK_RAW, IPPROTO_RAW));
	len = build_segment(packet, &SEGMENT(SYN, .seq = 0, .mss = 1460, .src = "127.0.0.1",
					     .dst = "127.0.0.1", .sport = KERNEL_PORT));
	before = name ? counter(name) : 0;
	for (i = 0; i < 100; i++)
		EQ(sendto(raw, packet, len, 0, (struct sockaddr *)&to, sizeof(to)), len);
	pause_ms(20);
	/* the SYN, its SYN,ACK, and the answer to that */
	EXPECT(!name || counter(name) - before <= 400);
	established_with();
	say(10);
	recv_bytes(conn.fd, 10, 0);
}

/* ---- challenge ACKs (CVE-2016-5696) ---- */

/* One connection's challenge ACKs are used up; how many another one gets does not say so */
TEST(challenge_ACKs_of_one_connection_say_nothing_of_another)
{
	struct connection first;
	int i;

	established();
	one_answer_a_minute();
	first = conn;
	accepted_from(PEER_PORT + 1);
	for (i = 0; i < 1000; i++) {
		struct connection second = conn;

		conn = first;
		hurl(RST, .seq = RCV_NXT + 10);
		conn = second;
	}
	EXPECT(drain() <= 2);
	inject(RST, .seq = RCV_NXT + 10, .sport = PEER_PORT + 1);
	expect(ACK);
	inject(RST, .seq = RCV_NXT + 10, .sport = PEER_PORT + 1);
	expect_nothing();
}

/* ---- ACK wars ---- */

/* Each answer of the kernel comes back to it as if the peer were as stubborn: there is
 * an end, because ACKs of nothing are limited
 */
static int mirror(int rounds)
{
	uint32_t ack = SND_NXT + 1000, seq = RCV_NXT + 100000;
	int answers = 0, n;

	for (; rounds--; answers += n) {
		hurl(ACK, .seq = seq, .ack = ack);
		n = drain();
		if (!n)
			break;
	}
	return answers;
}

#define IN_TURN(builder)						\
	TEST(ends_do_not_answer_each_other_for_ever_in_##builder)	\
	{								\
		builder();						\
		one_answer_a_minute();					\
		EXPECT(mirror(100) <= 3);				\
	}
IN_TURN(established)
IN_TURN(fin_wait_2)
IN_TURN(close_wait)
IN_TURN(last_ack)
IN_TURN(closing)

/* ---- PAWS (CVE-2005-0356) ---- */

/* A timestamp from the future on a segment whose ACK is of nothing that was sent is not
 * kept: what the peer sends next passes
 */
TEST(a_future_timestamp_with_a_wrong_ACK_is_not_kept)
{
	established_ts();
	inject(ACK, .ack = SND_NXT + 1000, .len = 10, .tsval = conn.tsval + 100000);
	forget();
	say(10);
	recv_bytes(conn.fd, 10, 0);
}

TEST(a_future_timestamp_out_of_the_window_is_not_kept)
{
	established_ts();
	inject(ACK, .seq = conn.right + 10, .len = 10, .tsval = conn.tsval + 100000);
	inject(ACK, .seq = RCV_NXT - 10, .len = 5, .tsval = conn.tsval + 100000);
	forget();
	say(10);
	recv_bytes(conn.fd, 10, 0);
}

/* ---- ICMP (RFC 5927) ---- */

/* MTUs that cannot be, about data that is in flight: segments stay of a useful size */
TEST(no_MTU_of_an_ICMP_message_makes_segments_tiny)
{
	static const int mtus[] = { 0, 1, 20, 40, 48, 52, 67, 68, 1499, 1501, 65535 };
	int i, k;

	established();
	for (k = 0; k < 11; k++) {
		send_bytes(conn.fd, 1460, SND_UNA - 1);
		for (i = 0; i < 50; i++) {
			inject_icmp(3, 4, mtus[k], SND_UNA);
			while (next_segment(0))
				EXPECT(last.len >= 400 || last.seq + last.len == SND_UNA + 1460);
		}
		SND_NXT = SND_UNA + 1460;
		acknowledge();
		forget();
	}
	must_be_in("ESTABLISHED");
}

/* ---- URGENT/11 (CVE-2019-12255 to 12265) ---- */

/* Pointers of 0, beyond the data, backwards, across gaps, on SYN, FIN and RST: what is
 * read is what was sent
 */
TEST_SECONDS(urgent_pointers_of_any_kind_break_nothing, 20)
{
	static const int urgs[] = { 0, 1, 5, 10, 11, 100, 1460, 32767, 32768, 65535 };
	static const int flags[] = { ACK, ACK, ACK, ACK | PSH, SYN, SYN | ACK, FIN };
	char c;
	int i;

	established();
	OK(set_int(conn.fd, SOL_SOCKET, SO_OOBINLINE, 1));
	say(100);	/* there is something before RCV.NXT */
	recv_bytes(conn.fd, 100, 0);
	for (i = 0; i < 3000; i++) {
		hurl(flags[chance(7)] | URG, .seq = RCV_NXT + chance(40) - 10, .len = chance(30),
		     .urg = urgs[chance(10)]);
		if (!chance(10))
			recv(conn.fd, &c, 1, MSG_OOB | MSG_DONTWAIT);
		if (!chance(10))
			recv(conn.fd, &c, 1, MSG_PEEK | MSG_DONTWAIT);
		if (i % 500 == 0)
			drain();
	}
	drain();
	/* the bytes themselves say where in the stream they belong */
	for (i = 100; recv(conn.fd, &c, 1, MSG_DONTWAIT) == 1; i++)
		verify(&c, 1, i);
	must_be_in("ESTABLISHED");
	hurl(ACK, .seq = RCV_NXT, .len = 1000);
	for (; i < 1100; i++)
		recv_bytes(conn.fd, 1, i);
}

/* ---- fragments: a header in pieces, FragmentSmack (CVE-2018-5391) ---- */

static void fragment(const uint8_t *packet, int from, int to, int id, bool more)
{
	uint8_t piece[2048];
	struct iphdr *ip = (struct iphdr *)piece;

	memcpy(piece, packet, 20);
	memcpy(piece + 20, packet + 20 + from, to - from);
	ip->tot_len = htons(20 + to - from);
	ip->id = htons(id);
	ip->frag_off = htons(from / 8 | (more ? 0x2000 : 0));
	ip->check = 0;
	ip->check = htons(sum_fold(sum_add(ip, 20, 0)));
	EQ(write(peer_tun(), piece, 20 + to - from), 20 + to - from);
}

static void in_pieces(const struct segment *s, int size)
{
	static int id = 1;
	uint8_t packet[2048];
	int len = build_segment(packet, s) - 20, from;

	for (from = 0; from < len; from += size)
		fragment(packet, from, from + size < len ? from + size : len, id,
			 from + size < len);
	id++;
}

/* IP puts the pieces into a list: header and options are not in one place */
TEST(a_header_in_eight_byte_fragments_is_read)
{
	peer_up();
	listening();
	in_pieces(&SEGMENT(SYN, .seq = 0, .mss = 1000, .sack_ok = true, .wscale = 7, .ts = true), 8);
	RCV_NXT = 1;
	SND_NXT = 0;
	expect(SYN | ACK, .seq = 0, .sack_ok = 1, .ts = 1, .wscale = ANY);
	conn.ts = true;
	in_pieces(&SEGMENT(ACK, .len = 100), 8);
	conn.fd = OK(accept(conn.listener, NULL, NULL));
	recv_bytes(conn.fd, 100, 0);
}

/* Impossible options in a header that is in pieces */
TEST(bad_options_in_fragments_break_nothing)
{
	uint8_t options[40];
	int i, k;

	established_with(.sack_ok = true, .ts = true);
	for (i = 0; i < 1000; i++) {
		for (k = 0; k < 40; k++)
			options[k] = chance(3) ? chance(12) : chance(256);
		in_pieces(&SEGMENT(chance(2) ? ACK : SYN, .seq = RCV_NXT - 20, .options = options,
				   .optlen = 4 * chance(11), .doff = chance(4) ? 0 : 4 * chance(16),
				   .len = chance(20)), 8 * (1 + chance(4)));
		if (i % 200 == 0)
			drain();
	}
	drain();
	must_be_in("ESTABLISHED");
}

/* Fragments that overlap, that lack an end, by the thousand: the connection goes on */
TEST_SECONDS(overlapping_fragments_do_no_harm, 20)
{
	uint8_t packet[2048];
	int i, from, len;

	established();
	len = build_segment(packet, &SEGMENT(ACK, .seq = RCV_NXT, .len = 1000)) - 20;
	for (i = 0; i < 5000; i++) {
		from = 8 * chance(len / 8 - 1);
		fragment(packet, from, from + 8 * (1 + chance((len - from) / 8)), i / 20 + 100, chance(10));
	}
	drain();
	must_be_in("ESTABLISHED");
	say(10);
	recv_bytes(conn.fd, 10, 0);
}

/* ---- work for each packet: SegmentSmack (CVE-2018-5390), SACK (CVE-2019-11478) ---- */

/* Nanoseconds for all that was added; it stops when it is clear that it takes too long. */
static int64_t time_of_added(int64_t limit)
{
	int64_t start = now_ns(), end = start;
	int i;

	for (i = 0; i < added_count && end - start <= limit; i++) {
		send_one(i);
		end = now_ns();
	}
	added_count = 0;
	drain();
	return end - start;
}

/* so many times the cost of a harmless packet */
#define BOUND	30

/* SegmentSmack: one byte, a gap, one byte, until the receive buffer is full, and then
 * more
 */
TEST_SECONDS(one_byte_islands_cost_a_bounded_amount_of_work, 30)
{
	int64_t harmless, hostile;
	int i;

	established_with(.sack_ok = true, .wscale = 7);
	for (i = 0; i < 500; i++)
		add(ACK, .seq = RCV_NXT + 1 + 2 * i, .len = 1);
	harmless = time_of_added(INT64_MAX);
	for (i = 500; i < 8400; i++)
		hurl(ACK, .seq = RCV_NXT + 1 + 2 * i, .len = 1);
	for (i = 8400; i < 8900; i++)
		add(ACK, .seq = RCV_NXT + 1 + 2 * i, .len = 1);
	hostile = time_of_added(BOUND * harmless);
	if (hostile > BOUND * harmless)
		fail("%lld ns for a packet, %lld with little in the queue",
		     (long long)hostile / 500, (long long)harmless / 500);
}

static void send_buffer(int size)
{
	OK(setsockopt(conn.fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)));
}

#define FLIGHT	(400 << 10)

/* FLIGHT bytes in segments of the MSS are out and unacknowledged. */
static void big_flight(int mss)
{
	int on = 1;

	peer_up();
	conn.wnd = 65535;
	established_with(.sack_ok = true, .wscale = 14, .mss = mss);
	send_buffer(32 << 20);
	/* or the last segment, if it is short, waits for the ACKs */
	OK(setsockopt(conn.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
	do {
		while (queued(SIOCOUTQ))
			acknowledge_flight();
		send_bytes(conn.fd, FLIGHT, SND_UNA - 1);
	} while (queued(SIOCOUTQNSD));
	SND_NXT = SND_UNA + FLIGHT;
	drain();
}

/* The same blocks again and again, of 8,533 segments of 48 bytes */
TEST_SECONDS(a_SACK_that_says_nothing_new_costs_a_bounded_amount_of_work, 60)
{
	int64_t harmless, hostile;
	int i;

	big_flight(48);
	for (i = 0; i < 300; i++)
		add(ACK, .ack = SND_UNA - 1000000);	/* too old to be looked at */
	harmless = time_of_added(INT64_MAX);
	for (i = 0; i < 300; i++)
		add(ACK, .ack = SND_UNA, .nsack = 4,
		    .sack = { at(10, 48), at(20, 48), at(30, 48), at(40, 48) });
	hostile = time_of_added(BOUND * harmless);
	if (hostile > BOUND * harmless)
		fail("%lld ns for an ACK, %lld for one that is dropped",
		     (long long)hostile / 300, (long long)harmless / 300);
}

/* What is in flight is acknowledged at last, and all bytes were what they should be. */
static void goes_on(void)
{
	acknowledge_flight();
	EQ(queued(SIOCOUTQ), 0);
	must_be_in("ESTABLISHED");
	say(10);
	recv_bytes(conn.fd, 10, 0);
}

static struct block any_block(void)
{
	uint32_t left = SND_UNA + chance(FLIGHT) - 1000, len = chance(4) ? chance(200) : chance(FLIGHT);

	if (!chance(20))
		return (struct block){ left, left - chance(100000) };
	if (!chance(20))
		return (struct block){ chance(UINT32_MAX), chance(UINT32_MAX) };
	return (struct block){ left, left + len };
}

static void any_SACKs(int mss)
{
	int i;

	big_flight(mss);
	for (i = 0; i < 3000; i++) {
		hurl(ACK, .ack = SND_UNA, .nsack = 1 + chance(4),
		     .sack = { any_block(), any_block(), any_block(), any_block() });
		if (i % 500 == 0)
			drain();
	}
	goes_on();
}

/* SACK panic (CVE-2019-11477): blocks that begin and end anywhere, and lie */
TEST_SECONDS(any_SACK_blocks_break_nothing_with_an_MSS_of_48, 60)
{
	any_SACKs(48);
}

TEST_SECONDS(any_SACK_blocks_break_nothing_with_an_MSS_of_1460, 60)
{
	any_SACKs(1460);
}

/* CVE-2019-11479: the peer's MSS has a floor, and bounds what a write costs */
TEST(a_peers_MSS_of_8_does_not_make_segments_of_8_bytes)
{
	established_with(.mss = 8);
	send_bytes(conn.fd, 1000, 0);
	expect(ACK, .len = ANY);
	EXPECT(last.len >= 24);
}

/* ---- peers that hold on: Sockstress (CVE-2008-4609), LAST_ACK ---- */

/* Zero windows, each probe is answered, the program is gone: orphans are limited */
TEST_SECONDS(orphans_with_a_zero_window_are_bounded, 20)
{
	int i, fd[40];

	peer_up();
	knob_of_ttp("max_orphans", 10);
	listening();
	conn.wnd = 0;
	for (i = 0; i < 40; i++) {
		fd[i] = accepted_from(2000 + i);
		send_bytes(fd[i], 1000, 0);
	}
	NOT_TCP("its limit is of all namespaces");
	for (i = 0; i < 40; i++)
		OK(close(fd[i]));
	EXPECT(count_sockets(KERNEL_PORT, 0, "FIN_WAIT_1") <= 10);
	EXPECT(counter("AbortOnMemory") >= 30);
}

/* The peer never acknowledges our FIN, but goes on answering: LAST_ACK ends */
TEST_SECONDS(LAST_ACK_of_an_orphan_ends, 20)
{
	peer_up();
	knob("orphan_retries", 2);
	knob_of_ttp("rto_min_ms", 200);
	close_wait();
	OK(close(conn.fd));
	conn.fd = -1;
	expect(FIN | ACK);
	must_be_in("LAST_ACK");
	WAIT((hurl(ACK, .ack = SND_UNA), in_state("CLOSED")), 10000);
}

/* ---- a receiver that wants more than its share (Savage et al. 1999) ---- */

/* RFC 3465: a hundred ACKs of fourteen bytes open the window no further than one */
TEST(ACK_division_does_not_open_the_window_faster)
{
	int i, sent;

	established();
	/* ten segments are the initial window */
	send_buffer(1 << 20);
	send_bytes(conn.fd, 60000, 0);
	EQ(drain(), 10);
	for (i = 1; i <= 100; i++)
		hurl(ACK, .ack = SND_UNA + 14 * i + (i == 100 ? 60 : 0));
	sent = drain();
	EXPECT(sent <= 3);	/* the segment that was acknowledged makes room for two */
}

/* Duplicate ACKs that no segment caused: what they let out is no more than is in flight */
TEST(duplicate_ACKs_without_a_loss_do_not_fill_the_path)
{
	int i, sent = 0;

	established();
	send_buffer(1 << 20);
	send_bytes(conn.fd, 300000, 0);
	EQ(drain(), 10);
	for (i = 0; i < 1000; i++) {
		hurl(ACK, .ack = SND_UNA);
		sent += drain();
	}
	EXPECT(sent <= 20);
}

/* ACKs of what was never sent: no window grows, nothing goes out */
TEST(optimistic_ACKs_are_ignored)
{
	int i;

	established();
	one_answer_a_minute();
	send_buffer(1 << 20);
	send_bytes(conn.fd, 300000, 0);
	EQ(drain(), 10);
	for (i = 1; i < 100; i++)
		hurl(ACK, .ack = SND_UNA + 14600 + 1460 * i);
	EXPECT(drain() <= 1);	/* a challenge ACK */
}

/* ---- any flags in any state (SYN+FIN) ---- */

static const struct {
	const char *name;
	void (*fn)(void);
} builders[] = {
	{ "CLOSED", closed }, { "LISTEN", listening }, { "SYN_SENT", syn_sent },
	{ "SYN_RCVD", syn_rcvd }, { "SYN_RCVD_of_both", syn_rcvd_active },
	{ "ESTABLISHED", established },
	{ "FIN_WAIT_1", fin_wait_1 }, { "FIN_WAIT_2", fin_wait_2 },
	{ "CLOSE_WAIT", close_wait }, { "CLOSING", closing }, { "LAST_ACK", last_ack },
	{ "TIME_WAIT", time_wait },
};

/* TEST_NAME/KIND_STATE: the builder of the state that the test's name ends in. */
static void build_state(const char *after)
{
	const char *name = strstr(test_name(), after) + strlen(after);
	size_t i;

	for (i = 0; i < sizeof(builders) / sizeof(builders[0]); i++)
		if (!strcmp(builders[i].name, name)) {
			builders[i].fn();
			return;
		}
	fail("no such state: %s", name);
}

/* In a process and a namespace of its own; what it finds is told through the runner's
 * memory.
 */
static void in_child(void (*fn)(const char *after, int n), const char *after, int n)
{
	int status;
	pid_t pid = OK(fork());

	if (!pid) {
		OK(unshare(CLONE_NEWNET));
		fn(after, n);
		_exit(0);
	}
	EQ(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status))
		_exit(WEXITSTATUS(status));
	if (!WIFEXITED(status))
		fail("killed by signal %d", WTERMSIG(status));
}

static int *next_flags;		/* shared with the child */

/* A segment that would be the next, but for its flags: at most two answers, and none but
 * an exact RST or a FIN with an ACK and without a SYN changes a synchronized state.
 */
static void one_combination(int flags)
{
	bool synchronized = conn.fd >= 0 && !in_state("TIME_WAIT") && !in_state("SYN_SENT") &&
			    !in_state("SYN_RCVD");
	bool exact = !(flags & (PSH | URG));

	drain();
	inject(flags, .seq = flags & RST && !exact ? RCV_NXT + 1 : RCV_NXT);
	EXPECT(drain() <= 2);
	if (synchronized && flags & RST)
		must_be_in(exact ? "CLOSED" : conn.state);
	else if (synchronized && (flags & SYN || !(flags & ACK)))
		must_be_in(conn.state);
}

/* All combinations from n on until one has changed the state. */
static void combinations(const char *after, int n)
{
	build_state(after);
	*next_flags = n;
	while (*next_flags < 64 && in_state(conn.state))
		one_combination((*next_flags)++);
}

/* Each call of a program, with arguments that are wrong or right */
static void harmless_calls(int fd)
{
	static const int requests[] = {
		FIONREAD, TIOCOUTQ, SIOCOUTQNSD, SIOCATMARK, SIOCGSTAMP_OLD, 0x1234,
	};
	static const int flags[] = {
		0, MSG_PEEK, MSG_OOB, MSG_OOB | MSG_PEEK, MSG_TRUNC, MSG_WAITALL, MSG_ERRQUEUE,
	};
	struct sockaddr_in a;
	char buf[100] = "", control[64] = "";
	struct iovec v = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	socklen_t len;
	int i, level, pipes[2];

	OK(pipe2(pipes, O_NONBLOCK));
	for (i = 0; i < 7; i++) {
		recv(fd, buf, sizeof(buf), flags[i] | MSG_DONTWAIT);
		send(fd, buf, sizeof(buf), flags[i] | MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	recvmsg(fd, &m, MSG_DONTWAIT);
	splice(fd, NULL, pipes[1], NULL, 100, SPLICE_F_NONBLOCK);
	OK(write(pipes[1], buf, sizeof(buf)));
	splice(pipes[0], NULL, fd, NULL, 100, SPLICE_F_NONBLOCK);
	for (i = 0; i < 6; i++)
		ioctl(fd, requests[i], buf);
	poll_for(fd, POLLIN | POLLOUT | POLLPRI, 0);
	len = sizeof(a);
	getsockname(fd, (struct sockaddr *)&a, &len);
	len = sizeof(a);
	getpeername(fd, (struct sockaddr *)&a, &len);
	for (i = 0; i < 100; i++) {
		for (level = 0; level < 3; level++) {
			const int levels[] = { tcp_level(), IPPROTO_IP, SOL_SOCKET };

			len = sizeof(buf);
			getsockopt(fd, levels[level], i, buf, &len);
			if (level == 0 && i == 19)
				continue;	/* TCP_REPAIR is meant to break things */
			setsockopt(fd, levels[level], i, buf, len % 8);
			set_int(fd, levels[level], i, -1);
			set_int(fd, levels[level], i, 1);
		}
	}
	nonblock(fd);
}

static void call(int fd, int which)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct linger hard = { .l_onoff = 1, .l_linger = 0 };

	switch (which) {
	case 0: harmless_calls(fd); break;
	case 1: shutdown(fd, SHUT_RD); break;
	case 2: shutdown(fd, SHUT_WR); break;
	case 3: shutdown(fd, SHUT_RDWR); break;
	case 4: connect(fd, &none, sizeof(none)); break;
	case 5: connect_to(fd, PEER_IP, PEER_PORT + 1); break;
	case 6: listen(fd, 1); break;
	case 7: bind_to(fd, KERNEL_IP, KERNEL_PORT + 1); break;
	case 8: accept4(fd, NULL, NULL, SOCK_NONBLOCK); break;
	case 9: setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)); break;
	}
}

#define CALLS	10

/* One call, with the peer's segments before and after; close */
static void one_call(const char *after, int which)
{
	int fd, i;

	build_state(after);
	if (conn.fd < 0 && conn.listener < 0)
		conn.fd = sock();
	fd = conn.fd >= 0 ? conn.fd : conn.listener;
	nonblock(fd);
	call(fd, which);
	hurl(ACK, .ack = SND_NXT + 1);
	hurl(SYN, .seq = 0, .mss = 1460);
	harmless_calls(fd);
	hurl(FIN | ACK, .len = 10);
	hurl(SYN | ACK, .seq = 0);
	call(fd, which);
	close(fd);
	for (i = 0; i < 3; i++)
		hurl(ACK, .seq = RCV_NXT + i, .ack = SND_NXT + i, .len = i);
	hurl(RST, .seq = RCV_NXT);
}

static void any_flags(void)
{
	next_flags = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	while (*next_flags < 64)
		in_child(combinations, "any_flags_in_", *next_flags);
}

/* CVE-2024-36905 was shutdown() in SYN_RCVD of a simultaneous open */
static void any_call(void)
{
	int n;

	for (n = 0; n < CALLS; n++)
		in_child(one_call, "any_call_in_", n);
}

__attribute__((constructor)) static void states_add(void)
{
	static struct test tests[2 * sizeof(builders) / sizeof(builders[0])];
	const size_t n = sizeof(builders) / sizeof(builders[0]);
	char *name;
	size_t i;

	for (i = 0; i < 2 * n; i++) {
		if (asprintf(&name, "%s_in_%s", i < n ? "any_flags" : "any_call",
			     builders[i % n].name) < 0)
			exit(1);
		tests[i] = (struct test){ .name = name, .fn = i < n ? any_flags : any_call,
					  .seconds = 60 };
		test_add(&tests[i]);
	}
}
