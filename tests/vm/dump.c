// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of sockets, by /proc and by netlink: how much work it is to read long ones, what
 * they say while connections come and go, and what a dump has if it is asked for.
 */
#include <linux/sock_diag.h>
#include <sys/stat.h>
#include "netlink.h"
#include "sock.h"
#include "tun.h"

#define PEER	"10.0.0.2"

/* ---- many requests, one for each SYN of a peer that there is not ---- */

/* So many handshakes, from ports 1 to @n. */
static void handshakes(int n)
{
	int tun, i;

	if (!is_ttp())
		skip("TTP's lists");
	knob("max_syn_backlog", n);
	knob("syncookies", 0);
	knob("synack_retries", 100);	/* they last however slow the kernel is */
	tun = tun_up("10.0.0.1", 10);
	listener("10.0.0.1", 4253, n);
	for (i = 1; i <= n; i++)
		send_syn(tun, PEER, i, "10.0.0.1", 4253);
}

/* ---- two ways to read the list ---- */

static int *seen;	/* how often each port of the peer came */
static int others;	/* lines of anything else */

static void count_port(uint32_t ip, int port)
{
	if (ip == addr(PEER, 0).sin_addr.s_addr)
		seen[port]++;
	else
		others++;
}

/* Both return whether the list is of one piece, which /proc does not say. */
static bool read_proc(void)
{
	FILE *f = fopen("/proc/thread-self/net/ttp/sockets", "r");
	char line[512], ip[32];
	int port;

	EXPECT(f);
	EXPECT(fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %*s %31[0-9.]:%d", ip, &port) != 2)
			fail("not a line of the list: \"%s\"", line);
		count_port(addr(ip, 0).sin_addr.s_addr, port);
	}
	fclose(f);
	return true;
}

static void count_peer(const struct nlmsghdr *nlh)
{
	uint32_t ip;
	uint16_t port;

	copy(nlh, TTP_A_DADDR, &ip, sizeof(ip));
	copy(nlh, TTP_A_DPORT, &port, sizeof(port));
	count_port(ip, port);
}

static bool read_netlink(void)
{
	return dump(NULL, 0, count_peer);
}

/* ---- how much work it is ---- */

#define MANY	20000

/* Each connection is passed once, however many there are: who began anew for each part
 * that is read would pass 20,000,000.
 */
static void work_is_linear(bool (*read_list)(void))
{
	long steps;
	int fd;

	seen = calloc(65536, sizeof(*seen));
	handshakes(MANY);
	fd = probe("ttp_walk_next", 0, -1);
	read_list();
	steps = probe_count(fd);
	EXPECT(steps >= MANY / 2);
	if (steps > MANY + MANY / 10)
		fail("expected about %d steps, came %ld", MANY, steps);
}

TEST_SECONDS(reading_proc_passes_each_of_20000_connections_once, 60)
{
	work_is_linear(read_proc);
}

TEST_SECONDS(a_netlink_dump_passes_each_of_20000_connections_once, 60)
{
	work_is_linear(read_netlink);
}

/* ---- others come and go meanwhile ---- */

#define STAYING	2000	/* in a table of 4096, which stays as it is up to 3072 */

static atomic_bool stop;

static void *come_and_go(void *arg)
{
	int l = listener(ip_b, 4000, 8), c, s, turn = 0;

	while (!stop) {
		c = sock();
		OK(connect_to(c, ip_b, 4000));
		s = OK(accept(l, NULL, NULL));
		close_hard(c);
		OK(close(s));
		OK(close(listener("127.0.0.2", 10000 + turn++ % 50, 1)));
	}
	return NULL;
}

static bool all_once(bool (*read_list)(void))
{
	int i;

	memset(seen, 0, 65536 * sizeof(*seen));
	if (!read_list())
		return false;
	for (i = 1; i <= STAYING; i++)
		if (seen[i] != 1)
			return false;
	return true;
}

static void each_comes_once(bool (*read_list)(void))
{
	pthread_t t;
	int i;

	seen = calloc(65536, sizeof(*seen));
	handshakes(STAYING);
	WAIT(all_once(read_list), 5000);	/* the table has grown */
	t = spawn(come_and_go, NULL);
	for (i = 0; i < 8; i++)
		EXPECT(all_once(read_list));
	stop = true;
	join(t);
}

