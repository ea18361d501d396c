// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams: what a program sees of SOCK_DGRAM; datagram_wire.c has what is on the wire,
 * datagram_lists.c what lists tell.
 * With TTP_TEST_PROTO=tcp the kernel's UDP is asked, the oracle.
 */
#include <ifaddrs.h>
#include <time.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/if_link.h>
#include <netinet/ip_icmp.h>
#include <net/if.h>
#include "dgram.h"
#include "sock.h"
#include "threads.h"

/* a is bound to port 5000 and connected to b, which has port 6000 */
static void two(int *a, int *b)
{
	*a = bound(HERE_IP, 5000);
	*b = bound(HERE_IP, 6000);
	OK(connect_to(*a, HERE_IP, 6000));
}

/* ---- send and receive ---- */

TEST(each_datagram_is_read_whole_and_says_where_it_comes_from)
{
	int a = bound(HERE_IP, 5000), b = bound(HERE_IP, 6000);
	union address k;
	socklen_t len = sizeof(k);
	struct sockaddr_in from;
	char buf[16];

	OK(send_to(a, "one", HERE_IP, 6000));
	OK(send_to(a, "three", HERE_IP, 6000));
	EQ(recvfrom(b, buf, sizeof(buf), 0, &k.any, &len), 3);
	from = from_kernel(&k, len);
	EQ(ntohs(from.sin_port), 5000);
	EQ(from.sin_addr.s_addr, inet_addr(HERE_IP));
	get(b, "three");
	EXPECT(nothing(b));
}

TEST(a_datagram_may_be_empty)
{
	int a, b;

	two(&a, &b);
	EQ(send(a, "", 0, 0), 0);
	EQ(send(a, "x", 1, 0), 1);
	get(b, "");
	get(b, "x");
}

