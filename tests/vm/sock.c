// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets for tests: the protocol under test, checked calls, bytes that can
 * be told apart, and what /proc says.
 */
#include <endian.h>
#include <net/if.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "sock.h"

const char *ip_a = "127.0.0.1", *ip_b = "127.0.0.1";

/* time */

int test_slowness(void)
{
	const char *s = getenv("TTP_TEST_SLOW");

	return s && atoi(s) > 0 ? atoi(s) : 1;
}

bool time_is_exact(void)
{
	return getenv("TTP_TEST_EXACT");
}

int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

int64_t now_ms(void)
{
	return now_us() / 1000;
}

int64_t deadline(int ms)
{
	return now_ms() + (int64_t)ms * test_slowness();
}

void pause_ms(int ms)
{
	poll(NULL, 0, ms);
}

/* checked calls: sock.h's OK, ERR and EQ */

static const char *errno_name(int e)
{
	const char *name = strerrorname_np(e);

	return e && name ? name : "no error";
}

long check_ok(long got)
{
	if (got < 0)
		fail("expected success, came %s", errno_name(errno));
	return got;
}

void check_errno(long got, int want)
{
	int e = errno;

	if (got != -1)
		fail("expected %s, came success (%ld)", errno_name(want), got);
	if (e != want)
		fail("expected %s, came %s", errno_name(want), errno_name(e));
}

void check_equal(long got, long want)
{
	if (got != want && got == -1 && errno)
		fail("expected %ld, came -1 %s", want, errno_name(errno));
	if (got != want)
		fail("expected %ld, came %ld", want, got);
}

/* By a clock of microseconds a timer may be a jiffy early. */
void check_took(int64_t us, int ms)
{
	const int jiffy = 4;

	if (time_is_exact() && (us < (ms - jiffy) * 1000LL ||
				us > (ms + ms / 8 + 2 * jiffy) * 1000LL))
		fail("expected %d ms, came %.3f", ms, us / 1000.0);
}

/* the protocol under test */

static const char *proto(void)
{
	const char *p = getenv("TTP_TEST_PROTO");

	return p && *p ? p : "ttp";
}

static const char *proto_peer(void)
{
	const char *p = getenv("TTP_TEST_PEER");

	return p && *p ? p : proto();
}

bool is_ttp(void)
{
	return strcmp(proto(), "tcp");
}

int tcp_level(void)
{
	return is_ttp() ? SOL_TTP : IPPROTO_TCP;
}

int ip_protocol(void)
{
	return is_ttp() ? IPPROTO_TTP : IPPROTO_TCP;
}

bool is_v6(void)
{
	const char *family = getenv("TTP_TEST_FAMILY");

	return family && !strcmp(family, "6");
}

int ip_len(void)
{
	return is_v6() ? 40 : 20;
}

int ip_level(void)
{
	return is_v6() ? SOL_IPV6 : SOL_IP;
}

int ip_option(int name)
{
	static const int of_v6[][2] = {
		{ IP_TTL, IPV6_UNICAST_HOPS }, { IP_TOS, IPV6_TCLASS }, { IP_RECVERR, IPV6_RECVERR },
		{ IP_RECVTTL, IPV6_RECVHOPLIMIT }, { IP_RECVTOS, IPV6_RECVTCLASS },
		{ IP_PKTINFO, IPV6_RECVPKTINFO }, { IP_MTU_DISCOVER, IPV6_MTU_DISCOVER },
		{ IP_MTU, IPV6_MTU }, { IP_MINTTL, IPV6_MINHOPCOUNT },
		{ IP_XFRM_POLICY, IPV6_XFRM_POLICY }, { IP_TRANSPARENT, IPV6_TRANSPARENT },
		{ IP_RECVORIGDSTADDR, IPV6_RECVORIGDSTADDR }, { IP_FREEBIND, IPV6_FREEBIND },
	};
	size_t i;

	if (!is_v6())
		return name;
	for (i = 0; i < sizeof(of_v6) / sizeof(of_v6[0]); i++)
		if (of_v6[i][0] == name)
			return of_v6[i][1];
	fail("IPv6 has no such option as IPv4's %d", name);
}

static int sock_of(const char *way)
{
	int fd, family = is_v6() ? AF_INET6 : AF_INET;

	if (!strcmp(way, "tcp"))
		fd = socket(family, SOCK_STREAM, IPPROTO_TCP);
	else if (!strcmp(way, "inet"))
		fd = socket(family, SOCK_STREAM, IPPROTO_TTP);
	else
		fd = socket(AF_TTP, SOCK_STREAM, is_v6() ? TTPPROTO_IPV6 : TTPPROTO_IP);
	if (fd < 0)
		fail("socket(): %s", errno_name(errno));
	return fd;
}

