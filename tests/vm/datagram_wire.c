// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams on the wire: headers, lengths that lie, ICMP, and one that goes to many.  With
 * TTP_TEST_PROTO=tcp the kernel's UDP is asked, the oracle.
 */
#include <time.h>
#include <linux/errqueue.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include "dgram.h"
#include "sock.h"
#include "tun.h"

/* ---- one to many ---- */

TEST(a_broadcast_goes_to_every_socket_of_the_port)
{
	int tun = tun_up("10.0.0.1", 10), a = dgram(), b[2], i;
	char packet[2048];

	for (i = 0; i < 2; i++) {
		b[i] = dgram();
		OK(set_int(b[i], SOL_SOCKET, SO_REUSEADDR, 1));
		OK(bind_to(b[i], "0.0.0.0", 6000));
	}
	ERR(send_to(a, "all", "127.255.255.255", 6000), EACCES);
	OK(set_int(a, SOL_SOCKET, SO_BROADCAST, 1));
	OK(send_to(a, "all", "127.255.255.255", 6000));
	get(b[0], "all");
	get(b[1], "all");
	EXPECT(nothing(b[0]) && nothing(b[1]));
	while (read(tun, packet, sizeof(packet)) > 0)
		;
}

static void join_group(int fd, const char *group, const char *source, int request)
{
	struct ip_mreq_source with = {
		.imr_multiaddr.s_addr = inet_addr(group),
		.imr_interface.s_addr = inet_addr(HERE_IP),
	};
	struct ip_mreqn any = {
		.imr_multiaddr.s_addr = inet_addr(group),
		.imr_address.s_addr = inet_addr(HERE_IP),
	};

	if (!source) {
		OK(setsockopt(fd, SOL_IP, request, &any, sizeof(any)));
		return;
	}
	with.imr_sourceaddr.s_addr = inet_addr(source);
	OK(setsockopt(fd, SOL_IP, request, &with, sizeof(with)));
}

TEST(members_of_a_group_get_what_is_sent_to_it)
{
	int a = bound(HERE_IP, 0), b[3], i;
	struct in_addr out = { inet_addr(HERE_IP) };

	for (i = 0; i < 3; i++) {
		b[i] = dgram();
		OK(set_int(b[i], SOL_SOCKET, SO_REUSEADDR, 1));
		OK(set_int(b[i], SOL_IP, IP_MULTICAST_ALL, 0));
		OK(bind_to(b[i], "0.0.0.0", 6000));
	}
	join_group(b[0], "239.1.1.1", NULL, IP_ADD_MEMBERSHIP);
	join_group(b[1], "239.1.1.1", NULL, IP_ADD_MEMBERSHIP);
	join_group(b[2], "239.1.1.2", NULL, IP_ADD_MEMBERSHIP);
	OK(setsockopt(a, SOL_IP, IP_MULTICAST_IF, &out, sizeof(out)));
	OK(send_to(a, "one", "239.1.1.1", 6000));
	get(b[0], "one");
	get(b[1], "one");
	EXPECT(nothing(b[2]));
	join_group(b[0], "239.1.1.1", NULL, IP_DROP_MEMBERSHIP);
	OK(send_to(a, "two", "239.1.1.1", 6000));
	get(b[1], "two");
	EXPECT(nothing(b[0]));
	/* of one source only, and of all but one */
	join_group(b[0], "239.1.1.1", "127.0.0.9", IP_ADD_SOURCE_MEMBERSHIP);
	join_group(b[1], "239.1.1.1", HERE_IP, IP_BLOCK_SOURCE);
	OK(send_to(a, "three", "239.1.1.1", 6000));
	EXPECT(nothing(b[0]) && nothing(b[1]));
	join_group(b[0], "239.1.1.1", HERE_IP, IP_ADD_SOURCE_MEMBERSHIP);
	OK(send_to(a, "four", "239.1.1.1", 6000));
	get(b[0], "four");
	OK(set_int(b[2], SOL_IP, IP_MULTICAST_ALL, 1));
	OK(send_to(a, "five", "239.1.1.1", 6000));
	get(b[2], "five");
}