TEST(what_has_no_room_is_lost_and_MSG_TRUNC_says_so)
{
	struct iovec iov = { .iov_base = (char[4]){ 0 }, .iov_len = 4 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	char buf[4];
	int a, b;

	two(&a, &b);
	EQ(send(a, "0123456789", 10, 0), 10);
	EQ(send(a, "0123456789", 10, 0), 10);
	EQ(send(a, "0123", 4, 0), 4);
	EQ(recvmsg(b, &msg, 0), 4);
	EXPECT(msg.msg_flags & MSG_TRUNC);
	EQ(recv(b, buf, 4, MSG_TRUNC), 10);
	EQ(recvmsg(b, &msg, 0), 4);
	EXPECT(!(msg.msg_flags & MSG_TRUNC));
}

TEST(a_datagram_that_was_peeked_at_is_still_there)
{
	char buf[16];
	int a, b;

	two(&a, &b);
	EQ(send(a, "hello", 5, 0), 5);
	EQ(recv(b, buf, 2, MSG_PEEK), 2);
	EQ(recv(b, buf, 2, MSG_PEEK | MSG_TRUNC), 5);
	OK(set_int(b, SOL_SOCKET, SO_PEEK_OFF, 1));
	EQ(recv(b, buf, 2, MSG_PEEK), 2);
	EQ(buf[0], 'e');
	EQ(recv(b, buf, 2, MSG_PEEK), 2);
	EQ(buf[1], 'o');
	get(b, "hello");
}

/* a length of IPv4 is with its header, one of IPv6 is not */
TEST(the_largest_datagram_has_65507_bytes)
{
	int a, b, most = is_v6() ? 65527 : 65507;
	static char buf[70000];

	two(&a, &b);
	fill(buf, most, 0);
	EQ(send(a, buf, most, 0), most);
	memset(buf, 0, sizeof(buf));
	EQ(recv(b, buf, sizeof(buf), 0), most);
	verify(buf, most, 0);
	ERR(send(a, buf, most + 1, 0), EMSGSIZE);
	ERR(send(a, buf, 70000, 0), EMSGSIZE);
	EXPECT(nothing(b));
}

TEST(what_the_path_does_not_take_whole_goes_in_fragments_unless_forbidden)
{
	static char buf[9000];
	int a, b, most = 1500 - ip_len() - 8;

	device_mtu("lo", 1500);
	two(&a, &b);
	fill(buf, sizeof(buf), 0);
	EQ(send(a, buf, 9000, 0), 9000);
	memset(buf, 0, sizeof(buf));
	EQ(recv(b, buf, sizeof(buf), 0), 9000);
	verify(buf, sizeof(buf), 0);
	OK(set_int(a, ip_level(), ip_option(IP_MTU_DISCOVER), IP_PMTUDISC_DO));
	ERR(send(a, buf, most + 1, 0), EMSGSIZE);
	EQ(send(a, buf, most, 0), most);
	EQ(get_int(a, ip_level(), ip_option(IP_MTU)), 1500);
}

/* ---- connect() ---- */

TEST(a_connected_socket_hears_its_peer_only)
{
	struct sockaddr_in none = { .sin_family = AF_UNSPEC };
	int a, b, c = bound(HERE_IP, 7000);

	two(&a, &b);
	OK(send_to(c, "stranger", HERE_IP, 5000));
	OK(send_to(b, "peer", HERE_IP, 5000));
	get(a, "peer");
	EXPECT(nothing(a));
	EQ(ntohs(peer_address_of(a).sin_port), 6000);
	EQ(send(a, "hi", 2, 0), 2);
	get(b, "hi");
	OK(connect(a, (void *)&none, sizeof(none)));
	ERR(send(a, "hi", 2, 0), EDESTADDRREQ);
	EQ(port_of(a), 5000);
	OK(send_to(c, "stranger", HERE_IP, 5000));
	get(a, "stranger");
}

TEST(a_connected_socket_comes_before_one_that_is_not)
{
	int a = dgram(), b = dgram(), c = bound(HERE_IP, 7000);

	OK(set_int(a, SOL_SOCKET, SO_REUSEADDR, 1));
	OK(set_int(b, SOL_SOCKET, SO_REUSEADDR, 1));
	OK(bind_to(a, HERE_IP, 5000));
	OK(connect_to(a, HERE_IP, 7000));
	OK(bind_to(b, HERE_IP, 5000));
	OK(send_to(c, "one", HERE_IP, 5000));
	get(a, "one");
	EXPECT(nothing(b));
}

TEST(connect_and_send_take_an_ephemeral_port)
{
	int a = dgram(), b = dgram();

	OK(connect_to(a, HERE_IP, 6000));
	EXPECT(port_of(a) > 0);
	OK(send_to(b, "x", HERE_IP, 6000));
	EXPECT(port_of(b) > 0 && port_of(b) != port_of(a));
}

TEST(disconnect_gives_an_ephemeral_port_back)
{
	struct sockaddr_in none = { .sin_family = AF_UNSPEC };
	int a = dgram(), b = dgram(), port;

	OK(connect_to(a, HERE_IP, 6000));
	port = port_of(a);
	ERR(bind_to(b, HERE_IP, port), EADDRINUSE);
	OK(connect(a, (void *)&none, sizeof(none)));
	EQ(port_of(a), 0);
	OK(bind_to(b, HERE_IP, port));
}

/* ---- errors ---- */

static int send_of(int fd, int family, int len, int flags)
{
	struct sockaddr_in a = addr(HERE_IP, 6000);
	socklen_t whole;
	union address to = to_kernel(&a, &whole);

	to.any.sa_family = family;
	return sendto(fd, "x", 1, flags, &to.any, len ?: (int)whole);
}

TEST(bad_calls_get_the_errno_of_UDP)
{
	int family = is_v6() ? AF_INET6 : AF_INET, a = dgram();
	struct sockaddr_in to = addr(HERE_IP, 6000);
	socklen_t len;
	union address k = to_kernel(&to, &len);
	char c;

	ERR(send(a, "x", 1, 0), EDESTADDRREQ);
	ERR(send_to(a, "x", HERE_IP, 0), EINVAL);
	ERR(send_of(a, family, 8, 0), EINVAL);
	if (!is_v6())
		ERR(send_of(a, family, 0, MSG_OOB), EOPNOTSUPP);
	ERR(send_of(a, AF_UNIX, 0, 0), is_v6() ? EINVAL : EAFNOSUPPORT);
	ERR(recv(a, &c, 1, MSG_DONTWAIT), EAGAIN);
	if (!is_v6()) {
		ERR(send_of(a, AF_INET6, 0, 0), EAFNOSUPPORT);
		ERR(send_to(a, "x", "255.255.255.255", 6000), ENETUNREACH);
		ERR(send_to(a, "x", "127.255.255.255", 6000), EACCES);
	}
	ERR(send_to(a, "x", "203.0.113.1", 6000), ENETUNREACH);
	ERR(listen(a, 1), EOPNOTSUPP);
	ERR(accept(a, NULL, NULL), EOPNOTSUPP);
	ERR(getpeername(a, &k.any, &len), ENOTCONN);
	ERR(set_int(a, 12345, 1, 1), ENOPROTOOPT);
	ERR(shutdown(a, SHUT_RD), ENOTCONN);
	EQ(send(a, "x", 1, 0), -1);
	ERR(sendto(a, (void *)8, 100, 0, &k.any, len), EFAULT);
}

TEST(a_wrong_type_or_protocol_is_refused)
{
	if (!is_ttp())
		skip("TTP's numbers");
	ERR(socket(AF_INET, SOCK_DGRAM, IPPROTO_TTP), EPROTONOSUPPORT);
	if (is_v6())
		ERR(socket(AF_INET6, SOCK_DGRAM, IPPROTO_TTP), EPROTONOSUPPORT);
	ERR(socket(AF_INET, SOCK_STREAM, IPPROTO_TTP_DATAGRAM), EPROTONOSUPPORT);
	ERR(socket(AF_TTP, SOCK_STREAM, IPPROTO_TTP_DATAGRAM), EPROTONOSUPPORT);
	ERR(socket(AF_TTP, SOCK_DGRAM, IPPROTO_TTP), EPROTONOSUPPORT);
	ERR(socket(AF_TTP, SOCK_SEQPACKET, 0), ESOCKTNOSUPPORT);
	close(OK(socket(AF_TTP, SOCK_DGRAM, IPPROTO_TTP_DATAGRAM)));
}

TEST(who_is_connected_learns_that_nobody_has_the_port)
{
	int a = bound(HERE_IP, 5000), b = bound(HERE_IP, 5001);

	OK(connect_to(a, HERE_IP, 6000));
	EQ(send(a, "x", 1, 0), 1);
	WAIT(poll_for(a, POLLIN, 0) & POLLERR, 2000);
	ERR(send(a, "x", 1, 0), ECONNREFUSED);
	EQ(send(a, "x", 1, 0), 1);
	gets_error(a, ECONNREFUSED);
	OK(send_to(b, "x", HERE_IP, 6000));
	OK(send_to(b, "x", HERE_IP, 6000));
	EQ(so_error(b), 0);
	if (is_ttp())
		WAIT(counter("NoPorts") == 4, 1000);
}

TEST(IP_RECVERR_gives_the_message_to_whoever_asks)
{
	char control[256], buf[16];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	union address to;
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_name = &to, .msg_namelen = sizeof(to),
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	const struct sock_extended_err *err;
	int a = bound(HERE_IP, 5000);

	OK(set_int(a, ip_level(), ip_option(IP_RECVERR), 1));
	OK(send_to(a, "hello", HERE_IP, 6000));
	EQ(poll_till(a, POLLERR) & POLLERR, POLLERR);
	EQ(recvmsg(a, &msg, MSG_ERRQUEUE), 5);
	EXPECT(!memcmp(buf, "hello", 5));
	EQ(ntohs(from_kernel(&to, msg.msg_namelen).sin_port), 6000);
	err = (void *)CMSG_DATA(CMSG_FIRSTHDR(&msg));
	EQ(CMSG_FIRSTHDR(&msg)->cmsg_type, ip_option(IP_RECVERR));
	EQ(err->ee_errno, ECONNREFUSED);
	EQ(err->ee_type, is_v6() ? 1 : ICMP_DEST_UNREACH);
	EQ(err->ee_code, is_v6() ? 4 : ICMP_PORT_UNREACH);
}

/* ---- ports ---- */

TEST(a_port_is_one_sockets_unless_address_or_options_tell_them_apart)
{
	int a = bound(HERE_IP, 5000), b = dgram(), c = dgram(), d = dgram();

	ERR(bind_to(b, HERE_IP, 5000), EADDRINUSE);
	ERR(bind_to(b, "0.0.0.0", 5000), EADDRINUSE);
	OK(bind_to(b, "127.0.0.2", 5000));
	ERR(bind_to(a, HERE_IP, 5001), EINVAL);
	OK(set_int(c, SOL_SOCKET, SO_REUSEADDR, 1));
	ERR(bind_to(c, HERE_IP, 5000), EADDRINUSE);
	OK(set_int(a, SOL_SOCKET, SO_REUSEADDR, 1));
	OK(bind_to(c, HERE_IP, 5000));
	close(a);
	close(c);
	OK(bind_to(d, HERE_IP, 5000));
	ERR(bind_to(dgram(), "203.0.113.1", 5000), EADDRNOTAVAIL);
}

/* Which of these four has a datagram; 4 if none */
static int which_has(const int *s)
{
	int i;

	for (i = 0; i < 4 && nothing(s[i]); i++)
		;
	return i;
}

TEST(SO_REUSEPORT_spreads_senders_and_keeps_each_with_one)
{
	int s[4], i, j, n[4] = { 0 }, c;

	for (i = 0; i < 4; i++) {
		s[i] = dgram();
		OK(set_int(s[i], SOL_SOCKET, SO_REUSEPORT, 1));
		OK(bind_to(s[i], HERE_IP, 6000));
	}
	ERR(bind_to(dgram(), HERE_IP, 6000), EADDRINUSE);
	for (i = 0; i < 64; i++) {
		c = dgram();
		OK(send_to(c, "x", HERE_IP, 6000));
		OK(send_to(c, "y", HERE_IP, 6000));
		WAIT((j = which_has(s)) < 4, 1000);
		n[j]++;
		get(s[j], "x");
		get(s[j], "y");
		close(c);
	}
	for (i = 0; i < 4; i++)
		EXPECT(n[i] > 0);
}

TEST(streams_and_UDP_have_ports_of_their_own)
{
	int a = bound(HERE_IP, 5000), l = sock();
	int u = OK(socket(is_v6() ? AF_INET6 : AF_INET, SOCK_DGRAM, 0));

	OK(bind_to(l, HERE_IP, 5000));
	OK(listen(l, 1));
	if (is_ttp())
		OK(bind_to(u, HERE_IP, 5000));
	OK(send_to(dgram(), "x", HERE_IP, 5000));
	get(a, "x");
}

TEST(the_address_comes_before_any_address)
{
	int a = dgram(), b = dgram(), c = dgram();

	OK(set_int(a, SOL_SOCKET, SO_REUSEADDR, 1));
	OK(set_int(b, SOL_SOCKET, SO_REUSEADDR, 1));
	OK(bind_to(a, "127.0.0.2", 6000));
	OK(bind_to(b, "0.0.0.0", 6000));
	OK(send_to(c, "a", "127.0.0.2", 6000));
	OK(send_to(c, "b", "127.0.0.3", 6000));
	get(a, "a");
	get(b, "b");
}

/* Else whoever binds thousands of addresses to a port would slow its other users down. */
TEST(a_datagram_passes_no_sockets_of_other_addresses)
{
	int to = bound(HERE_IP, 5000), i, fd, n;
	char ip[16];

	if (!is_ttp() || is_v6())
		skip("a function of TTP's for IPv4 is counted");
	for (i = 0; i < 900; i++) {
		snprintf(ip, sizeof(ip), "127.0.%d.%d", 1 + i / 200, 1 + i % 200);
		bound(ip, 5000);
	}
	first_cpu_only();
	fd = probe("ttp_datagram4_score", -1, 0);
	OK(send_to(to, "x", HERE_IP, 5000));
	get(to, "x");
	n = probe_count(fd);
	EXPECT(n >= 1 && n <= 10);	/* some share the slot by chance */
}

/* ---- waiting ---- */

static void *send_later(void *arg)
{
	pause_ms(20);
	OK(send_to(*(int *)arg, "late", HERE_IP, 6000));
	return NULL;
}

TEST(recv_waits_and_poll_says_when_there_is_something)
{
	pthread_t t;
	int a, b, n;

	two(&a, &b);
	EQ(poll_for(b, POLLIN, 10), 0);
	EQ(poll_till(b, POLLOUT), POLLOUT);
	t = spawn(send_later, &a);
	get(b, "late");
	join(t);
	EQ(send(a, "12345", 5, 0), 5);
	EQ(send(a, "123", 3, 0), 3);
	EQ(poll_till(b, POLLIN), POLLIN);
	OK(ioctl(b, FIONREAD, &n));
	EQ(n, 5);
	get(b, "12345");
	get(b, "123");
	OK(ioctl(b, FIONREAD, &n));
	EQ(n, 0);
	OK(ioctl(a, TIOCOUTQ, &n));
	EQ(n, 0);
	OK(set_timeout(b, SO_RCVTIMEO, 20));
	ERR(recv(b, &n, 1, 0), EAGAIN);
}

static atomic_int reader;

static void *read_the_end(void *arg)
{
	char c;

	reader = my_tid();
	EQ(recv(*(int *)arg, &c, 1, 0), 0);
	return NULL;
}

TEST(shutdown_ends_a_read_that_waits)
{
	pthread_t t;
	int a, b;
	char c;

	two(&a, &b);
	t = spawn(read_the_end, &a);
	WAIT(reader && asleep(reader), 2000);
	OK(shutdown(a, SHUT_RD));
	join(t);
	EQ(recv(a, &c, 1, 0), 0);
	OK(shutdown(a, SHUT_WR));
	ERR(send(a, "x", 1, MSG_NOSIGNAL), EPIPE);
}

TEST(what_the_receive_buffer_has_no_room_for_is_lost_and_counted)
{
	uint32_t lost = 0;
	char control[64], buf[1000] = "";
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int a, b, i, came = 0;
	struct cmsghdr *cmsg;

	two(&a, &b);
	OK(set_int(b, SOL_SOCKET, SO_RCVBUF, 8192));
	OK(set_int(b, SOL_SOCKET, SO_RXQ_OVFL, 1));
	for (i = 0; i < 100; i++)
		EQ(send(a, buf, sizeof(buf), 0), (long)sizeof(buf));
	do {
		while (!nothing(b)) {
			OK(recv(b, buf, sizeof(buf), 0));
			came++;
		}
		/* the last ones may be under way */
	} while (is_ttp() && counter("RcvbufErrors") != 100 - came);
	EXPECT(came > 2 && came < 100);
	EQ(send(a, "x", 1, 0), 1);
	msg.msg_control = control;
	msg.msg_controllen = sizeof(control);
	OK(recvmsg(b, &msg, 0));
	cmsg = CMSG_FIRSTHDR(&msg);
	EXPECT(cmsg && cmsg->cmsg_type == SO_RXQ_OVFL);
	memcpy(&lost, CMSG_DATA(cmsg), sizeof(lost));
	EQ(lost, 100 - came);
}

/* ---- control messages ---- */

/* The bytes of a message of the family's IP, or NULL */
static const void *control_of(struct msghdr *msg, int type)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == ip_level() && c->cmsg_type == type)
			return CMSG_DATA(c);
	return NULL;
}

