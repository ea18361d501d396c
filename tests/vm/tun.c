// SPDX-License-Identifier: GPL-2.0
/*
 * A tun device, headers and the Internet checksum, see tun.h.
 */
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/ip_icmp.h>
#include "sock.h"
#include "tun.h"

static void set_address(int fd, struct ifreq *r, int request, const char *ip)
{
	struct sockaddr_in a = addr(ip, 0);

	memcpy(&r->ifr_addr, &a, sizeof(a));
	OK(ioctl(fd, request, r));
}

int tun_up(const char *ip, int queue)
{
	int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), fd;
	struct ifreq r = { .ifr_name = "wire0" };

	r.ifr_flags = IFF_TUN | IFF_NO_PI;
	OK(tun);
	OK(ioctl(tun, TUNSETIFF, &r));
	fd = OK(socket(AF_INET, SOCK_DGRAM, 0));
	set_address(fd, &r, SIOCSIFADDR, ip);
	set_address(fd, &r, SIOCSIFNETMASK, "255.255.255.0");
	r.ifr_qlen = queue;
	OK(ioctl(fd, SIOCSIFTXQLEN, &r));
	r.ifr_flags = IFF_UP;
	OK(ioctl(fd, SIOCSIFFLAGS, &r));
	strcpy(r.ifr_name, "lo");
	OK(ioctl(fd, SIOCSIFFLAGS, &r));
	close(fd);
	if (is_v6())
		device_address("wire0", ip, 96);
	return tun;
}

void tun_to_vrf(void)
{
	EQ(system("ip link add red type vrf table 10 && ip link set red up && "
		  "ip link set wire0 master red"), 0);
}

uint32_t sum_add(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	return sum;
}

uint16_t sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* The pseudo-header carries protocol 6, also on IP protocol 253. */
uint16_t sum_segment(const struct iphdr *ip, int len)
{
	bool v6 = ip->version == 6;
	const uint8_t *packet = (const uint8_t *)ip;
	int ihl = v6 ? 40 : ip->ihl * 4;
	uint32_t sum;

	if (v6 && packet[6] == IPPROTO_DSTOPTS)
		ihl += 8 * (packet[ihl + 1] + 1);
	sum = sum_add(packet + (v6 ? 8 : 12), v6 ? 32 : 8, IPPROTO_TCP + len - ihl);
	return sum_fold(sum_add(packet + ihl, len - ihl, sum));
}

void sum_ip(struct iphdr *ip)
{
	if (ip->version == 6)	/* has none */
		return;
	ip->check = 0;
	ip->check = htons(sum_fold(sum_add(ip, ip->ihl * 4, 0)));
}

void ip_header(struct iphdr *ip, int protocol, int len, const char *from, const char *to)
{
	*ip = (struct iphdr) {
		.version = 4, .ihl = 5, .ttl = 64, .tot_len = htons(len),
		.protocol = protocol, .saddr = inet_addr(from), .daddr = inet_addr(to),
	};
	sum_ip(ip);
}

static void put_address(uint8_t *to, const char *ip)
{
	struct sockaddr_in a = addr(ip, 0);
	socklen_t unused;
	union address k = to_kernel(&a, &unused);

	memcpy(to, &k.v6.sin6_addr, 16);
}

void ip6_header(uint8_t *ip, int protocol, int len, const char *from, const char *to)
{
	memset(ip, 0, 40);
	ip[0] = 0x60;
	ip[4] = (len - 40) >> 8;
	ip[5] = len - 40;
	ip[6] = protocol;
	ip[7] = 64;
	put_address(ip + 8, from);
	put_address(ip + 24, to);
}

void family_header(void *ip, int protocol, int len, const char *from, const char *to)
{
	if (is_v6())
		ip6_header(ip, protocol, len, from, to);
	else
		ip_header(ip, protocol, len, from, to);
}

void sum_icmpv6(uint8_t *ip, int len)
{
	uint16_t sum;

	memset(ip + 42, 0, 2);
	sum = htons(sum_fold(sum_add(ip + 8, 32 + len, IPPROTO_ICMPV6 + len)));
	memcpy(ip + 42, &sum, 2);
}

void to_icmpv6(int *type, int *code)
{
	switch (*type) {
	case ICMP_TIME_EXCEEDED:
		*type = 3;
		break;
	case ICMP_PARAMETERPROB:
		*type = 4;
		break;
	default:
		if (*code == ICMP_PROT_UNREACH) {	/* a next header that is not known */
			*type = 4;
			*code = 1;
			break;
		}
		*type = *code == ICMP_FRAG_NEEDED ? 2 : 1;
		*code = *code == ICMP_PORT_UNREACH ? 4 : *code == ICMP_HOST_UNREACH ? 3 :
			*code == ICMP_PKT_FILTERED ? 1 : *code == ICMP_SR_FAILED ? 5 :
			*code > ICMP_PREC_CUTOFF ? *code : 0;
	}
}

uint8_t ip_ds(const struct iphdr *ip)
{
	const uint8_t *packet = (const uint8_t *)ip;

	return ip->version == 4 ? ip->tos : packet[0] << 4 | packet[1] >> 4;
}

void ip_set_ds(struct iphdr *ip, uint8_t ds)
{
	uint8_t *packet = (uint8_t *)ip;

	if (ip->version == 4) {
		ip->tos = ds;
		sum_ip(ip);
	} else {
		packet[0] = 0x60 | ds >> 4;
		packet[1] = (packet[1] & 0xf) | ds << 4;
	}
}

int finish(struct handmade *p, const char *from, const char *to, int rest)
{
	int len = sizeof(p->ip) + sizeof(p->th) + rest;

	ip_header(&p->ip, ip_protocol(), len, from, to);
	p->th.check = 0;
	p->th.check = htons(sum_segment(&p->ip, len));
	return len;
}

void send_syn(int tun, const char *from, int port, const char *to, int to_port)
{
	struct handmade p = {
		.th = { .source = htons(port), .dest = htons(to_port), .doff = 5, .syn = 1,
			.window = 0xffff },
	};
	int len = finish(&p, from, to, 0);

	EQ(write(tun, &p, len), len);
}