/* ---- on the wire ---- */

static int protocol(void)
{
	return is_ttp() ? IPPROTO_TTP_DATAGRAM : IPPROTO_UDP;
}

struct packet {
	uint8_t bytes[200];
};

static struct udphdr *header_of(struct packet *p)
{
	return (struct udphdr *)(p->bytes + ip_len());
}

/* the pseudo-header carries protocol 17, also on IP protocol 254 */
static uint16_t sum_datagram(const struct packet *p, int len)
{
	int header = ip_len(), addresses = is_v6() ? 32 : 8;
	uint32_t sum = sum_add(p->bytes + header - addresses, addresses, IPPROTO_UDP + len - header);

	return sum_fold(sum_add(p->bytes + header, len - header, sum));
}

/* The protocol of a packet of the family under test, or -1 */
static int protocol_of(const struct packet *p)
{
	if (p->bytes[0] >> 4 != (is_v6() ? 6 : 4))
		return -1;
	return p->bytes[is_v6() ? 6 : 9];
}

/* The next packet from the device of this protocol; a host speaks IPv6 by itself. */
static int from_wire(int tun, struct packet *p, int wanted)
{
	int len;

	do {
		EQ(poll_till(tun, POLLIN), POLLIN);
		len = OK(read(tun, p, sizeof(*p)));
	} while (protocol_of(p) != wanted);
	return len;
}

TEST(a_packet_has_the_header_of_UDP)
{
	int tun = tun_up("10.0.0.1", 10), a = bound("10.0.0.1", 5000), len;
	struct iphdr *ip;
	struct udphdr *uh;
	struct packet p;

	ip = (struct iphdr *)p.bytes;
	uh = header_of(&p);
	OK(set_int(a, ip_level(), ip_option(IP_TTL), 9));
	OK(set_int(a, ip_level(), ip_option(IP_TOS), 0x10));
	OK(send_to(a, "hello", "10.0.0.2", 6000));
	len = from_wire(tun, &p, protocol());
	EQ(len, ip_len() + 13);
	EQ(is_v6() ? p.bytes[7] : ip->ttl, 9);
	EQ(ip_ds(ip), 0x10);
	if (!is_v6())
		EQ(ip->frag_off, htons(IP_DF));
	EQ(ntohs(uh->source), 5000);
	EQ(ntohs(uh->dest), 6000);
	EQ(ntohs(uh->len), 13);
	EQ(sum_datagram(&p, len), 0);
	EXPECT(!memcmp(uh + 1, "hello", 5));
	OK(set_int(a, SOL_SOCKET, SO_NO_CHECK, 1));
	OK(send_to(a, "hello", "10.0.0.2", 6000));
	from_wire(tun, &p, protocol());
	EQ(!uh->check, !is_v6());	/* which must have one */
}

/* A datagram from 10.0.0.2:6000 to 10.0.0.1:5000 with that length field; so many bytes come. */
static int made(struct packet *p, int field, int bytes)
{
	struct udphdr *uh = header_of(p);

	memset(p, 0, sizeof(*p));
	family_header(p->bytes, protocol(), ip_len() + bytes, "10.0.0.2", "10.0.0.1");
	*uh = (struct udphdr){ .source = htons(6000), .dest = htons(5000), .len = htons(field) };
	memcpy(uh + 1, "abcdef", 6);
	if (field >= 8 && field <= bytes)
		uh->check = htons(sum_datagram(p, ip_len() + field));
	return ip_len() + bytes;
}

static void put(int tun, const struct packet *p, int len)
{
	EQ(write(tun, p, len), len);
}

