// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers grow as they are needed, and memory stays within its limits whatever
 * the peer sends.
 */
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <linux/sock_diag.h>
#include "tun.h"
#include "wire.h"

#define PAGE	4096

static long meminfo(int fd, int what)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	OK(getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len));
	return info[what];
}

static int unread(int fd)
{
	int n;

	OK(ioctl(fd, FIONREAD, &n));
	return n;
}

static int buffer(int fd, int which)
{
	socklen_t len = sizeof(int);
	int size;

	OK(getsockopt(fd, SOL_SOCKET, which, &size, &len));
	return size;
}

/* ---- growing ---- */

#define BULK	(6 << 20)

static void *writer(void *arg)
{
	send_bytes(*(int *)arg, BULK, 0);
	OK(shutdown(*(int *)arg, SHUT_WR));
	return NULL;
}

/* A sends much to B over a path with a round trip of 60 ms. */
static struct pair bulk(int sndbuf, int rcvbuf)
{
	struct impair slow = { .delay_low = 30, .delay_high = 30 };
	struct pair p;
	pthread_t t;

	wire_impair(&slow);
	p = connected_buffers(sndbuf, rcvbuf);
	t = spawn(writer, &p.c);
	recv_bytes(p.s, BULK, 0);
	recv_eof(p.s);
	join(t);
	return p;
}

TEST_SECONDS(buffers_grow_with_the_round_trip, 30)
{
	struct tcp_info info;
	struct pair p;

	wire_up();
	p = bulk(0, 0);
	EXPECT(buffer(p.s, SO_RCVBUF) > 3 * 131072);
	EXPECT(buffer(p.c, SO_SNDBUF) > 2 * 131072);
	info = tcp_info_of(p.s);
	EXPECT(info.tcpi_rcv_rtt > 40000);
	EXPECT(info.tcpi_rcv_space > 65536);
	EXPECT(info.tcpi_rcv_ssthresh > 65536);
}

TEST_SECONDS(buffers_that_the_user_has_set_stay, 30)
{
	struct pair p;

	wire_up();
	p = bulk(50000, 60000);
	EQ(buffer(p.s, SO_RCVBUF), 120000);
	EQ(buffer(p.c, SO_SNDBUF), 100000);
}

TEST_SECONDS(moderate_rcvbuf_0_lets_no_receive_buffer_grow, 30)
{
	struct pair p;

	wire_up();
	wire_host(B);
	knob("moderate_rcvbuf", 0);
	p = bulk(0, 0);
	EQ(buffer(p.s, SO_RCVBUF), 131072);
}

TEST(a_receive_low_water_mark_makes_room_for_itself)
{
	struct pair p = connected();
	int want = 200000;

	OK(set_int(p.s, SOL_SOCKET, SO_RCVLOWAT, want));
	EXPECT(buffer(p.s, SO_RCVBUF) >= 2 * want);
	send_bytes(p.c, want - 1, 0);
	EQ(poll_for(p.s, POLLIN, 50), 0);
	send_bytes(p.c, 1, want - 1);
	EQ(poll_till(p.s, POLLIN), POLLIN);
}

TEST_SECONDS(who_waits_for_more_than_the_buffer_takes_is_woken, 10)
{
	struct pair p = connected();

	OK(set_int(p.s, SOL_SOCKET, SO_RCVBUF, 20000));
	OK(set_int(p.s, SOL_SOCKET, SO_RCVLOWAT, 1 << 20));
	fill_window(p.c);
	EQ(poll_till(p.s, POLLIN), POLLIN);
}

/* The window may be shut with less in the buffer than that: a segment has hardly more memory than
 * data.
 */
TEST_SECONDS(who_waits_for_more_than_the_window_takes_is_woken, 10)
{
	static char buf[200000];
	struct pair p = connected();

	OK(set_int(p.s, SOL_SOCKET, SO_RCVBUF, 66000));
	OK(set_int(p.s, SOL_SOCKET, SO_RCVLOWAT, 66000));
	OK(send(p.c, buf, sizeof(buf), MSG_DONTWAIT));
	fill_window(p.c);
	EQ(poll_till(p.s, POLLIN), POLLIN);
}

