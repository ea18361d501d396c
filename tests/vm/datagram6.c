// SPDX-License-Identifier: GPL-2.0
/*
 * What only datagrams of IPv6 have: sockets of both families on one port, IPv4-mapped addresses,
 * scopes, groups, extension headers, flow labels, fragments.  With TTP_TEST_PROTO=tcp the
 * kernel's UDP is asked, the oracle.
 */
#include <net/if.h>
#include <netinet/udp.h>
#include <linux/errqueue.h>
#include "dgram.h"
#include "six.h"
#include "tun.h"

/* <linux/in6.h> does not go with <netinet/in.h> */
#define IPV6_FLOWINFO_SEND	33
#define IPV6_FLOWLABEL_MGR	32

static int bound6(const char *ip, int port)
{
	int fd = dgram();

	OK(bind6(fd, ip, port));
	return fd;
}

static int send6(int fd, const char *text, const char *ip, int port)
{
	struct sockaddr_in6 to = addr6(ip, port);

	return sendto(fd, text, strlen(text), 0, (void *)&to, sizeof(to));
}

static int send4(int fd, const char *text, const char *ip, int port)
{
	struct sockaddr_in to = addr(ip, port);

	return sendto(fd, text, strlen(text), 0, (void *)&to, sizeof(to));
}

/* The next datagram, and where it says that it comes from */
static struct sockaddr_in6 got(int fd, const char *text)
{
	struct sockaddr_in6 from;
	socklen_t len = sizeof(from);
	char buf[100] = "";

	EQ(recvfrom(fd, buf, sizeof(buf), 0, (void *)&from, &len), (long)strlen(text));
	EXPECT(!strcmp(buf, text));
	EQ(len, sizeof(from));
	EQ(from.sin6_family, AF_INET6);
	return from;
}

static const char *text_of(const struct sockaddr_in6 *a)
{
	static char text[64];

	return inet_ntop(AF_INET6, &a->sin6_addr, text, sizeof(text));
}

#define FROM(a, ip)							\
	do {								\
		HERE("from " ip);					\
		if (strcmp(text_of(&(a)), ip))				\
			fail("expected " ip ", came %s", text_of(&(a))); \
	} while (0)

/* ---- two families, one port ---- */

TEST(a_socket_on_no_address_hears_both_families_and_answers)
{
	int s = bound6("::", 6000), four = dgram_of(AF_INET), six = dgram();
	struct sockaddr_in6 from;

	OK(send4(four, "four", "127.0.0.1", 6000));
	from = got(s, "four");
	FROM(from, "::ffff:127.0.0.1");
	EQ(sendto(s, "back", 4, 0, (void *)&from, sizeof(from)), 4);
	get(four, "back");
	OK(send6(six, "six", "::1", 6000));
	from = got(s, "six");
	FROM(from, "::1");
	EQ(sendto(s, "back", 4, 0, (void *)&from, sizeof(from)), 4);
	get(six, "back");
}

TEST(V6ONLY_leaves_IPv4_to_others)
{
	int six = dgram(), four = dgram_of(AF_INET), c = dgram_of(AF_INET);

	OK(set_int(six, SOL_IPV6, IPV6_V6ONLY, 1));
	OK(bind6(six, "::", 6000));
	OK(bind4(four, "0.0.0.0", 6000));
	OK(send4(c, "four", "127.0.0.1", 6000));
	get(four, "four");
	OK(send6(dgram(), "six", "::1", 6000));
	get(six, "six");
	ERR(send6(six, "x", "::ffff:127.0.0.1", 6000), ENETUNREACH);
	ERR(send4(six, "x", "127.0.0.1", 6000), ENETUNREACH);
	ERR(bind4(dgram_of(AF_INET), "0.0.0.0", 6000), EADDRINUSE);
}

