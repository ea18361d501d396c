// SPDX-License-Identifier: GPL-2.0
/*
 * Ports and addresses: who may have which, and which are chosen.
 */
#include <net/if.h>
#include <sched.h>
#include <sys/wait.h>
#include "wire.h"

static int bound(const char *ip, int port)
{
	int fd = sock();

	OK(bind_to(fd, ip, port));
	return fd;
}

static void reuse(int fd)
{
	OK(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
}

TEST(a_bound_port_is_in_use)
{
	int port = port_of(bound("127.0.0.1", 0));

	ERR(bind_to(sock(), "127.0.0.1", port), EADDRINUSE);
}

TEST(any_address_conflicts_with_a_specific_one)
{
	int port = port_of(bound("127.0.0.1", 0));

	ERR(bind_to(sock(), "0.0.0.0", port), EADDRINUSE);
	port = port_of(bound("0.0.0.0", 0));
	ERR(bind_to(sock(), "127.0.0.1", port), EADDRINUSE);
}

TEST(one_port_on_two_addresses)
{
	int port = port_of(bound("127.0.0.1", 0));

	bound("127.0.0.2", port);
}

TEST(close_frees_the_port)
{
	int fd = bound("127.0.0.1", 0), port = port_of(fd);

	OK(close(fd));
	bound("127.0.0.1", port);
}

TEST(two_listeners_conflict_also_with_SO_REUSEADDR)
{
	int a = listener("127.0.0.1", 0, 1), b = sock();

	reuse(b);
	ERR(bind_to(b, "127.0.0.1", port_of(a)), EADDRINUSE);
}

/* MUST-41 */
TEST(two_binders_with_SO_REUSEADDR_share_but_only_one_listens)
{
	int a = sock(), b = sock();

	reuse(a);
	reuse(b);
	OK(bind_to(a, "127.0.0.1", 0));
	OK(bind_to(b, "127.0.0.1", port_of(a)));
	OK(listen(a, 1));
	ERR(listen(b, 1), EADDRINUSE);
}

/* MUST-43: of a passive OPEN */
TEST(a_listener_on_an_address_hears_only_that)
{
	int a = listener("127.0.0.1", 0, 4), port = port_of(a);
	int b = listener("127.0.0.2", port, 4), c = sock();

	OK(connect_to(c, "127.0.0.2", port));
	send_text(c, "second");
	recv_text(OK(accept(b, NULL, NULL)), "second");
	c = sock();
	OK(connect_to(c, "127.0.0.1", port));
	send_text(c, "first");
	recv_text(OK(accept(a, NULL, NULL)), "first");
	ERR(connect_to(sock(), "127.0.0.3", port), ECONNREFUSED);
}

/* However they are found: of that many ports the places of some are those of all addresses. */
TEST(nor_does_one_of_600_ports)
{
	int port, l, c;

	for (port = 5000; port < 5600; port++) {
		l = listener("127.0.0.1", port, 1);
		c = sock();
		ERR(connect_to(c, "127.0.0.2", port), ECONNREFUSED);
		close(c);
		close(l);
	}
}

/* MUST-45: the SYN,ACK, too, comes from there, or the client would refuse it */
TEST(a_listener_on_any_hears_all_and_names_the_address)
{
	int l = listener("0.0.0.0", 0, 4), c = sock(), s;

	OK(connect_to(c, "127.0.0.5", port_of(l)));
	s = OK(accept(l, NULL, NULL));
	EQ(address_of(s).sin_addr.s_addr, inet_addr("127.0.0.5"));
	EQ(address_of(l).sin_addr.s_addr, 0);
}

/* MUST-43: of an active OPEN */
TEST(a_bound_address_is_where_a_connection_is_from)
{
	int l = listener("127.0.0.1", 0, 1), c = bound("127.0.0.7", 0);
	struct sockaddr_in from;

	OK(connect_to(c, "127.0.0.1", port_of(l)));
	OK(accept_from(l, &from));
	EQ(from.sin_addr.s_addr, inet_addr("127.0.0.7"));
}

static in_addr_t home;
static atomic_int from_home, from_elsewhere;

static enum verdict watch_source(const struct seg *s)
{
	if (s->from == A && s->ip->saddr == home)
		from_home++;
	else if (s->from == A)
		from_elsewhere++;
	return PASS;
}

/* MUST-45: also where the route would have another one */
TEST(a_connection_keeps_its_address)
{
	struct ifreq r = { .ifr_name = "wire0:1" };
	struct sockaddr_in a = addr("10.0.0.3", 0);
	int l, c, s;

	wire_up();
	wire_filter(watch_source);
	home = a.sin_addr.s_addr;
	memcpy(&r.ifr_addr, &a, sizeof(a));
	OK(ioctl(sock(), SIOCSIFADDR, &r));
	wire_host(B);
	l = listener(ip_b, 0, 1);
	wire_host(A);
	c = bound("10.0.0.3", 0);
	OK(connect_to(c, ip_b, port_of(l)));
	s = OK(accept(l, NULL, NULL));
	send_text(c, "question");
	recv_text(s, "question");
	send_text(s, "answer");
	recv_text(c, "answer");
	OK(close(c));
	recv_eof(s);
	OK(close(s));
	WAIT(wire_count(B, FIN), 1000);
	WAIT(from_home >= 5, 1000);
	EQ(from_elsewhere, 0);
}

/* MUST-41: whether it succeeds or not */
TEST(listening_changes_no_connection_on_the_same_port)
{
	int a = sock(), b = sock(), c = sock(), d = sock(), port, s;

	reuse(a);
	reuse(b);
	OK(bind_to(a, "127.0.0.1", 0));
	OK(listen(a, 4));
	port = port_of(a);
	OK(connect_to(c, "127.0.0.1", port));
	s = OK(accept(a, NULL, NULL));
	ERR(bind_to(b, "127.0.0.1", port), EADDRINUSE);
	ERR(listen(c, 1), EINVAL);
	send_text(c, "still here");
	recv_text(s, "still here");
	OK(close(a));
	OK(bind_to(b, "127.0.0.1", port));
	OK(listen(b, 4));
	OK(connect_to(d, "127.0.0.1", port));
	send_text(d, "anew");
	recv_text(OK(accept(b, NULL, NULL)), "anew");
	send_text(s, "still here");
	recv_text(c, "still here");
}

/* the wire gives what A sends another source or destination */
static in_addr_t source, destination;

static enum verdict readdress(const struct seg *s)
{
	if (s->from == A) {
		if (source)
			s->ip->saddr = source;
		if (destination)
			s->ip->daddr = destination;
		wire_resum(s);
	}
	return PASS;
}

/* B has a listener on any address and says nothing to a SYN so changed. */
static void no_answer(const char *from, const char *to)
{
	int l, before, answers, fd;

	source = from ? inet_addr(from) : 0;
	destination = to ? inet_addr(to) : 0;
	wire_host(B);
	l = listener("0.0.0.0", 0, 4);
	before = wire_count(A, SYN);
	answers = wire_count(B, 0);
	wire_host(A);
	fd = sock();
	nonblock(fd);
	ERR(connect_to(fd, ip_b, port_of(l)), EINPROGRESS);
	WAIT(wire_count(A, SYN) > before, 1000);
	wire_host(B);
	STAYS(!count_sockets(port_of(l), 0, "SYN_RCVD") && wire_count(B, 0) == answers, 50);
	OK(close(fd));
}

/* MUST-57 */
TEST(a_SYN_to_a_broadcast_or_multicast_address_is_dropped)
{
	wire_up();
	wire_filter(readdress);
	destination = inet_addr(ip_b);
	connected();		/* readdressed well it arrives */
	no_answer(NULL, "10.0.0.255");
	no_answer(NULL, "255.255.255.255");
	no_answer(NULL, "224.0.0.1");
}

/* MUST-63 */
TEST(a_SYN_from_an_address_that_no_host_can_have_is_ignored)
{
	wire_up();
	wire_filter(readdress);
	source = inet_addr(ip_a);
	connected();
	no_answer("255.255.255.255", NULL);
	no_answer("224.0.0.1", NULL);
	no_answer("127.0.0.1", NULL);
	no_answer("0.0.0.1", NULL);
	no_answer("10.0.0.2", NULL);	/* its own */
}

TEST(a_foreign_address_is_not_available)
{
	ERR(bind_to(sock(), "192.0.2.1", 0), EADDRNOTAVAIL);
}

TEST(IP_FREEBIND_takes_a_foreign_address)
{
	int fd = sock();

	OK(set_int(fd, ip_level(), ip_option(IP_FREEBIND), 1));
	OK(bind_to(fd, "192.0.2.1", 0));
}

TEST(bind_twice_gives_EINVAL)
{
	int fd = bound("127.0.0.1", 0);

	ERR(bind_to(fd, "127.0.0.1", 0), EINVAL);
}

TEST(bind_with_a_short_address_gives_EINVAL)
{
	struct sockaddr_in a = addr("127.0.0.1", 0);

	ERR(bind(sock(), (struct sockaddr *)&a, 4), EINVAL);
}

TEST(bind_with_a_foreign_family_gives_EAFNOSUPPORT)
{
	struct sockaddr_in a = addr("127.0.0.1", 0);
	socklen_t len;
	union address k = to_kernel(&a, &len);

	k.any.sa_family = AF_UNIX;
	ERR(bind(sock(), &k.any, len), EAFNOSUPPORT);
}

TEST(ports_below_1024_need_a_capability)
{
	int status;
	pid_t pid;

	bound("127.0.0.1", 80);
	pid = fork();
	if (!pid) {
		OK(setuid(65534));
		ERR(bind_to(sock(), "127.0.0.1", 81), EACCES);
		bound("127.0.0.1", 1024);
		_exit(0);
	}
	OK(waitpid(pid, &status, 0));
	if (status)
		fail("the child: status %#x", status);
}

/* lo is up in each test's namespace, so TCP is there too */
TEST(TCP_and_TTP_have_ports_apart)
{
	struct sockaddr_in a = addr("127.0.0.1", 5000);
	int tcp, ttp, c;

	if (!is_ttp())
		skip("needs TTP");
	tcp = OK(socket(AF_INET, SOCK_STREAM, IPPROTO_TCP));
	OK(bind(tcp, (struct sockaddr *)&a, sizeof(a)));
	OK(listen(tcp, 1));
	ttp = listener("127.0.0.1", 5000, 1);
	c = sock();
	OK(connect_to(c, "127.0.0.1", 5000));
	send_text(c, "by TTP");
	recv_text(OK(accept(ttp, NULL, NULL)), "by TTP");
	nonblock(tcp);
	ERR(accept(tcp, NULL, NULL), EAGAIN);
}

TEST(port_numbers_not_asked_for_are_ephemeral)
{
	char range[64] = "";
	int low = 49152, high = 65535, i, port, l = listener(ip_b, 0, 100), c;
	FILE *f = fopen(is_ttp() ? "/proc/sys/net/ttp/local_port_range" :
			"/proc/sys/net/ipv4/ip_local_port_range", "r");

	if (f && fgets(range, sizeof(range), f))
		EQ(sscanf(range, "%d %d", &low, &high), 2);
	if (is_ttp()) {
		EQ(low, 49152);
		EQ(high, 65535);
	}
	for (i = 0; i < 30; i++) {
		port = port_of(bound("127.0.0.1", 0));
		EXPECT(port >= low && port <= high);
		c = sock();
		OK(connect_to(c, ip_b, port_of(l)));
		port = port_of(c);
		EXPECT(port >= low && port <= high);
	}
}

TEST(ephemeral_ports_are_not_consecutive)
{
	int i, steps = 0, port, before = 0;

	/* bind() chooses at random; ten in a row would be no accident */
	for (i = 0; i < 20; i++) {
		port = port_of(bound("127.0.0.1", 0));
		if (abs(port - before) <= 2)
			steps++;
		before = port;
	}
	EXPECT(steps < 10);
}

TEST(one_local_port_may_connect_to_two_servers)
{
	int a = listener("127.0.0.1", 0, 1), b = listener("127.0.0.1", 0, 1);
	int c = sock(), d = sock();

	reuse(c);
	reuse(d);
	OK(bind_to(c, "127.0.0.1", 0));
	OK(bind_to(d, "127.0.0.1", port_of(c)));
	OK(connect_to(c, "127.0.0.1", port_of(a)));
	OK(connect_to(d, "127.0.0.1", port_of(b)));
	send_text(d, "to b");
	recv_text(OK(accept(b, NULL, NULL)), "to b");
}

TEST(the_same_connection_cannot_be_made_twice)
{
	int l = listener("127.0.0.1", 0, 4), c = sock(), d = sock();

	reuse(c);
	reuse(d);
	OK(bind_to(c, "127.0.0.1", 0));
	OK(bind_to(d, "127.0.0.1", port_of(c)));
	OK(connect_to(c, "127.0.0.1", port_of(l)));
	ERR(connect_to(d, "127.0.0.1", port_of(l)), EADDRNOTAVAIL);
}

TEST(no_ephemeral_port_left_gives_EADDRNOTAVAIL_or_EADDRINUSE)
{
	int l = listener("127.0.0.1", 40000, 10), fd = -1, port;
	FILE *f = fopen(is_ttp() ? "/proc/sys/net/ttp/local_port_range" :
			"/proc/sys/net/ipv4/ip_local_port_range", "w");

	if (!f || fprintf(f, "50000 50003") < 0 || fclose(f))
		fail("cannot set the range");
	for (port = 50000; port <= 50003; port++) {
		fd = sock();
		OK(connect_to(fd, "127.0.0.1", 40000));
	}
	ERR(connect_to(sock(), "127.0.0.1", 40000), EADDRNOTAVAIL);
	OK(close(fd));
	OK(accept(l, NULL, NULL));
}

/* ---- what a port says of other connections (RFC 6056) ---- */

#define OTHERS 50

/* The port that connect() chooses, to port 4000 of 127.0.x.1. */
static int chosen(int x)
{
	int fd = sock(), port;
	char ip[32];

	snprintf(ip, sizeof(ip), "127.0.%d.1", x);
	nonblock(fd);
	ERR(connect_to(fd, ip, 4000), EINPROGRESS);
	port = port_of(fd);
	close_hard(fd);
	return port;
}

/* how far a port is from the one before, in the range of ports */
static int step(int from, int to)
{
	int n = 65536 - 49152;

	return (to - from + n) % n;
}

/* Every ten seconds the search for a port begins elsewhere (RFC 6056's secret): what was begun
 * before that is done again.
 */
#define TRIES 3

/* TCP's counters are shared by all namespaces */
TEST(an_ephemeral_port_does_not_tell_how_many_another_namespace_took)
{
	int own = OK(open("/proc/thread-self/ns/net", O_RDONLY)), i, k, before, far = 9;

	if (!is_ttp())
		skip("TTP's range of ports");
	listener("0.0.0.0", 4000, 1000);
	for (k = 0; k < TRIES && far > 8; k++) {
		before = chosen(1);
		OK(unshare(CLONE_NEWNET));
		loopback_up();
		listener("0.0.0.0", 4000, 1000);
		for (i = 0; i < OTHERS; i++)
			chosen(1);
		OK(setns(own, CLONE_NEWNET));
		far = step(before, chosen(1));
	}
	EXPECT(far <= 8);
}

/* at most 8 for each of those few that happen to be counted with it */
TEST(an_ephemeral_port_does_not_tell_how_many_other_destinations_took)
{
	int i, k, before, far = 5 * 8 + 1;

	if (!is_ttp())
		skip("TTP's range of ports");
	listener("0.0.0.0", 4000, 1000);
	for (k = 0; k < TRIES && far > 5 * 8; k++) {
		before = chosen(1);
		for (i = 0; i < OTHERS; i++)
			chosen(2 + i);
		far = step(before, chosen(1));
	}
	EXPECT(far <= 5 * 8);
}

TEST(ephemeral_ports_of_one_destination_differ_by_a_random_amount)
{
	int i, k, changes = 0, far = 0, port, before, last;

	if (!is_ttp())
		skip("TTP's range of ports");
	listener("0.0.0.0", 4000, 1000);
	for (k = 0; k < TRIES && (far < 1 || far > 8); k++) {
		before = chosen(1);
		changes = 0;
		for (i = 0, far = 1; i < 20 && far >= 1 && far <= 8; i++, before = port) {
			last = far;
			port = chosen(1);
			far = step(before, port);
			changes += far != last;
		}
	}
	EXPECT(far >= 1 && far <= 8);
	EXPECT(changes > 5);
}

#define RANGE	(is_ttp() ? "/proc/sys/net/ttp/local_port_range" :	\
		 "/proc/sys/net/ipv4/ip_local_port_range")
