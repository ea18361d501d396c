// SPDX-License-Identifier: GPL-2.0
/*
 * Long lists of sockets, by /proc and by netlink: how much work it is to read
 * them, and what they say while connections come and go; what a dump has if it is
 * asked for; and the end of a connection by its number there.
 */
#include <linux/filter.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/ttp_netlink.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "sock.h"
#include "tun.h"

#define PEER	"10.0.0.2"

/* ---- many requests, one for each SYN of a peer that there is not ---- */

static int tun;

static void send_syn(int port)
{
	struct handmade p = {
		.th = { .source = htons(port), .dest = htons(4253), .doff = 5, .syn = 1,
			.window = 0xffff },
	};
	int len = finish(&p, PEER, "10.0.0.1", 0);

	EQ(write(tun, &p, len), len);
}

/* So many handshakes, from ports 1 to @n. */
static void handshakes(int n)
{
	int i;

	if (!is_ttp())
		skip("TTP's lists");
	knob("max_syn_backlog", n);
	knob("syncookies", 0);
	tun = tun_up("10.0.0.1", 10);
	listener("10.0.0.1", 4253, n);
	for (i = 1; i <= n; i++)
		send_syn(i);
}

/* ---- two ways to read the list ---- */

static int *seen;	/* how often each port of the peer came */
static int others;	/* lines of anything else */
static bool interrupted;	/* netlink said that the list is not of one piece */

static void count_port(uint32_t ip, int port)
{
	if (ip == addr(PEER, 0).sin_addr.s_addr)
		seen[port]++;
	else
		others++;
}

static void read_proc(void)
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
}

static void ask(int fd, int family, int cmd, int flags, const void *attr, int len)
{
	struct {
		struct nlmsghdr nlh;
		struct genlmsghdr genl;
		char attr[64];
	} m = { .nlh.nlmsg_type = family, .nlh.nlmsg_flags = NLM_F_REQUEST | flags,
		.genl.cmd = cmd, .genl.version = 1 };

	m.nlh.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN + len;
	memcpy(m.attr, attr, len);
	OK(send(fd, &m, m.nlh.nlmsg_len, 0));
}

static const struct nlattr *has(const struct nlmsghdr *nlh, int type)
{
	const char *p = (const char *)nlh + NLMSG_HDRLEN + GENL_HDRLEN;
	const char *end = (const char *)nlh + nlh->nlmsg_len;
	const struct nlattr *a;

	for (; p < end; p += NLA_ALIGN(a->nla_len)) {
		a = (const struct nlattr *)p;
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
	}
	return NULL;
}

static const struct nlattr *find(const struct nlmsghdr *nlh, int type)
{
	const struct nlattr *a = has(nlh, type);

	if (!a)
		fail("netlink: no attribute %d", type);
	return a;
}

static void copy(const struct nlmsghdr *nlh, int type, void *to, size_t len)
{
	memcpy(to, (const char *)find(nlh, type) + NLA_HDRLEN, len);
}

static int family_id(int fd)
{
	struct {
		struct nlattr head;
		char name[8];
	} name = { { NLA_HDRLEN + 4, CTRL_ATTR_FAMILY_NAME }, "ttp" };
	static char buf[8192];
	uint16_t id;

	ask(fd, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0, &name, NLA_HDRLEN + 4);
	OK(recv(fd, buf, sizeof(buf), 0));
	copy((struct nlmsghdr *)buf, CTRL_ATTR_FAMILY_ID, &id, sizeof(id));
	return id;
}

static void count_peer(const struct nlmsghdr *nlh)
{
	uint32_t ip;
	uint16_t port;

	copy(nlh, TTP_A_DADDR, &ip, sizeof(ip));
	copy(nlh, TTP_A_DPORT, &port, sizeof(port));
	count_port(ip, port);
}

/* One message of a dump; false: it was the last one */
static bool take(const struct nlmsghdr *nlh, void (*row)(const struct nlmsghdr *nlh))
{
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		interrupted = true;
	if (nlh->nlmsg_type == NLMSG_DONE)
		return false;
	EXPECT(nlh->nlmsg_type != NLMSG_ERROR);
	row(nlh);
	return true;
}