TEST(lengths_that_lie_and_wrong_checksums_are_dropped_and_counted)
{
	int tun = tun_up("10.0.0.1", 10), a = bound("10.0.0.1", 5000), len;
	struct packet p;

	put(tun, &p, made(&p, 7, 14));	/* less than the header */
	put(tun, &p, made(&p, 15, 14));	/* more than came */
	put(tun, &p, made(&p, 0xffff, 14));
	put(tun, &p, made(&p, 8, 4));	/* half a header */
	len = made(&p, 14, 14);
	header_of(&p)->check ^= 1;
	put(tun, &p, len);
	header_of(&p)->check = 0;		/* the sender has computed none: IPv6 must */
	put(tun, &p, len);
	if (!is_v6())
		get(a, "abcdef");
	put(tun, &p, made(&p, 11, 14));	/* what is behind the length is none of it */
	get(a, "abc");
	EXPECT(nothing(a));
	if (!is_ttp())
		return;
	EQ(counter("InDatagrams"), is_v6() ? 1 : 2);
	EQ(counter("DatagramInErrors"), is_v6() ? 6 : 5);
	EQ(counter("DatagramCsumErrors"), is_v6() ? 2 : 1);
}

TEST(IP_CHECKSUM_says_the_sum_of_the_data)
{
	int tun = tun_up("10.0.0.1", 10), a = bound("10.0.0.1", 5000);
	char buf[16], control[64];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct packet p;
	uint32_t sum;

	OK(set_int(a, SOL_IP, IP_CHECKSUM, 1));
	put(tun, &p, made(&p, 14, 14));
	EQ(recvmsg(a, &msg, 0), 6);
	EXPECT(CMSG_FIRSTHDR(&msg) && CMSG_FIRSTHDR(&msg)->cmsg_type == IP_CHECKSUM);
	memcpy(&sum, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(sum));
	sum = (sum & 0xffff) + (sum >> 16);	/* in network order, not folded */
	sum = (sum & 0xffff) + (sum >> 16);
	EQ(ntohs(sum), (uint16_t)~sum_fold(sum_add((void *)"abcdef", 6, 0)));
}

/* The device that it came by, not the VRF that the device is in */
TEST(IP_PKTINFO_says_the_device_itself_in_a_VRF)
{
	int tun = tun_up("10.0.0.1", 10), a = dgram(), device;
	char buf[16], control[64];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct packet p;

	tun_to_vrf();
	if (is_v6())	/* the device has lost it */
		OK(system("ip addr add fd00::10.0.0.1/96 dev wire0 nodad"));
	OK(setsockopt(a, SOL_SOCKET, SO_BINDTODEVICE, "red", 3));
	OK(set_int(a, ip_level(), ip_option(IP_PKTINFO), 1));
	OK(bind_to(a, "10.0.0.1", 5000));
	put(tun, &p, made(&p, 14, 14));
	EQ(recvmsg(a, &msg, 0), 6);
	EXPECT(CMSG_FIRSTHDR(&msg));
	memcpy(&device, CMSG_DATA(CMSG_FIRSTHDR(&msg)) + (is_v6() ? 16 : 0), sizeof(device));
	EQ(device, if_nametoindex("wire0"));
}

