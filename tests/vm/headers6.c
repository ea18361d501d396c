// SPDX-License-Identifier: GPL-2.0
/*
 * What comes by IPv6 before a segment's own header, or about it: extension headers, fragments,
 * flow labels that are to be reflected, redirects.
 */
#include "tun.h"
#include "wire.h"

static void set_sysctl(const char *path, int value)
{
	char name[100];
	FILE *f;

	snprintf(name, sizeof(name), "/proc/sys/net/ipv6/%s", path);
	f = fopen(name, "w");
	EXPECT(f);
	fprintf(f, "%d", value);
	EQ(fclose(f), 0);
}

/* ---- extension headers ---- */

#define HOP_BY_HOP	0
#define PADN		1

#define FRAGMENT	44

/* Extension headers one after the other; the first byte of each is the number of what follows. */
struct chain {
	uint8_t first;		/* the number of the first */
	uint8_t len;
	uint8_t bytes[48];
};

static struct chain chain;
static bool from_the_SYN;	/* in each segment of A's; else in those with data */
static atomic_int chained;	/* segments that had them */

/* A's segments come with these headers before their own. */
static enum verdict add_chain(const struct seg *s)
{
	uint8_t packet[2048];
	size_t len = s->len + chain.len;

	if (s->from != A || (!from_the_SYN && !s->text))
		return PASS;
	memcpy(packet, s->packet, 40);
	memcpy(packet + 40, chain.bytes, chain.len);
	memcpy(packet + 40 + chain.len, s->packet + 40, s->len - 40);
	packet[4] = (len - 40) >> 8;
	packet[5] = len - 40;
	packet[6] = chain.first;
	chained++;
	wire_inject(B, packet, len);
	return DROP;
}

#define OURS	(is_ttp() ? 253 : 6)

/* From the SYN to the end all segments come with them, and nothing is different. */
static void taken(struct chain c)
{
	struct pair p;

	chain = c;
	from_the_SYN = true;
	wire_up();
	wire_filter(add_chain);
	p = connected();
	transfer(&p, 100000);
	EXPECT(chained > 70);
}

TEST(segments_behind_hop_by_hop_options)
{
	taken((struct chain){ HOP_BY_HOP, 8, { OURS, 0, 1, 4 } });
}

TEST(segments_behind_destination_options)
{
	taken((struct chain){ IPPROTO_DSTOPTS, 8, { OURS, 0, 1, 4 } });
}

TEST(segments_behind_an_unknown_option_that_may_be_skipped)
{
	taken((struct chain){ IPPROTO_DSTOPTS, 16, { OURS, 1, 0x1e, 12 } });
}

TEST(segments_behind_a_routing_header_that_has_been_followed)
{
	/* RFC 8200 4.4: whatever its type, with no segments left it is skipped */
	taken((struct chain){ IPPROTO_ROUTING, 8, { OURS, 0, 0, 0 } });
}

TEST(segments_behind_all_of_them)
{
	taken((struct chain){ HOP_BY_HOP, 32, {
		IPPROTO_DSTOPTS, 0, 1, 4, 0, 0, 0, 0, IPPROTO_ROUTING, 0, 1, 4, 0, 0, 0, 0,
		IPPROTO_DSTOPTS, 0, 0, 0, 0, 0, 0, 0, OURS, 0, 1, 4 } });
}

/* Data with these headers is not taken ... */
static struct pair sent_behind(struct chain c)
{
	struct pair p;

	chain = c;
	wire_up();
	p = connected();
	wire_filter(add_chain);
	send_text(p.c, "now");
	return p;
}

/* ... and once without, it is. */
static void taken_without(const struct pair *p)
{
	WAIT(chained >= 2, 2000);	/* sent again, too */
	EQ(poll_for(p->s, POLLIN, 0), 0);
	wire_filter(NULL);
	recv_text(p->s, "now");
}

static void not_taken(struct chain c)
{
	struct pair p = sent_behind(c);

	taken_without(&p);
}

TEST(a_segment_behind_an_option_that_must_not_be_skipped_is_dropped)
{
	not_taken((struct chain){ IPPROTO_DSTOPTS, 8, { OURS, 0, 0x5e, 4 } });
}

/* ICMPv6 says so to the sender, whose connection goes on */
TEST(a_parameter_problem_is_a_soft_error)
{
	struct pair p = sent_behind((struct chain){ IPPROTO_DSTOPTS, 8, { OURS, 0, 0x9e, 4 } });

	gets_error(p.c, EPROTO);	/* until an ACK comes */
	taken_without(&p);
	send_text(p.c, "then");
	recv_text(p.s, "then");
}

