// SPDX-License-Identifier: GPL-2.0
/*
 * What only IPv6 has: sockets of both families on one port, IPv4-mapped addresses, scopes, and
 * the options of its header.  Addresses are those of the kernel here, not of to_kernel().
 */
#include <net/if.h>
#include "six.h"
#include "tun.h"
#include "wire.h"

#define MAPPED	"::ffff:127.0.0.1"

/* <linux/in6.h> does not go with <netinet/in.h> */
#define IPV6_FLOWINFO_SEND	33
#define IPV6_MINHOPCOUNT	73
#define IPV6_FLOWLABEL_MGR	32

static int sock4(void)
{
	int fd = is_ttp() ? socket(AF_TTP, SOCK_STREAM, TTPPROTO_IP) :
			    socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

	return OK(fd);
}

static int listener6(const char *ip, int port, bool only)
{
	int fd = sock();

	OK(set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, only));
	OK(bind6(fd, ip, port));
	OK(listen(fd, 8));
	return fd;
}

/* ---- two families, one port ---- */

TEST(a_listener_on_no_address_takes_connections_of_both_families)
{
	int l = listener6("::", 5000, false), c = sock4(), s;

	OK(connect4(c, "127.0.0.1", 5000));
	s = OK(accept(l, NULL, NULL));
	IS(s, true, MAPPED);
	IS(s, false, MAPPED);
	send_text(c, "four");
	recv_text(s, "four");
	OK(close(s));
	recv_eof(c);
	c = sock();
	OK(connect6(c, "::1", 5000));
	s = OK(accept(l, NULL, NULL));
	IS(s, true, "::1");
	send_text(s, "six");
	recv_text(c, "six");
}

TEST(V6ONLY_leaves_IPv4_to_others)
{
	int l = listener6("::", 5000, true), l4 = sock4();

	ERR(connect4(sock4(), "127.0.0.1", 5000), ECONNREFUSED);
	OK(bind4(l4, "0.0.0.0", 5000));
	OK(listen(l4, 1));
	OK(connect4(sock4(), "127.0.0.1", 5000));
	OK(accept(l4, NULL, NULL));
	EQ(waiting(l), 0);
	ERR(set_int(l, IPPROTO_IPV6, IPV6_V6ONLY, 0), EINVAL);
}

TEST(a_mapped_address_is_reached_by_IPv4)
{
	int l = sock4(), c = sock(), s;

	OK(bind4(l, "127.0.0.1", 5000));
	OK(listen(l, 1));
	OK(connect6(c, MAPPED, 5000));
	s = OK(accept(l, NULL, NULL));
	IS(c, false, MAPPED);
	IS(c, true, MAPPED);
	send_text(c, "hello");
	recv_text(s, "hello");
	OK(close(s));
	recv_eof(c);
}

