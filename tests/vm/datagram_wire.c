// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams on the wire: headers, lengths that lie, ICMP, and one that goes to many.  With
 * TTP_TEST_PROTO=tcp the kernel's UDP is asked, the oracle.
 */
#include <net/if.h>
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
	struct iphdr ip;
	struct udphdr uh;
	char data[64];
};

/* the pseudo-header carries protocol 17, also on IP protocol 254 */
static uint16_t sum_datagram(const struct packet *p, int len)
{
	uint32_t sum = sum_add(&p->ip.saddr, 8, IPPROTO_UDP + len - sizeof(p->ip));

	return sum_fold(sum_add(&p->uh, len - sizeof(p->ip), sum));
}

/* The next packet of IPv4 from the device; a host speaks IPv6 by itself. */
static int from_wire(int tun, void *packet, size_t size)
{
	int len;

	do {
		EQ(poll_till(tun, POLLIN), POLLIN);
		len = OK(read(tun, packet, size));
	} while (((struct iphdr *)packet)->version != 4);
	return len;
}

TEST(a_packet_has_the_header_of_UDP)
{
	int tun = tun_up("10.0.0.1", 10), a = bound("10.0.0.1", 5000), len;
	struct packet p;

	OK(set_int(a, SOL_IP, IP_TTL, 9));
	OK(set_int(a, SOL_IP, IP_TOS, 0x10));
	OK(send_to(a, "hello", "10.0.0.2", 6000));
	len = from_wire(tun, &p, sizeof(p));
	EQ(len, 33);
	EQ(p.ip.protocol, protocol());
	EQ(p.ip.ttl, 9);
	EQ(p.ip.tos, 0x10);
	EQ(p.ip.frag_off, htons(IP_DF));
	EQ(ntohs(p.uh.source), 5000);
	EQ(ntohs(p.uh.dest), 6000);
	EQ(ntohs(p.uh.len), 13);
	EQ(sum_datagram(&p, len), 0);
	EXPECT(!memcmp(p.data, "hello", 5));
	OK(set_int(a, SOL_SOCKET, SO_NO_CHECK, 1));
	OK(send_to(a, "hello", "10.0.0.2", 6000));
	from_wire(tun, &p, sizeof(p));
	EQ(p.uh.check, 0);
}

/* A datagram from 10.0.0.2:6000 to 10.0.0.1:5000 with that length field; so many bytes come. */
static int made(struct packet *p, int field, int bytes)
{
	*p = (struct packet){ .uh = { .source = htons(6000), .dest = htons(5000),
				      .len = htons(field) }, .data = "abcdef" };
	ip_header(&p->ip, protocol(), sizeof(p->ip) + bytes, "10.0.0.2", "10.0.0.1");
	if (field >= 8 && field <= bytes)
		p->uh.check = htons(sum_datagram(p, sizeof(p->ip) + field));
	return sizeof(p->ip) + bytes;
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
	p.uh.check ^= 1;
	put(tun, &p, len);
	p.uh.check = 0;			/* the sender has computed none */
	put(tun, &p, len);
	get(a, "abcdef");
	put(tun, &p, made(&p, 11, 14));	/* what is behind the length is none of it */
	get(a, "abc");
	EXPECT(nothing(a));
	if (!is_ttp())
		return;
	EQ(counter("InDatagrams"), 2);
	EQ(counter("DatagramInErrors"), 5);
	EQ(counter("DatagramCsumErrors"), 1);
}

TEST(nobody_is_answered_by_port_unreachable_with_the_datagram_in_it)
{
	int tun = tun_up("10.0.0.1", 10), len;
	struct packet p;
	struct {
		struct iphdr ip;
		struct icmphdr icmp;
		struct packet about;
	} got;

	len = made(&p, 14, 14);
	put(tun, &p, len);
	from_wire(tun, &got, sizeof(got));
	EQ(got.ip.protocol, IPPROTO_ICMP);
	EQ(got.icmp.type, ICMP_DEST_UNREACH);
	EQ(got.icmp.code, ICMP_PORT_UNREACH);
	EXPECT(!memcmp(&got.about.uh, &p.uh, sizeof(p.uh)));
}

/* an ICMP message about a datagram from 10.0.0.1:5000 to 10.0.0.2:6000 */
static void put_icmp(int tun, int type, int code, int mtu)
{
	struct {
		struct iphdr ip;
		struct icmphdr icmp;
		struct iphdr about;
		struct udphdr uh;
	} m = {
		.icmp = { .type = type, .code = code, .un.frag.mtu = htons(mtu) },
		.uh = { .source = htons(5000), .dest = htons(6000), .len = htons(1400) },
	};

	ip_header(&m.about, protocol(), 1420, "10.0.0.1", "10.0.0.2");
	ip_header(&m.ip, IPPROTO_ICMP, sizeof(m), "10.0.0.2", "10.0.0.1");
	m.icmp.checksum = htons(sum_fold(sum_add(&m.icmp, sizeof(m) - sizeof(m.ip), 0)));
	EQ(write(tun, &m, sizeof(m)), sizeof(m));
}

TEST(an_ICMP_error_reaches_the_socket_it_is_about)
{
	int tun = tun_up("10.0.0.1", 10), a = bound("10.0.0.1", 5000);
	char buf[1400] = "";

	OK(connect_to(a, "10.0.0.2", 6000));
	put_icmp(tun, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);	/* soft: only who asks */
	EQ(so_error(a), 0);
	put_icmp(tun, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0);
	EQ(so_error(a), ENOPROTOOPT);
	put_icmp(tun, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1000);
	EQ(so_error(a), EMSGSIZE);
	EQ(send(a, buf, sizeof(buf), 0), (long)sizeof(buf));	/* in two */
	EQ(get_int(a, SOL_IP, IP_MTU), 1000);
	put_icmp(tun, ICMP_SOURCE_QUENCH, 0, 0);
	EQ(so_error(a), 0);
	OK(set_int(a, SOL_IP, IP_RECVERR, 1));
	put_icmp(tun, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	EQ(so_error(a), EHOSTUNREACH);
}