TEST(both_families_have_one_port_between_them)
{
	int six = bound6("::", 6000);

	ERR(bind4(dgram_of(AF_INET), "127.0.0.1", 6000), EADDRINUSE);
	ERR(bind6(dgram(), "::1", 6000), EADDRINUSE);
	OK(close(six));
	six = bound6("::1", 6000);
	OK(bind4(dgram_of(AF_INET), "127.0.0.1", 6000));
	ERR(bind6(dgram(), "::", 6000), EADDRINUSE);
}

TEST(the_family_of_a_datagram_decides_between_sockets)
{
	int six = dgram(), four = dgram_of(AF_INET);

	OK(set_int(six, SOL_SOCKET, SO_REUSEADDR, 1));
	OK(set_int(four, SOL_SOCKET, SO_REUSEADDR, 1));
	OK(bind4(four, "0.0.0.0", 6000));
	OK(bind6(six, "::", 6000));
	OK(send4(dgram_of(AF_INET), "four", "127.0.0.1", 6000));
	get(four, "four");
	EXPECT(nothing(six));
}

TEST(a_mapped_address_is_reached_by_IPv4)
{
	int four = dgram_of(AF_INET), six = dgram(), c = dgram();

	OK(bind4(four, "127.0.0.1", 6000));
	OK(connect6(six, "::ffff:127.0.0.1", 6000));
	IS(six, true, "::ffff:127.0.0.1");
	IS(six, false, "::ffff:127.0.0.1");
	EQ(send(six, "one", 3, 0), 3);
	get(four, "one");
	OK(send6(c, "two", "::ffff:127.0.0.1", 6000));
	get(four, "two");
	OK(send4(c, "three", "127.0.0.1", 6000));
	get(four, "three");
	OK(disconnect(six));
	ERR(send(six, "x", 1, 0), EDESTADDRREQ);
	ERR(send6(c, "x", "::ffff:127.0.0.1", 0), EINVAL);
}

/* connected, and an address that says no family: where connect() said; the kernel's UDP says
 * ENETUNREACH where that was an IPv4-mapped address
 */
TEST(an_address_without_a_family_is_none)
{
	struct sockaddr_in6 none = addr6("::", 7777);
	int a = bound6("::", 5000), four = dgram(), six = dgram();

	none.sin6_family = AF_UNSPEC;
	OK(connect6(four, "::ffff:127.0.0.1", 5000));
	if (is_ttp()) {
		EQ(sendto(four, "x", 1, 0, (void *)&none, sizeof(none)), 1);
		got(a, "x");
	}
	OK(connect6(six, "::1", 5000));
	EQ(sendto(six, "y", 1, 0, (void *)&none, sizeof(none)), 1);
	got(a, "y");
}

TEST(a_refusal_by_IPv4_reaches_a_socket_of_IPv6)
{
	int six = dgram();

	OK(connect6(six, "::ffff:127.0.0.1", 6000));
	EQ(send(six, "x", 1, 0), 1);
	gets_error(six, ECONNREFUSED);
}

/* ... whoever sends it; what comes by IPv6, UDP takes only from the former peer */
TEST(a_socket_without_its_peer_hears_all_again)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int six = bound6("::", 6000), four = dgram_of(AF_INET);

	OK(bind4(four, "127.0.0.2", 0));
	OK(connect6(six, "::ffff:127.0.0.1", 5000));
	OK(connect(six, &none, sizeof(none)));
	OK(send4(four, "x", "127.0.0.1", 6000));
	got(six, "x");
	if (is_ttp()) {
		OK(send6(dgram(), "y", "::1", 6000));
		got(six, "y");
	}
}

TEST(any_address_of_IPv4_can_be_written_in_IPv6)
{
	int six = bound6("::ffff:0.0.0.0", 6000);

	OK(send4(dgram_of(AF_INET), "x", "127.0.0.7", 6000));
	got(six, "x");
}