#define RESERVED "/proc/sys/net/ipv4/ip_local_reserved_ports"

static void write_to(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		fail("cannot write %s", path);
}

TEST(ephemeral_ports_are_not_those_of_ip_local_reserved_ports)
{
	int l = listener(ip_b, 40000, 10), i, fd;

	write_to(RANGE, "50000 50007");
	write_to(RESERVED, "50000-50002,50004-50006");
	for (i = 0; i < 2; i++) {
		fd = sock();
		OK(connect_to(fd, ip_b, 40000));
		EXPECT(port_of(fd) == 50003 || port_of(fd) == 50007);
	}
	ERR(connect_to(sock(), ip_b, 40000), EADDRNOTAVAIL);
	OK(close(l));
	write_to(RANGE, "51000 51007");
	write_to(RESERVED, "51000-51002,51004-51006");
	for (i = 0; i < 2; i++) {
		fd = sock();
		OK(bind_to(fd, ip_b, 0));
		EXPECT(port_of(fd) == 51003 || port_of(fd) == 51007);
	}
	/* who asks for one gets it */
	OK(bind_to(sock(), ip_b, 51000));
}

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

/* Of a socket, within the namespace's; 0 is no bound.  Return: as setsockopt() */
static int own_range(int fd, uint32_t low, uint32_t high)
{
	return set_int(fd, SOL_IP, IP_LOCAL_PORT_RANGE, (int)(high << 16 | low));
}

