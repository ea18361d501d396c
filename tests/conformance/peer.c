// SPDX-License-Identifier: GPL-2.0
/*
 * Packets, see peer.h: from a struct segment to bytes and back, what was
 * expected against what came, and the story for a failure.
 */
#include <netinet/ip_icmp.h>
#include <stdarg.h>
#include "../vm/tun.h"
#include "peer.h"

#define PACKET	2048
#define LOG	70

struct connection conn;
struct segment last;
static int tun = -1;

static char lines[LOG][112];
static unsigned int line_count;
static int64_t started_us;
static FILE *trace;

/* the story */

static const char *tell(void)
{
	static char story[sizeof(lines) + 100];
	unsigned int i = line_count > LOG ? line_count - LOG : 0;
	size_t used = 0;

	for (; i < line_count; i++)
		used += snprintf(story + used, sizeof(story) - used, "%s\n", lines[i % LOG]);
	return story;
}

static const char *flag_names(int flags)
{
	static const char *const names[] = {
		"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR",
	};
	static char text[2][40];
	static unsigned int turn;
	char *to = text[turn++ % 2];
	int i;

	*to = 0;
	for (i = 0; i < 8; i++)
		if (flags & 1 << i)
			strcat(strcat(to, *to ? "," : ""), names[i]);
	return to;
}

static void describe(char *to, size_t room, const struct segment *s)
{
	size_t n;
	int i;

	n = snprintf(to, room, "%s seq %u", flag_names(s->flags), s->seq);
	if (s->flags & ACK)
		n += snprintf(to + n, room - n, " ack %u", s->ack);
	n += snprintf(to + n, room - n, " wnd %d", s->wnd);
	if (s->len)
		n += snprintf(to + n, room - n, " len %d", s->len);
	if (s->mss)
		n += snprintf(to + n, room - n, " mss %d", s->mss);
	if (s->wscale >= 0)
		n += snprintf(to + n, room - n, " wscale %d", s->wscale);
	if (s->sack_ok)
		n += snprintf(to + n, room - n, " sackOK");
	if (s->ts)
		n += snprintf(to + n, room - n, " ts %u/%u", s->tsval, s->tsecr);
	for (i = 0; i < s->nsack && n < room; i++)
		n += snprintf(to + n, room - n, " %u-%u", s->sack[i].left, s->sack[i].right);
}

static void log_line(const char *arrow, const char *text)
{
	snprintf(lines[line_count++ % LOG], sizeof(lines[0]), "%9.3f ms  %s  %.85s",
		 (now_us() - started_us) / 1000.0, arrow, text);
}

void trace_line(const char *fmt, ...)
{
	va_list ap;

	if (!trace)
		return;
	va_start(ap, fmt);
	vfprintf(trace, fmt, ap);
	va_end(ap);
}

/* what describe() leaves out of a segment that came */
static void trace_segment(const char *arrow, const char *text, const struct segment *s)
{
	uint32_t right = s->ack + ((uint32_t)s->wnd << (s->flags & SYN ? 0 : conn.shift));

	trace_line("%c %s", arrow[5], text);
	if (s->ttl && !(s->seq + conn.irs))
		trace_line(" zero");	/* where no number of the kernel's is known */
	if (s->ttl)
		trace_line(" edge %u ttl %d df %d tos %d urg %d reserved %d", conn.right, s->ttl, s->df, s->tos,
			   s->urg, s->reserved);
	if (s->ttl && s->flags & ACK && !(s->flags & RST) && conn.right &&
	    (int32_t)(right - conn.right) < 0)
		trace_line(" shrunk");
	trace_line("\n");
}

static void log_segment(const char *arrow, const struct segment *s)
{
	char text[160];

	describe(text, sizeof(text), s);
	log_line(arrow, text);
	trace_segment(arrow, text, s);
}

/* packets */

static uint8_t *put16(uint8_t *p, unsigned int v)
{
	*p++ = v >> 8;
	*p++ = v;
	return p;
}