/* RFC 5095: a host does not forward by a routing header of type 0 */
TEST(a_segment_behind_a_routing_header_of_type_0_is_dropped)
{
	not_taken((struct chain){ IPPROTO_ROUTING, 24, { OURS, 2, 0, 1, 0, 0, 0, 0, 0xfd } });
}

TEST(a_segment_that_says_no_next_header_is_none)
{
	not_taken((struct chain){ IPPROTO_DSTOPTS, 8, { IPPROTO_NONE, 0, 1, 4 } });
}

/* ---- fragments ---- */

static atomic_int fragments;

/* A's data comes in two fragments, the second before the first. */
static enum verdict cut(const struct seg *s)
{
	size_t all = s->len - 40, first = (all / 2 + 7) / 8 * 8, at[3] = { first, all, first };
	uint8_t packet[2048];
	static uint32_t id;
	int i;

	if (s->from != A || s->text < 100)
		return PASS;
	id++;
	for (i = 1; i >= 0; i--) {
		size_t from = i ? first : 0, len = at[i] - from;

		memcpy(packet, s->packet, 40);
		packet[4] = (len + 8) >> 8;
		packet[5] = len + 8;
		packet[6] = FRAGMENT;
		memcpy(packet + 40, (uint8_t[]){ OURS, 0, from >> 8, from | !i }, 4);
		memcpy(packet + 44, &id, 4);
		memcpy(packet + 48, s->packet + 40 + from, len);
		wire_inject(B, packet, 48 + len);
	}
	fragments++;
	return DROP;
}

TEST(segments_in_fragments)
{
	struct pair p;

	wire_up();
	p = connected();
	wire_filter(cut);
	transfer(&p, 100000);
	EXPECT(fragments > 60);
}

/* ---- errors about a segment with extension headers ---- */

static enum verdict too_big(const struct seg *s)
{
	if (s->from != A || s->len <= 1400)
		return PASS;
	wire_too_big(s, 1400);
	return DROP;
}

TEST(an_error_about_a_segment_with_a_destination_option_is_for_its_connection)
{
	uint8_t option[8] = { 0, 0, 1, 4 };
	struct pair p;

	wire_up();
	p = connected();
	OK(setsockopt(p.c, IPPROTO_IPV6, IPV6_DSTOPTS, option, sizeof(option)));
	wire_filter(too_big);
	transfer(&p, 100000);
	EQ(get_int(p.c, tcp_level(), TTP_MAXSEG), 1400 - 48 - 32);
}

/* ---- flow labels ---- */

#define REFLECT_ESTABLISHED	1
#define REFLECT_RESET		2

static atomic_int label[2], first_label[2], reset_label;
static atomic_int new_label;	/* 0, or what A's become on their way */

static enum verdict look(const struct seg *s)
{
	int l = (s->packet[1] & 0xf) << 16 | s->packet[2] << 8 | s->packet[3];

	if (s->from == A && new_label) {
		l = new_label;
		s->packet[1] = (s->packet[1] & 0xf0) | l >> 16;
		s->packet[2] = l >> 8;
		s->packet[3] = l;
	}
	if (seg_flags(s) & SYN)
		first_label[s->from] = l;
	if (seg_flags(s) & RST)
		reset_label = l;
	label[s->from] = l;
	return PASS;
}

static void reflecting(int what)
{
	wire_up();
	wire_filter(look);
	wire_host(B);
	set_sysctl("flowlabel_reflect", what);
	wire_host(A);
}

TEST(a_listener_reflects_the_flow_label)
{
	struct pair p;

	reflecting(REFLECT_ESTABLISHED);
	p = connected();
	EXPECT(first_label[A]);
	EQ(first_label[B], first_label[A]);	/* the SYN,ACK's */
	send_text(p.s, "now");
	recv_text(p.c, "now");
	EQ(label[B], label[A]);
}

TEST(TIME_WAIT_reflects_the_flow_label)
{
	struct pair p;

	reflecting(REFLECT_ESTABLISHED);
	p = connected();
	OK(close(p.s));
	recv_eof(p.c);
	OK(close(p.c));
	WAIT(wire_count(B, FIN) && wire_count(A, FIN) && wire_count(B, ACK) >= 3, 2000);
	EQ(label[B], first_label[A]);
}

/* such as after a timeout: the sender hopes for another path */
TEST(the_flow_label_that_the_other_end_has_later)
{
	struct pair p;
	int before;

	reflecting(REFLECT_ESTABLISHED);
	p = connected();
	before = label[A];
	new_label = 0x12345;
	send_text(p.c, "now");
	recv_text(p.s, "now");
	send_text(p.s, "then");
	recv_text(p.c, "then");
	EQ(label[B], is_ttp() ? 0x12345 : before);
}