int sock(void)
{
	return sock_of(proto());
}

int sock_peer(void)
{
	return sock_of(proto_peer());
}

static int knob_open(const char *name, int flags)
{
	char path[128];
	bool range = !strcmp(name, "local_port_range");

	snprintf(path, sizeof(path), "/proc/sys/net/%s%s",
		 is_ttp() ? "ttp/" : range ? "ipv4/ip_" : "ipv4/tcp_", name);
	return open(path, flags);
}

bool knob_try(const char *name, long value)
{
	int fd = knob_open(name, O_WRONLY), len = -1;

	if (fd >= 0) {
		len = dprintf(fd, "%ld\n", value);
		close(fd);
	}
	return len >= 0;
}

void knob(const char *name, long value)
{
	here(__FILE__, __LINE__, name);
	if (!knob_try(name, value))
		fail("cannot set sysctl: %s", errno_name(errno));
}

long knob_get(const char *name)
{
	char buf[64] = "";
	int fd = knob_open(name, O_RDONLY);

	here(__FILE__, __LINE__, name);
	if (fd < 0 || read(fd, buf, sizeof(buf) - 1) < 0)
		fail("cannot read sysctl: %s", errno_name(errno));
	close(fd);
	return atol(buf);
}

/* addresses */

struct sockaddr_in addr(const char *ip, int port)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};

	inet_pton(AF_INET, ip, &a.sin_addr);
	return a;
}

/* What a test's address of IPv4 is in this run.  In IPv6's, 127.0.0.1 is ::1, 0.0.0.0 is ::, and
 * 224.0.0.1 is ff02::1, which is all nodes, too; any other has fd00::/96 before it, or
 * ff05::/96 if it is a multicast one.
 */
union address to_kernel(const struct sockaddr_in *a, socklen_t *len)
{
	union address k = { .v4 = *a };

	*len = sizeof(k.v4);
	if (!is_v6())
		return k;
	k.v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = a->sin_port };
	if (a->sin_addr.s_addr == htonl(INADDR_LOOPBACK)) {
		k.v6.sin6_addr = in6addr_loopback;
	} else if (a->sin_addr.s_addr == htonl(INADDR_ALLHOSTS_GROUP)) {
		k.v6.sin6_addr.s6_addr16[0] = htons(0xff02);
		k.v6.sin6_addr.s6_addr[15] = 1;
	} else if (a->sin_addr.s_addr) {
		k.v6.sin6_addr.s6_addr[0] = 0xfd;
		if (IN_MULTICAST(ntohl(a->sin_addr.s_addr)))
			k.v6.sin6_addr.s6_addr16[0] = htons(0xff05);
		k.v6.sin6_addr.s6_addr32[3] = a->sin_addr.s_addr;
	}
	*len = sizeof(k.v6);
	return k;
}

/* and back */
struct sockaddr_in from_kernel(const union address *k, socklen_t len)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = k->v6.sin6_port };

	EQ(k->v4.sin_family, is_v6() ? AF_INET6 : AF_INET);
	EQ(len, is_v6() ? sizeof(k->v6) : sizeof(k->v4));
	if (!is_v6())
		return k->v4;
	a.sin_addr.s_addr = k->v6.sin6_addr.s6_addr32[3];
	if (IN6_IS_ADDR_LOOPBACK(&k->v6.sin6_addr))
		a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

void add_address6(const char *device, const struct in6_addr *address, int prefix)
{
	struct {	/* struct in6_ifreq, whose header does not go with those here */
		struct in6_addr addr;
		uint32_t prefix;
		int device;
	} r = { .addr = *address, .prefix = prefix, .device = if_nametoindex(device) };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	if (fd < 0 && errno == EAFNOSUPPORT)
		skip("no IPv6 in this kernel");
	OK(ioctl(fd, SIOCSIFADDR, &r));
	close(fd);
	/* The kernel's worker sees that nobody else can have it, and then makes the route: until
	 * then what is sent to it may leave by the device, and what comes is for nobody.
	 */
	WAIT(is_local6(address), 5000);
}

void device_address(const char *device, const char *ip, int prefix)
{
	struct sockaddr_in a = addr(ip, 0);
	socklen_t len;
	union address k = to_kernel(&a, &len);

	add_address6(device, &k.v6.sin6_addr, prefix);
}