static uint8_t *put32(uint8_t *p, uint32_t v)
{
	return put16(put16(p, v >> 16), v & 0xffff);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static uint8_t *put_options(uint8_t *p, const struct segment *s)
{
	uint8_t *start = p;
	int i;

	if (s->options) {
		memcpy(p, s->options, s->optlen);
		p += s->optlen;
		while ((p - start) % 4)
			*p++ = 0;
		return p;
	}
	if (s->mss)
		p = put16(put16(p, 0x0204), s->mss);
	if (s->sack_ok)
		p = put32(p, 0x01010402);
	if (s->ts)
		p = put32(put32(put32(p, 0x0101080a), s->tsval), s->tsecr);
	if (s->wscale >= 0)
		p = put32(p, 0x01030300 | s->wscale);
	if (s->nsack)
		p = put32(p, 0x01010500 | (2 + 8 * s->nsack));
	for (i = 0; i < s->nsack; i++)
		p = put32(put32(p, s->sack[i].left + conn.irs), s->sack[i].right + conn.irs);
	return p;
}

static void put_ip(uint8_t *packet, int protocol, int len, const char *src, const char *dst)
{
	family_header(packet, protocol, len, src ?: PEER_IP, dst ?: KERNEL_IP);
}

int peer_tun(void)
{
	return tun;
}

static void transmit(const void *packet, size_t len)
{
	if (write(tun, packet, len) != (ssize_t)len)
		fail("the tun device does not take a packet");
}

int build_segment(uint8_t *packet, const struct segment *s)
{
	uint8_t *th = packet + ip_len(), *end;
	struct iphdr *ip = (struct iphdr *)packet;
	int len, doff;

	memset(packet, 0, ip_len() + 40);
	put16(put16(th, s->sport ?: PEER_PORT), s->dport ?: KERNEL_PORT);
	put32(put32(th + 4, s->seq + conn.isn), s->flags & ACK ? s->ack + conn.irs : 0);
	end = put_options(th + 20, s);
	doff = s->doff ?: end - th;
	th[12] = doff / 4 << 4 | s->reserved << 1;
	th[13] = s->flags;
	put16(th + 14, s->wnd);
	put16(th + 18, s->urg);
	fill(end, s->len, s->seq - !(s->flags & SYN) + (s->junk ? 1 << 20 : 0));
	len = end + s->len - s->cut - packet;
	put_ip(packet, ip_protocol(), len, s->src, s->dst);
	ip_set_ds(ip, s->tos);
	put16(th + 16, sum_segment(ip, len));
	if (s->bad_checksum)
		th[16] ^= 0x40;
	return len;
}

void inject_segment(const struct segment *s)
{
	uint8_t packet[PACKET] = { 0 };
	int len = build_segment(packet, s);

	log_segment("peer >", s);
	transmit(packet, len);
	if (s->flags & ACK && (int32_t)(s->ack - SND_UNA) > 0 && (int32_t)(s->ack - SND_NXT) <= 0)
		SND_UNA = s->ack;
}

static void parse_sack(const uint8_t *p, int len, struct segment *s)
{
	s->nsack = (len - 2) / 8;
	for (int i = 0; i < s->nsack && i < 4; i++)
		s->sack[i] = (struct block){ get32(p + 2 + 8 * i) - conn.isn,
					     get32(p + 6 + 8 * i) - conn.isn };
}

static void parse_option(const uint8_t *p, int len, struct segment *s)
{
	if (*p == 2 && len == 4) {
		s->mss = p[2] << 8 | p[3];
	} else if (*p == 3 && len == 3) {
		s->wscale = p[2];
	} else if (*p == 4 && len == 2) {
		s->sack_ok = true;
	} else if (*p == 5 && len >= 10 && len % 8 == 2) {
		parse_sack(p, len, s);
	} else if (*p == 8 && len == 10) {
		s->ts = true;
		s->tsval = get32(p + 2);
		s->tsecr = get32(p + 6);
	} else if (*p == 34 && len >= 2 && len <= 18) {
		s->cookie = len - 2;
		memcpy(s->cookie_val, p + 2, len - 2);
	} else {
		fail("an option that nobody knows: kind %d length %d", *p, len);
	}
}

static void parse_options(const uint8_t *p, const uint8_t *end, struct segment *s)
{
	for (; p < end && *p; p += *p == 1 ? 1 : p[1]) {
		if (*p == 1)
			continue;
		if (p + 1 >= end || p[1] < 2 || p + p[1] > end)
			fail("an option's length is wrong: %s", tell());
		parse_option(p, p[1], s);
	}
}

/* What the kernel sent counts from its SYN, whatever it is. */
static void parse(const uint8_t *packet, int len, struct segment *s)
{
	const struct iphdr *ip = (const struct iphdr *)packet;
	const uint8_t *th = packet + ip_len();
	int doff = (th[12] >> 4) * 4;

	*s = (struct segment){ .flags = th[13], .wscale = -1, .cookie = -1,
				.at_us = now_us() };
	s->sport = th[0] << 8 | th[1];
	s->dport = th[2] << 8 | th[3];
	s->wnd = th[14] << 8 | th[15];
	s->urg = th[18] << 8 | th[19];
	s->reserved = th[12] >> 1 & 7;
	s->tos = ip_ds(ip);
	s->ttl = is_v6() ? packet[7] : ip->ttl;
	s->df = is_v6() || ntohs(ip->frag_off) & 0x4000;
	if (!is_v6() && ntohs(ip->frag_off) & 0x3fff)
		fail("a segment was fragmented");
	s->len = len - ip_len() - doff;
	if (s->flags & SYN)
		conn.irs = get32(th + 4);
	s->seq = get32(th + 4) - conn.irs;
	s->ack = s->flags & ACK ? get32(th + 8) - conn.isn : 0;
	parse_options(th + 20, th + doff, s);
	if (sum_segment(ip, len)) {
		log_segment("peer <", s);
		fail("the checksum is wrong");
	}
	if (s->len > 0)
		verify(th + doff, s->len, s->seq - !(s->flags & SYN));
}

static void note(const struct segment *s)
{
	uint32_t end = s->seq + s->len + !!(s->flags & SYN) + !!(s->flags & FIN);

	if (s->flags & ACK && !(s->flags & RST))
		conn.right = s->ack + ((uint32_t)s->wnd << (s->flags & SYN ? 0 : conn.shift));
	if (s->ts)
		conn.tsecr = s->tsval;
	if (!(s->flags & RST) && (int32_t)(end - SND_NXT) > 0)
		SND_NXT = end;
}

/* The protocol of a packet of the family under test, else -1 */
static int kind_of_packet(const uint8_t *packet, ssize_t len)
{
	if (len < ip_len() + 8 || packet[0] >> 4 != (is_v6() ? 6 : 4))
		return -1;
	return packet[is_v6() ? 6 : 9];
}

bool is_segment(const uint8_t *packet, ssize_t len)
{
	return len >= ip_len() + 20 && kind_of_packet(packet, len) == ip_protocol();
}

/* A packet of the protocol into last: 1; a pong: 2; none, or another: 0. */
static int receive(void)
{
	uint8_t packet[PACKET] = { 0 };
	ssize_t len = read(tun, packet, sizeof(packet));

	switch (kind_of_packet(packet, len)) {
	case IPPROTO_ICMP:
		return packet[20] == ICMP_ECHOREPLY ? 2 : 0;
	case IPPROTO_ICMPV6:
		return packet[40] == 129 ? 2 : 0;
	}
	if (!is_segment(packet, len))
		return 0;
	parse(packet, len, &last);
	log_segment("peer <", &last);
	return 1;
}

bool next_segment(int ms)
{
	int64_t end = now_ms() + ms, left;

	for (;;) {
		if (receive() == 1)
			return true;
		left = end - now_ms();
		if (left < 0)
			return false;
		poll_for(tun, POLLIN, left);
	}
}

bool one_came(void)
{
	return next_segment(3000 * test_slowness());
}

static void instead(const char *expected)
{
	char text[160];

	describe(text, sizeof(text), &last);
	fail("expected %s, came %s", expected, text);
}

static void match(const char *name, int64_t want, int64_t got)
{
	if (want == ANY || want == got)
		return;
	fail("expected %s %lld, came %lld", name, (long long)want, (long long)got);
}

void expect_segment(const struct want *w)
{
	int i;

	if (!next_segment(w->ms * test_slowness()))
		fail("expected %s, nothing came", flag_names(w->flags));
	if ((last.flags & ~PSH) != (w->flags & ~PSH))
		instead(flag_names(w->flags & ~PSH));
	match("seq", w->seq == ANY ? ANY : (uint32_t)w->seq, last.seq);
	match("ack", w->ack == ANY ? ANY : (uint32_t)w->ack, last.ack);
	match("len", w->len, last.len);
	match("wnd", w->wnd, last.wnd);
	match("PSH", w->psh, !!(last.flags & PSH));
	match("MSS", w->mss, last.mss);
	match("window scale", w->wscale, last.wscale);
	match("SACK-permitted", w->sack_ok, last.sack_ok);
	match("timestamps", w->ts, last.ts);
	match("TSval", w->tsval, last.tsval);
	match("TSecr", w->tsecr, last.tsecr);
	match("urgent pointer", w->urg, last.urg);
	match("reserved bits", w->reserved, last.reserved);
	match("IP's ECN field", w->tos, last.tos & 3);
	match("number of SACK blocks", w->nsack, last.nsack);
	for (i = 0; w->nsack != ANY && i < w->nsack && w->sack[0].right; i++) {
		match("left edge of a SACK block", w->sack[i].left, last.sack[i].left);
		match("right edge of a SACK block", w->sack[i].right, last.sack[i].right);
	}
	note(&last);
}

void reset_came(void)
{
	if (!one_came())
		fail("expected a RST, nothing came");
	if (!(last.flags & RST) || last.flags & (SYN | FIN) ||
	    last.seq - SND_UNA > SND_NXT - SND_UNA)
		instead("a RST");
}

/* What was sent before the pong was sent because of what came before it. */
static void ping(void)
{
	uint8_t packet[48] = { 0 };
	struct icmphdr *icmp = (struct icmphdr *)(packet + ip_len());
	int len = ip_len() + 8;

	put_ip(packet, is_v6() ? IPPROTO_ICMPV6 : IPPROTO_ICMP, len, NULL, NULL);
	icmp->type = is_v6() ? 128 : ICMP_ECHO;
	if (is_v6())
		sum_icmpv6(packet, 8);
	else
		icmp->checksum = htons(sum_fold(sum_add(icmp, 8, 0)));
	transmit(packet, len);
}

static void drain(bool look)
{
	int64_t end = deadline(3000);
	int what;

	ping();
	while ((what = receive()) != 2) {
		if (what == 1 && look)
			instead("no segment");
		else if (what == 1)
			note(&last);
		if (now_ms() > end)
			fail("no answer to a ping");
		if (!what)
			poll_for(tun, POLLIN, 20);
	}
}

void nothing_came(void)
{
	drain(true);
}

void forget(void)
{
	drain(false);
}

void quiet_for(int ms)
{
	if (next_segment(ms))
		instead("no segment");
}

/* Earlier than by a timeout; a tail loss probe may come before it. */
void resent(uint32_t seq)
{
	do {
		if (!next_segment(time_is_exact() ? 150 : 900))
			fail("%u was not sent again", seq);
	} while (last.seq != seq);
}

void say(int len)
{
	inject_segment(&SEGMENT(ACK | PSH, .len = len));
	RCV_NXT += len;
}

void say_fin(void)
{
	inject_segment(&SEGMENT(FIN | ACK));
	RCV_NXT++;
}

void acknowledge(void)
{
	inject_segment(&SEGMENT(ACK));
}

int build_icmp(uint8_t *packet, int type, int code, int mtu, uint32_t seq)
{
	uint8_t *icmp = packet + ip_len(), *th = icmp + 8 + ip_len();
	int len = th + 8 - packet;

	memset(packet, 0, len);
	put_ip(packet, is_v6() ? IPPROTO_ICMPV6 : IPPROTO_ICMP, len, "10.0.0.9", NULL);
	if (is_v6())
		to_icmpv6(&type, &code);
	icmp[0] = type;
	icmp[1] = type == 2 ? 0 : code;
	put16(icmp + 6, mtu);
	put_ip(icmp + 8, ip_protocol(), ip_len() + 20 + 100, KERNEL_IP, PEER_IP);
	put32(put16(put16(th, KERNEL_PORT), PEER_PORT), seq + conn.irs);
	if (is_v6())
		sum_icmpv6(packet, packet + len - icmp);
	else
		put16(icmp + 2, sum_fold(sum_add(icmp, packet + len - icmp, 0)));
	return len;
}

void inject_icmp(int type, int code, int mtu, uint32_t seq)
{
	uint8_t packet[ICMP_ROOM];
	int len = build_icmp(packet, type, code, mtu, seq);
	char text[80];

	snprintf(text, sizeof(text), "ICMP type %d code %d mtu %d about seq %u",
		 type, code, mtu, seq);
	log_line("peer >", text);
	trace_line("> %s\n", text);
	transmit(packet, len);
}

/* What nobody looked at belongs to the trace, too. */
static void trace_end(void)
{
	forget();
	trace_line("end\n");
	fclose(trace);
}

/* TTP_TEST_TRACE is a folder: each test's segments go to a file there. */
static void trace_begin(void)
{
	const char *folder = getenv("TTP_TEST_TRACE");
	char path[300];

	if (!folder)
		return;
	snprintf(path, sizeof(path), "%s/%s", folder, test_name());
	trace = fopen(path, "w");
	if (!trace)
		fail("no trace can be written to %s", path);
	at_end(trace_end);
}

void peer_up(void)
{
	if (tun >= 0)
		return;
	started_us = now_us();
	story_add(tell);
	trace_begin();
	tun = tun_up(KERNEL_IP, 1000);
	device_mtu("wire0", 1480 + ip_len());
	/* near wrap: the peer's first bytes have the last and first numbers */
	conn = (struct connection){
		.fd = -1, .listener = -1, .isn = 0xfffffff0, .wnd = 30000,
		.tsval = 0xffffff00,
	};
	no_limits();
	reno();
	/* a machine that is busy elsewhere shall not find timeouts; TCP has
	 * no such knob
	 */
	knob_of_ttp("rto_min_ms", 1000);
}