TEST(a_socket_of_IPv6_alone_has_no_mapped_addresses)
{
	int fd = sock();

	OK(set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	ERR(connect6(fd, MAPPED, 5000), ENETUNREACH);
	ERR(bind6(fd, MAPPED, 0), EINVAL);
}

TEST(a_listener_on_a_mapped_address_takes_IPv4_only)
{
	int l = listener6(MAPPED, 5000, false);

	OK(connect4(sock4(), "127.0.0.1", 5000));
	IS(OK(accept(l, NULL, NULL)), true, MAPPED);
	ERR(connect6(sock(), "::1", 5000), ECONNREFUSED);
}

/* the same socket once for each */
TEST(a_socket_may_change_the_family_of_its_connections)
{
	int l, c, i;

	if (!is_ttp())
		skip("TCP's cannot, once it has used IPv4");
	l = listener6("::", 5000, false);
	c = sock();
	for (i = 0; i < 2; i++) {
		OK(connect6(c, MAPPED, 5000));
		IS(c, false, MAPPED);
		OK(close(OK(accept(l, NULL, NULL))));
		OK(disconnect(c));
		OK(connect6(c, "::1", 5000));
		IS(c, false, "::1");
		OK(close(OK(accept(l, NULL, NULL))));
		OK(disconnect(c));
		IS(c, false, "::");
	}
}

TEST(no_address_is_the_host_itself)
{
	int l = listener6("::", 5000, false), c = sock();

	OK(connect6(c, "::", 5000));
	IS(c, true, "::1");
	OK(accept(l, NULL, NULL));
	c = sock();
	OK(bind6(c, MAPPED, 0));
	OK(connect6(c, "::", 5000));
	IS(c, true, MAPPED);
}

/* which of two sockets may have one port: IPv4's name is without a colon, IPv6's alone has a ! */
static const struct want {
	const char *first, *second;
	bool both;
} wants[] = {
	{ "0.0.0.0", "::", false },
	{ "::", "0.0.0.0", false },
	{ "0.0.0.0", "!::", true },
	{ "!::", "0.0.0.0", true },
	{ "127.0.0.1", "::", false },
	{ "::", "127.0.0.1", false },
	{ "127.0.0.1", "!::", true },
	{ "127.0.0.1", "::1", true },
	{ "0.0.0.0", "::1", true },
	{ "::1", "0.0.0.0", true },
	{ "127.0.0.1", MAPPED, false },
	{ MAPPED, "127.0.0.1", false },
	{ MAPPED, "127.0.0.2", true },
	{ "0.0.0.0", MAPPED, false },
	{ MAPPED, "::1", true },
	{ MAPPED, "!::", true },
	{ "::", "!::", false },
	{ "::", "::1", false },
	{ "::1", "::1", false },
	{ "::1", "fd00::7f00:2", true },
};

static int bind_as(const char *want, int port)
{
	int fd = strchr(want, ':') ? sock() : sock4(), only = *want == '!';

	if (!strchr(want, ':'))
		return bind4(fd, want, port);
	OK(set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, only));
	return bind6(fd, want + only, port);
}

TEST(two_sockets_have_one_port_unless_an_address_is_both_their_own)
{
	const struct want *w;
	int port = 6000;

	for (w = wants; w < wants + sizeof(wants) / sizeof(*wants); w++, port++) {
		OK(bind_as(w->first, port));
		HERE(w->first);
		errno = 0;
		if (bind_as(w->second, port) ? w->both || errno != EADDRINUSE : !w->both)
			fail("and %s: expected %s, came %s", w->second,
			     w->both ? "both" : "one", errno ? strerror(errno) : "both");
	}
}

static int shared(int fd)
{
	OK(set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1));
	return fd;
}

TEST(a_connection_is_for_the_listener_of_its_family)
{
	int l = shared(sock()), l4 = shared(sock4());

	OK(bind6(l, "::", 5000));
	OK(bind4(l4, "0.0.0.0", 5000));
	OK(listen(l, 1));
	OK(listen(l4, 1));
	OK(connect4(sock4(), "127.0.0.1", 5000));
	WAIT(waiting(l4) == 1, 1000);
	OK(connect6(sock(), "::1", 5000));
	WAIT(waiting(l) == 1, 1000);
}

TEST(a_port_in_TIME_WAIT_is_one_of_its_family)
{
	int l = listener6("::", 5000, false), c = sock(), s;

	OK(connect6(c, "::1", 5000));
	s = OK(accept(l, NULL, NULL));
	OK(close(s));
	recv_eof(c);
	OK(close(c));
	OK(close(l));
	WAIT(!is_ttp() || count_sockets(5000, 0, "TIME_WAIT") == 1, 2000);
	ERR(bind6(sock(), "::", 5000), EADDRINUSE);
	OK(bind4(sock4(), "127.0.0.1", 5000));
}

TEST(an_address_needs_24_bytes)
{
	struct sockaddr_in6 a = addr6("::1", 5000);

	listener6("::", 5000, false);
	ERR(connect(sock(), (struct sockaddr *)&a, 20), EINVAL);
	OK(connect(sock(), (struct sockaddr *)&a, 24));
}

/* ---- the header ---- */

static atomic_int ds[2], hops[2], label[2], labels[2], next_header[2];
static atomic_int longest;

static enum verdict look(const struct seg *s)
{
	int l = (s->packet[1] & 0xf) << 16 | s->packet[2] << 8 | s->packet[3];

	ds[s->from] = seg_ds(s);
	hops[s->from] = s->packet[7];
	next_header[s->from] = s->packet[6];
	if (l != label[s->from])
		labels[s->from]++;
	label[s->from] = l;
	if (s->from == A && (int)s->len > longest)
		longest = s->len;
	return PASS;
}

