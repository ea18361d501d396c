// SPDX-License-Identifier: GPL-2.0
/*
 * Two hosts and the wire between them, see wire.h.  The wire is a thread that
 * reads a packet from one host's tun device, judges it, and writes it to the
 * other's.
 */
#include <sched.h>
#include <stddef.h>
#include "tun.h"
#include "wire.h"

#define PACKET	2048
#define QUEUE	4096
#define LOG	60

struct packet {
	int from;
	size_t len;
	int64_t due;		/* when a delayed packet goes on, ms */
	struct packet *next;
	uint8_t data[PACKET];
};

static int tun[2], ns[2];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct packet *held, *delayed;	/* under lock */
static enum verdict (*_Atomic filter)(const struct seg *s);
static struct impair impair;
static bool impaired;
static uint32_t random_state = 12345;

/* the log, for the story of a failure, and for wire_count() */
static struct line {
	char text[110];
} lines[LOG];
static unsigned int line_count;
static _Atomic int seen[2][64], seen_data[2];
static int64_t started;

static int percent(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 16) % 100;
}

static const char *log_tell(void)
{
	static char story[sizeof(lines) + 100];
	unsigned int i = line_count > LOG ? line_count - LOG : 0;
	size_t used = 0;

	for (; i < line_count; i++)
		used += snprintf(story + used, sizeof(story) - used, "%s\n",
				 lines[i % LOG].text);
	return story;
}

static void log_seg(const struct seg *s, const char *fate)
{
	static const char *const letters[] = {
		"FIN ", "SYN ", "RST ", "PSH ", "ACK ", "URG ",
	};
	char flags[32] = "";
	int i;

	for (i = 0; i < 6; i++)
		if (seg_flags(s) & 1 << i)
			strcat(flags, letters[i]);
	snprintf(lines[line_count++ % LOG].text, sizeof(lines[0].text),
		 "%6d ms %s %sseq %u ack %u wnd %u len %zu %s",
		 (int)(now_ms() - started), s->from == A ? "A>B" : "B>A", flags,
		 ntohl(s->th->seq), ntohl(s->th->ack_seq), ntohs(s->th->window),
		 s->text, fate);
}

static void checksum_verify(const struct seg *s)
{
	/* it is of the last hop of a source route */
	if (s->ip->version == 4 && s->ip->ihl > 5 && s->packet[20] == 131)
		return;
	HERE("checksum of a segment");
	if (sum_segment(s->ip, s->len))
		fail("wrong: %s", log_tell());
}

/* Is it a segment of the protocol under test? */
static bool parse(struct seg *s, struct packet *p)
{
	size_t headers = 40;
	uint8_t next;

	s->from = p->from;
	s->packet = p->data;
	s->len = p->len;
	s->ip = (struct iphdr *)p->data;
	if (s->ip->version == 4) {
		headers = s->ip->ihl * 4;
		next = s->ip->protocol;
	} else {
		next = p->data[6];
		if (next == IPPROTO_DSTOPTS) {
			next = p->data[headers];
			headers += 8 * (p->data[headers + 1] + 1);
		}
	}
	if (p->len < headers + 20 || next != ip_protocol())
		return false;
	s->th = (struct tcphdr *)(p->data + headers);
	headers += s->th->doff * 4;
	s->text = p->len > headers ? p->len - headers : 0;
	return true;
}

static void deliver(const struct packet *p)
{
	if (write(tun[!p->from], p->data, p->len) < 0 && errno == EIO)
		return;		/* the device is down */
}

void wire_inject(int to, const void *packet, size_t len)
{
	OK(write(tun[to], packet, len));
}

static void append(struct packet **list, const struct packet *p)
{
	struct packet *copy = malloc(sizeof(*copy));

	*copy = *p;
	copy->next = NULL;
	while (*list && (*list)->due <= p->due)
		list = &(*list)->next;
	copy->next = *list;
	*list = copy;
}

/* What netem does: lose, corrupt, duplicate, delay. */
static void impairments(struct packet *p)
{
	int span = impair.delay_high - impair.delay_low, copies = 1;
	size_t at = 20 + random_state % (p->len - 20);

	if (percent() < impair.loss)
		return;
	if (percent() < impair.corrupt)
		p->data[at] ^= 1 << (random_state >> 24) % 8;
	if (percent() < impair.duplicate)
		copies = 2;
	while (copies--) {
		p->due = now_ms() + impair.delay_low;
		if (span > 0)
			p->due += percent() * span / 100;
		append(&delayed, p);
	}
}

static void segment_arrived(struct packet *p)
{
	enum verdict (*judge)(const struct seg *s) = filter;
	static const char *const fates[] = { "", "(lost)", "(held)" };
	enum verdict v;
	struct seg s;

	if (!parse(&s, p)) {
		if (p->data[0] >> 4 == (is_v6() ? 6 : 4))
			deliver(p);
		return;
	}
	checksum_verify(&s);
	seen[s.from][seg_flags(&s) & 63]++;
	if (s.text)
		seen_data[s.from]++;
	v = judge ? judge(&s) : PASS;
	pthread_mutex_lock(&lock);
	log_seg(&s, fates[v]);
	if (v == HOLD)
		append(&held, p);
	else if (v == PASS && impaired)
		impairments(p);
	pthread_mutex_unlock(&lock);
	if (v == PASS && !impaired)
		deliver(p);
}

static int delayed_go_on(void)
{
	struct packet *p;
	int wait = -1;

	pthread_mutex_lock(&lock);
	while ((p = delayed) && p->due <= now_ms()) {
		delayed = p->next;
		deliver(p);
		free(p);
	}
	if (delayed)
		wait = delayed->due - now_ms();
	pthread_mutex_unlock(&lock);
	return delayed && wait < 0 ? 0 : wait;
}

