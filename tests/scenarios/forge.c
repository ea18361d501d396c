// SPDX-License-Identifier: GPL-2.0
/*
 * forge.c - segments of an attacker, who is at the peer's end of the wire, and is not
 * the peer.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/ttp.h>

#include "scenario.h"

#define SYN	2
#define DATA	1460	/* most of one segment */
#define HEADER	20
#define OPTION	4	/* MSS */

struct segment {
	uint32_t saddr, daddr;	/* in network byte order, as all that is here in words */
	uint16_t sport, dport;
	uint8_t flags;
	uint16_t wnd, mss;
	uint32_t seq, ack, len;
};

/* RFC 1071, of an even number of bytes at most one of which is missing */
static uint32_t sum(const uint8_t *bytes, uint32_t n, uint32_t from)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		from += i & 1 ? bytes[i] : bytes[i] << 8;
	return from;
}

static void put16(uint8_t *to, uint16_t value)
{
	to[0] = value >> 8;
	to[1] = value;
}

static void put32(uint8_t *to, uint32_t value)
{
	put16(to, value >> 16);
	put16(to + 2, value);
}

/* Of the pseudo-header, too, whose protocol is TCP's (ttp(7)). */
static void checksum(uint8_t *hdr, uint32_t len, const struct segment *s)
{
	uint32_t all = sum((const uint8_t *)&s->saddr, 8, IPPROTO_TCP + len);

	all = sum(hdr, len, all);
	while (all >> 16)
		all = (all & 0xffff) + (all >> 16);
	put16(hdr + 16, ~all);
}

/* Return: how long it is */
static uint32_t header(uint8_t *hdr, const struct segment *s)
{
	uint32_t len = HEADER + (s->mss ? OPTION : 0);

	put16(hdr, s->sport);
	put16(hdr + 2, s->dport);
	put32(hdr + 4, s->seq);
	put32(hdr + 8, s->ack);
	hdr[12] = len / 4 << 4;
	hdr[13] = s->flags;
	put16(hdr + 14, s->wnd);
	if (s->mss) {
		put16(hdr + HEADER, 2 << 8 | OPTION);
		put16(hdr + HEADER + 2, s->mss);
	}
	return len;
}

/* It goes over the wire to @to, from the peer's end. */
static void send_it(const struct host *to, const struct segment *s)
{
	uint8_t packet[sizeof(struct iphdr) + HEADER + OPTION + DATA] = { 0 };
	uint8_t *hdr = packet + sizeof(struct iphdr);
	uint32_t len = header(hdr, s) + s->len;
	struct iphdr ip = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TTP, .saddr = s->saddr,
		.daddr = s->daddr, .tot_len = htons(sizeof(ip) + len),
	};
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = s->daddr };
	int fd;

	enter(&hosts[to == hosts]);
	fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	checksum(hdr, len, s);
	memcpy(packet, &ip, sizeof(ip));
	if (sendto(fd, packet, sizeof(ip) + len, 0, (struct sockaddr *)&name, sizeof(name)) < 0)
		wrong("a raw packet: %m");
	close(fd);
}

static uint8_t flags_of(const char *words)
{
	static const char *const names[] = { "fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr" };
	uint8_t flags = 0;
	size_t n;
	int i;

	do {
		n = strcspn(words, ",");
		for (i = 0; i < 8; i++)
			if (strlen(names[i]) == n && !strncmp(words, names[i], n))
				break;
		if (i == 8)
			wrong("forge: no flags: %s", words);
		flags |= 1 << i;
		words += n;
	} while (*words++);
	return flags;
}

static void option(struct segment *s, const struct host *to, const char *name, const char *word)
{
	uint64_t value = number(word, 0, UINT32_MAX);

	if (!strcmp(name, "seq"))
		s->seq = hosts[to == hosts].isn + value;
	else if (!strcmp(name, "ack"))
		s->ack = to->isn + value;
	else if (!strcmp(name, "len") && value <= DATA)
		s->len = value;
	else if (!strcmp(name, "wnd") && value <= 65535)
		s->wnd = value;
	else if (!strcmp(name, "port") && value <= 65535)
		s->sport = value;
	else
		wrong("forge FLAGS [seq N] [ack N] [len N] [wnd N] [port N]");
}

/* Somebody sends a host a segment in its peer's name; the numbers count from the ISNs. */
void forge(struct host *to, char **words, int n)
{
	const struct host *peer = &hosts[to == hosts];
	const struct connection *c = &to->connection[to->n - 1];
	struct segment s = { .wnd = 65535, .seq = peer->isn, .ack = to->isn };
	int i;

	if (!to->n || !(n & 1) || !peer->one_isn || !to->one_isn)
		wrong("forge FLAGS [NAME VALUE]... after isn NUMBER at both hosts, and to a connection");
	inet_pton(AF_INET, peer->address, &s.saddr);
	inet_pton(AF_INET, to->address, &s.daddr);
	s.sport = c->peer_port;
	s.dport = c->port;
	s.flags = flags_of(words[0]);
	for (i = 1; i < n; i += 2)
		option(&s, to, words[i], words[i + 1]);
	send_it(to, &s);
}

/* Somebody sends a host SYNs from addresses that do not exist. */
void flood(struct host *to, char **words, int n)
{
	struct segment s = { .flags = SYN, .wnd = 65535, .mss = 1460, .dport = PORT };
	uint32_t count = n == 1 ? number(words[0], 1, 1000) : 0, i;

	inet_pton(AF_INET, to->address, &s.daddr);
	for (i = 0; i < count; i++) {
		s.saddr = htonl(0x0a000003 + i % 200);
		s.sport = 1024 + 37 * i;
		s.seq = 1000003 * (i + 1);
		send_it(to, &s);
	}
}