/* ---- hostile peers ---- */

/* what was on the wire last, from each host */
static struct tcphdr last[2];
static uint32_t first_byte;
static atomic_bool lose_text;

static enum verdict watch(const struct seg *s)
{
	if (s->text && !first_byte)
		first_byte = ntohl(s->th->seq);
	last[s->from] = *s->th;
	return s->text && lose_text ? DROP : PASS;
}

/* A segment that looks like the last one from a host, but for what is given. */
static void forge(int raw, int from, uint32_t seq, const uint8_t *options, int optlen,
		  const void *text, int len)
{
	const char *self = from == A ? ip_a : ip_b, *other = from == A ? ip_b : ip_a;
	struct sockaddr_in to = addr(other, 0);
	struct handmade p = { .th = last[from] };
	int total;

	p.th.seq = htonl(seq);
	p.th.doff = 5 + optlen / 4;
	p.th.fin = 0;
	memcpy(p.rest, options, optlen);
	memcpy(p.rest + optlen, text, len);
	total = finish(&p, self, other, optlen + len);
	OK(sendto(raw, &p, total, 0, (struct sockaddr *)&to, sizeof(to)));
}

static int raw_socket(int host)
{
	int fd;

	wire_host(host);
	fd = OK(socket(AF_INET, SOCK_RAW, IPPROTO_RAW));
	wire_host(A);
	return fd;
}

/* A and B, without timestamps, and B's buffer locked at 128 KiB. */
static struct pair small_buffers(void)
{
	struct pair p;

	wire_up();
	wire_filter(watch);
	knob("timestamps", 0);
	p = connected_buffers(0, 65536);
	OK(set_int(p.c, IPPROTO_TCP, TCP_NODELAY, 1));
	return p;
}

/* Who captures packets holds on to them: none can be joined to another. */
static void capture(void)
{
	int fd;

	wire_host(B);
	fd = OK(socket(AF_PACKET, SOCK_RAW, htons(0x0003)));
	wire_host(A);
	OK(set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20));
}

TEST_SECONDS(segments_of_one_byte_stay_within_the_buffer, 30)
{
	struct pair p = small_buffers();
	int i, raw = raw_socket(A), n = 3000;
	long used, most = 0;
	char c;

	capture();
	send_bytes(p.c, 1, 0);
	WAIT(unread(p.s) == 1, 1000);
	for (i = 1; i < n; i++) {
		fill(&c, 1, i);
		forge(raw, A, first_byte + i, NULL, 0, &c, 1);
		used = meminfo(p.s, SK_MEMINFO_RMEM_ALLOC);
		most = used > most ? used : most;
	}
	/* all of it is there, though the truesize of each is some hundred bytes */
	WAIT(unread(p.s) == n, 5000);
	EXPECT(most < 131072 + PAGE);
	wire_host(B);
	EXPECT(!is_ttp() || counter("RcvCollapsed") > 0);
	recv_bytes(p.s, n, 0);
}

/* A gap after each byte: nothing can be joined, something must go. */
TEST_SECONDS(data_out_of_order_stays_within_the_buffer, 30)
{
	struct pair p = small_buffers();
	int i, raw = raw_socket(A), n = 3000;
	long used = 0, most = 0;
	char c;

	send_bytes(p.c, 1, 0);
	recv_bytes(p.s, 1, 0);
	WAIT(first_byte, 1000);
	for (i = n; i > 0; i--) {
		fill(&c, 1, 2 * i);
		forge(raw, A, first_byte + 2 * i, NULL, 0, &c, 1);
		used = meminfo(p.s, SK_MEMINFO_RMEM_ALLOC);
		most = used > most ? used : most;
	}
	WAIT(wire_data(A) >= n, 5000);
	EXPECT(most > 100000);
	EXPECT(most < 131072 + PAGE);
	wire_host(B);
	EXPECT(!is_ttp() || counter("OfoPruned") > 0);
	/* what was given up is sent again */
	send_bytes(p.c, 20000, 1);
	recv_bytes(p.s, 20000, 1);
}