TEST_SECONDS(proc_shows_each_connection_once_while_others_come_and_go, 60)
{
	each_comes_once(read_proc);
}

TEST_SECONDS(netlink_shows_each_connection_once_while_others_come_and_go, 60)
{
	each_comes_once(read_netlink);
}

/* Reads a part of a file, lets @change happen if there is one, and reads the rest. */
static char *read_around(const char *path, void (*change)(void))
{
	int fd = OK(open(path, O_RDONLY)), len = 0, got;
	static char text[100000];

	while ((got = OK(read(fd, text + len, 1000))) > 0) {
		if (!len && change)
			change();
		len += got;
	}
	text[len] = 0;
	close(fd);
	return text;
}

/* The inodes of what is on 127.0.0.1 in the order in which they came.  Return: how many. */
static int inodes_around(void (*change)(void), ino_t *inodes, int room)
{
	char *text = read_around("/proc/thread-self/net/ttp/sockets", change), *line, *rest;
	int n = 0;

	for (line = strtok_r(text, "\n", &rest); line && n < room; line = strtok_r(NULL, "\n", &rest)) {
		if (!strstr(line, " 127.0.0.1:"))
			continue;
		*strrchr(line, ' ') = 0;	/* id */
		inodes[n++] = strtoul(strrchr(line, ' '), NULL, 10);
	}
	return n;
}

static struct {
	int fd;
	ino_t inode;
} listeners[40];

/* They share a port, so they are in one slot. */
static int sharing_listener(void)
{
	int fd = sock();

	OK(set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1));
	OK(bind_to(fd, "127.0.0.1", 10001));
	OK(listen(fd, 1));
	return fd;
}

/* of those that came first and of those that come next, and a new one of the slot */
static void close_some(void)
{
	int i;

	for (i = 0; i < 40; i += 3)
		OK(close(listeners[i].fd));
	sharing_listener();
}

TEST(proc_shows_each_listener_of_a_slot_once_while_others_come_and_go)
{
	int i, k, n, times;
	ino_t inodes[100];
	struct stat st;

	if (!is_ttp())
		skip("TTP's lists");
	for (i = 0; i < 40; i++) {
		listeners[i].fd = sharing_listener();
		OK(fstat(listeners[i].fd, &st));
		listeners[i].inode = st.st_ino;
	}
	n = inodes_around(close_some, inodes, 100);
	for (i = 0; i < 40; i++) {
		for (k = times = 0; k < n; k++)
			times += inodes[k] == listeners[i].inode;
		EXPECT(i % 3 ? times == 1 : times <= 1);
	}
}

/* ---- history ---- */

#define REMEMBERED	60

static int server;

static void connections(int n)
{
	int c;

	while (n--) {
		c = sock();
		OK(connect_to(c, ip_b, 4000));
		OK(accept(server, NULL, NULL));
		close_hard(c);
	}
}

static void ten_more(void)
{
	connections(10);
}

/* The ids in their order; there is a line for each transition.  Return: how many. */
static int ids_around(void (*change)(void), long *ids)
{
	char *text = read_around("/proc/thread-self/net/ttp/history", change), *line, *rest;
	int n = 0;
	long id;

	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		id = atol(line);
		if (id && (!n || ids[n - 1] != id))
			ids[n++] = id;
	}
	return n;
}

TEST(history_leaves_none_out_while_others_begin)
{
	long before[2 * REMEMBERED], ids[2 * REMEMBERED];
	int i, k, n;

	if (!is_ttp())
		skip("TTP's lists");
	loopback_up();
	knob("history", REMEMBERED);
	server = listener(ip_b, 4000, 10);
	connections(REMEMBERED / 2);
	EQ(ids_around(NULL, before), REMEMBERED);
	n = ids_around(ten_more, ids);
	/* each of the ten has two ends, and drove two of the oldest out */
	for (i = 20; i < REMEMBERED; i++) {
		for (k = 0; k < n && ids[k] != before[i]; k++)
			;
		EXPECT(k < n);
	}
}

/* ---- places in the list ---- */