TEST(IPV6_PKTINFO_of_what_came_by_IPv4_is_mapped)
{
	char control[128], buf[10];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct in6_pktinfo info = { 0 }, want = { .ipi6_ifindex = if_nametoindex("lo") };
	int six = bound6("::", 6000);

	OK(set_int(six, SOL_IPV6, IPV6_RECVPKTINFO, 1));
	OK(send4(dgram_of(AF_INET), "x", "127.0.0.7", 6000));
	EQ(recvmsg(six, &msg, 0), 1);
	EXPECT(CMSG_FIRSTHDR(&msg));
	EQ(CMSG_FIRSTHDR(&msg)->cmsg_type, IPV6_PKTINFO);
	memcpy(&info, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(info));
	want.ipi6_addr = addr6("::ffff:127.0.0.7", 0).sin6_addr;
	EXPECT(!memcmp(&info, &want, sizeof(want)));
}

TEST(control_messages_of_IPv6_say_nothing_to_IPv4_but_the_source)
{
	struct sockaddr_in6 to = addr6("::ffff:127.0.0.1", 6000);
	char buf[1] = "x", control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec iov = { .iov_base = buf, .iov_len = 1 };
	struct msghdr msg = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov,
			      .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int six = dgram(), four = dgram_of(AF_INET);

	OK(bind4(four, "127.0.0.1", 6000));
	*CMSG_FIRSTHDR(&msg) = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_IPV6, IPV6_HOPLIMIT };
	*(int *)CMSG_DATA(CMSG_FIRSTHDR(&msg)) = 7;
	EQ(sendmsg(six, &msg, 0), 1);
	get(four, "x");
	CMSG_FIRSTHDR(&msg)->cmsg_type = IPV6_PKTINFO;
	ERR(sendmsg(six, &msg, 0), EINVAL);
}

/* see datagram.c */
TEST(a_control_message_of_no_length_is_refused_by_IPv4_too)
{
	static const size_t lens[] = { 0, 8, -16, -1 };
	struct sockaddr_in6 to = addr6("::ffff:127.0.0.1", 6000);
	char buf[1], control[CMSG_SPACE(sizeof(struct in6_pktinfo))] = "";
	struct iovec iov = { .iov_base = buf, .iov_len = 1 };
	struct msghdr msg = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov,
			      .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int six = dgram();
	size_t i;

	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		*CMSG_FIRSTHDR(&msg) = (struct cmsghdr){ lens[i], SOL_IPV6, IPV6_PKTINFO };
		ERR(sendmsg(six, &msg, 0), EINVAL);
	}
}

TEST(no_address_is_the_host_itself)
{
	int s = bound6("::1", 6000);

	OK(send6(dgram(), "x", "::", 6000));
	get(s, "x");
}

/* ---- scopes and groups ---- */

TEST(a_link_local_address_is_one_of_a_device)
{
	int a, tun = tun_up("10.0.0.1", 100), device = if_nametoindex("wire0");
	struct sockaddr_in6 self, from;

	EXPECT(tun >= 0);
	link_local("fe80::a");
	a = bound6("::", 6000);
	self = addr6("fe80::a", 6000);
	self.sin6_scope_id = device;
	WAIT(sendto(a, "near", 4, 0, (void *)&self, sizeof(self)) == 4, 3000);
	from = got(a, "near");
	FROM(from, "fe80::a");
	EQ(from.sin6_scope_id, device);
}

static void group(int fd, int request, const char *ip, const char *source)
{
	struct group_source_req with = { .gsr_interface = if_nametoindex("wire0") };
	struct sockaddr_in6 a = addr6(ip, 0), b;

	memcpy(&with.gsr_group, &a, sizeof(a));
	if (source) {
		b = addr6(source, 0);
		memcpy(&with.gsr_source, &b, sizeof(b));
	}
	OK(setsockopt(fd, SOL_IPV6, request, &with,
		      source ? sizeof(with) : sizeof(struct group_req)));
}

