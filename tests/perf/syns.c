// SPDX-License-Identifier: GPL-2.0
/*
 * SYNs that nobody goes on with, for bench.sh:
 *
 *	syns tcp|ttp ADDR PORT COUNT	sends them; prints us for each of them
 *
 * They come from 198.18.0.1 and the addresses after it (RFC 2544, for benchmarks).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ttp.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FIRST_ADDRESS	0xc6120001	/* 198.18.0.1 */
#define FIRST_PORT	1024
#define PORTS		60000		/* of each address */

struct syn {
	struct iphdr ip;
	struct tcphdr tcp;
	uint8_t mss[4];
};

static void die(const char *what)
{
	fprintf(stderr, "syns: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static uint32_t sum_of(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	return sum;
}

static uint16_t folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* The kernel fills in IP's length and checksum.  TTP's pseudo-header has TCP's number. */
static struct syn syn_of(int i, const struct sockaddr_in *to, int proto)
{
	struct syn s = {
		.ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = proto },
		.tcp = { .doff = 6, .syn = 1, .dest = to->sin_port, .window = htons(64240) },
		.mss = { 2, 4, 1460 >> 8, 1460 & 0xff },
	};
	const size_t len = sizeof(s) - sizeof(s.ip);

	s.ip.saddr = htonl(FIRST_ADDRESS + i / PORTS);
	s.ip.daddr = to->sin_addr.s_addr;
	s.tcp.source = htons(FIRST_PORT + i % PORTS);
	s.tcp.seq = htonl(i * 2654435761U);
	s.tcp.check = folded(sum_of(&s.ip.saddr, 8) + IPPROTO_TCP + len + sum_of(&s.tcp, len));
	return s;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd, proto, count;
	double start;

	if (argc != 5)
		return 2;
	proto = !strcmp(argv[1], "ttp") ? IPPROTO_TTP : IPPROTO_TCP;
	inet_pton(AF_INET, argv[2], &to.sin_addr);
	to.sin_port = htons(atoi(argv[3]));
	count = atoi(argv[4]);
	fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	if (fd < 0)
		die("socket");
	start = now_us();
	for (int i = 0; i < count; i++) {
		struct syn s = syn_of(i, &to, proto);

		if (sendto(fd, &s, sizeof(s), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
			die("sendto");
	}
	printf("%.2f\n", (now_us() - start) / count);
	return 0;
}
