// SPDX-License-Identifier: GPL-2.0
/*
 * What IP's header and ours look like on the wire: what the user wants there, and
 * the order of the options.
 */
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include "tun.h"
#include "wire.h"

static atomic_int tos, ttl, header;

static enum verdict note_header(const struct seg *s)
{
	if (s->from == A) {
		tos = s->ip->tos;
		ttl = s->ip->ttl;
		header = s->ip->ihl * 4;
	}
	return PASS;
}

static void set_header(int fd, int new_tos, int new_ttl)
{
	OK(set_int(fd, IPPROTO_IP, IP_TOS, new_tos));
	EQ(get_int(fd, IPPROTO_IP, IP_TOS), new_tos);
	OK(set_int(fd, IPPROTO_IP, IP_TTL, new_ttl));
	EQ(get_int(fd, IPPROTO_IP, IP_TTL), new_ttl);
}

static int listener_on_b(void)
{
	int l;

	wire_up();
	wire_filter(note_header);
	wire_host(B);
	l = listener(ip_b, 0, 1);
	wire_host(A);
	return l;
}

/* MUST-48, MUST-49; SHLD-22: unchanged; SHLD-21: also in the middle */
TEST(IP_TOS_and_IP_TTL_reach_the_wire)
{
	int l = listener_on_b(), c = sock(), s;

	set_header(c, 0x10, 33);
	OK(connect_to(c, ip_b, port_of(l)));
	EQ(tos, 0x10);
	EQ(ttl, 33);
	s = OK(accept(l, NULL, NULL));
	set_header(c, 0xb8, 44);
	send_text(c, "first class");
	recv_text(s, "first class");
	EQ(tos, 0xb8);
	EQ(ttl, 44);
}

/* MUST-50: RFC 4727's option for experiments */
TEST(an_unknown_IP_option_is_ignored)
{
	static const uint8_t option[] = { 158, 4, 1, 2 };
	int l = listener_on_b(), c = sock(), s;

	OK(setsockopt(c, IPPROTO_IP, IP_OPTIONS, option, sizeof(option)));
	OK(connect_to(c, ip_b, port_of(l)));
	EQ(header, 24);
	s = OK(accept(l, NULL, NULL));
	send_bytes(c, 10000, 0);
	recv_bytes(s, 10000, 0);
	send_bytes(s, 10000, 0);
	recv_bytes(c, 10000, 0);
	EQ(header, 24);
}

/* MUST-16: what the header takes is not there for data */
TEST(IP_options_may_come_and_go_in_the_middle)
{
	static const uint8_t option[] = { 158, 4, 1, 2 };
	int l = listener_on_b(), c = sock(), s;

	OK(connect_to(c, ip_b, port_of(l)));
	s = OK(accept(l, NULL, NULL));
	send_bytes(c, 10000, 0);
	recv_bytes(s, 10000, 0);
	EQ(header, 20);
	OK(setsockopt(c, IPPROTO_IP, IP_OPTIONS, option, sizeof(option)));
	send_bytes(c, 10000, 10000);
	recv_bytes(s, 10000, 10000);
	EQ(header, 24);
	OK(setsockopt(c, IPPROTO_IP, IP_OPTIONS, NULL, 0));
	send_bytes(c, 10000, 20000);
	recv_bytes(s, 10000, 20000);
	EQ(header, 20);
	/* none was too long for the way: but for a tail loss probe or two */
	EXPECT(tcp_info_of(c).tcpi_total_retrans < 4);
}

static _Atomic uint32_t first_hop;
static uint32_t last_hop;	/* is there before the first */

static enum verdict note_route(const struct seg *s)
{
	if (s->from == A && s->ip->ihl == 7) {
		memcpy(&last_hop, s->packet + 23, 4);
		first_hop = s->ip->daddr;
	}
	return PASS;
}

/* MUST-51: by way of 10.0.0.7 */
TEST(a_source_route_is_followed_from_its_first_hop)
{
	static const uint8_t route[] = { 131, 7, 4, 10, 0, 0, 7, 0 };
	int c;

	wire_up();
	wire_filter(note_route);
	wire_host(A);
	c = sock();
	OK(setsockopt(c, IPPROTO_IP, IP_OPTIONS, route, sizeof(route)));
	nonblock(c);
	ERR(connect_to(c, ip_b, 4000), EINPROGRESS);
	WAIT(first_hop == inet_addr("10.0.0.7"), 2000);
	EQ(last_hop, inet_addr("10.0.0.2"));
}

static atomic_int synack_tos, synack_ttl, synack_count;

static enum verdict note_synack(const struct seg *s)
{
	if ((seg_flags(s) & (SYN | ACK)) == (SYN | ACK)) {
		synack_tos = s->ip->tos;
		synack_ttl = s->ip->ttl;
		return synack_count++ ? PASS : DROP;
	}
	return PASS;
}