/* who joins by a request of both families' */
TEST(who_joins_a_group_gets_what_is_sent_to_it)
{
	int a, b[3], i, tun = tun_up("10.0.0.1", 100), device = if_nametoindex("wire0");
	struct ipv6_mreq old = { .ipv6mr_interface = device };

	EXPECT(tun >= 0);
	a = bound("10.0.0.1", 5000);
	for (i = 0; i < 3; i++) {
		b[i] = dgram();
		OK(set_int(b[i], SOL_SOCKET, SO_REUSEADDR, 1));
		OK(set_int(b[i], SOL_IPV6, 29 /* IPV6_MULTICAST_ALL */, 0));
		OK(bind6(b[i], "::", 6000));
	}
	old.ipv6mr_multiaddr = addr6("ff05::1:1", 0).sin6_addr;
	OK(setsockopt(b[0], SOL_IPV6, IPV6_JOIN_GROUP, &old, sizeof(old)));
	group(b[1], MCAST_JOIN_GROUP, "ff05::1:1", NULL);
	group(b[2], MCAST_JOIN_GROUP, "ff05::1:2", NULL);
	OK(set_int(a, SOL_IPV6, IPV6_MULTICAST_IF, device));
	OK(send6(a, "one", "ff05::1:1", 6000));
	get(b[0], "one");
	get(b[1], "one");
	EXPECT(nothing(b[2]));
	OK(setsockopt(b[0], SOL_IPV6, IPV6_LEAVE_GROUP, &old, sizeof(old)));
	OK(send6(a, "two", "ff05::1:1", 6000));
	get(b[1], "two");
	EXPECT(nothing(b[0]));
	/* of one source only, and of all but one */
	group(b[0], MCAST_JOIN_SOURCE_GROUP, "ff05::1:1", "fd00::9");
	group(b[1], MCAST_BLOCK_SOURCE, "ff05::1:1", "fd00::10.0.0.1");
	OK(send6(a, "three", "ff05::1:1", 6000));
	EXPECT(nothing(b[0]) && nothing(b[1]));
	group(b[0], MCAST_JOIN_SOURCE_GROUP, "ff05::1:1", "fd00::10.0.0.1");
	OK(send6(a, "four", "ff05::1:1", 6000));
	get(b[0], "four");
	OK(set_int(b[2], SOL_IPV6, 29, 1));
	OK(send6(a, "five", "ff05::1:1", 6000));
	get(b[2], "five");
	OK(set_int(a, SOL_IPV6, IPV6_MULTICAST_LOOP, 0));
	OK(send6(a, "six", "ff05::1:1", 6000));
	EXPECT(nothing(b[2]));
}

/* ---- on the wire ---- */

static int protocol(void)
{
	return is_ttp() ? IPPROTO_TTP_DATAGRAM : IPPROTO_UDP;
}

/* The next packet to the peer, fd00::10.0.0.2 or a group: all but what IPv6 says by itself */
static int from_wire(int tun, uint8_t *packet, size_t size)
{
	int len;

	do {
		EQ(poll_till(tun, POLLIN), POLLIN);
		len = OK(read(tun, packet, size));
	} while (packet[0] >> 4 != 6 || packet[6] == IPPROTO_ICMPV6 || packet[6] == 0);
	return len;
}

TEST(multicast_goes_with_a_hop_limit_of_its_own)
{
	int tun = tun_up("10.0.0.1", 100), a = bound("10.0.0.1", 5000);
	uint8_t packet[2000];

	OK(set_int(a, SOL_IPV6, IPV6_MULTICAST_IF, if_nametoindex("wire0")));
	OK(send6(a, "x", "ff05::1:1", 6000));
	from_wire(tun, packet, sizeof(packet));
	EQ(packet[7], 1);
	OK(set_int(a, SOL_IPV6, IPV6_MULTICAST_HOPS, 5));
	OK(send6(a, "x", "ff05::1:1", 6000));
	from_wire(tun, packet, sizeof(packet));
	EQ(packet[7], 5);
}