static void *put_control(struct msghdr *msg, struct cmsghdr **c, int type, size_t len)
{
	*c = *c ? CMSG_NXTHDR(msg, *c) : CMSG_FIRSTHDR(msg);
	**c = (struct cmsghdr){ CMSG_LEN(len), ip_level(), type };
	return CMSG_DATA(*c);
}

/* An address of the test in a struct in_pktinfo or in6_pktinfo, as the kernel has it */
static void take_address(void *to, const char *ip)
{
	struct sockaddr_in a = addr(ip, 0);
	socklen_t len;
	union address k = to_kernel(&a, &len);

	if (is_v6())
		memcpy(to, &k.v6.sin6_addr, 16);
	else
		memcpy(to, &k.v4.sin_addr, 4);
}

static bool is_address(const void *what, const char *ip)
{
	char want[16];

	take_address(want, ip);
	return !memcmp(what, want, is_v6() ? 16 : 4);
}

TEST(control_messages_say_and_choose_how_a_datagram_goes)
{
	char control[256], buf[16], out[CMSG_SPACE(sizeof(int)) * 2 +
					CMSG_SPACE(sizeof(struct in6_pktinfo))] = "";
	int ttl_type = is_v6() ? IPV6_HOPLIMIT : IP_TTL, tos_type = ip_option(IP_TOS);
	int info_type = is_v6() ? IPV6_PKTINFO : IP_PKTINFO;
	struct sockaddr_in to = addr("127.0.0.5", 6000);
	struct iovec iov = { .iov_base = buf, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c = NULL;
	const void *info;
	union address k;
	socklen_t len;
	int a = bound("0.0.0.0", 5000), b = bound("0.0.0.0", 6000);

	OK(set_int(b, ip_level(), ip_option(IP_PKTINFO), 1));
	OK(set_int(b, ip_level(), ip_option(IP_RECVTTL), 1));
	OK(set_int(b, ip_level(), ip_option(IP_RECVTOS), 1));
	k = to_kernel(&to, &len);
	msg.msg_name = &k;
	msg.msg_namelen = len;
	msg.msg_control = out;
	msg.msg_controllen = sizeof(out);
	*(int *)put_control(&msg, &c, ttl_type, sizeof(int)) = 7;
	*(int *)put_control(&msg, &c, tos_type, sizeof(int)) = 0x28;
	if (is_v6()) {
		struct in6_pktinfo *from = put_control(&msg, &c, info_type, sizeof(*from));

		take_address(&from->ipi6_addr, "127.0.0.4");
	} else {
		struct in_pktinfo *from = put_control(&msg, &c, info_type, sizeof(*from));

		take_address(&from->ipi_spec_dst, "127.0.0.4");
	}
	msg.msg_controllen = (char *)c + CMSG_ALIGN(c->cmsg_len) - out;
	EQ(sendmsg(a, &msg, 0), 1);

	msg.msg_control = control;
	msg.msg_controllen = sizeof(control);
	msg.msg_namelen = sizeof(k);
	EQ(recvmsg(b, &msg, 0), 1);
	EQ(from_kernel(&k, msg.msg_namelen).sin_addr.s_addr, inet_addr("127.0.0.4"));
	EQ(*(const int *)control_of(&msg, ttl_type), 7);
	EQ(*(const uint8_t *)control_of(&msg, tos_type), 0x28);
	info = control_of(&msg, info_type);
	if (is_v6()) {
		EXPECT(is_address(&((struct in6_pktinfo *)info)->ipi6_addr, "127.0.0.5"));
		EQ(((struct in6_pktinfo *)info)->ipi6_ifindex, if_nametoindex("lo"));
	} else {
		EXPECT(is_address(&((struct in_pktinfo *)info)->ipi_addr, "127.0.0.5"));
		EXPECT(is_address(&((struct in_pktinfo *)info)->ipi_spec_dst, "127.0.0.5"));
		EQ(((struct in_pktinfo *)info)->ipi_ifindex, if_nametoindex("lo"));
	}

	msg.msg_control = out;
	msg.msg_controllen = sizeof(out);
	*(int *)CMSG_DATA(CMSG_FIRSTHDR(&msg)) = 256;
	ERR(sendmsg(a, &msg, 0), EINVAL);
	CMSG_FIRSTHDR(&msg)->cmsg_type = 99;
	ERR(sendmsg(a, &msg, 0), EINVAL);
}

TEST(the_error_queue_says_by_which_device_a_message_came)
{
	char control[256], buf[16];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int a = bound(HERE_IP, 5000), device;
	const char *info;

	OK(set_int(a, ip_level(), ip_option(IP_RECVERR), 1));
	OK(set_int(a, ip_level(), ip_option(IP_PKTINFO), 1));
	OK(send_to(a, "hello", HERE_IP, 6000));
	EQ(poll_till(a, POLLERR) & POLLERR, POLLERR);
	EQ(recvmsg(a, &msg, MSG_ERRQUEUE), 5);
	info = control_of(&msg, is_v6() ? IPV6_PKTINFO : IP_PKTINFO);
	EXPECT(info);
	memcpy(&device, is_v6() ? info + 16 : info, sizeof(device));
	EQ(device, if_nametoindex("lo"));
}

TEST(IP_TOS_may_have_one_byte)
{
	char buf[1] = "x", out[CMSG_SPACE(sizeof(int))] = "";
	struct sockaddr_in to = addr(HERE_IP, 6000);
	struct iovec iov = { .iov_base = buf, .iov_len = 1 };
	struct msghdr msg = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov,
			      .msg_iovlen = 1, .msg_control = out, .msg_controllen = sizeof(out) };
	int a = bound(HERE_IP, 5000), b = bound(HERE_IP, 6000);
	struct cmsghdr *c = NULL;

	OK(set_int(b, SOL_IP, IP_RECVTOS, 1));
	*(char *)put_control(&msg, &c, IP_TOS, 1) = 0x28;
	EQ(sendmsg(a, &msg, 0), 1);
	memset(out, 0, sizeof(out));
	EQ(recvmsg(b, &msg, 0), 1);
	EQ(*(const uint8_t *)control_of(&msg, IP_TOS), 0x28);
}