void device_mtu(const char *device, int bytes)
{
	struct ifreq r = { .ifr_mtu = bytes };
	int fd = OK(socket(AF_INET, SOCK_DGRAM, 0));

	strcpy(r.ifr_name, device);
	OK(ioctl(fd, SIOCSIFMTU, &r));
	close(fd);
}

int bind_to(int fd, const char *ip, int port)
{
	struct sockaddr_in a = addr(ip, port);
	socklen_t len;
	union address k = to_kernel(&a, &len);

	return bind(fd, &k.any, len);
}

int connect_to(int fd, const char *ip, int port)
{
	struct sockaddr_in a = addr(ip, port);
	socklen_t len;
	union address k = to_kernel(&a, &len);

	return connect(fd, &k.any, len);
}

int accept_from(int fd, struct sockaddr_in *from)
{
	union address k;
	socklen_t len = sizeof(k);
	int s = accept(fd, &k.any, &len);

	if (s >= 0)
		*from = from_kernel(&k, len);
	return s;
}

struct sockaddr_in address_of(int fd)
{
	union address k;
	socklen_t len = sizeof(k);

	OK(getsockname(fd, &k.any, &len));
	return from_kernel(&k, len);
}

struct sockaddr_in peer_address_of(int fd)
{
	union address k;
	socklen_t len = sizeof(k);

	OK(getpeername(fd, &k.any, &len));
	return from_kernel(&k, len);
}

int port_of(int fd)
{
	return ntohs(address_of(fd).sin_port);
}

int peer_port_of(int fd)
{
	return ntohs(peer_address_of(fd).sin_port);
}