TEST(a_long_datagram_goes_in_fragments_unless_forbidden)
{
	int tun = tun_up("10.0.0.1", 100), a = bound("10.0.0.1", 5000), at = 0, len;
	static char data[3001];
	uint8_t packet[2000];

	memset(data, 'x', 3000);
	OK(send6(a, data, "fd00::10.0.0.2", 6000));
	do {
		len = from_wire(tun, packet, sizeof(packet));
		EQ(packet[6], IPPROTO_FRAGMENT);
		EQ(packet[40], protocol());
		EQ((packet[42] << 8 | packet[43]) & ~7, at);
		at += len - 48;
	} while (packet[43] & 1);
	EQ(at, 3008);
	OK(set_int(a, SOL_IPV6, IPV6_DONTFRAG, 1));
	if (is_ttp())	/* the kernel heeds it only for its own UDP */
		OK(send6(a, data, "fd00::10.0.0.2", 6000));
	else
		ERR(send6(a, data, "fd00::10.0.0.2", 6000), EMSGSIZE);
}

/* what does not fit the path is an error that the program may read */
TEST(a_datagram_that_is_too_long_is_told_by_IPV6_RECVERR)
{
	char control[256], buf[2000];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int tun = tun_up("10.0.0.1", 100), a = bound("10.0.0.1", 5000);
	static char data[1501];
	const struct sock_extended_err *err;

	EXPECT(tun >= 0);
	memset(data, 'x', 1500);
	OK(set_int(a, SOL_IPV6, IPV6_RECVERR, 1));
	OK(set_int(a, SOL_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO));
	ERR(send6(a, data, "fd00::10.0.0.2", 6000), EMSGSIZE);
	OK(recvmsg(a, &msg, MSG_ERRQUEUE));
	err = (void *)CMSG_DATA(CMSG_FIRSTHDR(&msg));
	EQ(err->ee_errno, EMSGSIZE);
	EQ(err->ee_origin, SO_EE_ORIGIN_LOCAL);
	EQ(err->ee_info, 1500);
}

/* The bytes of UDP's header and data, with its checksum; the addresses are at packet + 8. */
static void sum_udp(const uint8_t *packet, struct udphdr *uh, int len)
{
	uh->check = 0;
	uh->check = htons(sum_fold(sum_add(uh, len, sum_add(packet + 8, 32, IPPROTO_UDP + len))));
}

/* Hop-by-hop, routing and destination options: each eight bytes, with padding in them */
TEST(a_datagram_is_found_behind_extension_headers)
{
	static const uint8_t types[] = { IPPROTO_HOPOPTS, IPPROTO_DSTOPTS };
	int tun = tun_up("10.0.0.1", 100), a = bound("10.0.0.1", 6000), i;
	uint8_t packet[100];
	struct udphdr *uh = (struct udphdr *)(packet + 40 + 16);
	char control[128], buf[10];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };

	OK(set_int(a, SOL_IPV6, IPV6_RECVDSTOPTS, 1));
	ip6_header(packet, types[0], 40 + 16 + 8 + 5, "10.0.0.2", "10.0.0.1");
	for (i = 0; i < 2; i++) {
		const uint8_t header[8] = { i ? protocol() : types[1], 0, 1, 4 };

		memcpy(packet + 40 + 8 * i, header, 8);
	}
	*uh = (struct udphdr){ .source = htons(5000), .dest = htons(6000), .len = htons(13) };
	memcpy(uh + 1, "hello", 5);
	sum_udp(packet, uh, 13);
	EQ(write(tun, packet, 69), 69);
	EQ(recvmsg(a, &msg, 0), 5);
	EXPECT(!memcmp(buf, "hello", 5));
	EXPECT(CMSG_FIRSTHDR(&msg));
	EQ(CMSG_FIRSTHDR(&msg)->cmsg_type, IPV6_DSTOPTS);
}