TEST(traffic_class_and_hop_limit_are_the_users)
{
	struct pair p;

	wire_up();
	wire_filter(look);
	wire_host(B);
	p.l = listener(ip_b, 7, 1);
	OK(set_int(p.l, IPPROTO_IPV6, IPV6_TCLASS, 0x20));
	OK(set_int(p.l, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 55));
	wire_host(A);
	p.c = sock();
	OK(set_int(p.c, IPPROTO_IPV6, IPV6_TCLASS, 0x48));
	OK(set_int(p.c, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 33));
	OK(connect_to(p.c, ip_b, 7));
	p.s = OK(accept(p.l, NULL, NULL));
	EQ(ds[A], 0x48);
	EQ(hops[A], 33);
	EQ(ds[B], 0x20);	/* the SYN,ACK's */
	EQ(hops[B], 55);
	send_text(p.s, "now");
	recv_text(p.c, "now");
	EQ(ds[B], 0x20);	/* the child's */
	EQ(hops[B], 55);
}

TEST(MINHOPCOUNT_drops_what_passed_too_many_routers)
{
	int l, c;

	wire_up();
	wire_host(B);
	l = listener(ip_b, 7, 1);
	OK(set_int(l, IPPROTO_IPV6, IPV6_MINHOPCOUNT, 255));
	wire_host(A);
	c = sock();
	nonblock(c);
	ERR(connect_to(c, ip_b, 7), EINPROGRESS);
	STAYS(!(poll_for(c, POLLOUT, 0) & POLLOUT), 300);
	close_hard(c);
	c = sock();
	OK(set_int(c, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 255));
	OK(connect_to(c, ip_b, 7));
}

TEST(a_connection_keeps_its_flow_label)
{
	struct pair p;

	wire_up();
	wire_filter(look);
	p = connected();
	transfer(&p, 100000);
	EXPECT(label[A]);
	/* after a timeout it is another one */
	EXPECT(labels[A] == 1 || tcp_info_of(p.c).tcpi_total_retrans);
	EXPECT(label[B]);
}

/* the first path loses data; routers may choose it by the label */
static enum verdict lose_by_the_first_label(const struct seg *s)
{
	look(s);
	return s->from == A && s->text && labels[A] == 1 ? DROP : PASS;
}

/* R1 (RFC 9293 3.8.3): IP is told that the route may be bad, and its flow label is another */
TEST(after_retries1_another_flow_label_is_tried)
{
	struct pair p;

	wire_up();
	wire_filter(lose_by_the_first_label);
	wire_host(A);
	knob("retries1", 1);
	p = connected();
	EQ(labels[A], 1);
	send_text(p.c, "by another path");
	recv_text(p.s, "by another path");
}

TEST(AUTOFLOWLABEL_0_gives_none)
{
	int l, c;

	wire_up();
	wire_filter(look);
	wire_host(B);
	l = listener(ip_b, 7, 1);
	OK(set_int(l, IPPROTO_IPV6, 70 /* IPV6_AUTOFLOWLABEL */, 0));
	wire_host(A);
	c = sock();
	OK(set_int(c, IPPROTO_IPV6, 70, 0));
	OK(connect_to(c, ip_b, 7));
	EQ(label[A], 0);
	EQ(label[B], 0);
}

TEST(connect_with_a_flow_label_of_ones_own)
{
	struct {
		struct in6_addr dst;
		uint32_t label;
		uint8_t action, share;
		uint16_t flags, expires, linger;
		uint32_t pad;
	} lease = { .label = htonl(0x12345), .share = 1, .flags = 1 /* create */ };
	struct sockaddr_in a = addr("10.0.0.2", 7);
	socklen_t len;
	union address k = to_kernel(&a, &len);
	int fd;

	wire_up();
	wire_filter(look);
	wire_host(B);
	listener(ip_b, 7, 1);
	wire_host(A);
	fd = sock();
	lease.dst = k.v6.sin6_addr;
	OK(setsockopt(fd, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &lease, sizeof(lease)));
	OK(set_int(fd, IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1));
	k.v6.sin6_flowinfo = lease.label;
	OK(connect(fd, &k.any, len));
	EQ(label[A], 0x12345);
}

static enum verdict too_big(const struct seg *s)
{
	look(s);
	if (s->len <= 1400)
		return PASS;
	wire_too_big(s, 1400);
	return DROP;
}