/* One that has no header's length leads nowhere: not even to the next one. */
TEST(a_control_message_of_no_length_is_refused)
{
	static const size_t lens[] = { 0, 8, -16, -1, CMSG_LEN(sizeof(int)) + 8 };
	char out[2 * CMSG_SPACE(sizeof(int))] = "";
	struct sockaddr_in to = addr(HERE_IP, 6000);
	struct iovec iov = { .iov_base = out, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = out };
	int a = bound(HERE_IP, 5000);
	struct cmsghdr *c = NULL;
	union address k;
	size_t i;

	k = to_kernel(&to, &msg.msg_namelen);
	msg.msg_name = &k;
	msg.msg_controllen = sizeof(out);
	*(int *)put_control(&msg, &c, is_v6() ? IPV6_HOPLIMIT : IP_TTL, sizeof(int)) = 7;
	*(int *)put_control(&msg, &c, ip_option(IP_TOS), sizeof(int)) = 8;
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		c->cmsg_len = lens[i];
		ERR(sendmsg(a, &msg, 0), EINVAL);
	}
}

TEST(what_a_filter_drops_is_counted)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog prog = { .len = 1, .filter = &all };
	int a, b;

	two(&a, &b);
	OK(setsockopt(b, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)));
	OK(send(a, "lost", 4, 0));
	WAIT(drops_of(b) == 1, 1000);
	EXPECT(nothing(b));
	if (is_ttp())
		EQ(counter("DatagramInErrors"), 1);
}