static int netlink_open(int *family)
{
	int fd = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC));

	*family = family_id(fd);
	return fd;
}

/* The socket dump, with this attribute if it has a length */
static void dump(const void *attr, int attr_len, void (*row)(const struct nlmsghdr *nlh))
{
	static char buf[32768] __attribute__((aligned(8)));
	int family, fd = netlink_open(&family), len;
	const struct nlmsghdr *nlh;
	bool more = true;

	interrupted = false;
	ask(fd, family, TTP_CMD_SOCK_GET, NLM_F_DUMP, attr, attr_len);
	while (more) {
		len = OK(recv(fd, buf, sizeof(buf), 0));
		for (nlh = (struct nlmsghdr *)buf; more && NLMSG_OK(nlh, len);
		     nlh = NLMSG_NEXT(nlh, len))
			more = take(nlh, row);
	}
	close(fd);
}

static void read_netlink(void)
{
	dump(NULL, 0, count_peer);
}

/* ---- how much work it is ---- */

#define MANY	20000

/* Each connection is passed once, however many there are: who began anew for each part
 * that is read would pass 20,000,000.
 */
static void work_is_linear(void (*read_list)(void))
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
#define SLOTS	64	/* of listeners; theirs is that of ports 1 + 64 * i */

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

static bool all_once(void (*read_list)(void))
{
	int i;

	memset(seen, 0, 65536 * sizeof(*seen));
	read_list();
	for (i = 1; i <= STAYING; i++)
		if (seen[i] != 1)
			return false;
	return true;
}