/* SACK blocks of one byte each would cut the send queue to pieces. */
TEST_SECONDS(a_send_queue_is_not_cut_into_more_pieces_than_it_may_weigh, 30)
{
	struct pair p = small_buffers();
	int i, raw = raw_socket(B), size = 20000;
	uint8_t sack[12] = { 1, 1, 5, 10 };
	uint32_t una, edge;
	long used, most = 0;

	OK(set_int(p.c, SOL_SOCKET, SO_SNDBUF, size));
	send_bytes(p.c, 1, 0);
	recv_bytes(p.s, 1, 0);
	WAIT(wire_count(B, ACK) >= 2, 1000);
	una = first_byte + 1;
	lose_text = true;
	send_bytes(p.c, 13000, 1);
	for (i = 1; i < 5000; i++) {
		edge = htonl(una + 2 * i);
		memcpy(sack + 4, &edge, 4);
		edge = htonl(una + 2 * i + 1);
		memcpy(sack + 8, &edge, 4);
		forge(raw, B, ntohl(last[B].seq), sack, sizeof(sack), NULL, 0);
		used = meminfo(p.c, SK_MEMINFO_WMEM_QUEUED);
		most = used > most ? used : most;
	}
	EXPECT(most < 2 * (2 * size + 3 * 66000));
	/* and all arrives */
	lose_text = false;
	recv_bytes(p.s, 13000, 1);
}

/* ---- all sockets together ---- */

/* net.ttp.mem is for all namespaces, and in the initial one only. */
static void mem_limit(const char *value, char *old, size_t room)
{
	int back = OK(open("/proc/thread-self/ns/net", O_RDONLY));
	int init = OK(open("/proc/1/ns/net", O_RDONLY)), fd;

	OK(setns(init, CLONE_NEWNET));
	fd = OK(open("/proc/sys/net/ttp/mem", O_RDWR));
	if (old)
		OK(pread(fd, old, room, 0));
	OK(pwrite(fd, value, strlen(value), 0));
	OK(close(fd));
	OK(setns(back, CLONE_NEWNET));
	OK(close(init));
	OK(close(back));
}

/* From here on the limits are as the machine has them, and nobody else sets them. */
static void mem_lock(void)
{
	OK(flock(OK(open("/tmp/ttp-mem", O_RDWR | O_CREAT, 0600)), LOCK_EX));
}

/* Sets the limits, and another process puts them back when this one ends; until then it has the
 * lock, too.
 */
static void mem_borrow(const char *value)
{
	char old[100] = "", c;
	int pipefd[2];
	pid_t child;

	mem_limit(value, old, sizeof(old) - 1);
	OK(pipe(pipefd));
	child = OK(fork());
	if (child) {
		WAIT(getsid(child) == child, 2000);	/* it does not end with this one */
		return;
	}
	setsid();
	signal(SIGALRM, SIG_IGN);
	close(pipefd[1]);
	while (read(pipefd[0], &c, 1) > 0)
		;
	mem_limit(old, NULL, 0);
	_exit(0);
}

/* a number of /proc/net/ttp/sockstat */
static long sockstat(const char *name)
{
	FILE *f = fopen("/proc/thread-self/net/ttp/sockstat", "r");
	char line[200] = "", *at;

	if (!f || !fgets(line, sizeof(line), f))
		fail("no sockstat");
	fclose(f);
	at = strstr(line, name);
	return at ? atol(at + strlen(name)) : -1;
}

#define MANY	40

static struct pair many[MANY];

static void connect_many(int n)
{
	int i, l = listener(ip_b, 0, n);

	mem_lock();
	for (i = 0; i < n; i++) {
		many[i].c = sock();
		OK(connect_to(many[i].c, ip_b, port_of(l)));
		many[i].s = OK(accept(l, NULL, NULL));
		nonblock(many[i].c);
	}
	close(l);
}

/* Return: the pages that were taken before MANY connections were made. */
static long before_many(void)
{
	long before;

	if (!is_ttp())
		skip("tcp has no such counter");
	before = sockstat("mem ");
	connect_many(MANY);
	return before;
}