TEST(IP_LOCAL_PORT_RANGE_chooses_among_ephemeral_ports)
{
	int l = listener(ip_b, 40000, 10), fd, i;

	if (own_range(sock(), 0, 0))
		skip("no IP_LOCAL_PORT_RANGE here");
	write_to(RANGE, "50000 50099");
	for (i = 0; i < 3; i++) {
		fd = sock();
		OK(own_range(fd, 50010, 50011));
		if (i == 2)
			break;
		OK(connect_to(fd, ip_b, 40000));
		EXPECT(port_of(fd) == 50010 || port_of(fd) == 50011);
	}
	ERR(connect_to(fd, ip_b, 40000), EADDRNOTAVAIL);
	OK(own_range(fd, 0, 50005));
	OK(connect_to(fd, ip_b, 40000));
	EXPECT(port_of(fd) <= 50005);
	fd = sock();
	OK(own_range(fd, 50030, 50030));
	OK(bind_to(fd, ip_b, 0));
	EQ(port_of(fd), 50030);
	OK(close(l));
}

/* else any program could have a port that is to need CAP_NET_BIND_SERVICE */
TEST(ephemeral_ports_are_a_range_without_privileged_ports)
{
	static const char *const wrong[] = {
		"51007 51000", "1023 51000", "80 80", "0 51000", "1024 65536"
	};
	int fd = OK(open(RANGE, O_WRONLY));
	size_t i;

	write_to(RANGE, "51000 51007");
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ERR(write(fd, wrong[i], strlen(wrong[i])), EINVAL);
	EQ(knob_get("local_port_range"), 51000);
	write_to(RANGE, "1024 51007");
}