/* a keepalive probe's number is before the window: it could be anybody's */
TEST(a_segment_that_is_refused_changes_no_flow_label)
{
	struct pair p;
	int before, answers;

	reflecting(REFLECT_ESTABLISHED);
	p = connected();
	before = label[A];
	answers = wire_count(B, ACK);
	new_label = 0x12345;
	OK(set_int(p.c, tcp_level(), TTP_KEEPIDLE, 1));
	OK(set_int(p.c, SOL_SOCKET, SO_KEEPALIVE, 1));
	WAIT(wire_count(B, ACK) > answers, 10000);
	EQ(label[A], 0x12345);
	EQ(label[B], before);
}

TEST(a_reset_reflects_the_flow_label)
{
	int fd;

	reflecting(REFLECT_RESET);
	fd = sock();
	new_label = 0x12345;
	ERR(connect_to(fd, ip_b, 7), ECONNREFUSED);
	EQ(reset_label, 0x12345);
}

TEST(no_flow_label_is_reflected_unasked)
{
	reflecting(0);
	new_label = 0x12345;
	connected();
	EXPECT(first_label[B] != 0x12345);
	ERR(connect_to(sock(), ip_b, 7), ECONNREFUSED);
	EXPECT(reset_label != 0x12345);
}

/* ---- redirects ---- */

static struct {
	int hops;		/* left, at A */
	const char *from;
	uint32_t seq_off;	/* what is added to the sequence number of the segment in it */
} redirect;

static uint8_t segment[100];	/* A's, which is in flight */
static atomic_bool lost;

static enum verdict lose(const struct seg *s)
{
	if (s->from != A || !s->text)
		return PASS;
	memcpy(segment, s->packet, 72);
	lost = true;
	return DROP;
}

/* The router tells A that fe80::8 is a better first hop to B (RFC 4861 4.5). */
static void redirects(void)
{
	uint8_t p[40 + 40 + 8 + 72] = { 0 }, *icmp = p + 40, *option = icmp + 40;
	uint32_t seq;

	ip6_header(p, IPPROTO_ICMPV6, sizeof(p), "10.0.0.9", "10.0.0.1");
	p[7] = redirect.hops;
	inet_pton(AF_INET6, redirect.from, p + 8);
	icmp[0] = 137;
	inet_pton(AF_INET6, "fe80::8", icmp + 8);
	memcpy(icmp + 24, segment + 24, 16);	/* where it went */
	option[0] = 4;				/* the packet itself follows */
	option[1] = (8 + 72) / 8;
	memcpy(option + 8, segment, 72);
	memcpy(&seq, option + 8 + 44, 4);
	seq = htonl(ntohl(seq) + redirect.seq_off);
	memcpy(option + 8 + 44, &seq, 4);
	sum_icmpv6(p, sizeof(p) - 40);
	wire_inject(A, p, sizeof(p));
}

/* Does A send by the better first hop? */
static bool obeys(void)
{
	return !system("ip -6 route get fd00::10.0.0.2 | grep -q 'via fe80::8 '");
}

/* A has sent a segment that is not acknowledged yet. */
static struct pair with_a_segment_in_flight(void)
{
	struct pair p;

	redirect.hops = 255;
	redirect.from = "fe80::9";
	wire_up();
	p = connected();
	wire_filter(lose);
	send_text(p.c, "now");
	WAIT(lost, 1000);
	EXPECT(!obeys());
	return p;
}

static void goes_on(struct pair p)
{
	wire_filter(NULL);
	recv_text(p.s, "now");
}

TEST(a_redirect_is_obeyed)
{
	struct pair p = with_a_segment_in_flight();

	redirects();
	WAIT(obeys(), 1000);
	goes_on(p);
}

/* the route stays as it was, and the connection goes on */
static void is_not_obeyed(struct pair p)
{
	redirects();
	STAYS(!obeys(), 50);
	goes_on(p);
}

TEST(a_redirect_about_a_segment_that_is_not_in_flight_is_not_obeyed)
{
	struct pair p = with_a_segment_in_flight();

	redirect.seq_off = 100000;
	is_not_obeyed(p);
	if (is_ttp())
		EQ(counter("OutOfWindowIcmps"), 1);
}

TEST(a_redirect_that_passed_a_router_is_not_obeyed)
{
	struct pair p = with_a_segment_in_flight();

	redirect.hops = 254;
	is_not_obeyed(p);
}

TEST(a_redirect_that_is_not_of_a_neighbour_is_not_obeyed)
{
	struct pair p = with_a_segment_in_flight();

	redirect.from = "fd00::9";
	is_not_obeyed(p);
}

TEST(a_redirect_is_not_obeyed_where_none_is_accepted)
{
	struct pair p = with_a_segment_in_flight();

	set_sysctl("conf/wire0/accept_redirects", 0);
	is_not_obeyed(p);
}