TEST(nobody_is_answered_by_port_unreachable_with_the_datagram_in_it)
{
	int tun = tun_up("10.0.0.1", 10), len;
	struct packet p, got;
	const uint8_t *icmp;

	len = made(&p, 14, 14);
	put(tun, &p, len);
	from_wire(tun, &got, is_v6() ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
	icmp = got.bytes + ip_len();
	while (is_v6() && icmp[0] >= 128)	/* no error: what a host says by itself */
		from_wire(tun, &got, IPPROTO_ICMPV6);
	EQ(icmp[0], is_v6() ? 1 : ICMP_DEST_UNREACH);
	EQ(icmp[1], is_v6() ? 4 : ICMP_PORT_UNREACH);
	EXPECT(!memcmp(icmp + 8 + ip_len(), header_of(&p), sizeof(struct udphdr)));
}

#define QUOTED	128	/* bytes, at least that many if there are extensions (RFC 4884 3) */
#define EXT_LEN	12	/* a header and one object */

/* an ICMP message about a datagram from 10.0.0.1:5000 to 10.0.0.2:6000 */
static void put_icmp_ext(int tun, int type, int code, int mtu, bool extension)
{
	static const uint8_t ext[EXT_LEN] = { 0x20, 0, 0, 0, 0, 8, 1, 1, 'l', 'a', 'b', 'l' };
	struct packet m = { 0 };
	uint8_t *icmp = m.bytes + ip_len(), *about = icmp + 8;
	struct udphdr *uh = (struct udphdr *)(about + ip_len());
	int size = 8 + (extension ? QUOTED + EXT_LEN : ip_len() + 8), len = ip_len() + size;
	uint16_t sum;

	if (is_v6())
		to_icmpv6(&type, &code);
	icmp[0] = type;
	icmp[1] = is_v6() && type == 2 ? 0 : code;
	icmp[6] = mtu >> 8;
	icmp[7] = mtu;
	if (extension) {
		icmp[is_v6() ? 4 : 5] = is_v6() ? QUOTED / 8 : QUOTED / 4;
		memcpy(about + QUOTED, ext, EXT_LEN);
	}
	family_header(about, protocol(), 1420, "10.0.0.1", "10.0.0.2");
	*uh = (struct udphdr){ .source = htons(5000), .dest = htons(6000), .len = htons(1400) };
	family_header(m.bytes, is_v6() ? IPPROTO_ICMPV6 : IPPROTO_ICMP, len, "10.0.0.2", "10.0.0.1");
	if (is_v6()) {
		sum_icmpv6(m.bytes, size);
	} else {
		sum = htons(sum_fold(sum_add(icmp, size, 0)));
		memcpy(icmp + 2, &sum, 2);
	}
	EQ(write(tun, &m, len), len);
}

static void put_icmp(int tun, int type, int code, int mtu)
{
	put_icmp_ext(tun, type, code, mtu, false);
}

TEST(IP_RECVERR_RFC4884_says_where_extensions_begin)
{
	int tun = tun_up("10.0.0.1", 10), a = bound("10.0.0.1", 5000), i, len;
	char control[256], buf[256];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	const struct sock_extended_err *err;

	OK(set_int(a, ip_level(), ip_option(IP_RECVERR), 1));
	for (i = 0; i < 3; i++) {	/* not asked for; no extension; there is one */
		struct msghdr msg = {
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control, .msg_controllen = sizeof(control),
		};

		if (i)
			OK(set_int(a, ip_level(), is_v6() ? IPV6_RECVERR_RFC4884 :
							    IP_RECVERR_RFC4884, 1));
		put_icmp_ext(tun, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0, i != 1);
		gets_error(a, EHOSTUNREACH);
		len = OK(recvmsg(a, &msg, MSG_ERRQUEUE));
		err = (void *)CMSG_DATA(CMSG_FIRSTHDR(&msg));
		EQ(err->ee_rfc4884.len, i == 2 ? QUOTED - ip_len() - 8 : 0);
		EQ(err->ee_rfc4884.flags, 0);
	}
	EQ(len, QUOTED - ip_len() - 8 + EXT_LEN);
	EXPECT(!memcmp(buf + len - 4, "labl", 4));
}

TEST(an_ICMP_error_reaches_the_socket_it_is_about)
{
	int tun = tun_up("10.0.0.1", 10), a = bound("10.0.0.1", 5000);
	char buf[1400] = "";

	OK(connect_to(a, "10.0.0.2", 6000));
	put_icmp(tun, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);	/* soft: only who asks */
	EQ(so_error(a), 0);
	put_icmp(tun, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0);
	gets_error(a, is_v6() ? EPROTO : ENOPROTOOPT);
	put_icmp(tun, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1300);
	gets_error(a, EMSGSIZE);
	EQ(send(a, buf, sizeof(buf), 0), (long)sizeof(buf));	/* in two */
	EQ(get_int(a, ip_level(), ip_option(IP_MTU)), 1300);
	if (!is_v6())
		put_icmp(tun, ICMP_SOURCE_QUENCH, 0, 0);
	EQ(so_error(a), 0);
	OK(set_int(a, ip_level(), ip_option(IP_RECVERR), 1));
	put_icmp(tun, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	gets_error(a, EHOSTUNREACH);
}

/* The next datagram from the device is of so many bytes: one packet has them all. */
static void goes_whole(int tun, int fd, int bytes)
{
	static char buf[2000];
	struct packet p;

	EQ(send(fd, buf, bytes, 0), bytes);
	from_wire(tun, &p, protocol());
	EQ(ntohs(((struct iphdr *)p.bytes)->tot_len), 28 + bytes);
}

/* Of IPv4: what a message changes, and what counts, the path or the device */
TEST(IP_MTU_DISCOVER_says_whether_a_router_is_believed)
{
	static const int deaf[] = { IP_PMTUDISC_INTERFACE, IP_PMTUDISC_OMIT };
	int tun = tun_up("10.0.0.1", 10), a = bound("10.0.0.1", 5000), i;
	char buf[1500] = "";

	OK(connect_to(a, "10.0.0.2", 6000));
	for (i = 0; i < 2; i++) {
		OK(set_int(a, SOL_IP, IP_MTU_DISCOVER, deaf[i]));
		put_icmp(tun, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1300);
		gets_error(a, EMSGSIZE);
		goes_whole(tun, a, 1400);
		if (is_ttp())	/* UDP believes it for all sockets that are bound to no device */
			EQ(get_int(a, SOL_IP, IP_MTU), 1500);
	}
	OK(set_int(a, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE));
	put_icmp(tun, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1300);
	gets_error(a, EMSGSIZE);
	goes_whole(tun, a, 1400);
	EQ(get_int(a, SOL_IP, IP_MTU), 1300);
	ERR(send(a, buf, 1473, 0), EMSGSIZE);
	OK(set_int(a, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO));
	ERR(send(a, buf, 1400, 0), EMSGSIZE);
}

/* There is another way to the peer, which others take. */
TEST(a_bound_device_has_the_path_MTU_of_its_own_route)
{
	int tun = tun_up("10.0.0.1", 10), a = bound("10.0.0.1", 5000), on;
	struct rtentry way = { .rt_flags = RTF_UP | RTF_HOST, .rt_dev = "lo" };
	struct sockaddr_in peer = addr("10.0.0.2", 0);

	memcpy(&way.rt_dst, &peer, sizeof(peer));
	OK(ioctl(a, SIOCADDRT, &way));
	OK(setsockopt(a, SOL_SOCKET, SO_BINDTODEVICE, "wire0", 6));
	for (on = 0; on < 2; on++) {	/* not connected, connected */
		put_icmp(tun, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1300 - on);
		OK(connect_to(a, "10.0.0.2", 6000));
		so_error(a);
		goes_whole(tun, a, 100);
		EQ(get_int(a, SOL_IP, IP_MTU), 1300 - on);
	}
}

/* Likewise a mark that has routes of its own. */
TEST(a_mark_has_the_path_MTU_of_its_own_route)
{
	int tun = tun_up("10.0.0.1", 10), a = bound("10.0.0.1", 5000);

	EQ(system("ip route add 10.0.0.2 dev lo && ip route add 10.0.0.2 dev wire0 table 100 && "
		  "ip rule add fwmark 7 lookup 100"), 0);
	OK(set_int(a, SOL_SOCKET, SO_MARK, 7));
	put_icmp(tun, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1300);
	OK(connect_to(a, "10.0.0.2", 6000));
	so_error(a);
	goes_whole(tun, a, 100);
	EQ(get_int(a, SOL_IP, IP_MTU), 1300);
}