/* Each writes as much as it may.  Return: the most that was in use. */
static long write_many(int n, uint64_t *sent)
{
	long used, most = 0;
	char buf[16384];
	int i, turn;
	ssize_t len;

	for (turn = 0; turn < 100; turn++) {
		for (i = 0; i < n; i++) {
			fill(buf, sizeof(buf), sent[i]);
			len = send(many[i].c, buf, sizeof(buf), MSG_NOSIGNAL);
			sent[i] += len > 0 ? len : 0;
		}
		used = sockstat("mem ");
		most = used > most ? used : most;
	}
	return most;
}

/* Reads from each in turn until all have come to their ends. */
static void read_many(int n, const uint64_t *sent)
{
	uint64_t got[MANY] = { 0 };
	char buf[16384];
	int i, left = n;
	ssize_t len;

	for (i = 0; i < n; i++)
		nonblock(many[i].s);
	for (i = 0; left; i = (i + 1) % n) {
		if (got[i] == ~0ULL)
			continue;
		len = recv(many[i].s, buf, sizeof(buf), 0);
		if (len < 0 && errno != EAGAIN)
			fail("recv: %s", strerror(errno));
		if (len < 0) {
			poll_for(many[i].s, POLLIN, 1);
			continue;
		}
		verify(buf, len, got[i]);
		got[i] += len;
		if (len)
			continue;
		EQ(got[i], (long)sent[i]);
		got[i] = ~0ULL;
		left--;
	}
}

/* Many write as much as they may: that is little more than net.ttp.mem's third number. */
static void write_within(uint64_t *sent)
{
	long used, most = 0;

	mem_borrow("400 500 600");
	do {	/* on a slow machine the data is still on its way to the readers' memory */
		used = write_many(MANY, sent);
		most = used > most ? used : most;
	} while (!counter("MemoryPressures"));
	/* the kernel's sum may be 256 off for each CPU, and each socket has a packet more */
	EXPECT(most < 600 + 2 * 256 * (sysconf(_SC_NPROCESSORS_ONLN) > 2 ? 2 : 1) + MANY * 17);
}

TEST_SECONDS(when_memory_is_short_all_goes_on_within_the_limit, 60)
{
	uint64_t sent[MANY] = { 0 };
	struct pair p;
	int i;

	if (!is_ttp())
		skip("tcp_mem belongs to the machine");
	connect_many(MANY);
	write_within(sent);
	/* even who comes last gets something to write, and to read */
	mem_limit("100 150 200", NULL, 0);
	p = connected();
	for (i = 0; i < 20; i++) {
		send_bytes(p.c, 1000, i * 1000);
		recv_bytes(p.s, 1000, i * 1000);
	}
	for (i = 0; i < MANY; i++)
		OK(shutdown(many[i].c, SHUT_WR));
	read_many(MANY, sent);
}

/* Each is granted the first number of net.ttp.wmem, but not what a user may write there. */
TEST_SECONDS(a_namespaces_wmem_grants_nothing_beyond_the_limit, 60)
{
	uint64_t sent[MANY] = { 0 };
	int i;

	if (!is_ttp())
		skip("tcp_mem belongs to the machine");
	knob("wmem", 500000);
	connect_many(MANY);
	for (i = 0; i < MANY; i++)
		OK(set_int(many[i].c, SOL_SOCKET, SO_SNDBUF, 200000));
	write_within(sent);
}

TEST_SECONDS(when_memory_is_short_SO_RCVLOWAT_does_not_count, 60)
{
	uint64_t sent[MANY] = { 0 };
	struct pair p;

	if (!is_ttp())
		skip("tcp_mem belongs to the machine");
	connect_many(MANY);
	write_within(sent);
	p = connected();
	OK(set_int(p.s, SOL_SOCKET, SO_RCVLOWAT, 65536));
	send_bytes(p.c, 1000, 0);
	EQ(poll_till(p.s, POLLIN), POLLIN);
}

/* ---- a memory cgroup ---- */

static char group[64];

static void group_write(const char *file, const char *what)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", group, file);
	fd = OK(open(path, O_WRONLY));
	OK(write(fd, what, strlen(what)));
	OK(close(fd));
}