/* what is read at once, and the same read in another order */
TEST(proc_may_be_read_anywhere)
{
	static char whole[16384], part[16384];
	int fd, len = 0, got, i;

	if (!is_ttp())
		skip("TTP's lists");
	for (i = 0; i < 40; i++)
		listener("127.0.0.1", 10000 + i, 1);
	fd = OK(open("/proc/thread-self/net/ttp/sockets", O_RDONLY));
	while ((got = OK(read(fd, whole + len, sizeof(whole) - len))) > 0)
		len += got;
	EXPECT(len > 6000);
	for (i = len - 700; i > 0; i -= 700) {
		EQ(pread(fd, part, 700, i), 700);
		EXPECT(!memcmp(part, whole + i, 700));
	}
	EQ(lseek(fd, 0, SEEK_SET), 0);
	EQ(read(fd, part, 100), 100);
	EXPECT(!memcmp(part, whole, 100));
	EQ(pread(fd, part, 100, len + 1000), 0);
}

/* ---- an end in the middle ---- */

static void half_a_dump(void)
{
	int family, fd = netlink_open(&family);
	char buf[1000];

	ask(fd, family, TTP_CMD_SOCK_GET, NLM_F_DUMP, NULL, 0);
	OK(recv(fd, buf, sizeof(buf), 0));
	close(fd);
}

TEST(a_list_need_not_be_read_to_its_end)
{
	char buf[1000];
	int fd;

	seen = calloc(65536, sizeof(*seen));
	handshakes(STAYING);
	half_a_dump();
	fd = OK(open("/proc/thread-self/net/ttp/sockets", O_RDONLY));
	EXPECT(read(fd, buf, sizeof(buf)) > 0);
	close(fd);
	WAIT(all_once(read_proc), 5000);	/* the table has grown */
}

/* ---- sockets that are in no table ---- */

TEST(a_dump_that_asks_for_it_has_fresh_and_bound_sockets)
{
	struct pair p;
	int fd;

	if (!is_ttp())
		skip("TTP's lists");
	fd = sock();
	EQ(times(fd, false), 0);
	EQ(times(fd, true), 1);
	EQ(found.state, TTP_STATE_CLOSED);
	EQ(found.port, 0);
	EQ(found.uid, getuid());
	OK(bind_to(fd, "127.0.0.1", 4444));
	EQ(times(fd, false), 0);
	EQ(times(fd, true), 1);
	EQ(found.port, 4444);
	OK(listen(fd, 1));
	EQ(times(fd, false), 1);
	EQ(times(fd, true), 1);
	EQ(found.state, TTP_STATE_LISTEN);
	OK(disconnect(fd));
	EQ(times(fd, false), 0);
	EQ(times(fd, true), 1);
	EQ(found.state, TTP_STATE_CLOSED);
	p = connected();
	EQ(times(p.c, true), 1);
	EQ(found.state, TTP_STATE_ESTABLISHED);
	close_hard(p.s);
	WAIT(times(p.c, false) == 0, 1000);
	EQ(times(p.c, true), 1);
	EQ(found.state, TTP_STATE_CLOSED);
}

#define IDLE	700

static void count_idle(const struct nlmsghdr *nlh)
{
	uint32_t ip;
	uint16_t port;

	copy(nlh, TTP_A_SADDR, &ip, sizeof(ip));
	copy(nlh, TTP_A_SPORT, &port, sizeof(port));
	if (ip == addr("127.0.0.3", 0).sin_addr.s_addr)
		seen[port]++;
}

TEST_SECONDS(each_bound_socket_comes_once_while_others_come_and_go, 60)
{
	pthread_t t;
	int i, k;

	if (!is_ttp())
		skip("TTP's lists");
	seen = calloc(65536, sizeof(*seen));
	loopback_up();
	for (i = 0; i < IDLE; i++)
		OK(bind_to(sock(), "127.0.0.3", 1000 + i));
	t = spawn(come_and_go, NULL);
	for (k = 0; k < 8; k++) {
		memset(seen, 0, 65536 * sizeof(*seen));
		dump(&unconnected, NLA_HDRLEN, count_idle);
		for (i = 0; i < IDLE; i++)
			EQ(seen[1000 + i], 1);
	}
	stop = true;
	join(t);
}

/* ---- memory ---- */