TEST(packets_get_as_small_as_a_router_says)
{
	struct pair p;

	wire_up();
	p = connected();
	wire_filter(too_big);
	transfer(&p, 100000);
	EQ(get_int(p.c, tcp_level(), TTP_MAXSEG), 1400 - 40 - 32);
}

static enum verdict too_big_for_a_modem(const struct seg *s)
{
	static int n;

	if (s->len > 1280 && !n++) {
		wire_too_big(s, 576);
		return DROP;
	}
	return look(s);
}

/* RFC 8201 4: a message that says less than 1280 is none */
TEST(no_path_is_narrower_than_1280)
{
	struct pair p;

	wire_up();
	p = connected();
	wire_filter(too_big_for_a_modem);
	transfer(&p, 100000);
	EQ(get_int(p.c, tcp_level(), TTP_MAXSEG), 1500 - 40 - 32);
}

TEST(a_destination_option_is_in_each_packet_and_leaves_less_room)
{
	uint8_t option[8] = { 0, 0, 1, 4 };	/* PadN, 6 bytes of it */
	struct pair p;
	int l;

	wire_up();
	wire_filter(look);
	wire_host(B);
	l = listener(ip_b, 7, 1);
	wire_host(A);
	p.c = sock();
	OK(setsockopt(p.c, IPPROTO_IPV6, IPV6_DSTOPTS, option, sizeof(option)));
	OK(connect_to(p.c, ip_b, 7));
	p.s = OK(accept(l, NULL, NULL));
	EQ(next_header[A], IPPROTO_DSTOPTS);
	transfer(&p, 100000);
	EQ(get_int(p.c, tcp_level(), TTP_MAXSEG), 1500 - 48 - 32);
}

static atomic_int said;

/* the option becomes four times that of no operation */
static enum verdict without_MSS(const struct seg *s)
{
	uint8_t *option = (uint8_t *)(s->th + 1);

	if (seg_flags(s) & SYN && option[0] == 2) {
		said++;
		memset(option, 1, 4);
		wire_resum(s);
	}
	return look(s);
}

/* MUST-15v6, SHLD-5v6 */
TEST(a_peer_that_says_no_MSS_takes_1220)
{
	struct pair p;
	int want = is_ttp() ? 1220 : 536;

	wire_up();
	wire_filter(without_MSS);
	p = connected();
	EXPECT(said >= 2);
	EQ(get_int(p.c, tcp_level(), TTP_MAXSEG), want - 12);
	EQ(get_int(p.s, tcp_level(), TTP_MAXSEG), want - 12);
}

/* ---- scopes ---- */

/* A segment between addresses that no test has of its own */
static void segment(int tun, const char *from, const char *to, int port, bool syn)
{
	struct in6_addr saddr = addr6(from, 0).sin6_addr, daddr = addr6(to, 0).sin6_addr;
	uint8_t packet[60];
	struct tcphdr *th = (struct tcphdr *)(packet + 40);

	ip6_header(packet, ip_protocol(), sizeof(packet), "10.0.0.2", "10.0.0.1");
	memcpy(packet + 8, &saddr, sizeof(saddr));
	memcpy(packet + 24, &daddr, sizeof(daddr));
	*th = (struct tcphdr){ .source = htons(1000), .dest = htons(port), .doff = 5, .syn = syn,
			       .ack = !syn, .window = 0xffff };
	th->check = htons(sum_segment((struct iphdr *)packet, sizeof(packet)));
	EQ(write(tun, packet, sizeof(packet)), sizeof(packet));
}

static void segment_to(int tun, const char *to, int port, bool syn)
{
	segment(tun, "fd00::a00:2", to, port, syn);
}

/* A SYN of IPv6 to an address that stands for IPv4: nobody can answer from such a one. */
static void syn_to_mapped(int tun, int port)
{
	segment_to(tun, "::ffff:10.0.0.1", port, true);
}

TEST(a_packet_to_a_mapped_address_is_for_no_listener)
{
	int tun = tun_up("10.0.0.1", 100), l4 = sock4();

	address6("lo", "::ffff:10.0.0.1", 128);
	OK(bind4(l4, "0.0.0.0", 5000));
	OK(listen(l4, 8));
	syn_to_mapped(tun, 5000);
	EQ(count_sockets(5000, 1000, NULL), 0);
	OK(connect4(sock4(), "127.0.0.1", 5000));
	OK(accept(l4, NULL, NULL));
	listener6("::", 6000, false);
	syn_to_mapped(tun, 6000);
	EQ(count_sockets(6000, 1000, NULL), 0);
}