static void each_comes_once(void (*read_list)(void))
{
	pthread_t t;
	int i;

	seen = calloc(65536, sizeof(*seen));
	handshakes(STAYING);
	WAIT(all_once(read_list), 5000);	/* the table has grown */
	t = spawn(come_and_go, NULL);
	for (i = 0; i < 20; i++)
		EXPECT(all_once(read_list) && !interrupted);
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

/* Reads a part of the list, lets @change happen, and reads the rest; the ports of
 * the listeners on 127.0.0.1 in the order in which they came.
 */
static int read_around(void (*change)(void), int *ports, int room)
{
	int fd = OK(open("/proc/thread-self/net/ttp/sockets", O_RDONLY)), n = 0, len = 0, got;
	static char text[65536];
	char *line;

	while ((got = OK(read(fd, text + len, 1000))) > 0) {
		if (!len)
			change();
		len += got;
	}
	text[len] = 0;
	for (line = strstr(text, "127.0.0.1:"); line && n < room; line = strstr(line + 1, "127.0.0.1:"))
		ports[n++] = atoi(line + 10);
	close(fd);
	return n;
}

static int listeners[40];

/* of those that came first and of those that come next, and a new one of the slot */
static void close_some(void)
{
	int i;

	for (i = 0; i < 40; i += 3)
		OK(close(listeners[i]));
	listener("127.0.0.9", 10001 + SLOTS * 50, 1);
}

TEST(proc_shows_each_listener_of_a_slot_once_while_others_come_and_go)
{
	int ports[100], i, n, times[40] = { 0 };

	if (!is_ttp())
		skip("TTP's lists");
	for (i = 0; i < 40; i++)
		listeners[i] = listener("127.0.0.1", 10001 + SLOTS * i, 1);
	n = read_around(close_some, ports, 100);
	for (i = 0; i < n; i++)
		times[(ports[i] - 10001) / SLOTS]++;
	for (i = 0; i < 40; i++)
		EXPECT(i % 3 ? times[i] == 1 : times[i] <= 1);
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
	EXPECT(all_once(read_proc));
}

/* ---- sockets that are in no table ---- */

static int wanted_port, found_state;
static uint32_t wanted_inode, found_port, found_uid;
static int found;
static uint64_t found_id;

static void find_socket(const struct nlmsghdr *nlh)
{
	uint32_t inode;
	uint16_t port;
	uint8_t state;

	copy(nlh, TTP_A_INODE, &inode, sizeof(inode));
	copy(nlh, TTP_A_SPORT, &port, sizeof(port));
	if (wanted_inode ? inode != wanted_inode : port != wanted_port)
		return;
	found++;
	found_port = port;
	copy(nlh, TTP_A_STATE, &state, sizeof(state));
	copy(nlh, TTP_A_UID, &found_uid, sizeof(found_uid));
	copy(nlh, TTP_A_ID, &found_id, sizeof(found_id));
	found_state = state;
}

static const struct nlattr unconnected = { NLA_HDRLEN, TTP_A_UNCONNECTED };

/* How often a dump has it, with those in no table or without */
static int times(int fd, bool all)
{
	struct stat st;

	OK(fstat(fd, &st));
	wanted_inode = st.st_ino;
	found = 0;
	dump(&unconnected, all ? NLA_HDRLEN : 0, find_socket);
	return found;
}

TEST(a_dump_that_asks_for_it_has_fresh_and_bound_sockets)
{
	struct pair p;
	int fd;

	if (!is_ttp())
		skip("TTP's lists");
	fd = sock();
	EQ(times(fd, false), 0);
	EQ(times(fd, true), 1);
	EQ(found_state, TTP_STATE_CLOSED);
	EQ(found_port, 0);
	EQ(found_uid, getuid());
	OK(bind_to(fd, "127.0.0.1", 4444));
	EQ(times(fd, false), 0);
	EQ(times(fd, true), 1);
	EQ(found_port, 4444);
	OK(listen(fd, 1));
	EQ(times(fd, false), 1);
	EQ(times(fd, true), 1);
	EQ(found_state, TTP_STATE_LISTEN);
	OK(disconnect(fd));
	EQ(times(fd, false), 0);
	EQ(times(fd, true), 1);
	EQ(found_state, TTP_STATE_CLOSED);
	p = connected();
	EQ(times(p.c, true), 1);
	EQ(found_state, TTP_STATE_ESTABLISHED);
	close_hard(p.s);
	WAIT(times(p.c, false) == 0, 1000);
	EQ(times(p.c, true), 1);
	EQ(found_state, TTP_STATE_CLOSED);
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
	for (k = 0; k < 20; k++) {
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

/* ---- one of them, with its queues ---- */

/* Return: 0 or an errno; in @buf what came */
static int get_one(uint64_t id, char *buf, size_t size)
{
	struct {
		struct nlattr head;
		uint64_t id;
	} __attribute__((packed)) attr = { { NLA_HDRLEN + 8, TTP_A_ID }, id };
	int family, fd = netlink_open(&family);
	const struct nlmsgerr *err = NLMSG_DATA(buf);

	ask(fd, family, TTP_CMD_SOCK_GET, 0, &attr, sizeof(attr));
	OK(recv(fd, buf, size, 0));
	close(fd);
	return ((struct nlmsghdr *)buf)->nlmsg_type == NLMSG_ERROR ? -err->error : 0;
}

TEST(one_socket_has_its_queues)
{
	static char buf[32768] __attribute__((aligned(8)));
	const struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	struct tcp_info info, same;
	socklen_t len = sizeof(same);
	uint16_t port;
	struct pair p;
	uint64_t id;

	if (!is_ttp())
		skip("TTP's lists");
	p = connected();
	EQ(times(p.c, false), 1);
	id = found_id;
	EQ(get_one(id, buf, sizeof(buf)), 0);
	copy(nlh, TTP_A_SPORT, &port, sizeof(port));
	EQ(port, port_of(p.c));
	copy(nlh, TTP_A_TCP_INFO, &info, sizeof(info));
	OK(getsockopt(p.c, tcp_level(), TTP_INFO, &same, &len));
	EQ(info.tcpi_snd_cwnd, same.tcpi_snd_cwnd);
	EQ(info.tcpi_rto, same.tcpi_rto);
	find(nlh, TTP_A_SND_NXT);
	EXPECT(!has(nlh, TTP_A_SEND_QUEUE));
	EQ(get_one(0x7fffffff, buf, sizeof(buf)), ENOENT);
}

TEST(only_the_administrator_sees_what_a_queue_has)
{
	static char buf[32768] __attribute__((aligned(8)));
	const struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	struct pair p;
	uint64_t id;

	if (!is_ttp())
		skip("TTP's lists");
	p = connected();
	EQ(times(p.c, false), 1);
	id = found_id;
	EQ(send(p.c, "x", 1, MSG_MORE), 1);	/* it is held back */
	EQ(get_one(id, buf, sizeof(buf)), 0);
	find(nlh, TTP_A_SEND_QUEUE);
	OK(setresuid(65534, 65534, 65534));
	EQ(get_one(id, buf, sizeof(buf)), 0);
	find(nlh, TTP_A_TCP_INFO);
	EXPECT(!has(nlh, TTP_A_SEND_QUEUE));
	EXPECT(!has(nlh, TTP_A_SND_NXT));
}

/* ---- an end from outside, as ss -K ---- */

/* Return: 0 or an errno */
static int destroy(uint64_t id)
{
	struct {
		struct nlattr head;
		uint64_t id;
	} __attribute__((packed)) attr = { { NLA_HDRLEN + 8, TTP_A_ID }, id };
	char buf[1000] __attribute__((aligned(8)));
	int family, fd = netlink_open(&family);
	struct nlmsgerr *err = NLMSG_DATA(buf);

	ask(fd, family, TTP_CMD_SOCK_DESTROY, NLM_F_ACK, &attr, sizeof(attr));
	OK(recv(fd, buf, sizeof(buf), 0));
	close(fd);
	EQ(((struct nlmsghdr *)buf)->nlmsg_type, NLMSG_ERROR);
	return -err->error;
}

static uint64_t id_of(int fd)
{
	EQ(times(fd, false), 1);
	return found_id;
}

TEST(the_administrator_can_abort_a_connection)
{
	struct pair p;
	uint64_t id;
	char c;

	if (!is_ttp())
		skip("TTP's lists");
	p = connected();
	id = id_of(p.c);
	EQ(destroy(id), 0);
	EQ(so_error(p.c), ECONNABORTED);
	EXPECT(state_is(p.c, "CLOSED"));
	EXPECT(poll_till(p.s, POLLIN) & POLLERR);
	ERR(read(p.s, &c, 1), ECONNRESET);
	EQ(destroy(id), ENOENT);
	EQ(destroy(~0ULL), ENOENT);
	EQ(destroy(0), ENOENT);
}

TEST(the_administrator_can_end_a_listener)
{
	struct pair p;
	int c;

	if (!is_ttp())
		skip("TTP's lists");
	p = connected();
	c = sock();
	OK(connect_to(c, ip_b, port_of(p.l)));
	EQ(destroy(id_of(p.l)), 0);
	EXPECT(poll_till(c, POLLIN) & POLLERR);	/* nobody will accept it */
	EQ(so_error(p.l), ECONNABORTED);
	ERR(accept(p.l, NULL, NULL), EINVAL);
	ERR(connect_to(sock(), ip_b, 4253), ECONNREFUSED);
	send_text(p.c, "goes on");
	recv_text(p.s, "goes on");
}

static int state_of_port(int port)
{
	wanted_inode = 0;
	wanted_port = port;
	found = 0;
	dump(NULL, 0, find_socket);
	return found ? found_state : 0;
}

TEST(the_administrator_can_end_TIME_WAIT)
{
	struct pair p;
	int port;

	if (!is_ttp())
		skip("TTP's lists");
	p = connected();
	port = port_of(p.c);
	OK(close(p.c));
	recv_eof(p.s);
	OK(close(p.s));
	WAIT(state_of_port(port) == TTP_STATE_TIME_WAIT, 2000);
	EQ(destroy(found_id), 0);
	EQ(state_of_port(port), 0);
}

static void take_request(const struct nlmsghdr *nlh)
{
	uint8_t state;

	copy(nlh, TTP_A_STATE, &state, sizeof(state));
	if (state != TTP_STATE_SYN_RCVD)
		return;
	found++;
	copy(nlh, TTP_A_ID, &found_id, sizeof(found_id));
}

TEST(the_administrator_can_end_a_handshake)
{
	int i;

	seen = calloc(65536, sizeof(*seen));
	handshakes(3);
	for (i = 3; i >= 0; i--) {
		found = 0;
		dump(NULL, 0, take_request);
		EQ(found, i);
		if (i)
			EQ(destroy(found_id), 0);
	}
}

/* ---- a socket that a process has locked, and sleeps ---- */

static char *absent;	/* memory that this process brings when it is asked for */

/* Reading it sleeps until bring_memory().  Return: the descriptor that says so. */
static int memory_that_is_absent(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	long size = sysconf(_SC_PAGESIZE);
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		skip("no userfaultfd here");
	OK(ioctl(fd, UFFDIO_API, &api));
	absent = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(absent != MAP_FAILED);
	reg.range.start = (uintptr_t)absent;
	reg.range.len = size;
	OK(ioctl(fd, UFFDIO_REGISTER, &reg));
	return fd;
}

static void bring_memory(int fd)
{
	struct uffdio_zeropage zero = {
		.range = { .start = (uintptr_t)absent, .len = sysconf(_SC_PAGESIZE) },
	};

	OK(ioctl(fd, UFFDIO_ZEROPAGE, &zero));
}

static void *send_absent(void *fd)
{
	EQ(send(*(int *)fd, absent, 1, 0), 1);
	return NULL;
}

static void *filter_absent(void *fd)
{
	struct sock_fprog prog = { .len = 1, .filter = (void *)absent };

	ERR(setsockopt(*(int *)fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)), EINVAL);
	return NULL;
}

/* Who reads or ends a socket has a lock of all of generic netlink, and waits for no process. */
TEST(a_socket_that_a_process_has_locked_holds_up_nobody)
{
	static char buf[32768] __attribute__((aligned(8)));
	struct uffd_msg msg;
	uint64_t id, lid;
	struct pair p;
	pthread_t t;
	int port, fd;

	if (!is_ttp())
		skip("TTP's lists");
	fd = memory_that_is_absent();
	p = connected();
	id = id_of(p.c);
	lid = id_of(p.l);
	port = port_of(p.c);
	t = spawn(send_absent, &p.c);
	EQ(read(fd, &msg, sizeof(msg)), sizeof(msg));	/* it sleeps, and has the lock */
	EQ(get_one(id, buf, sizeof(buf)), EBUSY);
	EQ(destroy(id), 0);
	EQ(state_of_port(port), TTP_STATE_ESTABLISHED);
	bring_memory(fd);
	join(t);
	EXPECT(state_is(p.c, "CLOSED"));
	EQ(so_error(p.c), ECONNABORTED);
	EXPECT(poll_till(p.s, POLLIN) & POLLERR);
	close(fd);

	fd = memory_that_is_absent();
	t = spawn(filter_absent, &p.l);
	EQ(read(fd, &msg, sizeof(msg)), sizeof(msg));
	EQ(destroy(lid), EBUSY);
	bring_memory(fd);
	join(t);
	EXPECT(state_is(p.l, "LISTEN"));
	EQ(destroy(lid), 0);
	EXPECT(state_is(p.l, "CLOSED"));
}

/* In a child process. Return: what destroy() returned after @change */
static int destroy_after(int (*change)(void), uint64_t id)
{
	pid_t pid = OK(fork());
	int status;

	if (!pid)
		_exit(change() ? 255 : destroy(id));
	OK(waitpid(pid, &status, 0));
	EXPECT(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int be_nobody(void) { return setresuid(65534, 65534, 65534); }
static int leave_user_namespace(void) { return unshare(CLONE_NEWUSER); }

TEST(nobody_else_can_end_a_connection)
{
	struct pair p;
	uint64_t id;

	if (!is_ttp())
		skip("TTP's lists");
	p = connected();
	id = id_of(p.c);
	EQ(destroy_after(be_nobody, id), EPERM);
	EQ(destroy_after(leave_user_namespace, id), EPERM);
	EXPECT(state_is(p.c, "ESTABLISHED"));
}
