// SPDX-License-Identifier: GPL-2.0
/*
 * Packets by the thousand, see hurl.h.
 */
#include "hurl.h"

struct added added[ADDED_MAX];
int added_count;

uint32_t chance(uint32_t n)
{
	static uint64_t seed = 1;

	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (seed >> 33) % n;
}

void hurl_segment(const struct segment *s)
{
	uint8_t packet[2048];
	int len = build_segment(packet, s);

	EQ(write(peer_tun(), packet, len), len);
}

static void add_packet(const uint8_t *packet, int len)
{
	struct added *to = &added[added_count];

	if (added_count == ADDED_MAX || len > (int)sizeof(to->packet))
		fail("no room for another packet");
	memcpy(to->packet, packet, len);
	to->len = len;
	added_count++;
}

void add_segment(const struct segment *s)
{
	uint8_t packet[2048];

	add_packet(packet, build_segment(packet, s));
}

void add_icmp(int type, int code, int mtu, uint32_t seq)
{
	uint8_t packet[ICMP_ROOM];

	add_packet(packet, build_icmp(packet, type, code, mtu, seq));
}

void send_one(int i)
{
	if (write(peer_tun(), added[i].packet, added[i].len) != added[i].len)
		fail("the tun device does not take a packet");
}

void send_added(void)
{
	int i;

	for (i = 0; i < added_count; i++)
		send_one(i);
	added_count = 0;
}

int accepted_from(int sport)
{
	RCV_NXT = 0;
	hurl(SYN, .seq = 0, .sport = sport, .mss = 1460);
	SND_NXT = 0;
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0);
	hurl(ACK, .sport = sport);
	return OK(accept(conn.listener, NULL, NULL));
}

int drain(void)
{
	uint8_t packet[2048];
	ssize_t len;
	int n = 0;

	/* IPv6 has much to say of a new device */
	while ((len = read(peer_tun(), packet, sizeof(packet))) > 0)
		n += is_segment(packet, len);
	return n;
}

uint32_t irs_of_next(void)
{
	uint8_t p[2048], *th = p + ip_len();
	ssize_t len;

	while ((len = read(peer_tun(), p, sizeof(p))) > 0)
		if (is_segment(p, len) && (th[13] & (SYN | ACK)) == (SYN | ACK))
			return (uint32_t)th[4] << 24 | th[5] << 16 | th[6] << 8 | th[7];
	fail("no SYN,ACK came");
}

const char *source(int i)
{
	static char ip[16];

	snprintf(ip, sizeof(ip), "10.0.0.%d", 3 + i % 200);
	return ip;
}

int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int queued(int what)
{
	int n = 0;

	OK(ioctl(conn.fd, what, &n));
	return n;
}

void acknowledge_flight(void)
{
	drain();
	SND_NXT = SND_UNA + queued(SIOCOUTQ) - queued(SIOCOUTQNSD);
	acknowledge();
}

struct block at(int segment, int mss)
{
	uint32_t left = SND_UNA + segment * mss;

	return (struct block){ left, left + mss };
}