TEST(getsockname_of_a_new_socket_is_any)
{
	struct sockaddr_in a = address_of(sock());

	EQ(a.sin_family, AF_INET);
	EQ(a.sin_port, 0);
	EQ(a.sin_addr.s_addr, 0);
}

/* MUST-44 */
TEST(connect_binds_the_source_address_of_the_route)
{
	int l = listener("0.0.0.0", 0, 1), fd = sock();

	OK(connect_to(fd, "127.0.0.9", port_of(l)));
	EQ(address_of(fd).sin_addr.s_addr, inet_addr("127.0.0.1"));
}

TEST(listen_without_bind_chooses_a_port)
{
	int l = sock();

	OK(listen(l, 1));
	EXPECT(port_of(l) > 0);
	OK(connect_to(sock(), "127.0.0.1", port_of(l)));
}

static int bound_anywhere(const char *ip, bool listens)
{
	int fd = sock(), err;

	if (!bind_to(fd, ip, 0) && (!listens || !listen(fd, 1)))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

/* Four sockets of an address take all four ports; another address has its own. */
static void four_of_each_address(bool listens)
{
	static const char *ips[] = { "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4" };
	int i, k;

	write_to(RANGE, "50000 50003");
	for (i = 0; i < 4; i++) {
		for (k = 0; k < 4; k++)
			OK(bound_anywhere(ips[i], listens));
		ERR(bound_anywhere(ips[i], listens), EADDRINUSE);
	}
}

TEST(each_address_has_all_ephemeral_ports)
{
	four_of_each_address(false);
}

TEST(so_it_has_for_listeners)
{
	four_of_each_address(true);
}

TEST(so_it_has_beside_connections_and_TIME_WAIT)
{
	int c[4], s[4], i, l = listener("127.0.0.9", 7777, 8);

	write_to(RANGE, "50000 50003");
	for (i = 0; i < 4; i++) {
		c[i] = sock();
		OK(connect_to(c[i], "127.0.0.9", 7777));
		s[i] = OK(accept(l, NULL, NULL));
	}
	ERR(bound_anywhere("127.0.0.1", false), EADDRINUSE);
	OK(close(OK(bound_anywhere("127.0.0.2", false))));
	for (i = 0; i < 4; i++) {
		OK(close(c[i]));
		OK(close(s[i]));
	}
	ERR(bound_anywhere("127.0.0.1", false), EADDRINUSE);
	OK(bound_anywhere("127.0.0.2", false));
}