static uint32_t meminfo[SK_MEMINFO_VARS];
static uint32_t wanted_inode;

static void take_meminfo(const struct nlmsghdr *nlh)
{
	uint32_t inode;

	copy(nlh, TTP_A_INODE, &inode, sizeof(inode));
	if (inode != wanted_inode)
		return;
	EQ(find(nlh, TTP_A_SKMEMINFO)->nla_len, NLA_HDRLEN + sizeof(meminfo));
	copy(nlh, TTP_A_SKMEMINFO, meminfo, sizeof(meminfo));
}

TEST(a_dump_has_the_memory_of_a_socket)
{
	uint32_t want[SK_MEMINFO_VARS];
	socklen_t len = sizeof(want);
	struct pair p;
	struct stat st;

	if (!is_ttp())
		skip("TTP's lists");
	p = connected();
	send_bytes(p.c, 10000, 0);
	WAIT(poll_for(p.s, POLLIN, 0), 1000);
	OK(fstat(p.s, &st));
	wanted_inode = st.st_ino;
	dump(NULL, 0, take_meminfo);
	OK(getsockopt(p.s, SOL_SOCKET, SO_MEMINFO, want, &len));
	EQ(len, sizeof(want));
	EXPECT(!memcmp(want, meminfo, sizeof(want)));
	EXPECT(meminfo[SK_MEMINFO_RMEM_ALLOC] >= 10000);
}

/* ---- only what is asked for ---- */

static int found_tcb, found_memory;

static void look_for_parts(const struct nlmsghdr *nlh)
{
	find(nlh, TTP_A_TIMER);
	find(nlh, TTP_A_RQUEUE);
	found_tcb += has(nlh, TTP_A_CWND) && has(nlh, TTP_A_SND_NXT);
	found_memory += !!has(nlh, TTP_A_SKMEMINFO);
}

/* Have both ends and the listener these parts, and no others? */
static void expect_parts(uint32_t parts)
{
	struct {
		struct nlattr head;
		uint32_t parts;
	} attr = { { sizeof(attr), TTP_A_PARTS }, parts };

	found_tcb = found_memory = 0;
	dump(&attr, sizeof(attr), look_for_parts);
	EQ(found_tcb, parts & TTP_PART_TCB ? 2 : 0);
	EQ(found_memory, parts & TTP_PART_MEMORY ? 3 : 0);
}

TEST(a_dump_has_the_parts_that_are_asked_for)
{
	if (!is_ttp())
		skip("TTP's lists");
	connected();
	expect_parts(0);
	expect_parts(TTP_PART_TCB);
	expect_parts(TTP_PART_MEMORY);
	expect_parts(TTP_PART_TCB | TTP_PART_MEMORY);
	found_tcb = found_memory = 0;
	dump(NULL, 0, look_for_parts);
	EQ(found_tcb, 2);
	EQ(found_memory, 3);
}

/* ---- only those that are asked for ---- */

static int listed;

static void count_listed(const struct nlmsghdr *nlh)
{
	listed++;
}

/* How many sockets a dump has with a u16 attribute */
static int listed_with(int type, uint16_t value)
{
	struct {
		struct nlattr head;
		uint16_t value[2];
	} attr = { { NLA_HDRLEN + 2, type }, { value } };

	listed = 0;
	dump(&attr, sizeof(attr), count_listed);
	return listed;
}

TEST(a_dump_has_the_sockets_that_are_asked_for)
{
	struct pair p;

	if (!is_ttp())
		skip("TTP's lists");
	p = connected();
	EQ(listed_with(TTP_A_STATES, 1 << TTP_STATE_ESTABLISHED), 2);
	EQ(listed_with(TTP_A_STATES, 1 << TTP_STATE_LISTEN), 1);
	EQ(listed_with(TTP_A_STATES, 1 << TTP_STATE_LISTEN | 1 << TTP_STATE_ESTABLISHED), 3);
	EQ(listed_with(TTP_A_STATES, 1 << TTP_STATE_TIME_WAIT), 0);
	EQ(listed_with(TTP_A_SPORT, port_of(p.c)), 1);
	EQ(listed_with(TTP_A_DPORT, port_of(p.c)), 1);
	EQ(listed_with(TTP_A_DPORT, 1), 0);
}