/* MUST-48, MUST-49: of a listener too, and its children have them */
TEST(IP_TOS_and_IP_TTL_of_a_listener_reach_SYN_ACK_and_children)
{
	int l, c, s;

	wire_up();
	wire_filter(note_synack);
	wire_host(B);
	l = sock_peer();
	set_header(l, 0x48, 99);
	OK(bind_to(l, ip_b, 0));
	OK(listen(l, 1));
	wire_host(A);
	c = sock();
	OK(connect_to(c, ip_b, port_of(l)));
	/* sent again by a timer */
	EXPECT(synack_count >= 2);
	EQ(synack_tos, 0x48);
	EQ(synack_ttl, 99);
	s = OK(accept(l, NULL, NULL));
	EQ(get_int(s, IPPROTO_IP, IP_TOS), 0x48);
	EQ(get_int(s, IPPROTO_IP, IP_TTL), 99);
}

static char options[2][200];

static const char *kind_of(int kind)
{
	static const char * const names[] = { "eol", "nop", "mss", "wscale", "sackOK",
					      "sack", "6", "7", "TS" };

	return kind < 9 ? names[kind] : "?";
}

/* The order of a SYN's options, or of any segment's with SACK blocks. */
static enum verdict note_options(const struct seg *s)
{
	const uint8_t *p = (uint8_t *)(s->th + 1), *end = (uint8_t *)s->th + s->th->doff * 4;
	char text[200] = "";

	for (; p < end; p += *p > 1 ? p[1] : 1) {
		strcat(text, " ");
		strcat(text, kind_of(*p));
	}
	if (seg_flags(s) & SYN || strstr(text, " sack"))
		strcpy(options[s->from], text);
	return PASS;
}

static const char *options_of(int from, const char *want)
{
	WAIT(options[from][0], 1000);
	if (strcmp(options[from], want))
		fail("options of %c: %s, not %s", "AB"[from], options[from], want);
	return want;
}

TEST(options_of_a_SYN_are_in_the_order_of_Linux)
{
	wire_up();
	wire_filter(note_options);
	connected();
	options_of(A, " mss sackOK TS nop wscale");
	options_of(B, " mss sackOK TS nop wscale");
}

TEST(options_without_timestamps_are_in_the_order_of_Linux)
{
	wire_up();
	wire_filter(note_options);
	wire_host(A);
	knob("timestamps", 0);
	connected();
	options_of(A, " mss nop nop sackOK nop wscale");
	options_of(B, " mss nop nop sackOK nop wscale");
}

static enum verdict lose_the_first(const struct seg *s)
{
	static int n;

	note_options(s);
	return s->from == A && s->text && !n++ ? DROP : PASS;
}

TEST(SACK_blocks_are_where_Linux_puts_them)
{
	struct pair p;

	wire_up();
	p = connected();
	wire_filter(lose_the_first);
	send_bytes(p.c, 10000, 0);
	recv_bytes(p.s, 10000, 0);
	options_of(B, " nop nop TS nop nop sack");
}

/* The Ethernet frame that follows struct virtio_net_hdr, and the packet in it */
#define FRAME_AT	sizeof(struct virtio_net_hdr)
#define IP_AT		(FRAME_AT + ETH_HLEN)

/* The SYN of a connection, as a veth device has it, with struct virtio_net_hdr before its Ethernet
 * header; @len is set.
 */
static uint8_t *at_a_device(ssize_t *len)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP) };
	static uint8_t packet[2000];
	int tap, c = sock(), on = 1;

	if (!is_ttp())
		skip("devices know TCP");
	EQ(system("ip link add v0 type veth peer name v1 && ip addr add 10.9.0.1/24 dev v0 && "
		  "ip link set v0 up && ip link set v1 up && "
		  "ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:01 dev v0 nud permanent"), 0);
	at.sll_ifindex = OK(if_nametoindex("v1"));
	tap = OK(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_IP)));
	OK(setsockopt(tap, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)));
	OK(bind(tap, (struct sockaddr *)&at, sizeof(at)));
	nonblock(c);
	ERR(connect_to(c, "10.9.0.2", 4000), EINPROGRESS);
	do
		*len = OK(recv(tap, packet, sizeof(packet), 0));
	while (packet[IP_AT + 9] != ip_protocol());
	return packet;
}

TEST_SECONDS(without_offload_the_checksum_is_complete, 15)
{
	uint8_t *packet;
	ssize_t len;

	knob("offload", 0);
	packet = at_a_device(&len);
	EQ(((struct virtio_net_hdr *)packet)->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM, 0);
	EQ(sum_segment((struct iphdr *)(packet + IP_AT), len - IP_AT), 0);
}

/* A veth device can sum everything.  Behind it may be one that can sum TCP only, and the kernel
 * knows TCP by where its checksum is in what is to be summed.
 */
TEST_SECONDS(a_checksum_that_a_device_is_to_compute_does_not_look_like_TCPs, 15)
{
	struct virtio_net_hdr *hdr;
	uint8_t *packet, *from;
	ssize_t len;
	uint16_t sum;

	packet = at_a_device(&len);
	hdr = (struct virtio_net_hdr *)packet;
	EQ(hdr->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	EQ(hdr->csum_offset, 12);
	EQ(hdr->csum_start + hdr->csum_offset, ETH_HLEN + sizeof(struct iphdr) + 16);
	from = packet + FRAME_AT + hdr->csum_start;
	sum = htons(sum_fold(sum_add(from, packet + len - from, 0)));
	memcpy(from + hdr->csum_offset, &sum, sizeof(sum));
	EQ(sum_segment((struct iphdr *)(packet + IP_AT), len - IP_AT), 0);
}