TEST(a_destination_option_is_in_each_packet)
{
	int tun = tun_up("10.0.0.1", 100), a = bound("10.0.0.1", 5000);
	const uint8_t option[8] = { 0, 0, 1, 4 };
	uint8_t packet[2000];

	OK(setsockopt(a, SOL_IPV6, IPV6_DSTOPTS, option, sizeof(option)));
	OK(send6(a, "hello", "fd00::10.0.0.2", 6000));
	EQ(from_wire(tun, packet, sizeof(packet)), 61);
	EQ(packet[6], IPPROTO_DSTOPTS);
	EQ(packet[40], protocol());
	EXPECT(!memcmp(packet + 56, "hello", 5));
	EQ(sum_fold(sum_add(packet + 48, 13, sum_add(packet + 8, 32, IPPROTO_UDP + 13))), 0);
}

TEST(a_flow_label_is_one_of_the_users_own)
{
	struct {
		struct in6_addr dst;
		uint32_t label;
		uint8_t action, share;
		uint16_t flags, expires, linger;
		uint32_t pad;
	} request = { .label = htonl(0x12345), .share = 1, .flags = 1 /* create */ };
	int tun = tun_up("10.0.0.1", 100), a = bound("10.0.0.1", 5000), b = dgram();
	struct sockaddr_in6 to = addr6("fd00::10.0.0.2", 6000);
	uint8_t packet[2000];

	to.sin6_flowinfo = htonl(0x12345);
	request.dst = to.sin6_addr;
	OK(setsockopt(a, SOL_IPV6, IPV6_FLOWLABEL_MGR, &request, sizeof(request)));
	OK(set_int(a, SOL_IPV6, IPV6_FLOWINFO_SEND, 1));
	EQ(sendto(a, "x", 1, 0, (void *)&to, sizeof(to)), 1);
	from_wire(tun, packet, sizeof(packet));
	EQ((packet[1] & 15) << 16 | packet[2] << 8 | packet[3], 0x12345);
	OK(set_int(b, SOL_IPV6, IPV6_FLOWINFO_SEND, 1));
	ERR(sendto(b, "x", 1, 0, (void *)&to, sizeof(to)), EINVAL);
}

/* ---- races ---- */

static int shared;	/* the socket of several threads */
static _Atomic pid_t thread;	/* the last one that was started */

static void *sends(void *unused)
{
	thread = my_tid();
	EQ(send(shared, "x", 1, 0), 1);
	return NULL;
}

static void *connects(void *unused)
{
	thread = my_tid();
	OK(connect6(shared, "::ffff:127.0.0.1", 6000));
	return NULL;
}

static pthread_t sleeper(void *(*fn)(void *))
{
	pthread_t t;

	thread = 0;
	t = spawn(fn, NULL);
	WAIT(thread && asleep(thread), 5000);
	return t;
}

/* The route of a nexthop says of itself that it is right, whoever asks. */
TEST_SECONDS(a_socket_that_is_connected_by_IPv4_sends_by_no_route_of_IPv6, 15)
{
	int b = dgram_of(AF_INET);
	pthread_t t[3];

	if (!is_ttp())
		skip("UDP sends without the socket's lock");
	EQ(system("ip link add d0 type dummy && ip addr add fd01::1/64 nodad dev d0 && "
		  "ip link set d0 up && ip -6 nexthop add id 1 dev d0 && "
		  "ip -6 route add fd02::/64 nhid 1"), 0);
	if (system("tc qdisc add dev d0 root plug limit 100000"))
		skip("no qdisc that keeps packets here");
	OK(bind4(b, "127.0.0.1", 6000));
	shared = dgram();
	OK(set_int(shared, SOL_SOCKET, SO_SNDBUF, 1));
	OK(connect6(shared, "fd02::2", 6000));
	while (send(shared, "full", 4, MSG_DONTWAIT) > 0)
		;
	t[0] = sleeper(sends);	/* it has the lock, and waits for room */
	t[1] = sleeper(connects);
	t[2] = sleeper(sends);	/* to where the socket was connected to when it began */
	EQ(system("tc qdisc change dev d0 root plug release_indefinite"), 0);
	join(t[0]);
	join(t[1]);
	join(t[2]);
	IS(shared, true, "::ffff:127.0.0.1");
	EQ(send(shared, "four", 4, 0), 4);
	get(b, "four");
}