static int answers(int tun)
{
	uint8_t packet[2000];
	int n = 0;

	while (read(tun, packet, sizeof(packet)) > 0)
		n += packet[6] == ip_protocol();
	return n;
}

/* It would look as if it had come by IPv4. */
TEST(a_SYN_from_a_mapped_address_is_not_answered)
{
	int tun = tun_up("10.0.0.1", 100);

	address6("wire0", "::ffff:10.0.0.1", 120);
	listener6("::", 5000, false);
	segment_to(tun, "fd00::a00:1", 5000, true);
	WAIT(answers(tun) == 1, 1000);
	segment(tun, "::ffff:10.0.0.2", "fd00::a00:1", 5000, true);
	EQ(answers(tun), 0);
	EQ(count_sockets(5000, 1000, NULL), 1);
}

/* A RST would have that address as its source, and each host of the link would send one. */
TEST(a_segment_to_a_multicast_address_is_not_answered)
{
	int tun = tun_up("10.0.0.1", 100);

	listener6("::", 5000, false);
	segment_to(tun, "fd00::a00:1", 5000, false);
	WAIT(answers(tun) == 1, 1000);
	segment_to(tun, "ff02::1", 6000, false);
	EQ(answers(tun), 0);
	if (!is_ttp())
		skip("Linux answers, where anything listens");
	segment_to(tun, "ff02::1", 5000, false);
	EQ(answers(tun), 0);
}

TEST(a_link_local_address_is_one_of_a_device)
{
	struct sockaddr_in6 a, from;
	socklen_t len = sizeof(from);
	char device[16] = "";
	int l, c, s;

	wire_up();
	link_local("fe80::a");
	wire_host(B);
	link_local("fe80::b");
	l = listener6("::", 5000, false);
	wire_host(A);
	a = addr6("fe80::b", 5000);
	ERR(connect(sock(), (struct sockaddr *)&a, sizeof(a)), EINVAL);
	a.sin6_scope_id = if_nametoindex("wire0");
	c = sock();
	OK(connect(c, (struct sockaddr *)&a, sizeof(a)));
	s = OK(accept(l, (struct sockaddr *)&from, &len));
	EXPECT(from.sin6_scope_id);
	len = sizeof(device);
	OK(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, device, &len));
	EXPECT(!strcmp(device, "wire0"));
	send_text(s, "near");
	recv_text(c, "near");
	OK(close(c));
	recv_eof(s);
	OK(close(s));
	c = sock();
	OK(set_int(c, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	ERR(bind6(c, "fe80::a", 0), EINVAL);
	a = addr6("fe80::b", 5001);
	a.sin6_scope_id = if_nametoindex("wire0");
	ERR(connect(c, (struct sockaddr *)&a, sizeof(a)), ECONNREFUSED);
}

/* A VRF, to which a listener may be bound, is on no link: answers go by the device itself. */
TEST(a_link_local_address_is_one_of_a_device_also_in_a_VRF)
{
	struct sockaddr_in6 a, from;
	socklen_t len = sizeof(from);
	int l, c, s, device;

	wire_up();
	link_local("fe80::a");
	wire_host(B);
	tun_to_vrf();
	link_local("fe80::b");
	device = if_nametoindex("wire0");
	l = sock_peer();
	OK(setsockopt(l, SOL_SOCKET, SO_BINDTODEVICE, "red", 3));
	OK(bind6(l, "::", 5000));
	OK(listen(l, 8));
	wire_host(A);
	a = addr6("fe80::b", 5000);
	a.sin6_scope_id = if_nametoindex("wire0");
	c = sock();
	OK(connect(c, (struct sockaddr *)&a, sizeof(a)));
	s = OK(accept(l, (struct sockaddr *)&from, &len));
	EQ(from.sin6_scope_id, device);
	send_text(s, "near");
	recv_text(c, "near");
	a.sin6_port = htons(5001);
	ERR(connect(sock(), (struct sockaddr *)&a, sizeof(a)), ECONNREFUSED);
}