int listener(const char *ip, int port, int backlog)
{
	int fd = sock_peer();

	OK(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	OK(bind_to(fd, ip, port));
	OK(listen(fd, backlog));
	return fd;
}

void nonblock(int fd)
{
	OK(fcntl(fd, F_SETFL, O_NONBLOCK));
}

void close_hard(int fd)
{
	OK(linger(fd, 0));
	OK(close(fd));
}

int disconnect(int fd)
{
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	return connect(fd, &nowhere, sizeof(nowhere));
}

/* bytes */

/* the eight from a multiple of eight on */
static uint64_t word_at(uint64_t offset)
{
	uint64_t word = (offset / 8 + 1) * 0x9e3779b97f4a7c15ull;

	return word ^ word >> 29;
}

static uint8_t byte_at(uint64_t offset)
{
	return word_at(offset) >> (offset % 8 * 8);
}

void fill(void *buf, size_t len, uint64_t offset)
{
	uint8_t *p = buf, *end = p + len;
	uint64_t word;

	while (p < end && offset % 8)
		*p++ = byte_at(offset++);
	for (; end - p >= 8; p += 8, offset += 8) {
		word = htole64(word_at(offset));
		memcpy(p, &word, 8);
	}
	while (p < end)
		*p++ = byte_at(offset++);
}

void verify(const void *buf, size_t len, uint64_t offset)
{
	const uint8_t *p = buf;
	uint8_t want[1024];
	size_t i, n;

	for (; len; p += n, offset += n, len -= n) {
		n = len < sizeof(want) ? len : sizeof(want);
		fill(want, n, offset);
		if (!memcmp(p, want, n))
			continue;
		for (i = 0; i < n; i++)
			if (p[i] != want[i])
				fail("byte %llu: expected %#x, came %#x",
				     (unsigned long long)(offset + i), want[i], p[i]);
	}
}

void send_bytes(int fd, size_t len, uint64_t offset)
{
	char buf[16384];
	size_t n;

	while (len) {
		n = len < sizeof(buf) ? len : sizeof(buf);
		fill(buf, n, offset);
		n = OK(send(fd, buf, n, MSG_NOSIGNAL));
		offset += n;
		len -= n;
	}
}

void recv_bytes(int fd, size_t len, uint64_t offset)
{
	char buf[16384];
	size_t n;

	while (len) {
		n = len < sizeof(buf) ? len : sizeof(buf);
		n = OK(recv(fd, buf, n, 0));
		if (!n)
			fail("end of file with %zu bytes to come", len);
		verify(buf, n, offset);
		offset += n;
		len -= n;
	}
}

void send_text(int fd, const char *text)
{
	EQ(send(fd, text, strlen(text), MSG_NOSIGNAL), (long)strlen(text));
}

void recv_text(int fd, const char *text)
{
	char buf[256] = "";

	EXPECT(strlen(text) < sizeof(buf));
	EQ(recv(fd, buf, strlen(text), MSG_WAITALL), (long)strlen(text));
	if (strcmp(buf, text))
		fail("expected \"%s\", came \"%s\"", text, buf);
}

void recv_eof(int fd)
{
	char c;

	EQ(recv(fd, &c, 1, 0), 0);
}

struct sending {
	int fd;
	size_t len;
};

static void *sender(void *arg)
{
	const struct sending *s = arg;

	send_bytes(s->fd, s->len, 0);
	OK(shutdown(s->fd, SHUT_WR));
	return NULL;
}

void transfer(const struct pair *p, size_t len)
{
	struct sending sending = { p->c, len };
	pthread_t t = spawn(sender, &sending);

	recv_bytes(p->s, len, 0);
	recv_eof(p->s);
	join(t);
}

size_t fill_window(int fd)
{
	bool quiet = false;
	size_t total = 0;
	char buf[8192];
	ssize_t n;

	/* until nothing more is taken, also after what was sent was ACKed
	 * and the override timeout has sent what is less than a segment */
	for (;;) {
		fill(buf, sizeof(buf), total);
		n = send(fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			total += n;
		else if (quiet)
			return total;
		quiet = n <= 0 && !(poll_for(fd, POLLOUT, 700) & POLLOUT);
	}
}

short poll_for(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	poll(&p, 1, ms);
	return p.revents;
}

short poll_till(int fd, short events)
{
	return poll_for(fd, events, 2000 * test_slowness());
}

int get_int(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	OK(getsockopt(fd, level, name, &value, &len));
	EQ(len, sizeof(int));
	return value;
}

int set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

int set_timeout(int fd, int name, int ms)
{
	struct timeval t = { ms / 1000, ms % 1000 * 1000 };

	return setsockopt(fd, SOL_SOCKET, name, &t, sizeof(t));
}

int linger(int fd, int seconds)
{
	struct linger l = { .l_onoff = 1, .l_linger = seconds };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

int so_error(int fd)
{
	return get_int(fd, SOL_SOCKET, SO_ERROR);
}

void gets_error(int fd, int error)
{
	int got;

	WAIT((got = so_error(fd)), 2000);
	EQ(got, error);
}

/* threads */

pthread_t spawn(void *(*fn)(void *), void *arg)
{
	pthread_t t;

	if (pthread_create(&t, NULL, fn, arg))
		fail("no thread could be made");
	return t;
}

void join(pthread_t t)
{
	HERE("pthread_join()");
	pthread_join(t, NULL);
}

pid_t my_tid(void)
{
	return syscall(SYS_gettid);
}

/* The number of times that a thread went to sleep; -1 if it is awake. */
static long sleeps(pid_t tid)
{
	char path[64], line[128];
	bool sleeping = false;
	long n = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
	f = fopen(path, "r");
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		/* or D, while another one has the socket's lock */
		sleeping |= !strncmp(line, "State:\tS", 8) || !strncmp(line, "State:\tD", 8);
		sscanf(line, "voluntary_ctxt_switches: %ld", &n);
	}
	fclose(f);
	return sleeping ? n : -1;
}

/* Twice the same sleep: not a short one on the way to the call. */
bool asleep(pid_t tid)
{
	long before = sleeps(tid);

	pause_ms(20);
	return before >= 0 && sleeps(tid) == before;
}

static long traced(pid_t pid, struct __ptrace_syscall_info *info)
{
	int status;

	OK(ptrace(PTRACE_SYSCALL, pid, 0, 0));
	EQ(OK(waitpid(pid, &status, 0)), pid);
	EXPECT(WIFSTOPPED(status));
	OK(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(*info), info));
	return info->op;
}

long with_a_signal_pending(long nr, long a, long b, long c, long d)
{
	struct __ptrace_syscall_info info;
	pid_t pid = OK(fork());

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		syscall(nr, a, b, c, d, 0, 0);
		_exit(0);
	}
	EQ(OK(waitpid(pid, NULL, 0)), pid);
	OK(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	while (traced(pid, &info) != PTRACE_SYSCALL_INFO_ENTRY || (long)info.entry.nr != nr)
		;
	OK(kill(pid, SIGTERM));
	EQ(traced(pid, &info), PTRACE_SYSCALL_INFO_EXIT);
	OK(kill(pid, SIGKILL));
	OK(waitpid(pid, NULL, 0));
	return info.exit.rval;
}