static long group_sockets(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/memory.kmem.tcp.usage_in_bytes", group);
	return number_after(path, "");
}

static void group_leave(void)
{
	group_write("../cgroup.procs", "0");
	rmdir(group);
}

/* This process is in a cgroup that gives its sockets nothing: version 1 has such a limit. */
static void group_without_memory(void)
{
	char root[48];

	snprintf(root, sizeof(root), "/tmp/memory.%d", getpid());
	snprintf(group, sizeof(group), "%s/test", root);
	OK(unshare(CLONE_NEWNS));
	OK(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	OK(mkdir(root, 0700));
	if (mount("none", root, "cgroup", 0, "memory"))	/* newer kernels may have none */
		skip("no memory cgroup of version 1 could be mounted");
	OK(mkdir(group, 0700));
	group_write("memory.kmem.tcp.limit_in_bytes", "0");
	group_write("cgroup.procs", "0");
	at_end(group_leave);
}

TEST(what_must_be_granted_is_charged_to_the_memory_cgroup)
{
	struct pair p;

	if (!is_ttp())
		skip("tcp's accepted socket is in the group, too");
	group_without_memory();
	p = connected();
	EQ(group_sockets(), 0);
	/* nothing else is there to read: it is taken */
	send_bytes(p.s, 3000, 0);
	WAIT(unread(p.c) == 3000, 2000);
	EXPECT(group_sockets() >= 3000);
	recv_bytes(p.c, 3000, 0);
	WAIT(!group_sockets(), 2000);
}

/* ---- and all of it ---- */

TEST_SECONDS(what_was_taken_is_given_back, 30)
{
	uint64_t sent[MANY] = { 0 };
	long before, most;
	int i;

	before = before_many();
	most = write_many(MANY, sent);
	EXPECT(most > before + 100);
	for (i = 0; i < MANY; i++) {
		OK(close(many[i].s));
		OK(close(many[i].c));
	}
	WAIT(sockstat("mem ") <= before, 5000);
	EQ(sockstat("orphan "), 0);
}

TEST_SECONDS(an_idle_connection_holds_no_memory, 30)
{
	long before;
	int i;

	before = before_many();
	for (i = 0; i < MANY; i++) {
		send_text(many[i].c, "ask");
		recv_text(many[i].s, "ask");
		send_text(many[i].s, "answer");
		WAIT(recv(many[i].c, &(char){ 0 }, 1, MSG_PEEK) == 1, 5000);
		recv_text(many[i].c, "answer");
	}
	/* the last ACKs are delayed */
	WAIT(sockstat("mem ") <= before, 5000);
}

/* Nobody acknowledges what they have written; each still has its socket. */
TEST_SECONDS(who_was_reset_holds_no_memory, 30)
{
	uint64_t sent[MANY] = { 0 };
	long before;
	int i;

	before = before_many();
	EXPECT(write_many(MANY, sent) > before + 100);
	for (i = 0; i < MANY; i++)
		OK(close(many[i].s));
	for (i = 0; i < MANY; i++)
		gets_error(many[i].c, ECONNRESET);
	WAIT(sockstat("mem ") <= before, 5000);
}

/* how many peers have been told so far */
static int resets(bool *reset, int n)
{
	int i, count = 0;

	for (i = 0; i < n; i++) {
		if (!reset[i])
			reset[i] = so_error(many[i].s) == ECONNRESET;
		count += reset[i];
	}
	return count;
}

TEST_SECONDS(orphans_are_bounded, 30)
{
	uint64_t sent[MANY] = { 0 };
	bool reset[30] = { false };
	int i;

	if (!is_ttp())
		skip("tcp_max_orphans belongs to the machine");
	knob("max_orphans", 10);
	connect_many(30);
	write_many(30, sent);
	for (i = 0; i < 30; i++)
		OK(close(many[i].c));
	EQ(count_sockets(0, 0, "FIN_WAIT_1"), 10);
	EQ(sockstat("orphan "), 10);
	EQ(counter("AbortOnMemory"), 20);
	/* the others' peers know; the last ones mostly, but for what a timer ends */
	WAIT(resets(reset, 30) == 20, 4000);
}