static long sent_by(const char *device)
{
	struct ifaddrs *all, *i;
	long n = -1;

	OK(getifaddrs(&all));
	for (i = all; i; i = i->ifa_next)
		if (i->ifa_addr->sa_family == AF_PACKET && !strcmp(i->ifa_name, device))
			n = ((struct rtnl_link_stats *)i->ifa_data)->tx_packets;
	freeifaddrs(all);
	return n;
}

/* IP_UNICAST_IF chooses among the devices of a VRF that the socket is bound to. */
TEST(a_broadcast_leaves_by_the_device_that_was_asked_for)
{
	int fd, index;
	long before;

	if (is_v6())
		return;
	if (system("ip link add red type vrf table 10 && ip link set red up && "
		   "for n in 1 2; do "
		   "ip link add leg$n type dummy && "
		   "echo 1 >/proc/sys/net/ipv6/conf/leg$n/disable_ipv6 && "
		   "ip link set leg$n master red up && "
		   "ip addr add 10.5.$n.1/24 dev leg$n; done"))
		skip("no VRF here");
	index = if_nametoindex("leg2");
	fd = dgram();
	OK(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "red", 4));
	OK(set_int(fd, SOL_SOCKET, SO_BROADCAST, 1));
	OK(set_int(fd, IPPROTO_IP, IP_UNICAST_IF, htonl(index)));
	before = sent_by("leg2");
	OK(send_to(fd, "x", "255.255.255.255", 6000));
	EQ(sent_by("leg2"), before + 1);
}