static void *wire(void *unused)
{
	struct pollfd fds[2] = {
		{ .fd = tun[A], .events = POLLIN },
		{ .fd = tun[B], .events = POLLIN },
	};
	struct packet p;
	ssize_t len;
	int i;

	for (;;) {
		poll(fds, 2, delayed_go_on());
		for (i = A; i <= B; i++) {
			memset(&p, 0, offsetof(struct packet, data));
			len = read(tun[i], p.data, sizeof(p.data));
			if (len <= 0)
				continue;
			p.from = i;
			p.len = len;
			segment_arrived(&p);
		}
	}
	return unused;
}

static void host_up(int which, const char *ip)
{
	tun[which] = tun_up(ip, QUEUE);
	ns[which] = OK(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
	/* the wire ends with the test: let orphans notice before long */
	knob("orphan_retries", 4);
}

void wire_up(void)
{
	started = now_ms();
	ip_a = "10.0.0.1";
	ip_b = "10.0.0.2";
	host_up(A, ip_a);
	OK(unshare(CLONE_NEWNET));
	host_up(B, ip_b);
	wire_host(A);
	story_add(log_tell);
	spawn(wire, NULL);
}

void wire_host(int which)
{
	OK(setns(ns[which], CLONE_NEWNET));
}

void wire_filter(enum verdict (*f)(const struct seg *s))
{
	filter = f;
}

int wire_held(int from)
{
	struct packet *p;
	int n = 0;

	pthread_mutex_lock(&lock);
	for (p = held; p; p = p->next)
		n += p->from == from;
	pthread_mutex_unlock(&lock);
	return n;
}

void wire_release(void)
{
	struct packet *p;

	pthread_mutex_lock(&lock);
	while ((p = held)) {
		held = p->next;
		deliver(p);
		free(p);
	}
	pthread_mutex_unlock(&lock);
}

void wire_impair(const struct impair *i)
{
	pthread_mutex_lock(&lock);
	impair = *i;
	impaired = true;
	pthread_mutex_unlock(&lock);
}

int wire_count(int from, int flags)
{
	int i, n = 0;

	for (i = 0; i < 64; i++)
		if ((i & flags) == flags)
			n += seen[from][i];
	return n;
}

int wire_data(int from)
{
	return seen_data[from];
}

/* From fd00::10.0.0.9 to the sender of @s: @info is the MTU of a packet too big. */
static void icmpv6(const struct seg *s, int type, int code, uint32_t info)
{
	struct packet p = { .from = !s->from, .len = 40 + 8 + 60 };
	uint8_t *ip = p.data, *icmp = ip + 40;

	ip6_header(ip, IPPROTO_ICMPV6, p.len, "10.0.0.9", "10.0.0.9");
	memcpy(ip + 24, s->packet + 8, 16);
	icmp[0] = type;
	icmp[1] = code;
	info = htonl(info);
	memcpy(icmp + 4, &info, 4);
	memcpy(icmp + 8, s->packet, 60);
	sum_icmpv6(ip, 8 + 60);
	deliver(&p);
}

/* An ICMP error as a router would send it. */
void wire_icmp_of(const struct seg *s, int type, int code)
{
	struct packet p = { .from = !s->from, .len = 20 + 8 + 28 };
	struct iphdr *ip = (struct iphdr *)p.data;
	struct icmphdr *icmp = (struct icmphdr *)(ip + 1);

	if (s->ip->version == 6) {
		to_icmpv6(&type, &code);
		icmpv6(s, type, code, 0);
		return;
	}
	ip_header(ip, IPPROTO_ICMP, p.len, "10.0.0.9", inet_ntoa((struct in_addr){ s->ip->saddr }));
	icmp->type = type;
	icmp->code = code;
	memcpy(icmp + 1, s->packet, 28);
	icmp->checksum = htons(sum_fold(sum_add(icmp, 36, 0)));
	deliver(&p);
}

void wire_too_big(const struct seg *s, int mtu)
{
	icmpv6(s, 2, 0, mtu);
}

void wire_icmp(const struct seg *s, int code)
{
	wire_icmp_of(s, ICMP_DEST_UNREACH, code);
}

void wire_resum(const struct seg *s)
{
	sum_ip(s->ip);
	s->th->check = 0;
	s->th->check = htons(sum_segment(s->ip, s->len));
}

uint8_t seg_ds(const struct seg *s)
{
	return ip_ds(s->ip);
}

void seg_set_ds(const struct seg *s, uint8_t ds)
{
	ip_set_ds(s->ip, ds);
	wire_resum(s);
}

/* Over the wire if there is one, else over lo. */
struct pair connected_buffers(int sndbuf, int rcvbuf)
{
	struct pair p;
	bool two_hosts = tun[A] > 0;

	if (two_hosts)
		wire_host(B);
	p.l = listener(ip_b, 0, 8);
	if (rcvbuf)
		OK(set_int(p.l, SOL_SOCKET, SO_RCVBUFFORCE, rcvbuf));
	if (two_hosts)
		wire_host(A);
	p.c = sock();
	if (sndbuf)
		OK(set_int(p.c, SOL_SOCKET, SO_SNDBUFFORCE, sndbuf));
	OK(connect_to(p.c, ip_b, port_of(p.l)));
	p.s = OK(accept(p.l, NULL, NULL));
	return p;
}

struct pair connected(void)
{
	return connected_buffers(0, 0);
}
